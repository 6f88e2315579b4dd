/** Variance and its kin, weighted means, covariance. All in floats. */
import { sameShape } from "../ir/aval.js";
import { type DType, promote } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { dot } from "../ir/primitives/dot.js";
import { broadcast, fullLike, permute, sum as sumOver, unreduce } from "../ir/primitives/layout.js";
import { sqrt } from "../ir/primitives/transcendental.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { floating, inFloat32, toFloat } from "./promotion.js";
import { asked, type AxisOptions, countOf, maskOf, reducing } from "./reduce.js";
import { meanOver } from "./reductions.js";
import { asTensor, describe, type TensorLike, toExpr } from "./tensor.js";

/** Options of `var` and `std`. */
export interface VarianceOptions extends AxisOptions {
  /** Degrees of freedom taken from the count; 0 by default, 1 for the unbiased estimate. */
  readonly ddof?: number | undefined;
  /** dtype of the computation and the result. */
  readonly dtype?: DType | undefined;
  /** Only elements where this is not 0 count; it broadcasts to the tensor. */
  readonly where?: TensorLike | undefined;
}

/** Options of `average`. */
export interface AverageOptions extends AxisOptions {
  /** Of the tensor's shape, or one for each element along the only axis. */
  readonly weights?: TensorLike | undefined;
}

/** Options of `cov`. */
export interface CovarianceOptions {
  /** Rows are variables and columns observations (default), or the other way round. */
  readonly rowvar?: boolean | undefined;
  /** Degrees of freedom taken from the count; 1 by default. */
  readonly ddof?: number | undefined;
}

/** Arguments after the tensor. */
export interface StatisticsArgs {
  /** The variance. */
  var: [options?: VarianceOptions];
  /** The standard deviation. */
  std: [options?: VarianceOptions];
  /** The weighted mean. */
  average: [options?: AverageOptions];
  /** The covariance matrix. */
  cov: [options?: CovarianceOptions];
  /** The matrix of correlation coefficients. */
  corrcoef: [options?: Omit<CovarianceOptions, "ddof">];
}

const varianceNames = ["axis", "keepdims", "ddof", "dtype", "where"];

/** In two passes: the mean first, then the mean square of what is left. */
const varianceOf = (
  operation: string,
  input: TensorLike,
  options: VarianceOptions,
): { y: Expr; finish: (y: Expr) => Expr } => {
  const { x: given, axes, finish } = reducing(operation, input, options, varianceNames);
  const { ddof = 0, dtype, where } = options;
  const x = asked(operation, given, dtype, floating);
  if (where !== undefined)
    return { y: maskedVariance(x, axes, maskOf(operation, where, x.shape), ddof), finish };
  const n = countOf(x, axes);
  const y = inFloat32(x, (wide) => {
    const d = prim.sub(wide, unreduce(meanOver(wide, axes), wide.shape, axes));
    const squares = sumOver(prim.mul(d, d), axes);
    return prim.div(squares, fullLike(squares, Math.max(0, n - ddof)));
  });
  return { y, finish };
};

/** The variance of the elements that the mask has. */
export const maskedVariance = (given: Expr, axes: readonly number[], mask: Expr, ddof: number): Expr =>
  inFloat32(given, (x) => wideMaskedVariance(x, axes, mask, ddof));

const wideMaskedVariance = (x: Expr, axes: readonly number[], mask: Expr, ddof: number): Expr => {
  const zero = fullLike(x, 0);
  const count = sumOver(prim.cast(mask, x.dtype), axes);
  const safe = prim.select(mask, x, zero);
  const mean = prim.div(sumOver(safe, axes), count);
  const d = prim.select(mask, prim.sub(safe, unreduce(mean, x.shape, axes)), zero);
  const freedom = prim.max(prim.sub(count, fullLike(count, ddof)), fullLike(count, 0));
  return prim.div(sumOver(prim.mul(d, d), axes), freedom);
};

/** √x with derivative 0 at 0, where that of the root is infinite. */
export const rootOfSquares = (x: Expr): Expr => {
  const zero = prim.eq(x, fullLike(x, 0));
  return prim.select(zero, fullLike(x, 0), sqrt(prim.select(zero, fullLike(x, 1), x)));
};

const varianceOp = (operation: string, of: (variance: Expr) => Expr): Op<[options?: VarianceOptions]> =>
  op<[options?: VarianceOptions]>(0, (x, options = {}) => {
    const { y, finish } = varianceOf(operation, x, options);
    return asTensor(finish(of(y)));
  });

/**
 * The variance over `axis` (default: all axes) in floats: Σ (x − mean)² / (n − ddof).
 * Throws when an axis does not exist.
 *
 * `var` is a reserved word: import `variance`, or use `fluxion.var` or the method.
 *
 * @example
 * ```ts
 * variance(tensor([1, 2, 3, 4])).toArray() // 1.25
 * tensor([[1, 3], [2, 2]]).var({ axis: 1, ddof: 1 }).toArray() // [2, 0]
 * ```
 */
export const variance: Op<[options?: VarianceOptions]> = varianceOp("var", (v) => v);

