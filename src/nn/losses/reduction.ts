/**
 * From one value for each example (or element) to a loss.
 *
 * What does not count is cut off before anything is computed from it (`counted`), not only after: a NaN or an infinity
 * in it reaches neither the value nor the gradient of what does count.
 */
import { sameShape, type Shape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import { floating, unify } from "../../ops/promotion.js";
import { mean, sum } from "../../ops/reductions.js";
import { broadcastTo, expandDims } from "../../ops/reshape.js";
import { where as select } from "../../ops/selection.js";
import {
  asTensor,
  checkAxis,
  describe,
  isTensor,
  type Tensor,
  type TensorLike,
  toExpr,
} from "../../ops/tensor.js";

/** Options of every loss. */
export interface LossOptions {
  /** "mean" (default) or "sum" of all values, or "none": one value for each example or element. */
  readonly reduction?: "mean" | "sum" | "none";
  /**
   * Only the examples (or elements) where this is true count, as in batches that were filled up. It broadcasts to the
   * values that reduction "none" gives, which are 0 where it is false; gradients there are 0. What stands there, NaN
   * too, has no effect.
   */
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

/** x, but 0 where it does not count. `axis` is the axis of x that the values of the loss do not have, if any. */
export const counted = (x: Tensor, { where }: LossOptions, axis: number | null = null): Tensor => {
  if (where === undefined) return x;
  const mask = asTensor(toExpr("where", where));
  if (axis === null) return select(mask, x, 0);
  const values = (x.shape as Shape).filter((_, i) => i !== axis);
  return select(expandDims(broadcastTo(mask, values), axis), x, 0);
};

/** The loss that the values make. */
export const reduceLoss = (values: Tensor, { reduction = "mean", where }: LossOptions): Tensor => {
  if (reduction === "none") return where === undefined ? values : select(where, values, 0);
  const options = where === undefined ? {} : { where };
  return reduction === "sum" ? sum(values, options) : mean(values, options);
};

/**
 * Predictions and targets as floats of one dtype and one shape. They do not broadcast: [n, 1] against [n] is the
 * classic silent mistake. A plain number is a target for all. What does not count is 0 in both; `axis` is the axis that
 * the values of the loss do not have, if any.
 */
export const pair = (
  operation: string,
  predictions: TensorLike,
  targets: TensorLike,
  options: LossOptions & { readonly axis?: number } = {},
): readonly [Tensor, Tensor] => {
  if (isTensor(predictions) && isTensor(targets) && !sameShape(predictions.shape, targets.shape))
    throw expected(
      operation,
      `targets of the predictions' shape ${showAval(predictions)}`,
      describe(targets),
    );
  const [x, y] = unify(operation, [predictions, targets], floating);
  const axis = options.axis === undefined ? null : checkAxis(operation, options.axis, x!.ndim);
  return [counted(asTensor(x!), options, axis), counted(asTensor(y!), options, axis)];
};
