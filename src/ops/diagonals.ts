/** Diagonals and triangles of matrices, as views and masks: nothing is stored. */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike, moveAxis, sum as sumOver } from "../ir/primitives/layout.js";
import { iota, pad, reshape, sliceAxis } from "../ir/primitives/views.js";
import type { DTypeOptions } from "./fill.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { accumulator } from "./reduce.js";
import { asTensor, checkAxis, checkDType, describe, type Tensor, toExpr } from "./tensor.js";

/** Options of `eye` and `tri`. */
export interface EyeOptions extends DTypeOptions {
  /** The number of columns; that of the rows by default. */
  readonly m?: number | undefined;
  /** The diagonal: above the main one if positive, below if negative; 0 by default. */
  readonly k?: number | undefined;
}

/** Options of the functions that look at one diagonal. */
export interface OffsetOptions {
  /** The diagonal: above the main one if positive, below if negative; 0 by default. */
  readonly k?: number | undefined;
}

/** Options of `diagonal` and `matrixTrace`. */
export interface DiagonalOptions {
  /** The diagonal: above the main one if positive, below if negative; 0 by default. */
  readonly offset?: number | undefined;
  /** The axis of the rows; 0 by default. */
  readonly axis1?: number | undefined;
  /** The axis of the columns; 1 by default. */
  readonly axis2?: number | undefined;
}

/** Arguments after the tensor. */
export interface DiagonalArgs {
  /** The matrices without what is above a diagonal. */
  tril: [options?: OffsetOptions];
  /** The matrices without what is below a diagonal. */
  triu: [options?: OffsetOptions];
  /** A vector as a diagonal matrix, or a matrix's diagonal. */
  diag: [options?: OffsetOptions];
  /** The diagonals of two axes, as a last one. */
  diagonal: [options?: DiagonalOptions];
  /** The sum of the diagonal. */
  matrixTrace: [options?: DiagonalOptions];
}

const whole = (operation: string, name: string, n: unknown): number => {
  if (typeof n === "number" && Number.isInteger(n)) return n;
  throw expected(operation, `a whole number as ${name}`, describe(n));
};

const sizeOption = (operation: string, name: string, n: unknown): number => {
  if (whole(operation, name, n) >= 0) return n as number; // whole has checked
  throw expected(operation, `a size from 0 as ${name}`, describe(n));
};

/** Column index less row index, at every element of the last two axes. */
const distance = (shape: readonly number[]): Expr =>
  prim.sub(iota(shape, "int32", shape.length - 1), iota(shape, "int32", shape.length - 2));

const banded = (
  operation: string,
  n: number,
  options: EyeOptions,
  inside: (d: Expr, k: Expr) => Expr,
): Tensor => {
  checkOptions(operation, options, ["m", "k", "dtype"]);
  const rows = sizeOption(operation, "n", n);
  const { m = rows, k = 0, dtype = "float32" } = options;
  const d = distance([rows, sizeOption(operation, "m", m)]);
  return asTensor(prim.cast(inside(d, fullLike(d, whole(operation, "k", k))), checkDType(operation, dtype)));
};

/**
 * The n × m matrix with ones on a diagonal and zeros elsewhere; float32 unless `dtype` says otherwise.
 * Throws when a size is not a whole number from 0.
 *
 * @example
 * ```ts
 * eye(2).toArray() // [[1, 0], [0, 1]]
 * eye(2, { m: 3, k: 1 }).toArray() // [[0, 1, 0], [0, 0, 1]]
 * ```
 */
export const eye = (n: number, options: EyeOptions = {}): Tensor => banded("eye", n, options, prim.eq);

/**
 * The n × n identity matrix; float32 unless `dtype` says otherwise. Throws when n is not a whole number from 0.
 *
 * @example
 * ```ts
 * identity(2, { dtype: "int32" }).toArray() // [[1, 0], [0, 1]]
 * ```
 */
export const identity = (n: number, options: DTypeOptions = {}): Tensor => {
  checkOptions("identity", options, ["dtype"]);
  return banded("identity", n, options, prim.eq);
};

/**
 * The n × m matrix with ones on and below a diagonal and zeros above; float32 unless `dtype` says otherwise.
 * Throws when a size is not a whole number from 0.
 *
 * @example
 * ```ts
 * tri(2).toArray() // [[1, 0], [1, 1]]
 * ```
 */
export const tri = (n: number, options: EyeOptions = {}): Tensor => banded("tri", n, options, prim.le);

const triangle = (operation: string, inside: (d: Expr, k: Expr) => Expr): Op<[options?: OffsetOptions]> =>
  op<[options?: OffsetOptions]>(0, (input, options = {}) => {
    checkOptions(operation, options, ["k"]);
    const x = toExpr(operation, input);
    if (x.ndim < 2) throw expected(operation, "at least two axes", describe(x));
    const d = distance(x.shape);
    return asTensor(
      prim.select(inside(d, fullLike(d, whole(operation, "k", options.k ?? 0))), x, fullLike(x, 0)),
    );
  });

