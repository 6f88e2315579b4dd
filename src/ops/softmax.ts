/** Softmax and its logarithm, shifted by the maximum so that nothing overflows. */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { div, mul, select, stopGradient, sub } from "../ir/primitives/arithmetic.js";
import { fullLike, sum, unreduce } from "../ir/primitives/layout.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { exp, log } from "../ir/primitives/transcendental.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { broadcastShapes, stretch, toFloat } from "./promotion.js";
import { asTensor, checkAxes, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** The axes over which the probabilities sum to 1. Default: the last. */
  readonly axis?: number | readonly number[];
  /** A bool tensor that broadcasts to x: the places that take part. The others have probability 0. */
  readonly where?: TensorLike;
}

export interface SoftmaxArgs {
  /** exp(x) / Σ exp(x): probabilities. */
  softmax: [options?: SoftmaxOptions];
  /** log softmax(x) = x - log Σ exp(x), without overflow. */
  logSoftmax: [options?: SoftmaxOptions];
}

interface Shifted {
  /** x less its maximum; -∞ where x takes no part. */
  readonly x: Expr;
  readonly axes: readonly number[];
  readonly where: Expr | null;
}

const maskOf = (operation: string, where: TensorLike, x: Expr): Expr => {
  const mask = toExpr(operation, where);
  if (mask.dtype !== "bool") throw expected(operation, "a bool mask as where", mask.dtype);
  const shape = broadcastShapes(operation, [mask.shape, x.shape]);
  if (shape.length !== x.ndim || shape.some((n, i) => n !== x.shape[i]))
    throw expected(operation, `a mask that broadcasts to [${x.shape}]`, `bool[${mask.shape}]`);
  return stretch(mask, x.shape);
};

/** An empty maximum does not exist; there is nothing to shift then. */
const shiftedBy = (x: Expr, axes: readonly number[]): Expr => {
  if (x.size === 0) return x;
  return sub(x, unreduce(stopGradient(reduceMax(x, axes)), x.shape, axes));
};

const shift = (operation: string, input: TensorLike, options: SoftmaxOptions): Shifted => {
  const x = toFloat(operation, input);
  const axes = checkAxes(operation, options.axis ?? (x.ndim === 0 ? [] : -1), x.ndim);
  if (options.where === undefined) return { x: shiftedBy(x, axes), axes, where: null };
  const where = maskOf(operation, options.where, x);
  return { x: shiftedBy(select(where, x, fullLike(x, -Infinity)), axes), axes, where };
};

const masked = (where: Expr | null, x: Expr, fill: number): Expr =>
  where === null ? x : select(where, x, fullLike(x, fill));

/** Σ exp(x) over the axes; 1 where no place takes part, so that nothing is divided by zero. */
const total = (e: Expr, { axes, where }: Shifted): Expr => {
  const s = sum(e, axes);
  if (where === null) return s;
  const some = reduceMax(where, axes);
  return select(some, s, fullLike(s, 1));
};

/** exp of the shifted values; masked places get 0 and no derivative. */
const weights = (s: Shifted): Expr => masked(s.where, exp(masked(s.where, s.x, 0)), 0);

/**
 * e over its sums. One quotient for each sum and a product for each element: a division takes as long as four
 * multiplications, and this is within an ulp of it. float16 has no digits to spare for that.
 */
const shares = (e: Expr, sums: Expr, axes: readonly number[]): Expr =>
  e.dtype === "float16"
    ? div(e, unreduce(sums, e.shape, axes))
    : mul(e, unreduce(div(fullLike(sums, 1), sums), e.shape, axes));

export const softmaxFunctions: BodiesOf<SoftmaxArgs> = {
  softmax: withOptions("softmax", 1, ["axis", "where"], (input, options = {}) => {
    const s = shift("softmax", input, options);
    const e = weights(s);
    return asTensor(shares(e, total(e, s), s.axes));
  }),
  logSoftmax: withOptions("logSoftmax", 1, ["axis", "where"], (input, options = {}) => {
    const s = shift("logSoftmax", input, options);
    const norm = log(total(weights(s), s));
    return asTensor(
      masked(s.where, sub(masked(s.where, s.x, 0), unreduce(norm, s.x.shape, s.axes)), -Infinity),
    );
  }),
};

/**
 * exp(x) / Σ exp(x) along `axis`: probabilities, for logits of any size.
 *
 * Integers become float32. A slice whose logits are all -∞ gives NaN, as in JAX; use `where` to leave places out:
 * they get 0, and so does all of a slice that is left out wholly.
 *
 * @example
 * ```ts
 * softmax(tensor([0, 0])).toArray() // [0.5, 0.5]
 * softmax(tensor([1000, 0])).toArray() // [1, 0]
 * softmax(tensor([1, 1, 5]), { where: tensor([true, true, false]) }).toArray() // [0.5, 0.5, 0]
 * ```
 */
export const softmax: Op<SoftmaxArgs["softmax"]> & Unary = op(0, softmaxFunctions.softmax);

/**
 * log softmax(x) = x - log Σ exp(x) along `axis`, without overflow or the loss of small probabilities.
 *
 * Integers become float32. Places that `where` leaves out get -∞.
 *
 * @example
 * ```ts
 * logSoftmax(tensor([0, 0])).toArray() // ≈ [-0.6931, -0.6931]
 * logSoftmax(tensor([0, 1000])).toArray() // [-1000, 0]
 * ```
 */
export const logSoftmax: Op<SoftmaxArgs["logSoftmax"]> & Unary = op(0, softmaxFunctions.logSoftmax);
