/** Special functions. Integers and bools become float32 first. */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as special from "../ir/primitives/special.js";
import * as fn from "../ir/primitives/transcendental.js";
import { logBeta } from "./beta.js";
import { floatBinary, floatUnary } from "./elementwise.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { toFloat } from "./promotion.js";
import { asTensor, describe, type TensorLike } from "./tensor.js";

/** Arguments after the tensor. */
export interface SpecialArgs {
  /** The error function. */
  erf: [];
  /** 1 − erf(x). */
  erfc: [];
  /** The inverse of erf. */
  erfInv: [];
  /** log |Γ(x)|. */
  lgamma: [];
  /** The derivative of lgamma. */
  digamma: [];
  /** The n-th derivative of digamma. */
  polygamma: [n: number];
  /** log B(x, y). */
  betaln: [y: TensorLike];
  /** x · log y, and 0 where x is 0. */
  xlogy: [y: TensorLike];
  /** x · log(1 + y), and 0 where x is 0. */
  xlog1py: [y: TensorLike];
  /** −x · log x. */
  entr: [];
}

/**
 * The error function 2/√π ∫₀ˣ exp(−t²) dt, elementwise.
 *
 * @example
 * ```ts
 * erf(tensor([0, 1])).toArray() // ≈ [0, 0.842701]
 * ```
 */
export const erf: Unary = floatUnary("erf", special.erf);

/**
 * The complementary error function 1 − erf(x), elementwise, exact where it is small.
 *
 * @example
 * ```ts
 * erfc(tensor([0, 3])).toArray() // ≈ [1, 0.0000220905]
 * ```
 */
export const erfc: Unary = floatUnary("erfc", special.erfc);

/**
 * The inverse of `erf`, elementwise; ±Infinity at ±1 and NaN outside.
 *
 * @example
 * ```ts
 * erfInv(tensor([0, 0.5])).toArray() // ≈ [0, 0.476936]
 * ```
 */
export const erfInv: Unary = floatUnary("erfInv", special.erfInv);

/**
 * The logarithm of the absolute value of the gamma function, elementwise.
 *
 * @example
 * ```ts
 * lgamma(tensor([1, 5])).toArray() // ≈ [0, 3.178054]
 * ```
 */
export const lgamma: Unary = floatUnary("lgamma", special.lgamma);

/**
 * The derivative of `lgamma`, elementwise.
 *
 * @example
 * ```ts
 * digamma(tensor([1])).toArray() // ≈ [-0.577216]
 * ```
 */
export const digamma: Unary = floatUnary("digamma", special.digamma);

/**
 * The n-th derivative of `digamma`, elementwise. Throws when n is not a whole number from 0.
 *
 * @example
 * ```ts
 * polygamma(tensor([1]), 1).toArray() // ≈ [1.644934]
 * ```
 */
export const polygamma: Op<[n: number]> = op<[n: number]>(1, (x, n) => {
  if (!Number.isInteger(n) || n < 0) throw expected("polygamma", "a whole order from 0", describe(n));
  const e = toFloat("polygamma", x);
  return asTensor(n === 0 ? special.digamma(e) : special.polygamma(e, n));
});

/**
 * log B(x, y) = log Γ(x) + log Γ(y) − log Γ(x + y), elementwise, without the cancellation of large arguments.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * betaln(tensor([1, 2]), 2).toArray() // ≈ [-0.693147, -1.791759]
 * ```
 */
export const betaln: Op<[y: TensorLike]> = floatBinary("betaln", logBeta);

/** `y`, but 1 where x is 0 and the logarithm would not be finite: 0 · log y is 0 there, and no NaN flows back. */
const tamed = (x: Expr, y: Expr, least: number): Expr => {
  const within = prim.and(prim.gt(y, fullLike(y, least)), prim.lt(y, fullLike(y, Infinity)));
  return prim.select(prim.and(prim.eq(x, fullLike(x, 0)), prim.not(within)), fullLike(y, 1), y);
};

/**
 * x · log y, elementwise, and 0 where x is 0 whatever y.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * xlogy(tensor([0, 2]), tensor([0, 1])).toArray() // [0, 0]
 * ```
 */
export const xlogy: Op<[y: TensorLike]> = floatBinary("xlogy", (x, y) => prim.mul(x, fn.log(tamed(x, y, 0))));

/**
 * x · log(1 + y), elementwise, and 0 where x is 0 whatever y.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * xlog1py(tensor([0, 2]), tensor([-1, 1])).toArray() // ≈ [0, 1.386294]
 * ```
 */
export const xlog1py: Op<[y: TensorLike]> = floatBinary("xlog1py", (x, y) =>
  prim.mul(x, fn.log1p(tamed(x, y, -1))),
);

/**
 * The entropy −x · log x, elementwise: 0 at 0 and −Infinity below.
 *
 * @example
 * ```ts
 * entr(tensor([0, 1, 0.5])).toArray() // ≈ [0, 0, 0.346574]
 * ```
 */
export const entr: Unary = floatUnary("entr", (x) => {
  const zero = fullLike(x, 0);
  const positive = prim.gt(x, zero);
  const safe = prim.select(prim.or(positive, prim.isNaN(x)), x, fullLike(x, 1));
  const inside = prim.sub(zero, prim.mul(safe, fn.log(safe)));
  return prim.select(prim.lt(x, zero), fullLike(x, -Infinity), inside);
});

/** The bodies of the methods. */
export const specialFunctions: BodiesOf<SpecialArgs> = {
  erf,
  erfc,
  erfInv,
  lgamma,
  digamma,
  polygamma,
  betaln,
  xlogy,
  xlog1py,
  entr,
};
