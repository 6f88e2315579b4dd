/** What reductions share: their options, which axes disappear, and which dtype they accumulate in. */
import { type Shape, sizeOf } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { checkOptions } from "./options.js";
import { asDType, broadcastShapes, stretch } from "./promotion.js";
import { checkAxes, checkDType, describe, type TensorLike, toExpr } from "./tensor.js";
import { sameShape } from "../ir/aval.js";

/** Which axes to reduce. */
export interface AxisOptions {
  /** One axis or several, negative ones from the end; all by default. */
  readonly axis?: number | readonly number[] | null | undefined;
  /** Keep the reduced axes with size 1; false by default. */
  readonly keepdims?: boolean | undefined;
}

/** Options of the reductions that can leave elements out. */
export interface ReduceOptions extends AxisOptions {
  /** dtype of the accumulation and the result. */
  readonly dtype?: DType | undefined;
  /** Only elements where this is not 0 count; it broadcasts to the tensor. */
  readonly where?: TensorLike | undefined;
  /** A value that takes part beside the elements: the result where there are none. */
  readonly initial?: number | undefined;
}

export const axisNames = ["axis", "keepdims"] as const;
export const reduceNames = ["axis", "keepdims", "dtype", "where", "initial"] as const;

/** A reduction's operand and its resolved axes. */
export interface Reducing {
  readonly x: Expr;
  readonly axes: readonly number[];
  /** Gives a result the reduced axes back, with size 1, if they are to be kept. */
  readonly finish: (y: Expr) => Expr;
}

/** Checks the options and resolves the axes. */
export const reducing = (
  operation: string,
  x: TensorLike,
  options: AxisOptions = {},
  names: readonly string[] = axisNames,
): Reducing => {
  checkOptions(operation, options, names);
  const e = toExpr(operation, x);
  const axes = checkAxes(operation, options.axis, e.ndim);
  return { x: e, axes, finish: (y) => (options.keepdims === true ? keepAxes(y, e.shape, axes) : y) };
};

/** The reduced axes with size 1. */
export const keepAxes = (y: Expr, shape: Shape, axes: readonly number[]): Expr =>
  reshape(
    y,
    shape.map((n, i) => (axes.includes(i) ? 1 : n)),
  );

/** Number of elements that one result sums up. */
export const countOf = (x: Expr, axes: readonly number[]): number => sizeOf(axes.map((a) => x.shape[a]!));

/** Sums of small integers are kept in 32 bits, as NumPy and JAX do. */
export const accumulator = (dtype: DType): DType =>
  dtype === "bool" || dtype === "int8" ? "int32" : dtype === "uint8" ? "uint32" : dtype;

/** The operand in the dtype asked for, or else in its default. */
export const asked = (
  operation: string,
  x: Expr,
  dtype: DType | undefined,
  otherwise: (d: DType) => DType,
): Expr => prim.cast(x, dtype === undefined ? otherwise(x.dtype) : checkDType(operation, dtype));

/** A mask that broadcasts to the operand, as bool of its shape. */
export const maskOf = (operation: string, mask: TensorLike, shape: Shape): Expr => {
  const e = asDType(operation, mask, "bool");
  if (!sameShape(broadcastShapes(operation, [e.shape, shape]), shape))
    throw expected(operation, `a where that broadcasts to [${shape.join(",")}]`, describe(e));
  return stretch(e, shape);
};

/** The operand with masked elements replaced by what does not count. */
export const masked = (operation: string, x: Expr, mask: TensorLike | undefined, identity: number): Expr =>
  mask === undefined ? x : prim.select(maskOf(operation, mask, x.shape), x, full(x.shape, x.dtype, identity));

/** Nothing to reduce, though there are results: only an initial value can help. */
export const hasNothing = (x: Expr, axes: readonly number[]): boolean =>
  countOf(x, axes) === 0 && sizeOf(x.shape.filter((_, i) => !axes.includes(i))) > 0;

export const refuseEmpty = (operation: string, x: Expr, axes: readonly number[], hint = ""): void => {
  if (hasNothing(x, axes)) throw expected(operation, "at least one element to reduce", describe(x) + hint);
};
