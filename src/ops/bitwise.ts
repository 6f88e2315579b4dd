/** Bits of integers, and shifts. bools count as one bit where that makes sense. */
import { type DType, isUnsigned } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { binary, checkIntegers } from "./elementwise.js";
import type { BodiesOf, Op, Unary } from "./op.js";
import { asTensor, type TensorLike, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface BitwiseArgs {
  /** x & y. */
  bitwiseAnd: [y: TensorLike];
  /** x | y. */
  bitwiseOr: [y: TensorLike];
  /** x ^ y. */
  bitwiseXor: [y: TensorLike];
  /** ~x. */
  bitwiseNot: [];
  /** x << n. */
  shiftLeft: [n: TensorLike];
  /** x >> n: signed integers keep their sign. */
  shiftRight: [n: TensorLike];
  /** x >>> n: zeros come in. */
  shiftRightLogical: [n: TensorLike];
  /** The number of bits that are 1. */
  populationCount: [];
  /** The number of zeros before the first 1. */
  countLeadingZeros: [];
}

const bits = (operation: string, f: (x: Expr, y: Expr) => Expr, bool: boolean): Op<[y: TensorLike]> =>
  binary(operation, (x, y) => {
    checkIntegers(operation, x, bool);
    return f(x, y);
  });

/**
 * The bits that x and y both have, elementwise. Integers or bools.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats.
 *
 * @example
 * ```ts
 * bitwiseAnd(tensor([12, 10], { dtype: "int32" }), 6).toArray() // [4, 2]
 * ```
 */
export const bitwiseAnd: Op<[y: TensorLike]> = bits("bitwiseAnd", prim.and, true);

/**
 * The bits that x or y has, elementwise. Integers or bools.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats.
 *
 * @example
 * ```ts
 * bitwiseOr(tensor([12, 10], { dtype: "int32" }), 6).toArray() // [14, 14]
 * ```
 */
export const bitwiseOr: Op<[y: TensorLike]> = bits("bitwiseOr", prim.or, true);

/**
 * The bits that exactly one of x and y has, elementwise. Integers or bools.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats.
 *
 * @example
 * ```ts
 * bitwiseXor(tensor([12, 10], { dtype: "int32" }), 6).toArray() // [10, 12]
 * ```
 */
export const bitwiseXor: Op<[y: TensorLike]> = bits("bitwiseXor", prim.xor, true);

/**
 * All bits inverted, elementwise. Integers or bools. Throws on floats.
 *
 * @example
 * ```ts
 * bitwiseNot(tensor([0, 5], { dtype: "int32" })).toArray() // [-1, -6]
 * ```
 */
export const bitwiseNot: Unary = (x) => {
  const e = toExpr("bitwiseNot", x);
  checkIntegers("bitwiseNot", e, true);
  return asTensor(prim.not(e));
};

/**
 * x · 2ⁿ with the bits that leave dropped, elementwise; 0 when n is the width or more, or negative. Integers.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats and bools.
 *
 * @example
 * ```ts
 * shiftLeft(tensor([1, 3], { dtype: "int32" }), 4).toArray() // [16, 48]
 * ```
 */
export const shiftLeft: Op<[n: TensorLike]> = bits("shiftLeft", prim.shl, false);

/**
 * ⌊x / 2ⁿ⌋, elementwise: signed integers keep their sign, into unsigned ones zeros come. A shift by the width or more,
 * or by a negative n, leaves 0 or the sign.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats and bools.
 *
 * @example
 * ```ts
 * shiftRight(tensor([16, -16], { dtype: "int32" }), 2).toArray() // [4, -4]
 * ```
 */
export const shiftRight: Op<[n: TensorLike]> = bits("shiftRight", prim.shr, false);

const unsigned: Readonly<Partial<Record<DType, DType>>> = { int32: "uint32", int8: "uint8" };

/** The same bits without a sign. */
const asUnsigned = (x: Expr): Expr => prim.bitcast(x, unsigned[x.dtype] ?? x.dtype);

/**
 * The bits of x moved down by n, zeros coming in, elementwise; 0 when n is the width or more, or negative. Integers.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on floats and bools.
 *
 * @example
 * ```ts
 * shiftRightLogical(tensor([16, -1], { dtype: "int32" }), 28).toArray() // [0, 15]
 * ```
 */
export const shiftRightLogical: Op<[n: TensorLike]> = bits(
  "shiftRightLogical",
  (x, n) =>
    isUnsigned(x.dtype) ? prim.shr(x, n) : prim.bitcast(prim.shr(asUnsigned(x), asUnsigned(n)), x.dtype),
  false,
);

/** Bits of a uint32, counted in pairs, nibbles, bytes (H. S. Warren, "Hacker's Delight", 5-1). */
const countBits = (x: Expr): Expr => {
  const mask = (n: number): Expr => fullLike(x, n);
  const shifted = (e: Expr, by: number): Expr => prim.shr(e, fullLike(e, by));
  const pairs = prim.sub(x, prim.and(shifted(x, 1), mask(0x55555555)));
  const nibbles = prim.add(prim.and(pairs, mask(0x33333333)), prim.and(shifted(pairs, 2), mask(0x33333333)));
  const bytes = prim.and(prim.add(nibbles, shifted(nibbles, 4)), mask(0x0f0f0f0f));
  return shifted(prim.mul(bytes, mask(0x01010101)), 24);
};

/** Every bit below the first 1 set as well. */
const smeared = (x: Expr): Expr =>
  [1, 2, 4, 8, 16].reduce((e, by) => prim.or(e, prim.shr(e, fullLike(e, by))), x);

const counting =
  (operation: string, count: (x: Expr, width: number) => Expr): Unary =>
  (x) => {
    const e = toExpr(operation, x);
    checkIntegers(operation, e, false);
    const width = e.dtype === "int8" || e.dtype === "uint8" ? 8 : 32;
    return asTensor(prim.cast(count(prim.cast(asUnsigned(e), "uint32"), width), e.dtype));
  };

/**
 * The number of bits that are 1, elementwise, in the same dtype. Throws on floats and bools.
 *
 * @example
 * ```ts
 * populationCount(tensor([0, 7, -1], { dtype: "int32" })).toArray() // [0, 3, 32]
 * ```
 */
export const populationCount: Unary = counting("populationCount", countBits);

/**
 * The number of zeros before the first bit that is 1, elementwise, in the same dtype. Throws on floats and bools.
 *
 * @example
 * ```ts
 * countLeadingZeros(tensor([0, 1, -1], { dtype: "int32" })).toArray() // [32, 31, 0]
 * ```
 */
export const countLeadingZeros: Unary = counting("countLeadingZeros", (x, width) =>
  prim.sub(fullLike(x, width), countBits(smeared(x))),
);

/** The bodies of the methods. */
export const bitwiseFunctions: BodiesOf<BitwiseArgs> = {
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  bitwiseNot,
  shiftLeft,
  shiftRight,
  shiftRightLogical,
  populationCount,
  countLeadingZeros,
};
