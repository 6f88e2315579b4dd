/** Other shapes of the same elements: views, which cost nothing by themselves. */
import { range, type Shape, showAval, sizeOf } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { reshape as reshapeView } from "../ir/primitives/views.js";
import { distinctAxes } from "./axes.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { broadcastShapes, stretch } from "./promotion.js";
import { asTensor, checkAxes, checkShape, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `squeeze`. */
export interface SqueezeOptions {
  /** The axes to drop, each of size 1. Default: every axis of size 1. */
  readonly axis?: number | readonly number[];
}

export interface ReshapeArgs {
  /** The same elements, in row-major order, under another shape; one size may be -1. */
  reshape: [shape: number | Shape];
  /** The elements along one axis, in row-major order. */
  ravel: [];
  /** The elements along one axis, in row-major order. */
  flatten: [];
  /** New axes of size 1 at the given places of the result. */
  expandDims: [axis: number | readonly number[]];
  /** Without axes of size 1. */
  squeeze: [options?: SqueezeOptions];
  /** Stretched to a shape by NumPy's rules. */
  broadcastTo: [shape: number | Shape];
  /** With at least one axis. */
  atLeast1d: [];
  /** With at least two axes: new ones come first. */
  atLeast2d: [];
  /** With at least three axes: `[n]` becomes `[1, n, 1]`, `[m, n]` becomes `[m, n, 1]`. */
  atLeast3d: [];
}

/** `shape` with its -1 replaced by the size that makes the elements fit. */
const resolveShape = (shape: number | Shape, x: Expr): Shape => {
  const dims = typeof shape === "number" ? [shape] : shape;
  const wildcard = Array.isArray(dims) ? dims.indexOf(-1) : -1;
  if (wildcard < 0) return checkShape("reshape", dims);
  if (dims.indexOf(-1, wildcard + 1) >= 0)
    throw expected("reshape", "at most one -1 in the shape", `[${dims}] for ${showAval(x.aval)}`);
  const others = checkShape(
    "reshape",
    dims.filter((_, i) => i !== wildcard),
  );
  const known = sizeOf(others);
  if (known === 0 || x.size % known !== 0)
    throw expected(
      "reshape",
      `sizes beside -1 whose product divides ${x.size}`,
      `[${dims}] for ${showAval(x.aval)}`,
    );
  return dims.map((d, i) => (i === wildcard ? x.size / known : d));
};

const reshapeBody = (input: TensorLike, shape: number | Shape): Tensor => {
  const x = toExpr("reshape", input);
  const to = resolveShape(shape, x);
  if (sizeOf(to) !== x.size)
    throw expected("reshape", `a shape of ${x.size} elements`, `[${to}] for ${showAval(x.aval)}`);
  return asTensor(reshapeView(x, to));
};

const ravelBody =
  (operation: string) =>
  (input: TensorLike): Tensor => {
    const x = toExpr(operation, input);
    return asTensor(reshapeView(x, [x.size]));
  };

/** New axes of size 1 at the given places of the result. */
export const insertAxes = (operation: string, x: Expr, axis: number | readonly number[]): Expr => {
  const list = typeof axis === "number" ? [axis] : axis;
  if (!Array.isArray(list)) throw expected(operation, "an axis or a list of axes", describe(axis));
  const places = distinctAxes(operation, list, x.ndim + list.length);
  const sizes = [...x.shape];
  for (const p of [...places].sort((a, b) => a - b)) sizes.splice(p, 0, 1);
  return reshapeView(x, sizes);
};

const squeezeBody = (input: TensorLike, options: SqueezeOptions = {}): Tensor => {
  const x = toExpr("squeeze", input);
  const given = options.axis !== undefined;
  const axes = given
    ? checkAxes("squeeze", options.axis, x.ndim)
    : range(x.ndim).filter((i) => x.shape[i] === 1);
  const wrong = axes.find((a) => x.shape[a] !== 1);
  if (wrong !== undefined) throw expected("squeeze", `size 1 along axis ${wrong}`, showAval(x.aval));
  return asTensor(
    reshapeView(
      x,
      x.shape.filter((_, i) => !axes.includes(i)),
    ),
  );
};

const broadcastToBody = (input: TensorLike, shape: number | Shape): Tensor => {
  const x = toExpr("broadcastTo", input);
  const to = checkShape("broadcastTo", shape);
  const fits = x.ndim <= to.length && x.shape.every((n, i) => n === 1 || n === to[to.length - x.ndim + i]);
  if (!fits) throw expected("broadcastTo", `a shape that stretches to [${to}]`, showAval(x.aval));
  return asTensor(stretch(x, to));
};

const atLeast2dOf = (x: Expr): Expr => (x.ndim >= 2 ? x : reshapeView(x, [1, x.size]));

const atLeast3dOf = (x: Expr): Expr => {
  if (x.ndim >= 3) return x;
  return reshapeView(x, x.ndim === 2 ? [...x.shape, 1] : [1, x.size, 1]);
};

const rankBody =
  (operation: string, f: (x: Expr) => Expr) =>
  (x: TensorLike): Tensor =>
    asTensor(f(toExpr(operation, x)));

export const reshapeFunctions: BodiesOf<ReshapeArgs> = {
  reshape: reshapeBody,
  ravel: ravelBody("ravel"),
  flatten: ravelBody("flatten"),
  expandDims: (x, axis) => asTensor(insertAxes("expandDims", toExpr("expandDims", x), axis)),
  squeeze: withOptions("squeeze", 1, ["axis"], squeezeBody),
  broadcastTo: broadcastToBody,
  atLeast1d: rankBody("atLeast1d", (x) => (x.ndim >= 1 ? x : reshapeView(x, [1]))),
  atLeast2d: rankBody("atLeast2d", atLeast2dOf),
  atLeast3d: rankBody("atLeast3d", atLeast3dOf),
};

/**
 * The same elements, in row-major order, under another shape, in which one size may be -1.
 *
 * Any dtype. Throws when the sizes do not hold exactly the elements of `x`.
 *
 * @example
 * ```ts
 * reshape(tensor([[1, 2, 3], [4, 5, 6]]), [3, -1]).toArray() // [[1, 2], [3, 4], [5, 6]]
 * ```
 */
export const reshape: Op<ReshapeArgs["reshape"]> = op(1, reshapeBody);

/**
 * The elements along one axis, in row-major order: shape `[size]`.
 *
 * @example
 * ```ts
 * ravel(tensor([[1, 2], [3, 4]])).toArray() // [1, 2, 3, 4]
 * ```
 */
export const ravel: Unary = reshapeFunctions.ravel;

/**
 * The elements along one axis, in row-major order: NumPy's other name for `ravel`.
 *
 * @example
 * ```ts
 * flatten(tensor([[1, 2], [3, 4]])).shape // [4]
 * ```
 */
export const flatten: Unary = reshapeFunctions.flatten;

/**
 * New axes of size 1, at the given places of the result.
 *
 * @example
 * ```ts
 * expandDims(tensor([1, 2, 3]), 0).shape // [1, 3]
 * expandDims(tensor([1, 2, 3]), [0, -1]).shape // [1, 3, 1]
 * ```
 */
export const expandDims: Op<ReshapeArgs["expandDims"]> = op(1, reshapeFunctions.expandDims);

/**
 * Without its axes of size 1, or without those of `axis`. Throws when one of them has another size.
 *
 * @example
 * ```ts
 * squeeze(tensor([[[1], [2]]])).shape // [2]
 * squeeze(tensor([[[1], [2]]]), { axis: 0 }).shape // [2, 1]
 * ```
 */
export const squeeze: Op<ReshapeArgs["squeeze"]> & Unary = op(0, reshapeFunctions.squeeze);

/**
 * Stretched to `shape` by NumPy's rules: axes of size 1 repeat, missing leading axes are added.
 *
 * @example
 * ```ts
 * broadcastTo(tensor([1, 2]), [2, 2]).toArray() // [[1, 2], [1, 2]]
 * ```
 */
export const broadcastTo: Op<ReshapeArgs["broadcastTo"]> = op(1, broadcastToBody);

/**
 * The arguments stretched to their common shape; dtypes stay as they are.
 *
 * Throws when the shapes do not broadcast together.
 *
 * @example
 * ```ts
 * broadcastArrays(tensor([[1], [2]]), tensor([3, 4])).map((x) => x.shape) // [[2, 2], [2, 2]]
 * ```
 */
export const broadcastArrays = (...xs: readonly TensorLike[]): Tensor[] => {
  const exprs = xs.map((x) => toExpr("broadcastArrays", x));
  const shape = broadcastShapes(
    "broadcastArrays",
    exprs.map((e) => e.shape),
  );
  return exprs.map((e) => asTensor(stretch(e, shape)));
};

/**
 * With at least one axis: a scalar becomes `[1]`.
 *
 * @example
 * ```ts
 * atLeast1d(5).shape // [1]
 * ```
 */
export const atLeast1d: Unary = reshapeFunctions.atLeast1d;

/**
 * With at least two axes; new ones come first.
 *
 * @example
 * ```ts
 * atLeast2d(tensor([1, 2])).shape // [1, 2]
 * ```
 */
export const atLeast2d: Unary = reshapeFunctions.atLeast2d;

/**
 * With at least three axes: `[n]` becomes `[1, n, 1]` and `[m, n]` becomes `[m, n, 1]`, as in NumPy.
 *
 * @example
 * ```ts
 * atLeast3d(tensor([[1, 2]])).shape // [1, 2, 1]
 * ```
 */
export const atLeast3d: Unary = reshapeFunctions.atLeast3d;
