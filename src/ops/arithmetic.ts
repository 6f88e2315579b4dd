/** Arithmetic with NumPy's broadcasting and JAX's promotion. Integers wrap; `add` and `mul` of bools are or and and. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { isFloat, isUnsigned } from "../ir/dtype.js";
import { binary, floatBinary, floatUnary, numericUnary, refuseBool } from "./elementwise.js";
import type { BodiesOf, Op, Unary } from "./op.js";
import { unify } from "./promotion.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface ArithmeticArgs {
  /** x + y. */
  add: [y: TensorLike];
  /** x − y. */
  sub: [y: TensorLike];
  /** x · y. */
  mul: [y: TensorLike];
  /** x / y in floats. */
  div: [y: TensorLike];
  /** ⌊x / y⌋. */
  floorDivide: [y: TensorLike];
  /** x − y·⌊x / y⌋: the remainder with the sign of y. */
  mod: [y: TensorLike];
  /** The remainder with the sign of x. */
  rem: [y: TensorLike];
  /** −x. */
  neg: [];
  /** |x|. */
  abs: [];
  /** −1, 0 or 1. */
  sign: [];
  /** x². */
  square: [];
  /** 1 / x. */
  reciprocal: [];
}

/**
 * The sum x + y, elementwise; of bools, their disjunction.
 *
 * Shapes broadcast and dtypes promote; numbers take the dtype of the other operand. Integers wrap.
 * Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * add(tensor([1, 2, 3]), 10).toArray() // [11, 12, 13]
 * tensor([[1], [2]]).add(tensor([10, 20])).toArray() // [[11, 21], [12, 22]]
 * ```
 */
export const add: Op<[y: TensorLike]> = binary("add", (x, y) =>
  x.dtype === "bool" ? prim.or(x, y) : prim.add(x, y),
);

/**
 * The difference x − y, elementwise.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on two bools.
 *
 * @example
 * ```ts
 * sub(tensor([1, 2, 3]), 1).toArray() // [0, 1, 2]
 * sub(1)(tensor([1, 2, 3])).toArray() // [0, 1, 2]
 * ```
 */
export const sub: Op<[y: TensorLike]> = binary("sub", (x, y) => {
  refuseBool("sub", x, "use logicalXor, or cast one of them");
  return prim.sub(x, y);
});

/**
 * The product x · y, elementwise; of bools, their conjunction.
 *
 * Shapes broadcast and dtypes promote. Integers wrap. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * mul(tensor([1, 2, 3]), tensor([2, 2, 0])).toArray() // [2, 4, 0]
 * ```
 */
export const mul: Op<[y: TensorLike]> = binary("mul", (x, y) =>
  x.dtype === "bool" ? prim.and(x, y) : prim.mul(x, y),
);

/**
 * The quotient x / y in floats, elementwise. Integers and bools become float32 first.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * div(tensor([1, 2, 3], { dtype: "int32" }), 2).toArray() // [0.5, 1, 1.5]
 * ```
 */
export const div: Op<[y: TensorLike]> = floatBinary("div", prim.div);

/** One less where the division was not exact and the signs differ. */
const integerFloorDivide = (x: Expr, y: Expr): Expr => {
  const q = prim.div(x, y);
  if (isUnsigned(x.dtype)) return q;
  const inexact = prim.ne(prim.rem(x, y), fullLike(x, 0));
  const lower = prim.and(inexact, prim.ne(prim.sign(x), prim.sign(y)));
  return prim.select(lower, prim.sub(q, fullLike(q, 1)), q);
};

/** Remainder with the sign of y; that of an integer by 0 is 0. */
const modulo = (x: Expr, y: Expr): Expr => {
  const zero = fullLike(x, 0);
  const r = isFloat(x.dtype) ? prim.rem(x, y) : prim.select(prim.eq(y, zero), zero, prim.rem(x, y));
  if (isUnsigned(x.dtype)) return r;
  const apart = prim.and(prim.ne(prim.lt(r, zero), prim.lt(y, zero)), prim.ne(r, zero));
  return prim.select(apart, prim.add(r, y), r);
};

/** CPython's float_divmod: exact where ⌊x / y⌋ would round to the integer above. By 0 it is x / y. */
const floatFloorDivide = (x: Expr, y: Expr): Expr => {
  const r = prim.rem(x, y);
  const q = prim.div(prim.sub(x, r), y);
  const apart = prim.and(prim.ne(r, fullLike(r, 0)), prim.ne(prim.sign(y), prim.sign(r)));
  const quotient = prim.round(prim.select(apart, prim.sub(q, fullLike(q, 1)), q));
  return prim.select(prim.eq(y, fullLike(y, 0)), prim.div(x, y), quotient);
};

