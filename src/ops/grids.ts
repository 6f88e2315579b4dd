/** Coordinates over grids. Nothing is stored. */
import type { Shape } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { broadcast } from "../ir/primitives/layout.js";
import { pow } from "../ir/primitives/transcendental.js";
import { concat, flip, iota, reshape } from "../ir/primitives/views.js";
import * as prim from "../ir/primitives/arithmetic.js";
import type { DTypeOptions } from "./fill.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import {
  asTensor,
  checkDType,
  checkShape,
  describe,
  type Tensor,
  type TensorLike,
  toExpr,
} from "./tensor.js";

/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** "xy" (default): the first vector runs along the second axis, as in pictures; "ij": along the first. */
  readonly indexing?: "xy" | "ij" | undefined;
}

/** Options of `vander`. */
export interface VanderOptions {
  /** The number of columns; that of the rows by default. */
  readonly n?: number | undefined;
  /** Powers that grow from left to right; false by default. */
  readonly increasing?: boolean | undefined;
}

/** Arguments after the tensor. */
export interface GridArgs {
  /** The matrix of powers. */
  vander: [options?: VanderOptions];
}

/** Axis of the grid along which vector `i` runs. */
const axisOf = (i: number, indexing: "xy" | "ij"): number => (indexing === "xy" && i < 2 ? 1 - i : i);

const lastOptions = (args: readonly (TensorLike | MeshgridOptions)[]): MeshgridOptions | undefined => {
  const last = args[args.length - 1];
  return typeof last === "object" && Object.getPrototypeOf(last) === Object.prototype
    ? (last as MeshgridOptions)
    : undefined;
};

/**
 * The coordinates of a grid: for every vector (or scalar), a tensor of the grid's shape in which it runs along its axis.
 * Throws on operands with more axes.
 *
 * @example
 * ```ts
 * const [x, y] = meshgrid(tensor([1, 2, 3]), tensor([10, 20]));
 * x!.toArray() // [[1, 2, 3], [1, 2, 3]]
 * y!.toArray() // [[10, 10, 10], [20, 20, 20]]
 * meshgrid(tensor([1, 2]), tensor([10, 20]), { indexing: "ij" })[0]!.toArray() // [[1, 1], [2, 2]]
 * ```
 */
export const meshgrid = (...args: readonly (TensorLike | MeshgridOptions)[]): Tensor[] => {
  const options = lastOptions(args);
  checkOptions("meshgrid", options, ["indexing"]);
  const { indexing = "xy" } = options ?? {};
  if (indexing !== "xy" && indexing !== "ij")
    throw expected("meshgrid", 'an indexing "xy" or "ij"', describe(indexing));
  const vectors = (options === undefined ? args : args.slice(0, -1)).map((x) => toExpr("meshgrid", x));
  for (const v of vectors) if (v.ndim > 1) throw expected("meshgrid", "vectors", describe(v));
  const lines = vectors.map((v) => reshape(v, [v.size]));
  const axes = lines.map((_, i) => (lines.length > 1 ? axisOf(i, indexing) : i));
  const shape = new Array<number>(lines.length);
  lines.forEach((v, i) => (shape[axes[i]!] = v.size));
  return lines.map((v, i) => asTensor(broadcast(v, shape, [axes[i]!])));
};

/**
 * The indices of a tensor of the given shape: [axes, …shape], int32 unless `dtype` says otherwise.
 * Throws when the shape is not of non-negative integers.
 *
 * @example
 * ```ts
 * indices([2, 2]).toArray() // [[[0, 0], [1, 1]], [[0, 1], [0, 1]]]
 * ```
 */
export const indices = (shape: Shape, options: DTypeOptions = {}): Tensor => {
  checkOptions("indices", options, ["dtype"]);
  const dims = checkShape("indices", shape);
  const dtype = checkDType("indices", options.dtype ?? "int32");
  if (dims.length === 0) throw expected("indices", "a shape with at least one axis", "[]");
  return asTensor(
    concat(
      dims.map((_, axis) => iota([1, ...dims], dtype, axis + 1)),
      0,
    ),
  );
};

/**
 * `f` of the indices of a tensor of the given shape: one float32 tensor for each axis, all of that shape.
 *
 * @example
 * ```ts
 * fromFunction((i, j) => add(mul(i, 10), j), [2, 3]).toArray() // [[0, 1, 2], [10, 11, 12]]
 * ```
 */
export const fromFunction = <R>(
  f: (...indices: Tensor[]) => R,
  shape: Shape,
  options: DTypeOptions = {},
): R => {
  checkOptions("fromFunction", options, ["dtype"]);
  const dims = checkShape("fromFunction", shape);
  const dtype = checkDType("fromFunction", options.dtype ?? "float32");
  return f(...dims.map((_, axis) => asTensor(iota(dims, dtype, axis))));
};

/** Powers from 0 to n − 1 of every element; integers by integers. */
const powers = (x: Expr, n: number): Expr => {
  const shape = [x.size, n];
  const base = prim.cast(x, x.dtype === "bool" ? "int32" : x.dtype);
  return pow(broadcast(base, shape, [0]), iota(shape, base.dtype, 1));
};

/**
 * The Vandermonde matrix of a vector: its powers as columns, falling to 0 (growing from 0 with `increasing`).
 * Throws unless there is one axis.
 *
 * @example
 * ```ts
 * vander(tensor([2, 3]), { n: 3 }).toArray() // [[4, 2, 1], [9, 3, 1]]
 * ```
 */
export const vander: Op<[options?: VanderOptions]> = op<[options?: VanderOptions]>(
  0,
  (input, options = {}) => {
    checkOptions("vander", options, ["n", "increasing"]);
    const x = toExpr("vander", input);
    if (x.ndim !== 1) throw expected("vander", "a vector", describe(x));
    const { n = x.size, increasing = false } = options;
    if (!Number.isInteger(n) || n < 0)
      throw expected("vander", "a whole number of columns from 0", describe(n));
    const columns = powers(x, n);
    return asTensor(increasing ? columns : flip(columns, [1]));
  },
);

/** The bodies of the methods. */
export const gridFunctions: BodiesOf<GridArgs> = { vander };
