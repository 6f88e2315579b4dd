/** Attention of a query to a sequence, as decoders use it: pure functions of small parameter records. */
import { type Shape, showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { add, mul } from "../ops/arithmetic.js";
import { tanh } from "../ops/hyperbolic.js";
import { einsum } from "../ops/einsum.js";
import { matmul } from "../ops/matmul.js";
import { expandDims } from "../ops/reshape.js";
import { where } from "../ops/selection.js";
import { softmax } from "../ops/softmax.js";
import type { Tensor } from "../ops/tensor.js";

/** What a query took from a sequence, `[batch, features]`, and the share of each step, `[batch, time]`. */
export interface Attended {
  readonly context: Tensor;
  readonly shares: Tensor;
}

/** Parameters of additive attention. */
export interface AdditiveParams {
  /** `[queryFeatures, hidden]` */
  readonly query: Tensor;
  /** `[features, hidden]` */
  readonly memory: Tensor;
  /** `[hidden]` */
  readonly score: Tensor;
}

/** Finite, so that an example of which nothing may be seen has shares that are numbers. */
const hidden = -1e30;

const take = (scores: Tensor, memory: Tensor, mask: Tensor | undefined): Attended => {
  const shares = softmax(mask === undefined ? scores : where(mask, scores, hidden), { axis: 1 });
  return { context: einsum("bt,btf->bf", shares, memory), shares };
};

const checkQuery = (operation: string, query: Tensor, memory: Tensor): void => {
  const fits =
    query.ndim === 2 && memory.ndim === 3 && (query.shape as Shape)[0] === (memory.shape as Shape)[0];
  if (!fits)
    throw expected(
      operation,
      "a query [batch, features] and a memory [batch, time, features]",
      showAvals([query, memory]),
    );
};

/**
 * softmax(score · tanh(query · Q + memory · M)) over the steps of `memory` (D. Bahdanau et al., "Neural machine
 * translation by jointly learning to align and translate", 2014). `mask`, bool `[batch, time]`, says which steps may
 * be seen.
 *
 * Throws unless the query is `[batch, features]` and the memory `[batch, time, features]`.
 *
 * @example
 * ```ts
 * const params = { query: ones([2, 1]), memory: ones([1, 1]), score: ones([1]) };
 * const memory = tensor([[[1], [1]]]);
 * const { context, shares } = nn.additiveAttention(params, zeros([1, 2]), memory);
 * shares.toArray() // [[0.5, 0.5]]
 * context.toArray() // [[1]]
 * ```
 */
export const additiveAttention = (
  params: AdditiveParams,
  query: Tensor,
  memory: Tensor,
  mask?: Tensor,
): Attended => {
  checkQuery("additiveAttention", query, memory);
  const seen = tanh(add(expandDims(matmul(query, params.query), 1), matmul(memory, params.memory)));
  return take(matmul(seen, params.score), memory, mask);
};

/**
 * softmax(query · memory · scale) over the steps of `memory` (M.-T. Luong et al., "Effective approaches to
 * attention-based neural machine translation", 2015); the scale is 1 by default. `mask`, bool `[batch, time]`, says
 * which steps may be seen.
 *
 * Throws unless the query is `[batch, features]` and the memory `[batch, time, features]`.
 *
 * @example
 * ```ts
 * const memory = tensor([[[1, 0], [0, 1], [5, 5]]]);
 * const mask = tensor([[true, true, false]]);
 * nn.dotAttention(tensor([[0, 0]]), memory, { mask }).context.toArray() // [[0.5, 0.5]]
 * ```
 */
export const dotAttention = (
  query: Tensor,
  memory: Tensor,
  options: { readonly mask?: Tensor; readonly scale?: number } = {},
): Attended => {
  checkQuery("dotAttention", query, memory);
  return take(mul(einsum("bf,btf->bt", query, memory), options.scale ?? 1), memory, options.mask);
};