/**
 * The quotient rounded down, ⌊x / y⌋, elementwise. Integers stay integers; by 0 they give
 * what XLA does: all ones if unsigned, else −1 or −2.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast and on two bools.
 *
 * @example
 * ```ts
 * floorDivide(tensor([7, -7], { dtype: "int32" }), 2).toArray() // [3, -4]
 * ```
 */
export const floorDivide: Op<[y: TensorLike]> = binary("floorDivide", (x, y) => {
  refuseBool("floorDivide", x, "cast one of them");
  return isFloat(x.dtype) ? floatFloorDivide(x, y) : integerFloorDivide(x, y);
});

/**
 * The remainder that goes with `floorDivide`: x − y·⌊x / y⌋, with the sign of y, as in Python.
 *
 * Shapes broadcast and dtypes promote. Integers mod 0 are 0. Throws when the shapes do not broadcast and on two bools.
 *
 * @example
 * ```ts
 * mod(tensor([7, -7]), 3).toArray() // [1, 2]
 * ```
 */
export const mod: Op<[y: TensorLike]> = binary("mod", (x, y) => {
  refuseBool("mod", x, "cast one of them");
  return modulo(x, y);
});

/**
 * The remainder of division toward zero: the sign of x, as JavaScript's `%`.
 *
 * Shapes broadcast and dtypes promote. Integers rem 0 are x. Throws when the shapes do not broadcast and on two bools.
 *
 * @example
 * ```ts
 * rem(tensor([7, -7]), 3).toArray() // [1, -1]
 * ```
 */
export const rem: Op<[y: TensorLike]> = binary("rem", (x, y) => {
  refuseBool("rem", x, "cast one of them");
  return prim.rem(x, y);
});

/**
 * `[floorDivide(x, y), mod(x, y)]`.
 *
 * @example
 * ```ts
 * const [q, r] = divmod(tensor([7, -7], { dtype: "int32" }), 3);
 * q.toArray() // [2, -3]
 * r.toArray() // [1, 2]
 * ```
 */
export const divmod = (x: TensorLike, y: TensorLike): [quotient: Tensor, remainder: Tensor] => {
  const [a, b] = unify("divmod", [x, y]).map(asTensor);
  return [floorDivide(a!, b!), mod(a!, b!)];
};

/**
 * The negative −x, elementwise. Throws on bool.
 *
 * @example
 * ```ts
 * neg(tensor([1, -2])).toArray() // [-1, 2]
 * ```
 */
export const neg: Unary = numericUnary("neg", prim.neg, "use logicalNot");

/**
 * The absolute value |x|, elementwise, in the same dtype. Its derivative at 0 is 0.
 *
 * @example
 * ```ts
 * abs(tensor([1, -2])).toArray() // [1, 2]
 * ```
 */
export const abs: Unary = (x) => {
  const e = toExpr("abs", x);
  return asTensor(e.dtype === "bool" || isUnsigned(e.dtype) ? e : prim.abs(e));
};

/**
 * The sign of x, elementwise: −1, 0 or 1 in the same dtype; NaN stays NaN. Throws on bool.
 *
 * @example
 * ```ts
 * sign(tensor([3, 0, -2])).toArray() // [1, 0, -1]
 * ```
 */
export const sign: Unary = numericUnary("sign", prim.sign);

/**
 * The square x², elementwise, in the same dtype (bools stay as they are).
 *
 * @example
 * ```ts
 * square(tensor([3, -2])).toArray() // [9, 4]
 * ```
 */
export const square: Unary = (x) => {
  const e = toExpr("square", x);
  return asTensor(e.dtype === "bool" ? e : prim.mul(e, e));
};

/**
 * The reciprocal 1 / x in floats, elementwise.
 *
 * @example
 * ```ts
 * reciprocal(tensor([2, 4])).toArray() // [0.5, 0.25]
 * ```
 */
export const reciprocal: Unary = floatUnary("reciprocal", (x) => prim.div(fullLike(x, 1), x));

/** The bodies of the methods. */
export const arithmeticFunctions: BodiesOf<ArithmeticArgs> = {
  add,
  sub,
  mul,
  div,
  floorDivide,
  mod,
  rem,
  neg,
  abs,
  sign,
  square,
  reciprocal,
};
