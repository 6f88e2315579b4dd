/** Exponentials and logarithms. Integers and bools become float32 first. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as fn from "../ir/primitives/transcendental.js";
import { floatBinary, floatUnary } from "./elementwise.js";
import type { BodiesOf, Op, Unary } from "./op.js";
import type { TensorLike } from "./tensor.js";

/** Arguments after the tensor. */
export interface ExponentialArgs {
  /** eˣ. */
  exp: [];
  /** 2ˣ. */
  exp2: [];
  /** eˣ − 1, exact near 0. */
  expm1: [];
  /** The natural logarithm. */
  log: [];
  /** The logarithm to base 2. */
  log2: [];
  /** The logarithm to base 10. */
  log10: [];
  /** log(1 + x), exact near 0. */
  log1p: [];
  /** log(eˣ + eʸ). */
  logaddexp: [y: TensorLike];
  /** log₂(2ˣ + 2ʸ). */
  logaddexp2: [y: TensorLike];
  /** 1 / (1 + e⁻ˣ). */
  sigmoid: [];
  /** log(x / (1 − x)), the inverse of sigmoid. */
  logit: [];
}

/**
 * The exponential eˣ, elementwise.
 *
 * @example
 * ```ts
 * exp(tensor([0, 1])).toArray() // ≈ [1, 2.718282]
 * ```
 */
export const exp: Unary = floatUnary("exp", fn.exp);

/**
 * 2ˣ, elementwise.
 *
 * @example
 * ```ts
 * exp2(tensor([0, 3, -1])).toArray() // [1, 8, 0.5]
 * ```
 */
export const exp2: Unary = floatUnary("exp2", (x) => fn.pow(fullLike(x, 2), x));

/**
 * eˣ − 1, elementwise, without the cancellation near 0.
 *
 * @example
 * ```ts
 * expm1(tensor([0, 1e-10])).toArray() // ≈ [0, 1e-10]
 * ```
 */
export const expm1: Unary = floatUnary("expm1", fn.expm1);

/**
 * The natural logarithm, elementwise: −Infinity at 0, NaN below.
 *
 * @example
 * ```ts
 * log(tensor([1, 0])).toArray() // [0, -Infinity]
 * ```
 */
export const log: Unary = floatUnary("log", fn.log);

/**
 * The logarithm to base 2, elementwise.
 *
 * @example
 * ```ts
 * log2(tensor([1, 8])).toArray() // ≈ [0, 3]
 * ```
 */
export const log2: Unary = floatUnary("log2", (x) => logarithm(x, Math.LN2));

/**
 * The logarithm to base 10, elementwise.
 *
 * @example
 * ```ts
 * log10(tensor([1, 1000])).toArray() // ≈ [0, 3]
 * ```
 */
export const log10: Unary = floatUnary("log10", (x) => logarithm(x, Math.LN10));

const logarithm = (x: Expr, lnBase: number): Expr => prim.div(fn.log(x), fullLike(x, lnBase));

/**
 * log(1 + x), elementwise, without the cancellation near 0.
 *
 * @example
 * ```ts
 * log1p(tensor([0, 1e-10])).toArray() // ≈ [0, 1e-10]
 * ```
 */
export const log1p: Unary = floatUnary("log1p", fn.log1p);

/**
 * The parts of a stable log(eˣ + eʸ): the larger operand, and minus their distance. Both sides of the choice are
 * the same analytic function, so derivatives of every order are right at x = y too, which max and abs would spoil.
 */
const ordered = (x: Expr, y: Expr): { readonly larger: Expr; readonly fall: Expr; readonly apart: Expr } => {
  const d = prim.sub(x, y);
  const apart = prim.isNaN(d);
  const safe = prim.select(apart, fullLike(d, 0), d);
  const first = prim.ge(safe, fullLike(d, 0));
  return { larger: prim.select(first, x, y), fall: prim.select(first, prim.neg(safe), safe), apart };
};

/** `logaddexp` of expressions. Where x − y is NaN (equal infinities) the sum of the operands is the answer. */
export const logAddExp = (x: Expr, y: Expr): Expr => {
  const { larger, fall, apart } = ordered(x, y);
  return prim.select(apart, prim.add(x, y), prim.add(larger, fn.log1p(fn.exp(fall))));
};

/**
 * log(eˣ + eʸ), elementwise, without overflow.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * logaddexp(tensor([0, 1000]), tensor([0, 1000])).toArray() // ≈ [0.693147, 1000.693]
 * ```
 */
export const logaddexp: Op<[y: TensorLike]> = floatBinary("logaddexp", (x, y) => logAddExp(x, y));

/**
 * log₂(2ˣ + 2ʸ), elementwise, without overflow.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * logaddexp2(tensor([0, 1000]), tensor([0, 1000])).toArray() // ≈ [1, 1001]
 * ```
 */
export const logaddexp2: Op<[y: TensorLike]> = floatBinary("logaddexp2", (x, y) => {
  const { larger, fall, apart } = ordered(x, y);
  const rest = prim.mul(fn.log1p(fn.exp(prim.mul(fall, fullLike(x, Math.LN2)))), fullLike(x, Math.LOG2E));
  return prim.select(apart, prim.add(x, y), prim.add(larger, rest));
});

/**
 * The logistic function 1 / (1 + e⁻ˣ), elementwise.
 *
 * @example
 * ```ts
 * sigmoid(tensor([0, 100])).toArray() // [0.5, 1]
 * ```
 */
export const sigmoid: Unary = floatUnary("sigmoid", fn.logistic);

/**
 * log(x / (1 − x)), elementwise: the inverse of `sigmoid`.
 *
 * @example
 * ```ts
 * logit(tensor([0.5, 0, 1])).toArray() // [0, -Infinity, Infinity]
 * ```
 */
export const logit: Unary = floatUnary("logit", (x) => {
  // The two logarithms cancel around 1/2, where log(x / (1 - x)) = 2 artanh(2x - 1) does not: 2x - 1 is exact there.
  const d = prim.sub(prim.add(x, x), fullLike(x, 1));
  const middle = prim.lt(prim.abs(d), fullLike(x, 0.5));
  const z = prim.select(middle, d, fullLike(x, 0));
  const apart = prim.sub(fn.log(x), fn.log1p(prim.neg(x)));
  return prim.select(middle, prim.mul(fn.atanh(z), fullLike(x, 2)), apart);
});

/** The bodies of the methods. */
export const exponentialFunctions: BodiesOf<ExponentialArgs> = {
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
  logaddexp,
  logaddexp2,
  sigmoid,
  logit,
};
