/** Questions about floats: NaN, infinities, signs. Integers and bools are always finite. */
import { isFloat, isUnsigned, largestFinite } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike } from "../ir/primitives/layout.js";
import { binary, floatBinary } from "./elementwise.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { checkOptions } from "./options.js";
import { floating } from "./promotion.js";
import { asTensor, type TensorLike, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface FloatingArgs {
  /** Whether x is NaN. */
  isNaN: [];
  /** Whether x is neither NaN nor infinite. */
  isFinite: [];
  /** Whether x is Infinity or −Infinity. */
  isInf: [];
  /** Whether x is Infinity. */
  isPosInf: [];
  /** Whether x is −Infinity. */
  isNegInf: [];
  /** Whether x is negative, −0 included. */
  signbit: [];
  /** |x| with the sign of y. */
  copysign: [y: TensorLike];
  /** 0 below 0, 1 above, and `atZero` at 0. */
  heaviside: [atZero: TensorLike];
  /** Numbers in the place of NaN and infinities. */
  nanToNum: [options?: NanToNumOptions];
}

/** What takes the place of what is not finite. */
export interface NanToNumOptions {
  /** For NaN; 0 by default. */
  readonly nan?: number | undefined;
  /** For Infinity; the largest finite number by default. */
  readonly posInf?: number | undefined;
  /** For −Infinity; the lowest finite number by default. */
  readonly negInf?: number | undefined;
}

/** A question whose answer is known for all but floats. */
const question =
  (operation: string, ofFloat: (x: Expr) => Expr, ofOthers: number): Unary =>
  (x) => {
    const e = toExpr(operation, x);
    return asTensor(isFloat(e.dtype) ? ofFloat(e) : full(e.shape, "bool", ofOthers));
  };

/**
 * Whether x is NaN, elementwise. bool.
 *
 * @example
 * ```ts
 * isNaN(tensor([1, NaN])).toArray() // [false, true]
 * ```
 */
export const isNaN: Unary = question("isNaN", prim.isNaN, 0);

/**
 * Whether x is neither NaN nor infinite, elementwise. bool.
 *
 * @example
 * ```ts
 * isFinite(tensor([1, NaN, Infinity])).toArray() // [true, false, false]
 * ```
 */
export const isFinite: Unary = question("isFinite", prim.isFinite, 1);

/**
 * Whether x is Infinity or −Infinity, elementwise. bool.
 *
 * @example
 * ```ts
 * isInf(tensor([1, NaN, -Infinity])).toArray() // [false, false, true]
 * ```
 */
export const isInf: Unary = question("isInf", (x) => prim.eq(prim.abs(x), fullLike(x, Infinity)), 0);

/**
 * Whether x is Infinity, elementwise. bool.
 *
 * @example
 * ```ts
 * isPosInf(tensor([Infinity, -Infinity])).toArray() // [true, false]
 * ```
 */
export const isPosInf: Unary = question("isPosInf", (x) => prim.eq(x, fullLike(x, Infinity)), 0);

/**
 * Whether x is −Infinity, elementwise. bool.
 *
 * @example
 * ```ts
 * isNegInf(tensor([Infinity, -Infinity])).toArray() // [false, true]
 * ```
 */
export const isNegInf: Unary = question("isNegInf", (x) => prim.eq(x, fullLike(x, -Infinity)), 0);

/** −0 shows in 1/x. */
const negative = (x: Expr): Expr => {
  const zero = fullLike(x, 0);
  const below = prim.lt(x, zero);
  return isFloat(x.dtype) ? prim.or(below, prim.lt(prim.div(fullLike(x, 1), x), zero)) : below;
};

/**
 * Whether x is negative, elementwise; −0 is, NaN is not. bool.
 *
 * @example
 * ```ts
 * signbit(tensor([-0, 0, -1])).toArray() // [true, false, true]
 * ```
 */
export const signbit: Unary = (x) => {
  const e = toExpr("signbit", x);
  return asTensor(e.dtype === "bool" || isUnsigned(e.dtype) ? full(e.shape, "bool", 0) : negative(e));
};

/**
 * The absolute value of x with the sign of y (−0 is negative), elementwise, in floats.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * copysign(tensor([1, -2]), tensor([-3, 0])).toArray() // [-1, 2]
 * ```
 */
export const copysign: Op<[y: TensorLike]> = floatBinary("copysign", (x, y) =>
  prim.select(prim.ne(negative(x), negative(y)), prim.neg(x), x),
);

/**
 * The step function, elementwise, in floats: 0 where x < 0, 1 where x > 0, `atZero` where x is 0; NaN of NaN.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * heaviside(tensor([-2, 0, 3]), 0.5).toArray() // [0, 0.5, 1]
 * ```
 */
export const heaviside: Op<[atZero: TensorLike]> = binary(
  "heaviside",
  (x, atZero) => {
    const zero = fullLike(x, 0);
    const step = prim.select(prim.isNaN(x), x, prim.cast(prim.gt(x, zero), x.dtype));
    return prim.select(prim.eq(x, zero), atZero, step);
  },
  floating,
);

/**
 * x with NaN replaced by 0 and infinities by the largest finite numbers, or by what the options say, elementwise.
 * Integers stay as they are. No derivative flows where something is replaced.
 *
 * @example
 * ```ts
 * nanToNum(tensor([1, NaN, Infinity]), { posInf: 9 }).toArray() // [1, 0, 9]
 * ```
 */
export const nanToNum: Op<[options?: NanToNumOptions]> = op<[options?: NanToNumOptions]>(
  0,
  (x, options = {}) => {
    checkOptions("nanToNum", options, ["nan", "posInf", "negInf"]);
    const e = toExpr("nanToNum", x);
    const most = largestFinite(e.dtype);
    if (most === undefined) return asTensor(e);
    const { nan = 0, posInf = most, negInf = -most } = options;
    const number = prim.select(prim.isNaN(e), fullLike(e, nan), e);
    const above = prim.select(prim.eq(e, fullLike(e, Infinity)), fullLike(e, posInf), number);
    return asTensor(prim.select(prim.eq(e, fullLike(e, -Infinity)), fullLike(e, negInf), above));
  },
);

/** The bodies of the methods. */
export const floatingFunctions: BodiesOf<FloatingArgs> = {
  isNaN,
  isFinite,
  isInf,
  isPosInf,
  isNegInf,
  signbit,
  copysign,
  heaviside,
  nanToNum,
};
