/** Losses between logits (or log-probabilities) and classes. All take logits where they can: that is stable. */
import { sameShape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { logSigmoid } from "../../ops/activation.js";
import { add, mul, neg, sub } from "../../ops/arithmetic.js";
import { equal } from "../../ops/comparison.js";
import { cast } from "../../ops/conversion.js";
import { logicalAnd } from "../../ops/logic.js";
import { oneHot } from "../../ops/one-hot.js";
import { op } from "../../ops/op.js";
import { toFloat } from "../../ops/promotion.js";
import { any, sum } from "../../ops/reductions.js";
import { maximum, where } from "../../ops/selection.js";
import { logSoftmax } from "../../ops/softmax.js";
import { xlogy } from "../../ops/special.js";
import { asTensor, checkAxis, describe, type Tensor, type TensorLike, toExpr } from "../../ops/tensor.js";
import { checkLossOptions, counted, type LossOptions, pair, reduceLoss } from "./reduction.js";
import type { Loss } from "./regression.js";
import { shapeOf } from "../shape.js";

/** Options of losses over classes. */
export interface ClassLossOptions extends LossOptions {
  /** The axis of classes. Default -1. */
  readonly axis?: number;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** The share of each label that is spread evenly over all classes. Default 0. */
  readonly labelSmoothing?: number;
}

/** t · x, where nothing times -∞ is nothing: classes that are ruled out on both sides cost nothing. */
const weighted = (t: Tensor, logProbability: Tensor): Tensor => {
  const ruledOut = logicalAnd(equal(t, 0), equal(logProbability, -Infinity));
  return mul(t, where(ruledOut, 0, logProbability));
};

/** -Σ target · log p for probabilities as targets. */
const againstProbabilities = (logP: Tensor, labels: Tensor, axis: number, smoothing: number): Tensor => {
  const targets = cast(labels, logP.dtype);
  const smooth =
    smoothing === 0 ? targets : add(mul(targets, 1 - smoothing), smoothing / shapeOf(logP)[axis]!);
  return neg(sum(weighted(smooth, logP), { axis }));
};

/** -log p of the class; NaN for labels that are no class, so that a mistake is seen. */
const againstClasses = (logP: Tensor, labels: Tensor, axis: number, smoothing: number): Tensor => {
  const classes = shapeOf(logP)[axis]!;
  const hit = oneHot(labels, classes, { axis, dtype: "bool" });
  const picked = sum(where(hit, logP, 0), { axis });
  const blended =
    smoothing === 0 ? picked : add(mul(picked, 1 - smoothing), mul(sum(logP, { axis }), smoothing / classes));
  return where(any(hit, { axis }), neg(blended), NaN);
};

const negativeLogLikelihood = (
  operation: string,
  logP: Tensor,
  labels: TensorLike,
  axis: number,
  smoothing: number,
  options: LossOptions,
): Tensor => {
  const given = asTensor(toExpr(operation, labels));
  if (sameShape(given.shape, logP.shape))
    return againstProbabilities(logP, counted(given, options, axis), axis, smoothing);
  const examples = shapeOf(logP).filter((_, i) => i !== axis);
  if (sameShape(given.shape, examples)) return againstClasses(logP, counted(given, options), axis, smoothing);
  throw expected(
    operation,
    `classes of shape [${examples}] or one probability for each class, [${logP.shape}], for ${showAval(logP)}`,
    describe(given),
  );
};

/**
 * The mean cross-entropy of logits against labels: integer classes, of the logits' shape without `axis`, or
 * probabilities (one-hot, say) of their whole shape. Stable for logits of any size; a label that is no class gives NaN.
 *
 * Throws when labels have neither shape.
 *
 * @example
 * ```ts
 * const logits = tensor([[2, 0], [0, 1000]]);
 * nn.crossEntropy(logits, tensor([0, 1], { dtype: "int32" })).item() // ≈ 0.06346
 * nn.crossEntropy(logits, tensor([[1, 0], [0, 1]]), { reduction: "none" }).toArray() // ≈ [0.12693, 0]
 * nn.crossEntropy(logits, tensor([0, 1], { dtype: "int32" }), { labelSmoothing: 0.1 }).item() // ≈ 25.1135
 * nn.crossEntropy(logits, tensor([0, 7])).item() // NaN
 * ```
 */
export const crossEntropy: Loss<CrossEntropyOptions> = op<
  [labels: TensorLike, options?: CrossEntropyOptions]
>(1, (logits, labels, options = {}) => {
  checkLossOptions("crossEntropy", options, ["axis", "labelSmoothing"]);
  const { labelSmoothing = 0 } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw expected("crossEntropy", "labelSmoothing from 0 to 1", String(labelSmoothing));
  const x = asTensor(toExpr("crossEntropy", logits));
  const axis = checkAxis("crossEntropy", options.axis ?? -1, x.ndim);
  const logP = logSoftmax(counted(x, options, axis), { axis });
  return reduceLoss(
    negativeLogLikelihood("crossEntropy", logP, labels, axis, labelSmoothing, options),
    options,
  );
});

/**
 * The mean negative log-likelihood: crossEntropy for log-probabilities instead of logits.
 *
 * Throws when labels are neither classes nor probabilities of classes.
 *
 * @example
 * ```ts
 * nn.nll(log(tensor([[0.5, 0.5], [0.25, 0.75]])), tensor([0, 0], { dtype: "int32" })).item() // ≈ 1.03972
 * ```
 */
export const nll: Loss<ClassLossOptions> = op<[labels: TensorLike, options?: ClassLossOptions]>(
  1,
  (logProbabilities, labels, options = {}) => {
    checkLossOptions("nll", options, ["axis"]);
    const logP = asTensor(toFloat("nll", logProbabilities));
    const axis = checkAxis("nll", options.axis ?? -1, logP.ndim);
    const seen = counted(logP, options, axis);
    return reduceLoss(negativeLogLikelihood("nll", seen, labels, axis, 0, options), options);
  },
);

/**
 * The mean cross-entropy of logits against labels 0 and 1 (or probabilities), element by element. Stable for logits
 * of any size.
 *
 * Throws unless logits and labels have one shape.
 *
 * @example
 * ```ts
 * nn.binaryCrossEntropy(tensor([0, 1000, -1000]), tensor([1, 1, 1]), { reduction: "none" }).toArray() // ≈ [0.69315, 0, 1000]
 * ```
 */
export const binaryCrossEntropy: Loss = op<[labels: TensorLike, options?: LossOptions]>(
  1,
  (logits, labels, options = {}) => {
    checkLossOptions("binaryCrossEntropy", options);
    const [x, y] = pair("binaryCrossEntropy", logits, labels, options);
    const values = neg(add(weighted(y, logSigmoid(x)), weighted(sub(1, y), logSigmoid(neg(x)))));
    return reduceLoss(values, options);
  },
);

/**
 * The mean Kullback–Leibler divergence Σ target · (log target - log prediction) over `axis`, of predictions given as
 * log-probabilities from targets given as probabilities; 0 log 0 is 0.
 *
 * Throws unless both have one shape.
 *
 * @example
 * ```ts
 * nn.klDivergence(log(tensor([[0.5, 0.5]])), tensor([[1, 0]])).item() // ≈ 0.69315
 * ```
 */
export const klDivergence: Loss<ClassLossOptions> = op<[targets: TensorLike, options?: ClassLossOptions]>(
  1,
  (logPredictions, targets, options = {}) => {
    checkLossOptions("klDivergence", options, ["axis"]);
    const [logP, t] = pair("klDivergence", logPredictions, targets, { ...options, axis: options.axis ?? -1 });
    const axis = checkAxis("klDivergence", options.axis ?? -1, logP.ndim);
    return reduceLoss(sum(sub(xlogy(t, t), weighted(t, logP)), { axis }), options);
  },
);

/**
 * The mean hinge loss max(0, 1 - label · output) for labels -1 and 1, element by element.
 *
 * Throws unless outputs and labels have one shape.
 *
 * @example
 * ```ts
 * nn.hinge(tensor([0.5, 2, -1]), tensor([1, 1, 1]), { reduction: "none" }).toArray() // [0.5, 0, 2]
 * ```
 */
export const hinge: Loss = op<[labels: TensorLike, options?: LossOptions]>(
  1,
  (outputs, labels, options = {}) => {
    checkLossOptions("hinge", options);
    const [x, y] = pair("hinge", outputs, labels, options);
    return reduceLoss(maximum(sub(1, mul(x, y)), 0), options);
  },
);
