/** A batched node equals a loop, bit for bit, for every choice of mapped operands and of the place of their axes. */
import type { BatchAxis, Primitive } from "../../src/ir/primitive.js";
import { call } from "../../src/transforms/evaluate.js";
import { expectSame } from "../arrays.js";
import { batched, looped, stacked } from "../folds.js";
import { oneOf, random } from "../random.js";
import type { Sample } from "../samplers/index.js";
import { nodeProgram } from "./node.js";

/** Every assignment of an axis, or none, to the operands; at least one is mapped. */
const assignments = (ndims: readonly number[]): BatchAxis[][] =>
  ndims
    .reduce<BatchAxis[][]>(
      (all, n) =>
        all.flatMap((a) => [null, ...Array.from({ length: n + 1 }, (_, i) => i)].map((x) => [...a, x])),
      [[]],
    )
    .filter((a) => a.some((x) => x !== null));

/** More assignments than this are sampled. */
const most = 24;

export const expectBatch = (primitive: Primitive, { args, others, attrs }: Sample): void => {
  const program = nodeProgram(primitive, args, attrs);
  const all = assignments(args.map((x) => x.shape.length));
  const r = random(all.length + args.reduce((s, x) => s + x.data.length, 0));
  const chosen = all.length <= most ? all : Array.from({ length: most }, () => oneOf(r, all));
  const members = [args, ...others];
  chosen.forEach((axes, k) => {
    const n = 1 + (k % members.length);
    const some = members.slice(0, n);
    const got = call(batched(program, axes, n), stacked(axes, some));
    expectSame(`batched over axes [${axes.map(String).join(", ")}]`, got, looped(program, axes, some));
  });
};
