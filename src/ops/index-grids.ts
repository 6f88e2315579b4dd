/** Indices as tensors: triangles, diagonals, open meshes, and flat places as coordinates and back. */
import { range, type Shape, sizeOf, stridesOf } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { add, div, max, min, mul, rem } from "../ir/primitives/arithmetic.js";
import { full, fullLike } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { integerIndices, type Places, placesOf, wrapNegative } from "./index-spec.js";
import { checkOptions } from "./options.js";
import { broadcastShapes, stretch } from "./promotion.js";
import { int32Constant } from "./take.js";
import { asTensor, checkShape, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";

/** Options of `trilIndices` and `triuIndices`. */
export interface TriangleOptions {
  /** The diagonal at which the triangle ends: above the main one if positive. Default 0. */
  readonly k?: number;
  /** Number of columns. Default: as many as rows. */
  readonly m?: number;
}

const checkSize = (operation: string, n: unknown): number => {
  if (typeof n === "number" && Number.isInteger(n) && n >= 0) return n;
  throw expected(operation, "a size", describe(n));
};

const triangle = (
  operation: string,
  n: number,
  options: TriangleOptions,
  inside: (i: number, j: number, k: number) => boolean,
): [Tensor, Tensor] => {
  checkOptions(operation, options, ["k", "m"]);
  const [rows, columns, k] = [checkSize(operation, n), checkSize(operation, options.m ?? n), options.k ?? 0];
  if (!Number.isInteger(k)) throw expected(operation, "an integer diagonal k", String(k));
  const places = range(rows).flatMap((i) =>
    range(columns).flatMap((j) => (inside(i, j, k) ? [[i, j] as const] : [])),
  );
  return [asTensor(int32Constant(places.map(([i]) => i))), asTensor(int32Constant(places.map(([, j]) => j)))];
};

/**
 * Rows and columns of the lower triangle of an n × m matrix, up to diagonal `k`: two int32 vectors for `at`.
 *
 * @example
 * ```ts
 * const [rows, columns] = trilIndices(2);
 * tensor([[1, 2], [3, 4]]).at(rows, columns).toArray() // [1, 3, 4]
 * ```
 */
export const trilIndices = (n: number, options: TriangleOptions = {}): [rows: Tensor, columns: Tensor] =>
  triangle("trilIndices", n, options, (i, j, k) => j <= i + k);

/**
 * Rows and columns of the upper triangle of an n × m matrix, from diagonal `k`: two int32 vectors for `at`.
 *
 * @example
 * ```ts
 * const [rows, columns] = triuIndices(3, { k: 1 });
 * rows.toArray() // [0, 0, 1]
 * columns.toArray() // [1, 2, 2]
 * ```
 */
export const triuIndices = (n: number, options: TriangleOptions = {}): [rows: Tensor, columns: Tensor] =>
  triangle("triuIndices", n, options, (i, j, k) => j >= i + k);

/**
 * The indices of the main diagonal of an n × … × n tensor of `ndim` axes (default 2): as many int32 vectors for `at`.
 *
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]).at(...diagIndices(2)).toArray() // [1, 4]
 * ```
 */
export const diagIndices = (n: number, options: { readonly ndim?: number } = {}): Tensor[] => {
  checkOptions("diagIndices", options, ["ndim"]);
  const line = asTensor(int32Constant(range(checkSize("diagIndices", n))));
  return range(checkSize("diagIndices", options.ndim ?? 2)).map(() => line);
};

/** Lists are checked later, against the size they index; tensors are integers. */
const vector = (operation: string, list: TensorLike | Places): Expr =>
  Array.isArray(list)
    ? placesOf(operation, list as Places, 2 ** 31, 0)
    : integerIndices(operation, toExpr(operation, list));

/**
 * Vectors of indices as an open mesh: `x.at(...openMesh([0, 2], [1, 3]))` is the block of those rows and columns.
 *
 * @example
 * ```ts
 * tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]]).at(...openMesh([0, 2], [1, 2])).toArray() // [[2, 3], [8, 9]]
 * ```
 */
export const openMesh = (...lists: readonly (Tensor | readonly number[])[]): Tensor[] =>
  lists.map((list, i) => {
    const e = vector("openMesh", list);
    if (e.ndim !== 1) throw expected("openMesh", "vectors of indices", describe(e));
    return asTensor(
      reshape(
        e,
        lists.map((_, k) => (k === i ? e.size : 1)),
      ),
    );
  });

/**
 * Places in a flattened tensor of the given shape as coordinates: an int32 tensor for each axis.
 *
 * Negative places count from the end; what is out of range is clamped.
 *
 * @example
 * ```ts
 * unravelIndex(tensor([1, 5], { dtype: "int32" }), [2, 3]).map((i) => i.toArray()) // [[0, 1], [1, 2]]
 * ```
 */
export const unravelIndex = (places: TensorLike | Places, shape: number | Shape): Tensor[] => {
  const dims = checkShape("unravelIndex", shape);
  const size = sizeOf(dims);
  if (size === 0) throw expected("unravelIndex", "a shape with elements", `[${dims}]`);
  const given = typeof places === "number" ? full([], "int32", places) : vector("unravelIndex", places);
  const wrapped = wrapNegative(given, size);
  const at = max(min(wrapped, fullLike(wrapped, size - 1)), fullLike(wrapped, 0));
  const strides = stridesOf(dims);
  return dims.map((n, i) => asTensor(rem(div(at, fullLike(at, strides[i]!)), fullLike(at, n))));
};

/**
 * Coordinates, a tensor or number for each axis, as places in the flattened tensor of the given shape: int32.
 *
 * Coordinates broadcast. Negative ones count from the end; what is out of range is clamped.
 *
 * @example
 * ```ts
 * ravelMultiIndex([tensor([0, 1], { dtype: "int32" }), 2], [2, 3]).toArray() // [2, 5]
 * ```
 */
export const ravelMultiIndex = (coordinates: readonly TensorLike[], shape: number | Shape): Tensor => {
  const dims = checkShape("ravelMultiIndex", shape);
  if (!Array.isArray(coordinates) || coordinates.length !== dims.length)
    throw expected(
      "ravelMultiIndex",
      `${dims.length} coordinates, one for each axis of [${dims}]`,
      describe(coordinates),
    );
  const exprs = (coordinates as readonly TensorLike[]).map((c) =>
    typeof c === "number" && Number.isInteger(c)
      ? full([], "int32", c)
      : integerIndices("ravelMultiIndex", toExpr("ravelMultiIndex", c)),
  );
  const to = broadcastShapes(
    "ravelMultiIndex",
    exprs.map((e) => e.shape),
  );
  const strides = stridesOf(dims);
  const parts = exprs.map((e, i) => {
    const c = wrapNegative(stretch(e, to), dims[i]!);
    const inside = max(min(c, fullLike(c, dims[i]! - 1)), fullLike(c, 0));
    return mul(inside, fullLike(c, strides[i]!));
  });
  return asTensor(parts.reduce(add, full(to, "int32", 0)));
};
