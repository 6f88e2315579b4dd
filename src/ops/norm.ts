/** Norms of vectors and matrices. Their derivatives are finite at 0. */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike, sum as sumOver } from "../ir/primitives/layout.js";
import { reduceMax, reduceMin } from "../ir/primitives/reductions.js";
import { pow } from "../ir/primitives/transcendental.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { toFloat } from "./promotion.js";
import { keepAxes, refuseEmpty } from "./reduce.js";
import { rootOfSquares } from "./statistics.js";
import { asTensor, checkAxis, describe } from "./tensor.js";

/** Options of `norm`. */
export interface NormOptions {
  /**
   * Of vectors: a number p for (Σ |x|ᵖ)^(1/p), ±Infinity for the extreme |x|, 0 for the count of what is not 0; 2 by
   * default. Of matrices: "fro" (default), 1 and −1 for extreme column sums, ±Infinity for extreme row sums.
   */
  readonly ord?: number | "fro" | undefined;
  /** One axis for vectors, two for matrices; all by default. */
  readonly axis?: number | readonly [number, number] | null | undefined;
  /** Keep the axes with size 1; false by default. */
  readonly keepdims?: boolean | undefined;
}

/** Arguments after the tensor. */
export interface NormArgs {
  /** A norm. */
  norm: [options?: NormOptions];
}

const sumOfSquares = (x: Expr, axes: readonly number[]): Expr => sumOver(prim.mul(x, x), axes);

/** (Σ |x|ᵖ)^(1/p). Below p = 1 the power has no derivative at 0, and none is taken. */
const powerNorm = (x: Expr, p: number, axes: readonly number[]): Expr => {
  const total = sumOver(safePow(prim.abs(x), p, p < 1), axes);
  return safePow(total, 1 / p, p > 0);
};

const safePow = (x: Expr, p: number, apart: boolean): Expr => {
  const exponent = fullLike(x, p);
  if (!apart) return pow(x, exponent);
  const zero = prim.eq(x, fullLike(x, 0));
  return prim.select(
    zero,
    pow(fullLike(x, 0), exponent),
    pow(prim.select(zero, fullLike(x, 1), x), exponent),
  );
};

const vectorNorm = (x: Expr, ord: number | "fro", axes: readonly number[]): Expr => {
  if (ord === "fro" || ord === 2) return rootOfSquares(sumOfSquares(x, axes));
  if (ord === 0) return sumOver(prim.cast(prim.ne(x, fullLike(x, 0)), x.dtype), axes);
  if (ord === 1) return sumOver(prim.abs(x), axes);
  if (ord === Infinity) return reduceMax(prim.abs(x), axes);
  if (ord === -Infinity) return reduceMin(prim.abs(x), axes);
  return powerNorm(x, ord, axes);
};

/** Extreme of the sums of |x| along one axis. `row` and `column` are the matrix's axes. */
const sumsNorm = (
  x: Expr,
  summed: number,
  other: number,
  extreme: (x: Expr, axes: readonly number[]) => Expr,
): Expr => extreme(sumOver(prim.abs(x), [summed]), [other > summed ? other - 1 : other]);

const matrixNorm = (x: Expr, ord: number | "fro", [row, column]: readonly [number, number]): Expr => {
  if (ord === "fro")
    return rootOfSquares(
      sumOfSquares(
        x,
        [row, column].sort((a, b) => a - b),
      ),
    );
  const extreme = ord > 0 ? reduceMax : reduceMin;
  return Math.abs(ord) === 1 ? sumsNorm(x, row, column, extreme) : sumsNorm(x, column, row, extreme);
};

const checkOrd = (ord: unknown, matrix: boolean): number | "fro" => {
  if (matrix) {
    if (ord === "fro" || (typeof ord === "number" && [1, -1, Infinity, -Infinity].includes(ord))) return ord;
    throw expected("norm", 'an ord of matrices ("fro", 1, -1, Infinity, -Infinity)', describe(ord));
  }
  if (typeof ord === "number" && !Number.isNaN(ord)) return ord;
  throw expected("norm", "a number as the ord of vectors", describe(ord));
};

/** The norm's axes: one or two, or all for the 2-norm of everything. */
const axesOf = (x: Expr, { axis = null, ord }: NormOptions): readonly number[] => {
  const all = x.shape.map((_, i) => i);
  if (axis === null) {
    if (ord === undefined || x.ndim === 1 || x.ndim === 2) return all;
    throw expected("norm", "an axis or two beside an ord", `none for ${describe(x)}`);
  }
  const axes = (typeof axis === "number" ? [axis] : [...axis]).map((a) => checkAxis("norm", a, x.ndim));
  if (axes.length < 1 || axes.length > 2 || axes[0] === axes[1])
    throw expected("norm", "one axis or two different ones", describe(axis));
  return axes;
};

/**
 * The norm of vectors (one axis) or matrices (two axes), in floats; without `axis` and `ord`, the 2-norm of all
 * elements. At 0 the 2-norm's gradient is 0. Throws when an axis does not exist or the ord is not one of them.
 *
 * @example
 * ```ts
 * norm(tensor([3, 4])).toArray() // 5
 * norm(tensor([[3, 4], [1, -1]]), { ord: 1, axis: 1 }).toArray() // [7, 2]
 * norm(tensor([[3, 4], [1, -1]]), { ord: Infinity }).toArray() // 7
 * ```
 */
export const norm: Op<[options?: NormOptions]> = op<[options?: NormOptions]>(0, (input, options = {}) => {
  checkOptions("norm", options, ["ord", "axis", "keepdims"]);
  const x = toFloat("norm", input);
  const axes = axesOf(x, options);
  const asMatrix = axes.length === 2 && options.ord !== undefined;
  const ord = options.ord === undefined ? 2 : checkOrd(options.ord, asMatrix);
  if (typeof ord === "number" && !Number.isFinite(ord)) refuseEmpty("norm", x, axes);
  const [row = 0, column = 1] = axes;
  const sorted = [...axes].sort((a, b) => a - b);
  const y = asMatrix ? matrixNorm(x, ord, [row, column]) : vectorNorm(x, ord, sorted);
  return asTensor(options.keepdims === true ? keepAxes(y, x.shape, axes) : y);
});

/** The bodies of the methods. */
export const normFunctions: BodiesOf<NormArgs> = { norm };
