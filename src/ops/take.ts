/** Elements by their indices along one axis. */
import { range, type Shape } from "../ir/aval.js";
import { isFloat, isUnsigned, highest, lowest } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { constant, type Expr } from "../ir/expr.js";
import type { ScatterMode } from "../ir/lowering.js";
import { add, and, ge, lt, rem, select } from "../ir/primitives/arithmetic.js";
import { gather, scatter } from "../ir/primitives/indexed.js";
import { fullLike, moveAxis, permute, unreduce } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { integerIndices, listedPlaces, type Places, placesOf, wrapNegative } from "./index-spec.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { broadcastShapes, stretch } from "./promotion.js";
import { asTensor, checkAxis, isTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { asValuesOf } from "./update.js";
import { withOptions } from "./options.js";

/** Indices as a tensor of integers, a list or a number. */
export type Indices = TensorLike | Places;

/**
 * What an index out of range does. "clip": negative ones count from the end, the rest goes to the nearest element.
 * "wrap": modulo the size. "fill": negative ones count from the end, the rest reads `fillValue`.
 */
export type TakeMode = "clip" | "wrap" | "fill";

/** Options of `take`. */
export interface TakeOptions {
  /** Default: x as one axis, in row-major order. */
  readonly axis?: number | null;
  /** Default "clip" for tensors; numbers and lists out of range throw unless a mode is given. */
  readonly mode?: TakeMode;
  /** Default NaN for floats, the lowest value of signed integers, the highest of unsigned ones, true for bool. */
  readonly fillValue?: number;
}

/** Options of `takeAlongAxis`. */
export interface AlongAxisOptions {
  /** Default -1. */
  readonly axis?: number;
}

/** Options of `putAlongAxis`. */
export interface PutOptions extends AlongAxisOptions {
  /** How values meet what is there. Default "set". */
  readonly mode?: ScatterMode;
}

export interface TakeArgs {
  /** The elements (or slices) at indices along an axis. */
  take: [indices: Indices, options?: TakeOptions];
  /** For every line along an axis, the elements at that line's own indices. */
  takeAlongAxis: [indices: Indices, options?: AlongAxisOptions];
  /** A copy in which every line along an axis has values at that line's own indices. */
  putAlongAxis: [indices: Indices, values: TensorLike, options?: PutOptions];
}

/** Indices as int32. Known ones are checked against the axis when `strict`, and then not negative. */
const indicesOf = (operation: string, indices: Indices, n: number, axis: number, strict: boolean): Expr => {
  if (typeof indices === "number") return reshape(indicesOf(operation, [indices], n, axis, strict), []);
  if (!Array.isArray(indices)) return integerIndices(operation, toExpr(operation, indices));
  return strict
    ? placesOf(operation, indices as Places, n, axis)
    : listedPlaces(operation, indices as Places, (i) => i);
};

const modulo = (i: Expr, n: number): Expr => {
  const by = fullLike(i, n);
  return rem(add(rem(i, by), by), by);
};

/** x's slices at int32 `indices` along `axis`: the indices' axes take its place. */
export const gatherAxis = (
  x: Expr,
  indices: Expr,
  axis: number,
  outOfBounds: "clip" | "drop" = "clip",
): Expr => {
  const k = indices.ndim;
  const y = gather(x, reshape(indices, [...indices.shape, 1]), { axes: [axis], batch: 0, outOfBounds });
  return permute(y, [
    ...range(axis).map((i) => k + i),
    ...range(k),
    ...range(x.ndim - 1 - axis).map((i) => k + axis + i),
  ]);
};

const defaultFill = (x: Expr): number => {
  if (isFloat(x.dtype)) return NaN;
  return isUnsigned(x.dtype) || x.dtype === "bool" ? highest(x.dtype) : lowest(x.dtype);
};

const filled = (x: Expr, indices: Expr, axis: number, value: number): Expr => {
  const inside = and(ge(indices, fullLike(indices, 0)), lt(indices, fullLike(indices, x.shape[axis]!)));
  const y = gatherAxis(x, indices, axis, "drop");
  const kept = unreduce(
    inside,
    y.shape,
    range(y.ndim).filter((i) => i < axis || i >= axis + indices.ndim),
  );
  return select(kept, y, fullLike(y, value));
};

const modes: readonly TakeMode[] = ["clip", "wrap", "fill"];

const takeBody = (input: TensorLike, indices: Indices, options: TakeOptions = {}): Tensor => {
  const given = toExpr("take", input);
  const x = options.axis == null ? reshape(given, [given.size]) : given;
  const axis = options.axis == null ? 0 : checkAxis("take", options.axis, x.ndim);
  const { mode } = options;
  if (mode !== undefined && !modes.includes(mode))
    throw expected("take", 'mode "clip", "wrap" or "fill"', JSON.stringify(mode));
  const n = x.shape[axis]!;
  const strict = mode === undefined;
  const at = indicesOf("take", indices, n, axis, strict);
  if (n === 0 && at.size > 0 && mode !== "fill")
    throw expected("take", "at least one element to take from", `[${x.shape}]`);
  if (mode === "wrap") return asTensor(gatherAxis(x, modulo(at, Math.max(n, 1)), axis));
  const wrapped = strict && !isTensor(indices) ? at : wrapNegative(at, n);
  if (mode === "fill") return asTensor(filled(x, wrapped, axis, options.fillValue ?? defaultFill(x)));
  return asTensor(gatherAxis(x, wrapped, axis));
};

/** x and indices with the axis last and the other axes of one shape. */
const aligned = (operation: string, x: Expr, indices: Expr, axis: number): [Expr, Expr] => {
  if (indices.ndim !== x.ndim)
    throw expected(operation, `indices of ${x.ndim} axes, as x`, `[${indices.shape}] for [${x.shape}]`);
  const [a, b] = [moveAxis(x, axis, x.ndim - 1), moveAxis(indices, axis, x.ndim - 1)];
  const batch = broadcastShapes(operation, [a.shape.slice(0, -1), b.shape.slice(0, -1)]);
  const to = (e: Expr): Expr => stretch(e, [...batch, e.shape[e.ndim - 1]!]);
  return [to(a), wrapNegative(to(b), x.shape[axis]!)];
};

const withCoordinate = (indices: Expr): Expr => reshape(indices, [...indices.shape, 1]);

/** For every line of x along `axis`, its elements at int32 `indices` of the same rank. */
export const gatherAlong = (operation: string, x: Expr, indices: Expr, axis: number): Expr => {
  const [a, at] = aligned(operation, x, indices, axis);
  const last = x.ndim - 1;
  return moveAxis(
    gather(a, withCoordinate(at), { axes: [last], batch: last, outOfBounds: "clip" }),
    last,
    axis,
  );
};

const takeAlongAxisBody = (
  input: TensorLike,
  indices: Indices,
  { axis = -1 }: AlongAxisOptions = {},
): Tensor => {
  const x = toExpr("takeAlongAxis", input);
  const at = checkAxis("takeAlongAxis", axis, x.ndim);
  return asTensor(
    gatherAlong("takeAlongAxis", x, indicesOf("takeAlongAxis", indices, x.shape[at]!, at, true), at),
  );
};

const checkValues = (v: Expr, to: Shape): Expr => {
  const fits = v.ndim <= to.length && v.shape.every((n, i) => n === 1 || n === to[to.length - v.ndim + i]);
  if (!fits) throw expected("putAlongAxis", `values that broadcast to [${to}]`, `[${v.shape}]`);
  return stretch(v, to);
};

const putAlongAxisBody: BodiesOf<TakeArgs>["putAlongAxis"] = (
  input,
  indices,
  values,
  { axis = -1, mode = "set" } = {},
) => {
  const x = toExpr("putAlongAxis", input);
  const at = checkAxis("putAlongAxis", axis, x.ndim);
  const places = indicesOf("putAlongAxis", indices, x.shape[at]!, at, true);
  const [a, b] = aligned("putAlongAxis", x, places, at);
  if (a.size !== x.size)
    throw expected(
      "putAlongAxis",
      `indices that broadcast to x beside axis ${at}`,
      `[${places.shape}] for [${x.shape}]`,
    );
  const last = x.ndim - 1;
  const shape = x.shape.map((n, i) => (i === at ? places.shape[at]! : n));
  const v = moveAxis(checkValues(asValuesOf("putAlongAxis", x, values), shape), at, last);
  const y = scatter(a, withCoordinate(b), v, { axes: [last], batch: last, outOfBounds: "drop", mode });
  return asTensor(moveAxis(y, last, at));
};

export const takeFunctions: BodiesOf<TakeArgs> = {
  take: withOptions("take", 2, ["axis", "mode", "fillValue"], takeBody),
  takeAlongAxis: withOptions("takeAlongAxis", 2, ["axis"], takeAlongAxisBody),
  putAlongAxis: withOptions("putAlongAxis", 3, ["axis", "mode"], putAlongAxisBody),
};

/** Listed int32 values as a leaf. */
export const int32Constant = (values: readonly number[]): Expr =>
  constant({ shape: [values.length], dtype: "int32" }, Int32Array.from(values));

/**
 * The elements of `x` at `indices`, or its slices along `axis`: the axes of `indices` take the place of that axis.
 *
 * Indices are integers: a number, a list (both checked), or a tensor, whose values are only known later and are
 * handled as `mode` says. Any dtype.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * take(x, [0, 2], { axis: 1 }).toArray() // [[1, 3], [4, 6]]
 * take(x, -1).item() // 6
 * take(x, tensor([0, 7], { dtype: "int32" }), { axis: 0, mode: "fill" }).toArray() // [[1, 2, 3], [NaN, NaN, NaN]]
 * ```
 */
export const take: Op<TakeArgs["take"]> = op(1, takeFunctions.take);

/**
 * For every line of `x` along `axis` (default the last), the elements at that line's own indices, as `argsort` gives
 * them. The other axes broadcast. Tensors of indices wrap where negative and are clamped.
 *
 * @example
 * ```ts
 * takeAlongAxis(tensor([[1, 2, 3], [4, 5, 6]]), [[2], [0]]).toArray() // [[3], [4]]
 * ```
 */
export const takeAlongAxis: Op<TakeArgs["takeAlongAxis"]> = op(1, takeFunctions.takeAlongAxis);

/**
 * A copy of `x` in which every line along `axis` (default the last) has `values` at that line's own indices.
 *
 * Values broadcast to the indices' shape. Tensors of indices out of range are dropped.
 *
 * @example
 * ```ts
 * putAlongAxis(tensor([[1, 2], [3, 4]]), [[1], [0]], 9).toArray() // [[1, 9], [9, 4]]
 * ```
 */
export const putAlongAxis: Op<TakeArgs["putAlongAxis"]> = op(2, takeFunctions.putAlongAxis);
