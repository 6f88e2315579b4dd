/** Windows whose place is only known later: starts are tensors, sizes are not. Starts are clamped so that windows fit. */
import { range, type Shape, showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { constant, type Expr } from "../ir/expr.js";
import { add, lt, select } from "../ir/primitives/arithmetic.js";
import {
  dynamicSlice as slicePrimitive,
  dynamicUpdateSlice as updatePrimitive,
} from "../ir/primitives/dynamic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { concat, reshape } from "../ir/primitives/views.js";
import { integerIndices } from "./index-spec.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, checkAxis, checkShape, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { asValuesOf } from "./update.js";
import { withOptions } from "./options.js";

/** A start for each axis: an integer vector, or a list of integers and integer scalars. */
export type Starts = TensorLike | readonly TensorLike[];

/** Options of `dynamicIndexInDim`. */
export interface InDimOptions {
  /** Default 0. */
  readonly axis?: number;
  /** Whether the axis stays, with size 1. Default true. */
  readonly keepdims?: boolean;
}

export interface DynamicArgs {
  /** A window of the given sizes from computed starts. */
  dynamicSlice: [starts: Starts, sizes: Shape];
  /** A copy with a window overwritten from computed starts. */
  dynamicUpdateSlice: [update: TensorLike, starts: Starts];
  /** The slice at a computed place along an axis. */
  dynamicIndexInDim: [index: TensorLike, options?: InDimOptions];
  /** `size` elements from a computed start along an axis. */
  dynamicSliceInDim: [start: TensorLike, size: number, options?: { readonly axis?: number }];
  /** A copy with the slice at a computed place along an axis overwritten. */
  dynamicUpdateInDim: [update: TensorLike, start: TensorLike, options?: { readonly axis?: number }];
}

const int32 = (values: readonly number[]): Expr =>
  constant({ shape: [values.length], dtype: "int32" }, Int32Array.from(values));

const scalarStart = (operation: string, start: TensorLike): Expr => {
  if (typeof start === "number" && Number.isInteger(start)) return int32([start]);
  const e = integerIndices(operation, toExpr(operation, start));
  if (e.size !== 1) throw expected(operation, "integer scalars as starts", showAval(e.aval));
  return reshape(e, [1]);
};

/** int32[ndim]; negative starts count from the end. */
const startsOf = (operation: string, starts: Starts, x: Expr): Expr => {
  const wrong = (got: string): Error =>
    expected(operation, `${x.ndim} starts, one for each axis of ${showAval(x.aval)}`, got);
  let vector: Expr;
  if (Array.isArray(starts)) {
    const list = starts as readonly TensorLike[];
    if (list.length !== x.ndim) throw wrong(String(list.length));
    vector =
      list.length === 0
        ? int32([])
        : concat(
            list.map((s) => scalarStart(operation, s)),
            0,
          );
  } else {
    vector = integerIndices(operation, toExpr(operation, starts));
    if (vector.ndim !== 1 || vector.size !== x.ndim) throw wrong(showAval(vector.aval));
  }
  return select(lt(vector, fullLike(vector, 0)), add(vector, int32(x.shape)), vector);
};

const sizesOf = (operation: string, sizes: Shape, x: Expr): Shape => {
  const to = checkShape(operation, sizes);
  if (to.length === x.ndim && to.every((n, i) => n <= x.shape[i]!)) return to;
  throw expected(operation, `sizes within [${x.shape}]`, `[${to}]`);
};

/** Starts of 0, but for one axis. */
const alongAxis = (operation: string, x: Expr, axis: number, start: TensorLike): Starts =>
  range(x.ndim).map((i) => (i === axis ? asTensor(reshape(scalarStart(operation, start), [])) : 0));

const sliceIn = (operation: string, x: Expr, starts: Starts, sizes: Shape): Expr =>
  slicePrimitive(x, startsOf(operation, starts, x), sizesOf(operation, sizes, x));

const sliceInDimBody = (
  input: TensorLike,
  start: TensorLike,
  size: number,
  { axis = 0 }: { readonly axis?: number } = {},
): Tensor => {
  const x = toExpr("dynamicSliceInDim", input);
  const at = checkAxis("dynamicSliceInDim", axis, x.ndim);
  const sizes = x.shape.map((n, i) => (i === at ? size : n));
  return asTensor(sliceIn("dynamicSliceInDim", x, alongAxis("dynamicSliceInDim", x, at, start), sizes));
};

const indexInDimBody = (
  input: TensorLike,
  index: TensorLike,
  { axis = 0, keepdims = true }: InDimOptions = {},
): Tensor => {
  const x = toExpr("dynamicIndexInDim", input);
  const at = checkAxis("dynamicIndexInDim", axis, x.ndim);
  const sizes = x.shape.map((n, i) => (i === at ? 1 : n));
  const y = sliceIn("dynamicIndexInDim", x, alongAxis("dynamicIndexInDim", x, at, index), sizes);
  return asTensor(
    keepdims
      ? y
      : reshape(
          y,
          x.shape.filter((_, i) => i !== at),
        ),
  );
};

const updateIn = (operation: string, x: Expr, update: Expr, starts: Starts): Tensor => {
  sizesOf(operation, update.shape, x);
  return asTensor(updatePrimitive(x, update, startsOf(operation, starts, x)));
};

const updateInDimBody = (
  input: TensorLike,
  update: TensorLike,
  start: TensorLike,
  { axis = 0 }: { readonly axis?: number } = {},
): Tensor => {
  const x = toExpr("dynamicUpdateInDim", input);
  const at = checkAxis("dynamicUpdateInDim", axis, x.ndim);
  const u = asValuesOf("dynamicUpdateInDim", x, update);
  const whole = u.ndim === x.ndim - 1 ? reshape(u, [...u.shape.slice(0, at), 1, ...u.shape.slice(at)]) : u;
  return updateIn("dynamicUpdateInDim", x, whole, alongAxis("dynamicUpdateInDim", x, at, start));
};

export const dynamicFunctions: BodiesOf<DynamicArgs> = {
  dynamicSlice: (input, starts, sizes) =>
    asTensor(sliceIn("dynamicSlice", toExpr("dynamicSlice", input), starts, sizes)),
  dynamicUpdateSlice: (input, update, starts) => {
    const x = toExpr("dynamicUpdateSlice", input);
    return updateIn("dynamicUpdateSlice", x, asValuesOf("dynamicUpdateSlice", x, update), starts);
  },
  dynamicIndexInDim: withOptions("dynamicIndexInDim", 2, ["axis", "keepdims"], indexInDimBody),
  dynamicSliceInDim: withOptions("dynamicSliceInDim", 3, ["axis"], sliceInDimBody),
  dynamicUpdateInDim: withOptions("dynamicUpdateInDim", 3, ["axis"], updateInDimBody),
};

/**
 * A window of `x` of the given sizes, from starts that may be computed. Negative starts count from the end; all are
 * then clamped so that the window fits. Any dtype.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * dynamicSlice(x, [0, tensor(1, { dtype: "int32" })], [2, 2]).toArray() // [[2, 3], [5, 6]]
 * ```
 */
export const dynamicSlice: Op<DynamicArgs["dynamicSlice"]> = op(2, dynamicFunctions.dynamicSlice);

/**
 * A copy of `x` with `update` written over the window from computed starts, which are clamped so that it fits.
 *
 * @example
 * ```ts
 * dynamicUpdateSlice(tensor([1, 2, 3]), tensor([8, 9]), [1]).toArray() // [1, 8, 9]
 * ```
 */
export const dynamicUpdateSlice: Op<DynamicArgs["dynamicUpdateSlice"]> = op(
  2,
  dynamicFunctions.dynamicUpdateSlice,
);

/**
 * The slice of `x` at a computed place along `axis` (default 0), which stays with size 1 unless `keepdims` is false.
 *
 * @example
 * ```ts
 * dynamicIndexInDim(tensor([[1, 2], [3, 4]]), 1).toArray() // [[3, 4]]
 * dynamicIndexInDim(tensor([[1, 2], [3, 4]]), -1, { axis: 1, keepdims: false }).toArray() // [2, 4]
 * ```
 */
export const dynamicIndexInDim: Op<DynamicArgs["dynamicIndexInDim"]> = op(
  1,
  dynamicFunctions.dynamicIndexInDim,
);

/**
 * `size` elements of `x` from a computed start along `axis` (default 0), clamped so that they fit.
 *
 * @example
 * ```ts
 * dynamicSliceInDim(tensor([1, 2, 3, 4]), 1, 2).toArray() // [2, 3]
 * ```
 */
export const dynamicSliceInDim: Op<DynamicArgs["dynamicSliceInDim"]> = op(
  2,
  dynamicFunctions.dynamicSliceInDim,
);

/**
 * A copy of `x` with `update` written from a computed start along `axis` (default 0). An update without that axis is
 * a single slice.
 *
 * @example
 * ```ts
 * dynamicUpdateInDim(tensor([[1, 2], [3, 4]]), tensor([8, 9]), 1).toArray() // [[1, 2], [8, 9]]
 * ```
 */
export const dynamicUpdateInDim: Op<DynamicArgs["dynamicUpdateInDim"]> = op(
  2,
  dynamicFunctions.dynamicUpdateInDim,
);
