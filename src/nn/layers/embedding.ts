/** Vectors for words. */
import { isFloat } from "../../ir/dtype.js";
import { showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import { take } from "../../ops/take.js";
import type { Tensor } from "../../ops/tensor.js";
import { type Initializer, normal } from "../init.js";
import { layer, type Layer, type None } from "../layer.js";
import { checkFeatures } from "./weights.js";

/** The parameters of an embedding. */
export interface Table {
  readonly table: Tensor;
}

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** How the table starts. Default: normal numbers of variance 1 / features. */
  readonly tableInit?: Initializer;
}

/**
 * The rows of a learnt table `[size, features]` at integer inputs: `[…]` to `[…, features]`. float32.
 * Inputs out of range read the nearest row, as `take` does.
 *
 * Throws when the input is not of an integer dtype.
 *
 * @example
 * ```ts
 * const layer = nn.embedding(10, 3);
 * const { params, state, out } = layer.init(random.key(0), { shape: [2, 4], dtype: "int32" });
 * out.shape // [2, 4, 3]
 * params.table.shape // [10, 3]
 * layer.apply({ table: tensor([[1, 2], [3, 4]]) }, state, tensor([1, 0], { dtype: "int32" }))[0].toArray() // [[3, 4], [1, 2]]
 * ```
 */
export const embedding = (
  size: number,
  features: number,
  options: EmbeddingOptions = {},
): Layer<Table, None> => {
  checkOptions("embedding", options, ["tableInit"]);
  if (!Number.isInteger(size) || size < 1) throw expected("embedding", "a size of at least 1", String(size));
  checkFeatures("embedding", features);
  const { tableInit = normal(1 / Math.sqrt(features)) } = options;
  return layer({
    name: "embedding",
    init: (key) => ({ params: { table: tableInit(key, [size, features]) }, state: [] }),
    apply: ({ table }, state, x) => {
      if (isFloat(x.dtype) || x.dtype === "bool")
        throw expected("embedding", "an integer input", showAval(x));
      return [take(table, x, { axis: 0 }), state];
    },
  });
};
