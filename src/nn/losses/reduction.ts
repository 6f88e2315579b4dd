/** From one value for each example (or element) to a loss. */
import { sameShape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import { floating, unify } from "../../ops/promotion.js";
import { mean, sum } from "../../ops/reductions.js";
import { asTensor, describe, isTensor, type Tensor, type TensorLike } from "../../ops/tensor.js";

/** Options of every loss. */
export interface LossOptions {
  /** "mean" (default) or "sum" of all values, or "none": one value for each example or element. */
  readonly reduction?: "mean" | "sum" | "none";
  /** Only the examples (or elements) where this is true count, as in batches that were filled up. */
  readonly where?: TensorLike;
}

const lossNames = ["reduction", "where"];

/** Checks the options; `more` are the names of those that are not shared. */
export const checkLossOptions = (
  operation: string,
  options: LossOptions,
  more: readonly string[] = [],
): void => {
  checkOptions(operation, options, [...lossNames, ...more]);
  const { reduction } = options;
  if (reduction !== undefined && !["mean", "sum", "none"].includes(reduction))
    throw expected(operation, 'reduction "mean", "sum" or "none"', JSON.stringify(reduction));
};

/** The loss that the values make. */
export const reduceLoss = (values: Tensor, { reduction = "mean", where }: LossOptions): Tensor => {
  if (reduction === "none") return values;
  const options = where === undefined ? {} : { where };
  return reduction === "sum" ? sum(values, options) : mean(values, options);
};

/**
 * Predictions and targets as floats of one dtype and one shape. They do not broadcast: [n, 1] against [n] is the
 * classic silent mistake. A plain number is a target for all.
 */
export const pair = (
  operation: string,
  predictions: TensorLike,
  targets: TensorLike,
): readonly [Tensor, Tensor] => {
  if (isTensor(predictions) && isTensor(targets) && !sameShape(predictions.shape, targets.shape))
    throw expected(
      operation,
      `targets of the predictions' shape ${showAval(predictions)}`,
      describe(targets),
    );
  const [x, y] = unify(operation, [predictions, targets], floating);
  return [asTensor(x!), asTensor(y!)];
};
