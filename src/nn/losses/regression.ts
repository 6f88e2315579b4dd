/** Losses between numbers. */
import { expected } from "../../ir/errors.js";
import { abs, div, mul, neg, square, sub } from "../../ops/arithmetic.js";
import { add } from "../../ops/arithmetic.js";
import { softplus } from "../../ops/activation.js";
import { norm } from "../../ops/norm.js";
import { op, type Op } from "../../ops/op.js";
import { sum } from "../../ops/reductions.js";
import { maximum, minimum } from "../../ops/selection.js";
import type { Tensor, TensorLike } from "../../ops/tensor.js";
import { checkLossOptions, type LossOptions, pair, reduceLoss } from "./reduction.js";

/** A loss of predictions against targets. */
export type Loss<O = LossOptions> = Op<[targets: TensorLike, options?: O]>;

/** A loss that is a function of each prediction and its target. */
const elementwise = (name: string, value: (prediction: Tensor, target: Tensor) => Tensor): Loss =>
  op<[targets: TensorLike, options?: LossOptions]>(1, (predictions, targets, options = {}) => {
    checkLossOptions(name, options);
    return reduceLoss(value(...pair(name, predictions, targets, options)), options);
  });

/**
 * The mean squared error, mean((prediction - target)²).
 *
 * Throws unless predictions and targets have one shape.
 *
 * @example
 * ```ts
 * nn.mse(tensor([1, 2]), tensor([1, 4])).item() // 2
 * nn.mse(tensor([1, 2]), tensor([1, 4]), { reduction: "none" }).toArray() // [0, 4]
 * nn.mse(zeros([2, 1]), zeros([2])) // throws mse: expected targets of the predictions' shape float32[2,1], got float32[2]
 * ```
 */
export const mse: Loss = elementwise("mse", (x, y) => square(sub(x, y)));

/**
 * The mean absolute error, mean(|prediction - target|).
 *
 * Throws unless predictions and targets have one shape.
 *
 * @example
 * ```ts
 * nn.mae(tensor([1, 2]), tensor([1, 4])).item() // 1
 * ```
 */
export const mae: Loss = elementwise("mae", (x, y) => abs(sub(x, y)));

/** log cosh e = |e| + log(1 + exp(-2|e|)) - log 2, without overflow. */
const logCoshOf = (e: Tensor): Tensor => sub(add(e, softplus(mul(e, -2))), Math.LN2);

/**
 * The mean of log(cosh(prediction - target)): a square for small errors, an absolute value for large ones.
 *
 * Throws unless predictions and targets have one shape.
 *
 * @example
 * ```ts
 * nn.logCosh(tensor([1, 1000]), tensor([0, 0]), { reduction: "none" }).toArray() // ≈ [0.43378, 999.30685]
 * ```
 */
export const logCosh: Loss = elementwise("logCosh", (x, y) => logCoshOf(sub(x, y)));

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** Where the square becomes a straight line. Default 1. */
  readonly delta?: number;
}

/**
 * The Huber loss: e² / 2 for errors of at most `delta`, else delta · (|e| - delta / 2)
 * (P. J. Huber, "Robust estimation of a location parameter", 1964).
 *
 * Throws unless predictions and targets have one shape and delta is positive.
 *
 * @example
 * ```ts
 * nn.huber(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }).toArray() // [0.125, 2.5]
 * ```
 */
export const huber: Loss<HuberOptions> = op<[targets: TensorLike, options?: HuberOptions]>(
  1,
  (predictions, targets, options = {}) => {
    checkLossOptions("huber", options, ["delta"]);
    const { delta = 1 } = options;
    if (!(delta > 0)) throw expected("huber", "a positive delta", String(delta));
    const e = abs(sub(...pair("huber", predictions, targets, options)));
    const near = minimum(e, delta);
    return reduceLoss(add(mul(square(near), 0.5), mul(sub(e, near), delta)), options);
  },
);

/** Options of `cosineDistance` and `cosineSimilarity`. */
export interface CosineOptions {
  /** The axis of the vectors. Default -1. */
  readonly axis?: number;
  /** The least length that a vector is taken to have. Default 1e-8. */
  readonly eps?: number;
}

const unit = (x: Tensor, axis: number, eps: number): Tensor =>
  div(x, maximum(norm(x, { axis, keepdims: true }), eps));

const cosineOf = (
  operation: string,
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions & CosineOptions,
): Tensor => {
  const { axis = -1, eps = 1e-8 } = options;
  const [x, y] = pair(operation, predictions, targets, { ...options, axis });
  return sum(mul(unit(x, axis, eps), unit(y, axis, eps)), { axis });
};

/**
 * The cosine of the angle between vectors along `axis` (default the last): one value for each pair.
 *
 * Throws unless both have one shape.
 *
 * @example
 * ```ts
 * nn.cosineSimilarity(tensor([[1, 0], [2, 2]]), tensor([[0, 3], [1, 1]])).toArray() // ≈ [0, 1]
 * ```
 */
export const cosineSimilarity: Op<[targets: TensorLike, options?: CosineOptions]> = op<
  [targets: TensorLike, options?: CosineOptions]
>(1, (predictions, targets, options = {}) => cosineOf("cosineSimilarity", predictions, targets, options));

/**
 * The mean of 1 - cosineSimilarity: 0 for the same direction, 2 for the opposite one.
 *
 * Throws unless predictions and targets have one shape.
 *
 * @example
 * ```ts
 * nn.cosineDistance(tensor([[1, 0], [2, 2]]), tensor([[0, 3], [1, 1]])).item() // ≈ 0.5
 * ```
 */
export const cosineDistance: Loss<LossOptions & CosineOptions> = op<
  [targets: TensorLike, options?: LossOptions & CosineOptions]
>(1, (predictions, targets, options = {}) => {
  checkLossOptions("cosineDistance", options, ["axis", "eps"]);
  return reduceLoss(add(neg(cosineOf("cosineDistance", predictions, targets, options)), 1), options);
});