/**
 * The standard deviation over `axis` (default: all axes) in floats, the root of the variance. Its derivative is 0 where
 * it is 0. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * std(tensor([1, 3, 5, 7]), { ddof: 1 }).toArray() // ≈ 2.581989
 * ```
 */
export const std: Op<[options?: VarianceOptions]> = varianceOp("std", rootOfSquares);

/** Weights in the operand's shape. */
const weightsFor = (x: Expr, weights: Expr, axes: readonly number[]): Expr => {
  if (sameShape(weights.shape, x.shape)) return weights;
  const fits = weights.ndim === 1 && axes.length === 1 && weights.shape[0] === x.shape[axes[0]!];
  if (!fits)
    throw expected(
      "average",
      `weights of shape [${x.shape.join(",")}], or one for each element along one axis`,
      describe(weights),
    );
  return broadcast(weights, x.shape, axes);
};

/**
 * The mean over `axis` (default: all axes) with `weights`: Σ w·x / Σ w, in floats.
 * Throws when an axis does not exist or the weights do not fit.
 *
 * @example
 * ```ts
 * average(tensor([1, 2, 3]), { weights: tensor([3, 1, 0]) }).toArray() // 1.25
 * ```
 */
export const average: Op<[options?: AverageOptions]> = op<[options?: AverageOptions]>(
  0,
  (input, options = {}) => {
    const { x: given, axes, finish } = reducing("average", input, options, ["axis", "keepdims", "weights"]);
    if (options.weights === undefined)
      return asTensor(finish(meanOver(prim.cast(given, floating(given.dtype)), axes)));
    const weights = weightsFor(given, toExpr("average", options.weights), axes);
    const dtype = floating(promote(given.dtype, weights.dtype));
    const weighted = inFloat32(prim.cast(given, dtype), (x) => {
      const w = prim.cast(weights, x.dtype);
      return prim.div(sumOver(prim.mul(x, w), axes), sumOver(w, axes));
    });
    return asTensor(finish(weighted));
  },
);

/** Variables in rows, less their means. */
const centered = (operation: string, input: TensorLike, rowvar: boolean): Expr => {
  const x = toFloat(operation, input);
  if (x.ndim > 2) throw expected(operation, "a vector or a matrix", describe(x));
  const rows = x.ndim < 2 ? reshape(x, [1, x.size]) : rowvar ? x : permute(x, [1, 0]);
  return prim.sub(rows, unreduce(meanOver(rows, [1]), rows.shape, [1]));
};

const covariance = (given: Expr, ddof: number): Expr => inFloat32(given, (x) => wideCovariance(x, ddof));

const wideCovariance = (x: Expr, ddof: number): Expr => {
  const products = dot(x, x, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1] });
  return prim.div(products, fullLike(products, Math.max(0, x.shape[1]! - ddof)));
};

/** A single variable has a scalar. */
const scalarOfOne = (matrix: Expr, input: Expr): Expr => (input.ndim < 2 ? reshape(matrix, []) : matrix);

/**
 * The covariance matrix of variables in the rows of a matrix (in its columns with `rowvar: false`): Σ (x − mean x)(y −
 * mean y) / (n − ddof), in floats. A vector is one variable, whose result is a scalar. Throws on more than two axes.
 *
 * @example
 * ```ts
 * cov(tensor([[1, 2, 3], [6, 4, 2]])).toArray() // [[1, -2], [-2, 4]]
 * ```
 */
export const cov: Op<[options?: CovarianceOptions]> = op<[options?: CovarianceOptions]>(
  0,
  (input, options = {}) => {
    checkOptions("cov", options, ["rowvar", "ddof"]);
    const { rowvar = true, ddof = 1 } = options;
    return asTensor(scalarOfOne(covariance(centered("cov", input, rowvar), ddof), toFloat("cov", input)));
  },
);

/**
 * The correlation coefficients of variables in the rows of a matrix (in its columns with `rowvar: false`), in floats.
 * Throws on more than two axes.
 *
 * @example
 * ```ts
 * corrcoef(tensor([[1, 2, 3], [6, 4, 2]])).toArray() // ≈ [[1, -1], [-1, 1]]
 * ```
 */
export const corrcoef: Op<[options?: Omit<CovarianceOptions, "ddof">]> = op<
  [options?: Omit<CovarianceOptions, "ddof">]
>(0, (input, options = {}) => {
  checkOptions("corrcoef", options, ["rowvar"]);
  const c = covariance(centered("corrcoef", input, options.rowvar ?? true), 0);
  const n = c.shape[0]!;
  const deviations = sqrt(sliceAxis(reshape(c, [n * n]), 0, 0, n, n + 1));
  const scaled = prim.div(
    prim.div(c, broadcast(deviations, c.shape, [0])),
    broadcast(deviations, c.shape, [1]),
  );
  const bounded = prim.min(prim.max(scaled, fullLike(scaled, -1)), fullLike(scaled, 1));
  return asTensor(scalarOfOne(bounded, toFloat("corrcoef", input)));
});

export { variance as var };

/** The bodies of the methods. */
export const statisticsFunctions: BodiesOf<StatisticsArgs> = { var: variance, std, average, cov, corrcoef };
