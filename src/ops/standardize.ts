/** Mean 0 and variance 1: the arithmetic of every normalisation layer. */
import { sizeOf } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { add, mul, sub } from "../ir/primitives/arithmetic.js";
import { fullLike, sum, unreduce } from "../ir/primitives/layout.js";
import { rsqrt } from "../ir/primitives/transcendental.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { asDType, broadcastShapes, inFloat32, stretch, toFloat } from "./promotion.js";
import { expected } from "../ir/errors.js";
import { asTensor, checkAxes, describe, type TensorLike } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `standardize`. */
export interface StandardizeOptions {
  /** The axes over which mean and variance are taken. Default -1. */
  readonly axis?: number | readonly number[];
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Used in place of the mean of x; broadcasts to x. */
  readonly mean?: TensorLike;
  /** Used in place of the variance of x; broadcasts to x. */
  readonly variance?: TensorLike;
}

export interface StandardizeArgs {
  /** (x - mean) / √(variance + epsilon) along axes. */
  standardize: [options?: StandardizeOptions];
}

const given = (value: TensorLike, x: Expr): Expr => {
  const e = asDType("standardize", value, x.dtype);
  const shape = broadcastShapes("standardize", [e.shape, x.shape]);
  if (shape.length !== x.ndim || shape.some((n, i) => n !== x.shape[i]))
    throw expected("standardize", `a mean and variance that broadcast to [${x.shape}]`, describe(e));
  return stretch(e, x.shape);
};

/** Mean over axes, repeated to the shape of x. */
const meanOver = (x: Expr, axes: readonly number[]): Expr => {
  const total = sum(x, axes);
  return unreduce(mul(total, fullLike(total, 1 / sizeOf(axes.map((a) => x.shape[a]!)))), x.shape, axes);
};

export const standardizeFunctions: BodiesOf<StandardizeArgs> = {
  standardize: withOptions(
    "standardize",
    1,
    ["axis", "epsilon", "mean", "variance"],
    (input, options = {}) => {
      const whole = toFloat("standardize", input);
      const axes = checkAxes("standardize", options.axis ?? -1, whole.ndim);
      const standardized = inFloat32(whole, (x) => {
        const centred = sub(x, options.mean === undefined ? meanOver(x, axes) : given(options.mean, x));
        const variance =
          options.variance === undefined ? meanOver(mul(centred, centred), axes) : given(options.variance, x);
        return mul(centred, rsqrt(add(variance, fullLike(variance, options.epsilon ?? 1e-5))));
      });
      return asTensor(standardized);
    },
  ),
};

/**
 * (x - mean) / √(variance + epsilon) along `axis` (default the last), the variance being that of the whole
 * population. Integers become float32.
 *
 * @example
 * ```ts
 * standardize(tensor([1, 3]), { epsilon: 0 }).toArray() // [-1, 1]
 * ```
 */
export const standardize: Op<StandardizeArgs["standardize"]> & Unary = op(
  0,
  standardizeFunctions.standardize,
);