/**
 * The lower triangles of the matrices in the last two axes: zeros above the diagonal `k`.
 * Throws on less than two axes.
 *
 * @example
 * ```ts
 * tril(tensor([[1, 2], [3, 4]])).toArray() // [[1, 0], [3, 4]]
 * ```
 */
export const tril: Op<[options?: OffsetOptions]> = triangle("tril", prim.le);

/**
 * The upper triangles of the matrices in the last two axes: zeros below the diagonal `k`.
 * Throws on less than two axes.
 *
 * @example
 * ```ts
 * triu(tensor([[1, 2], [3, 4]])).toArray() // [[1, 2], [0, 4]]
 * ```
 */
export const triu: Op<[options?: OffsetOptions]> = triangle("triu", prim.ge);

/** A diagonal of the last two axes: every (m + 1)-th element of the rows in one line. */
const diagonalOf = (x: Expr, offset: number): Expr => {
  const [n, m] = [x.shape[x.ndim - 2]!, x.shape[x.ndim - 1]!];
  const length = Math.max(0, offset >= 0 ? Math.min(n, m - offset) : Math.min(n + offset, m));
  const line = reshape(x, [...x.shape.slice(0, -2), n * m]);
  const start = length === 0 ? 0 : offset >= 0 ? offset : -offset * m;
  return sliceAxis(line, x.ndim - 2, start, length, m + 1);
};

/** The square matrix with a vector on a diagonal: zeros in between, then rows. */
const matrixOf = (x: Expr, k: number): Expr => {
  const n = x.size + Math.abs(k);
  if (x.size === 0) return full([n, n], x.dtype, 0);
  const low = k >= 0 ? k : -k * n;
  const span = (x.size - 1) * (n + 1) + 1;
  return reshape(pad(x, { low: [low], high: [n * n - low - span], interior: [n] }), [n, n]);
};

/**
 * The square matrix with a vector on the diagonal `k`, or the diagonal `k` of a matrix.
 * Throws unless there are one or two axes.
 *
 * @example
 * ```ts
 * diag(tensor([1, 2])).toArray() // [[1, 0], [0, 2]]
 * diag(tensor([[1, 2], [3, 4]])).toArray() // [1, 4]
 * ```
 */
export const diag: Op<[options?: OffsetOptions]> = op<[options?: OffsetOptions]>(0, (input, options = {}) => {
  checkOptions("diag", options, ["k"]);
  const x = toExpr("diag", input);
  const k = whole("diag", "k", options.k ?? 0);
  if (x.ndim !== 1 && x.ndim !== 2) throw expected("diag", "a vector or a matrix", describe(x));
  return asTensor(x.ndim === 1 ? matrixOf(x, k) : diagonalOf(x, k));
});

/** The diagonals of two axes, as a last axis. */
const diagonals = (operation: string, x: Expr, options: DiagonalOptions): Expr => {
  checkOptions(operation, options, ["offset", "axis1", "axis2"]);
  const { offset = 0, axis1 = 0, axis2 = 1 } = options;
  if (x.ndim < 2) throw expected(operation, "at least two axes", describe(x));
  const row = checkAxis(operation, axis1, x.ndim);
  const column = checkAxis(operation, axis2, x.ndim);
  if (row === column) throw expected(operation, "two different axes", `axis1 ${axis1} and axis2 ${axis2}`);
  const rowLast = moveAxis(x, row, x.ndim - 1);
  const both = moveAxis(rowLast, column > row ? column - 1 : column, x.ndim - 1);
  return diagonalOf(both, whole(operation, "offset", offset));
};

/**
 * The diagonals of the matrices in two axes, which disappear, as a new last axis.
 * Throws on less than two axes or when an axis does not exist.
 *
 * @example
 * ```ts
 * diagonal(tensor([[1, 2], [3, 4]])).toArray() // [1, 4]
 * diagonal(tensor([[1, 2], [3, 4]]), { offset: 1 }).toArray() // [2]
 * ```
 */
export const diagonal: Op<[options?: DiagonalOptions]> = op<[options?: DiagonalOptions]>(
  0,
  (x, options = {}) => asTensor(diagonals("diagonal", toExpr("diagonal", x), options)),
);

/**
 * NumPy's trace (here `trace` shows programs): the sums of the diagonals of the matrices in two axes, which disappear; small integers are summed in 32 bits.
 * Throws on less than two axes or when an axis does not exist.
 *
 * @example
 * ```ts
 * matrixTrace(tensor([[1, 2], [3, 4]])).toArray() // 5
 * ```
 */
export const matrixTrace: Op<[options?: DiagonalOptions]> = op<[options?: DiagonalOptions]>(
  0,
  (x, options = {}) => {
    const e = diagonals("matrixTrace", toExpr("matrixTrace", x), options);
    return asTensor(sumOver(prim.cast(e, accumulator(e.dtype)), [e.ndim - 1]));
  },
);

/** The bodies of the methods. */
export const diagonalFunctions: BodiesOf<DiagonalArgs> = { tril, triu, diag, diagonal, matrixTrace };
