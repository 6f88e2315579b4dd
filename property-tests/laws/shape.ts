/** What the shape rule says is what comes out. */
import { showAval, sizeOf } from "../../src/ir/aval.js";
import { allocate } from "../../src/ir/dtype.js";
import type { Primitive } from "../../src/ir/primitive.js";
import type { Sample } from "../samplers/index.js";

export const expectShape = (primitive: Primitive, { args, attrs }: Sample): void => {
  const promised = primitive.shape(args, attrs);
  const results = primitive.evaluate(args, attrs);
  const show = (xs: readonly Parameters<typeof showAval>[0][]): string => xs.map(showAval).join(", ");
  if (show(promised) !== show(results)) throw new Error(`promised ${show(promised)}, got ${show(results)}`);
  for (const { shape, dtype, data } of results) {
    if (data.length !== sizeOf(shape))
      throw new Error(`${data.length} elements in ${showAval({ shape, dtype })}`);
    if (data.constructor !== allocate(dtype, 0).constructor)
      throw new Error(`${dtype} in a ${data.constructor.name}`);
    if (dtype === "bool" && data.some((x) => x > 1)) throw new Error(`a bool holds [${data}]`);
  }
};
