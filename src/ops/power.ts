/** Powers and roots. */
import { isInteger } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as fn from "../ir/primitives/transcendental.js";
import { floatBinary, floatUnary, numeric, refuseBool } from "./elementwise.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { toFloat, unify } from "./promotion.js";
import { asTensor, type TensorLike } from "./tensor.js";

/** Arguments after the tensor. */
export interface PowerArgs {
  /** xʸ. */
  pow: [y: TensorLike];
  /** √x. */
  sqrt: [];
  /** 1 / √x. */
  rsqrt: [];
  /** ∛x. */
  cbrt: [];
  /** √(x² + y²). */
  hypot: [y: TensorLike];
}

/** Whole exponents that are a few products, exact to an ulp or two, with derivatives that are polynomials. */
const products: Readonly<Record<number, (x: Expr) => Expr>> = {
  1: (x) => x,
  2: (x) => prim.mul(x, x),
  3: (x) => prim.mul(prim.mul(x, x), x),
  4: (x) => products[2]!(products[2]!(x)),
  [-1]: (x) => prim.div(fullLike(x, 1), x),
};

/** A power with a known exponent. */
const powNumber = (x: TensorLike, y: number): Expr => {
  const e = numeric("pow", x);
  if (isInteger(e.dtype) && Number.isInteger(y)) {
    if (y < 0)
      throw expected("pow", `a non-negative exponent for ${e.dtype}`, `${y}: cast to a float dtype first`);
    return (products[y] ?? generalPow)(e, y);
  }
  const f = toFloat("pow", e as unknown as TensorLike); // every expression is a tensor
  return (products[y] ?? generalPow)(f, y);
};

const generalPow = (x: Expr, y: number): Expr => fn.pow(x, fullLike(x, y));

/**
 * xʸ, elementwise. Integers to integers stay integers and wrap; a negative number as their exponent throws.
 *
 * Shapes broadcast and dtypes promote. Whole numbers up to 4 are products. Derivatives are finite where they exist:
 * those of x² at 0 are 0, 2 and 0.
 *
 * @example
 * ```ts
 * pow(tensor([1, 2, 3]), 2).toArray() // [1, 4, 9]
 * pow(2, tensor([0, 1, 10])).toArray() // [1, 2, 1024]
 * ```
 */
export const pow: Op<[y: TensorLike]> = op<[y: TensorLike]>(1, (x, y) => {
  if (typeof y === "number" && typeof x === "object") return asTensor(powNumber(x, y));
  const [a, b] = unify("pow", [x, y]) as [Expr, Expr];
  refuseBool("pow", a, "cast one of them");
  return asTensor(fn.pow(a, b));
});

/**
 * The square root, elementwise: NaN below 0.
 *
 * @example
 * ```ts
 * sqrt(tensor([0, 4, 9])).toArray() // [0, 2, 3]
 * ```
 */
export const sqrt: Unary = floatUnary("sqrt", fn.sqrt);

/**
 * The reciprocal square root 1 / √x, elementwise.
 *
 * @example
 * ```ts
 * rsqrt(tensor([1, 4])).toArray() // [1, 0.5]
 * ```
 */
export const rsqrt: Unary = floatUnary("rsqrt", fn.rsqrt);

/**
 * The cube root, elementwise; that of a negative number is negative.
 *
 * @example
 * ```ts
 * cbrt(tensor([8, -27])).toArray() // [2, -3]
 * ```
 */
export const cbrt: Unary = floatUnary("cbrt", fn.cbrt);

/**
 * √(x² + y²), elementwise, without overflow; Infinity where either operand is infinite. Its gradient at (0, 0) is 0.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * hypot(tensor([3, 0]), tensor([4, -2])).toArray() // [5, 2]
 * ```
 */
export const hypot: Op<[y: TensorLike]> = floatBinary("hypot", (x, y) => {
  const zero = fullLike(x, 0);
  const one = fullLike(x, 1);
  const xFirst = prim.ge(prim.abs(x), prim.abs(y));
  const a = prim.select(xFirst, x, y);
  const infinite = prim.or(isInfinite(x), isInfinite(y));
  const b = prim.select(infinite, zero, prim.select(xFirst, y, x));
  const ratio = prim.div(b, prim.select(prim.or(infinite, prim.eq(a, zero)), one, a));
  const finite = prim.mul(prim.abs(a), fn.sqrt(prim.add(one, prim.mul(ratio, ratio))));
  return prim.select(infinite, fullLike(x, Infinity), finite);
});

const isInfinite = (x: Expr): Expr => prim.eq(prim.abs(x), fullLike(x, Infinity));

/** The bodies of the methods. */
export const powerFunctions: BodiesOf<PowerArgs> = { pow, sqrt, rsqrt, cbrt, hypot };
