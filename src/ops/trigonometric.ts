/** Trigonometry, angles in radians. Integers and bools become float32 first. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as fn from "../ir/primitives/transcendental.js";
import { floatBinary, floatUnary } from "./elementwise.js";
import type { BodiesOf, Op, Unary } from "./op.js";
import type { TensorLike } from "./tensor.js";

/** Arguments after the tensor. */
export interface TrigonometricArgs {
  /** The sine. */
  sin: [];
  /** The cosine. */
  cos: [];
  /** The tangent. */
  tan: [];
  /** The inverse sine. */
  asin: [];
  /** The inverse cosine. */
  acos: [];
  /** The inverse tangent. */
  atan: [];
  /** The angle of the point (x, this). */
  atan2: [x: TensorLike];
  /** sin(πx) / (πx). */
  sinc: [];
  /** Radians to degrees. */
  degrees: [];
  /** Degrees to radians. */
  radians: [];
}

/**
 * The sine of an angle in radians, elementwise.
 *
 * @example
 * ```ts
 * sin(tensor([0, Math.PI / 2])).toArray() // ≈ [0, 1]
 * ```
 */
export const sin: Unary = floatUnary("sin", fn.sin);

/**
 * The cosine of an angle in radians, elementwise.
 *
 * @example
 * ```ts
 * cos(tensor([0, Math.PI])).toArray() // ≈ [1, -1]
 * ```
 */
export const cos: Unary = floatUnary("cos", fn.cos);

/**
 * The tangent of an angle in radians, elementwise.
 *
 * @example
 * ```ts
 * tan(tensor([0, Math.PI / 4])).toArray() // ≈ [0, 1]
 * ```
 */
export const tan: Unary = floatUnary("tan", fn.tan);

/**
 * The angle in [−π/2, π/2] whose sine is x, elementwise; NaN outside [−1, 1].
 *
 * @example
 * ```ts
 * asin(tensor([0, 1])).toArray() // ≈ [0, 1.570796]
 * ```
 */
export const asin: Unary = floatUnary("asin", fn.asin);

/**
 * The angle in [0, π] whose cosine is x, elementwise; NaN outside [−1, 1].
 *
 * @example
 * ```ts
 * acos(tensor([1, 0])).toArray() // ≈ [0, 1.570796]
 * ```
 */
export const acos: Unary = floatUnary("acos", fn.acos);

/**
 * The angle in [−π/2, π/2] whose tangent is x, elementwise.
 *
 * @example
 * ```ts
 * atan(tensor([0, 1])).toArray() // ≈ [0, 0.785398]
 * ```
 */
export const atan: Unary = floatUnary("atan", fn.atan);

/**
 * The angle in [−π, π] of the point (x, y), elementwise.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * atan2(tensor([1, 0]), tensor([0, -1])).toArray() // ≈ [1.570796, 3.141593]
 * ```
 */
export const atan2: Op<[x: TensorLike]> = floatBinary("atan2", fn.atan2);

/** 1 − t/3! + t²/5! − …, which is sin(√t)/√t, to the last bit of a float64 for t below 1/4. */
const sincSeries = (t: Expr): Expr => {
  const coefficients = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880, -1 / 39916800, 1 / 6227020800];
  return coefficients.reduceRight<Expr>((p, c) => prim.add(prim.mul(p, t), fullLike(t, c)), fullLike(t, 0));
};

/**
 * sin(πx) / (πx), elementwise, and 1 at 0. Near 0 it is a power series, so derivatives of every order are right there.
 *
 * @example
 * ```ts
 * sinc(tensor([0, 0.5])).toArray() // ≈ [1, 0.636620]
 * ```
 */
export const sinc: Unary = floatUnary("sinc", (x) => {
  const angle = prim.mul(x, fullLike(x, Math.PI));
  const small = prim.lt(prim.abs(angle), fullLike(x, 0.5));
  const away = prim.select(small, fullLike(x, 1), angle);
  const near = prim.select(small, angle, fullLike(x, 0));
  return prim.select(small, sincSeries(prim.mul(near, near)), prim.div(sinPi(x), away));
});

/** sin(πx) = (-1)ⁿ sin(π(x - n)) for the integer n nearest to x: x is reduced exactly, before π rounds. */
const sinPi = (x: Expr): Expr => {
  const n = prim.round(x);
  const half = prim.mul(n, fullLike(x, 0.5));
  const odd = prim.ne(half, prim.floor(half));
  const s = fn.sin(prim.mul(prim.sub(x, n), fullLike(x, Math.PI)));
  return prim.select(odd, prim.neg(s), s);
};

/**
 * An angle in radians as degrees, elementwise.
 *
 * @example
 * ```ts
 * degrees(tensor([0, Math.PI])).toArray() // ≈ [0, 180]
 * ```
 */
export const degrees: Unary = floatUnary("degrees", (x) => prim.mul(x, fullLike(x, 180 / Math.PI)));

/**
 * An angle in degrees as radians, elementwise.
 *
 * @example
 * ```ts
 * radians(tensor([0, 180])).toArray() // ≈ [0, 3.141593]
 * ```
 */
export const radians: Unary = floatUnary("radians", (x) => prim.mul(x, fullLike(x, Math.PI / 180)));

/** The bodies of the methods. */
export const trigonometricFunctions: BodiesOf<TrigonometricArgs> = {
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  atan2,
  sinc,
  degrees,
  radians,
};
