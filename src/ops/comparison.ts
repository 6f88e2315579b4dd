/** Comparisons, whose results are bool. Numbers take the dtype of the other operand. */
import { sameShape } from "../ir/aval.js";
import { isFloat } from "../ir/dtype.js";
import { type Expr, literal } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike } from "../ir/primitives/layout.js";
import { reduceMin } from "../ir/primitives/reductions.js";
import { range } from "../ir/aval.js";
import { binary } from "./elementwise.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { unify } from "./promotion.js";
import { asTensor, type TensorLike, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface ComparisonArgs {
  /** x = y. */
  equal: [y: TensorLike];
  /** x ≠ y. */
  notEqual: [y: TensorLike];
  /** x < y. */
  less: [y: TensorLike];
  /** x ≤ y. */
  lessEqual: [y: TensorLike];
  /** x > y. */
  greater: [y: TensorLike];
  /** x ≥ y. */
  greaterEqual: [y: TensorLike];
  /** |x − y| ≤ atol + rtol·|y|. */
  isClose: [y: TensorLike, options?: CloseOptions];
  /** Whether all elements are close, a bool scalar. */
  allClose: [y: TensorLike, options?: CloseOptions];
  /** Whether shapes and all elements are equal, a bool scalar. */
  arrayEqual: [y: TensorLike];
}

/** When two numbers are close. */
export interface CloseOptions {
  /** Relative tolerance; 1e-5 by default. */
  readonly rtol?: number;
  /** Absolute tolerance; 1e-8 by default. */
  readonly atol?: number;
  /** Whether NaN is close to NaN; false by default. */
  readonly equalNaN?: boolean;
}

/**
 * Whether x = y, elementwise; NaN equals nothing. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * equal(tensor([1, 2]), 2).toArray() // [false, true]
 * ```
 */
export const equal: Op<[y: TensorLike]> = binary("equal", prim.eq);

/**
 * Whether x ≠ y, elementwise; NaN differs from everything. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * notEqual(tensor([1, 2]), 2).toArray() // [true, false]
 * ```
 */
export const notEqual: Op<[y: TensorLike]> = binary("notEqual", prim.ne);

/**
 * Whether x < y, elementwise. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * less(tensor([1, 2]), 2).toArray() // [true, false]
 * ```
 */
export const less: Op<[y: TensorLike]> = binary("less", prim.lt);

/**
 * Whether x ≤ y, elementwise. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * lessEqual(tensor([1, 2, 3]), 2).toArray() // [true, true, false]
 * ```
 */
export const lessEqual: Op<[y: TensorLike]> = binary("lessEqual", prim.le);

/**
 * Whether x > y, elementwise. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * greater(tensor([1, 2, 3]), 2).toArray() // [false, false, true]
 * greater(2)(tensor([1, 2, 3])).toArray() // [false, false, true]
 * ```
 */
export const greater: Op<[y: TensorLike]> = binary("greater", prim.gt);

/**
 * Whether x ≥ y, elementwise. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * greaterEqual(tensor([1, 2, 3]), 2).toArray() // [false, true, true]
 * ```
 */
export const greaterEqual: Op<[y: TensorLike]> = binary("greaterEqual", prim.ge);

const close = (operation: string, x: TensorLike, y: TensorLike, options: CloseOptions = {}): Expr => {
  checkOptions(operation, options, ["rtol", "atol", "equalNaN"]);
  const { rtol = 1e-5, atol = 1e-8, equalNaN = false } = options;
  const [a, b] = unify(operation, [x, y]) as [Expr, Expr];
  if (!isFloat(a.dtype))
    return close(operation, asTensor(prim.cast(a, "float32")), asTensor(prim.cast(b, "float32")), options);
  const bound = prim.add(fullLike(b, atol), prim.mul(prim.abs(b), fullLike(b, rtol)));
  const near = prim.and(prim.isFinite(b), prim.le(prim.abs(prim.sub(a, b)), bound));
  const same = prim.or(near, prim.eq(a, b)); // equal infinities
  return equalNaN ? prim.or(same, prim.and(prim.isNaN(a), prim.isNaN(b))) : same;
};

const everywhere = (x: Expr): Expr => (x.size === 0 ? literal("bool", 1) : reduceMin(x, range(x.ndim)));

/**
 * Whether |x − y| ≤ atol + rtol·|y|, elementwise. Equal infinities are close; NaN is close to NaN with `equalNaN`. bool.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * isClose(tensor([1, 2]), tensor([1.000001, 2.1])).toArray() // [true, false]
 * ```
 */
export const isClose: Op<[y: TensorLike, options?: CloseOptions]> = op<
  [y: TensorLike, options?: CloseOptions]
>(1, (x, y, options) => asTensor(close("isClose", x, y, options)));

/**
 * Whether `isClose` holds for all elements: a bool scalar.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * allClose(tensor([1, 2]), tensor([1.000001, 2])).toArray() // true
 * ```
 */
export const allClose: Op<[y: TensorLike, options?: CloseOptions]> = op<
  [y: TensorLike, options?: CloseOptions]
>(1, (x, y, options) => asTensor(everywhere(close("allClose", x, y, options))));

/**
 * Whether two tensors have the same shape and equal elements: a bool scalar. Does not broadcast.
 *
 * @example
 * ```ts
 * arrayEqual(tensor([1, 2]), tensor([1, 2])).toArray() // true
 * arrayEqual(tensor([1, 2]), tensor([1, 2, 3])).toArray() // false
 * ```
 */
export const arrayEqual: Op<[y: TensorLike]> = op<[y: TensorLike]>(1, (x, y) => {
  const same = sameShape(toExpr("arrayEqual", x).shape, toExpr("arrayEqual", y).shape);
  if (!same) return asTensor(full([], "bool", 0));
  const [a, b] = unify("arrayEqual", [x, y]) as [Expr, Expr];
  return asTensor(everywhere(prim.eq(a, b)));
});

/** The bodies of the methods. */
export const comparisonFunctions: BodiesOf<ComparisonArgs> = {
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  isClose,
  allClose,
  arrayEqual,
};
