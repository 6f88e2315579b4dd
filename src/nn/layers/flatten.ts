/** Many axes as one. */
import { showAval, sizeOf } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import { reshape } from "../../ops/reshape.js";
import { lambda, type Layer, type None } from "../layer.js";
import { shapeOf } from "../shape.js";

/** Options of the layer `flatten`. */
export interface FlattenLayerOptions {
  /** How many axes stay in front. Default 1: the axis of examples. */
  readonly from?: number;
}

/**
 * Every example as a vector: `[N, …rest]` to `[N, product of rest]`.
 *
 * @example
 * ```ts
 * nn.flatten().init(random.key(0), { shape: [8, 16, 5, 5], dtype: "float32" }).out.shape // [8, 400]
 * nn.flatten({ from: 2 }).apply([], [], zeros([2, 3, 4, 5]))[0].shape // [2, 3, 20]
 * ```
 */
export const flatten = (options: FlattenLayerOptions = {}): Layer<None, None> => {
  checkOptions("flatten", options, ["from"]);
  const { from = 1 } = options;
  if (!Number.isInteger(from) || from < 0)
    throw expected("flatten", "from as a number of axes", String(from));
  return lambda((x) => {
    if (x.ndim < from) throw expected("flatten", `an input with at least ${from} axes`, showAval(x));
    return reshape(x, [...shapeOf(x).slice(0, from), sizeOf(shapeOf(x).slice(from))]);
  }, "flatten");
};
