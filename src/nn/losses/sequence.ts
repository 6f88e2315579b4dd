/** Losses of sequences of classes, of which only the first so many steps are no padding. */
import { isFloat } from "../../ir/dtype.js";
import { type Shape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { less } from "../../ops/comparison.js";
import { logicalAnd } from "../../ops/logic.js";
import { op } from "../../ops/op.js";
import { arange } from "../../ops/ranges.js";
import { sum } from "../../ops/reductions.js";
import { broadcastTo, expandDims } from "../../ops/reshape.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "../../ops/tensor.js";
import { crossEntropy, type CrossEntropyOptions } from "./classification.js";
import { checkLossOptions } from "./reduction.js";
import type { Loss } from "./regression.js";

/**
 * Which steps of padded sequences are no padding: bool `[batch, time]`, true at the first `lengths[i]` steps of row i.
 * For losses (`where`) and for attention (`mask`).
 *
 * Throws unless the lengths are integers `[batch]` and the time is a non-negative integer.
 *
 * @example
 * ```ts
 * nn.sequenceMask(tensor([1, 3], { dtype: "int32" }), 3).toArray() // [[true, false, false], [true, true, true]]
 * ```
 */
export const sequenceMask = (lengths: Tensor, time: number): Tensor => {
  if (!Number.isInteger(time) || time < 0)
    throw expected("sequenceMask", "a time of at least 0", String(time));
  if (lengths.ndim !== 1 || isFloat(lengths.dtype) || lengths.dtype === "bool")
    throw expected("sequenceMask", "integer lengths [batch]", showAval(lengths));
  return less(arange(0, time, 1, { dtype: "int32" }), expandDims(lengths, 1));
};

/** Options of `sequenceCrossEntropy`. */
export interface SequenceLossOptions extends Omit<CrossEntropyOptions, "axis" | "reduction"> {
  /**
   * "mean" (default) or "sum" of all steps that count, "none": one value for each step, `[batch, time]`, or "sequences":
   * the total of each sequence, `[batch]`, which is -log p(sequence).
   */
  readonly reduction?: "mean" | "sum" | "none" | "sequences";
  /** Steps of each sequence that are no padding, integers `[batch]`. Default: all. */
  readonly lengths?: Tensor;
}

const reductions: readonly string[] = ["mean", "sum", "none", "sequences"];

/** The steps that count, by lengths, by mask, by both, or none given. */
const stepsThatCount = (
  shape: readonly [number, number],
  { where, lengths }: SequenceLossOptions,
): TensorLike | undefined => {
  if (lengths === undefined) return where;
  if ((lengths.shape as Shape)[0] !== shape[0])
    throw expected("sequenceCrossEntropy", `integer lengths [${shape[0]}]`, showAval(lengths));
  const inside = sequenceMask(lengths, shape[1]);
  return where === undefined ? inside : logicalAnd(inside, broadcastTo(where, shape));
};

/**
 * The mean cross-entropy of the steps of sequences: logits `[batch, time, classes]` against integer classes
 * `[batch, time]`. Steps beyond `lengths`, or where `where` (broadcasting to `[batch, time]`) is false, do not count:
 * their labels may be anything, their logits too, and their gradient is 0. Every step weighs the same, whatever the
 * length of its sequence; the mean of no step at all is NaN.
 *
 * Throws when the shapes do not fit.
 *
 * @example
 * ```ts
 * const logits = tensor([[[0, 0], [0, 0]], [[0, 0], [NaN, 7]]]);
 * const labels = tensor([[0, 1], [1, -1]], { dtype: "int32" });
 * const lengths = tensor([2, 1], { dtype: "int32" });
 * nn.sequenceCrossEntropy(logits, labels, { lengths }).item() // ≈ 0.69315
 * nn.sequenceCrossEntropy(logits, labels, { lengths, reduction: "none" }).toArray() // ≈ [[0.69315, 0.69315], [0.69315, 0]]
 * nn.sequenceCrossEntropy(logits, labels, { lengths, reduction: "sequences" }).toArray() // ≈ [1.38629, 0.69315]
 * ```
 */
export const sequenceCrossEntropy: Loss<SequenceLossOptions> = op<
  [labels: TensorLike, options?: SequenceLossOptions]
>(1, (logits, labels, options = {}) => {
  const { reduction = "mean", lengths: _lengths, where: _where, ...rest } = options;
  if (!reductions.includes(reduction))
    throw expected(
      "sequenceCrossEntropy",
      'reduction "mean", "sum", "none" or "sequences"',
      JSON.stringify(reduction),
    );
  checkLossOptions("sequenceCrossEntropy", { ...options, reduction: "none" }, ["labelSmoothing", "lengths"]);
  const [x, y] = [logits, labels].map((a) => asTensor(toExpr("sequenceCrossEntropy", a))) as [Tensor, Tensor];
  if (x.ndim !== 3) throw expected("sequenceCrossEntropy", "logits [batch, time, classes]", showAval(x));
  const [batch, time] = x.shape as readonly [number, number, number];
  if (y.ndim !== 2 || (y.shape as Shape)[0] !== batch || (y.shape as Shape)[1] !== time)
    throw expected("sequenceCrossEntropy", `classes of shape [${batch},${time}]`, describe(y));
  const where = stepsThatCount([batch, time], options);
  const shared = { ...rest, ...(where === undefined ? {} : { where }) };
  if (reduction !== "sequences") return crossEntropy(x, y, { ...shared, reduction });
  return sum(crossEntropy(x, y, { ...shared, reduction: "none" }), { axis: 1 });
});
