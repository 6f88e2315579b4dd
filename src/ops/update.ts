/**
 * Functional updates: x with other elements at an index. Ranges and points are written by padding the values to x's
 * shape, so that they fuse and differentiate like arithmetic; places are one `scatter`.
 */
import { sameShape } from "../ir/aval.js";
import { promote, promoteWeak } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import type { ScatterMode } from "../ir/lowering.js";
import { add, max, min, mul, select } from "../ir/primitives/arithmetic.js";
import { full } from "../ir/primitives/layout.js";
import { flip, pad, reshape } from "../ir/primitives/views.js";
import { type Plan, planIndex, readRegion, type Region, writePlaces } from "./at.js";
import type { Index } from "./index-spec.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asDType, stretch } from "./promotion.js";
import { asTensor, describe, isTensorLike, type Tensor, type TensorLike, toExpr } from "./tensor.js";

export interface UpdateArgs {
  /** A copy with `values` at an index. */
  setAt: [index: Index, values: TensorLike];
  /** A copy with `values` added at an index, every time where a place is listed several times. */
  addAt: [index: Index, values: TensorLike];
  /** A copy multiplied by `values` at an index. */
  mulAt: [index: Index, values: TensorLike];
  /** A copy with the smaller of its elements and `values` at an index. */
  minAt: [index: Index, values: TensorLike];
  /** A copy with the larger of its elements and `values` at an index. */
  maxAt: [index: Index, values: TensorLike];
}

/** Values in the dtype of x, which an update never changes. */
export const asValuesOf = (operation: string, x: Expr, values: TensorLike): Expr => {
  if (!isTensorLike(values))
    throw expected(operation, "values as a tensor, number or boolean", describe(values));
  const weak = typeof values === "number" || typeof values === "boolean";
  const meet = weak ? promoteWeak(x.dtype, values) : promote(x.dtype, values.dtype);
  if (meet !== x.dtype)
    throw expected(operation, `values that ${x.dtype} holds (cast one of the two)`, describe(values));
  return asDType(operation, values, x.dtype);
};

const spread = (y: Expr, x: Expr, { start, size, stride, flipped }: Region, value: number): Expr => {
  const spans = size.map((n, a) => (n === 0 ? 0 : (n - 1) * stride[a]! + 1));
  return pad(flip(reshape(y, size), flipped), {
    low: start,
    high: x.shape.map((n, a) => n - start[a]! - spans[a]!),
    interior: size.map((n, a) => (n > 1 ? stride[a]! - 1 : 0)),
    value,
  });
};

const combiners: Record<ScatterMode, (x: Expr, y: Expr) => Expr> = { set: (_x, y) => y, add, mul, min, max };

/** x with a region's new values. Sums and products pad with what changes nothing; the rest needs to know where. */
const writeRegion = (x: Expr, y: Expr, region: Region, mode: ScatterMode): Expr => {
  if (y.size === 0) return x;
  if (mode === "add") return add(x, spread(y, x, region, -0));
  if (mode === "mul") return mul(x, spread(y, x, region, 1));
  const value = combiners[mode](x, spread(y, x, region, 0));
  if (sameShape(region.size, x.shape)) return value;
  return select(spread(full(y.shape, "bool", 1), x, region, 0), value, x);
};

const write = (x: Expr, values: Expr, { region, layout }: Plan, mode: ScatterMode): Expr => {
  if (values.size === 0) return x;
  const kept = region.kept.map((a) => region.size[a]!);
  if (layout.picked.length === 0) return writeRegion(x, reshape(values, kept), region, mode);
  const written = writePlaces(readRegion(x, region), values, layout, mode);
  return sameShape(region.size, x.shape) ? reshape(written, x.shape) : writeRegion(x, written, region, "set");
};

const update =
  (operation: string, mode: ScatterMode) =>
  (input: TensorLike, index: Index, values: TensorLike): Tensor => {
    const x = toExpr(operation, input);
    if (mode !== "set" && x.dtype === "bool") throw expected(operation, "a numeric tensor", describe(x));
    const plan = planIndex(operation, index, x.shape);
    const v = asValuesOf(operation, x, values);
    const shape = plan.layout.shape;
    const excess = v.ndim - shape.length;
    const trimmed =
      excess > 0 && v.shape.slice(0, excess).every((n) => n === 1) ? reshape(v, v.shape.slice(excess)) : v;
    const fits =
      trimmed.ndim <= shape.length &&
      trimmed.shape.every((n, i) => n === 1 || n === shape[shape.length - trimmed.ndim + i]);
    if (!fits) throw expected(operation, `values that broadcast to [${shape}]`, describe(v));
    return asTensor(write(x, stretch(trimmed, shape), plan, mode));
  };

export const updateFunctions: BodiesOf<UpdateArgs> = {
  setAt: update("setAt", "set"),
  addAt: update("addAt", "add"),
  mulAt: update("mulAt", "mul"),
  minAt: update("minAt", "min"),
  maxAt: update("maxAt", "max"),
};

/**
 * A copy of `x` with `values` at an index, which is an array of what `x.at` takes. Values broadcast to what the index
 * picks and must be of a dtype that x's holds.
 *
 * Tensors of indices may be out of range: negative ones count from the end, the rest is dropped. Where a place is
 * listed several times the last value stays.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.setAt([0, "1:"], 0).toArray() // [[1, 0, 0], [4, 5, 6]]
 * setAt(x, [":", [0, 2]], tensor([[7, 8], [9, 10]])).toArray() // [[7, 2, 8], [9, 5, 10]]
 * x.toArray() // [[1, 2, 3], [4, 5, 6]]
 * ```
 */
export const setAt: Op<UpdateArgs["setAt"]> = op(2, updateFunctions.setAt);

/**
 * A copy of `x` with `values` added at an index; a place listed several times gets every one of its values.
 *
 * @example
 * ```ts
 * addAt(tensor([0, 0, 0]), [[0, 0, 2]], tensor([1, 2, 4])).toArray() // [3, 0, 4]
 * tensor([1, 2, 3]).addAt(["::2"], 10).toArray() // [11, 2, 13]
 * ```
 */
export const addAt: Op<UpdateArgs["addAt"]> = op(2, updateFunctions.addAt);

/**
 * A copy of `x` multiplied by `values` at an index; a place listed several times by all of its values.
 *
 * @example
 * ```ts
 * mulAt(tensor([1, 2, 3]), [[1, 1]], 5).toArray() // [1, 50, 3]
 * ```
 */
export const mulAt: Op<UpdateArgs["mulAt"]> = op(2, updateFunctions.mulAt);

/**
 * A copy of `x` with, at an index, the smaller of its elements and `values`.
 *
 * @example
 * ```ts
 * minAt(tensor([1, 5, 9]), ["1:"], 6).toArray() // [1, 5, 6]
 * ```
 */
export const minAt: Op<UpdateArgs["minAt"]> = op(2, updateFunctions.minAt);

/**
 * A copy of `x` with, at an index, the larger of its elements and `values`.
 *
 * @example
 * ```ts
 * maxAt(tensor([1, 5, 9]), ["1:"], 6).toArray() // [1, 6, 9]
 * ```
 */
export const maxAt: Op<UpdateArgs["maxAt"]> = op(2, updateFunctions.maxAt);
