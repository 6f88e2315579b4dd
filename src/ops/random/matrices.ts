/** Random vectors with given covariances, and random orthogonal matrices. */
import { type Shape, sameShape } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { add } from "../../ir/primitives/arithmetic.js";
import { dot } from "../../ir/primitives/dot.js";
import { orthogonalSample } from "../../ir/primitives/orthogonal.js";
import { reshape } from "../../ir/primitives/views.js";
import { checkOptions } from "../options.js";
import { asDType, broadcastShapes, commonDType, floating, stretch } from "../promotion.js";
import { asTensor, checkShape, describe, type Tensor, type TensorLike } from "../tensor.js";
import { choleskyWithInverse, product, transposed } from "./factor.js";
import { toKey } from "./key.js";
import { checkCount, floatDType, sampleDType, type SampleOptions } from "./parameters.js";
import { standardNormal } from "./uniform.js";

/** `factor` times every vector along the last axis of `z`. */
const applied = (factor: Expr, z: Expr): Expr => {
  const last = z.ndim - 1;
  if (factor.ndim === 2)
    return dot(z, factor, { lhsBatch: [], rhsBatch: [], lhsContract: [last], rhsContract: [1] });
  const spread = stretch(factor, [...z.shape, z.shape[last]!]);
  return reshape(product(spread, reshape(z, [...z.shape, 1])), z.shape);
};

/**
 * Normally distributed vectors with the given mean `[…, n]` and covariance `[…, n, n]`: `[...shape, n]`, where shape
 * is that of the batch axes unless given. Differentiable in both. A covariance that is not positive definite gives
 * NaN; only its lower half is read. The factorisation is unrolled, so n should be in the tens.
 *
 * Throws unless the shapes fit.
 *
 * @example
 * ```ts
 * const cov = tensor([[2, 1], [1, 3]]);
 * random.multivariateNormal(random.key(0), tensor([1, 2]), cov).toArray() // ≈ [3.2948, 6.3496]
 * ```
 */
export const multivariateNormal = (
  key: Tensor,
  mean: TensorLike,
  cov: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.multivariateNormal";
  checkOptions(op, options, ["dtype"]);
  const k = toKey(op, key);
  const dtype = floatDType(op, options?.dtype ?? floating(commonDType(op, [mean, cov])));
  const [mu, sigma] = [asDType(op, mean, dtype), asDType(op, cov, dtype)];
  const n = mu.shape[mu.ndim - 1];
  if (n === undefined) throw expected(op, "a mean with at least one axis", describe(mu));
  if (!sameShape(sigma.shape.slice(-2), [n, n]))
    throw expected(op, `a covariance of shape […,${n},${n}]`, describe(sigma));
  const batch = broadcastShapes(op, [mu.shape.slice(0, -1), sigma.shape.slice(0, -2)]);
  const dims = shape === undefined ? batch : checkShape(op, shape);
  if (!sameShape(broadcastShapes(op, [dims, batch]), dims))
    throw expected(op, `parameters that broadcast to shape [${dims.join(",")}]`, `[${batch.join(",")}]`);
  const whole = [...dims, n];
  const z = standardNormal(op, k, whole, dtype);
  return asTensor(add(stretch(mu, whole), applied(choleskyWithInverse(sigma)[0], z)));
};

/** How many orthogonal matrices are drawn, and of which shape. */
export interface OrthogonalOptions extends SampleOptions {
  /** How many matrices. Default: [], one. */
  readonly shape?: Shape;
  /** Number of columns. Default: n, square matrices. */
  readonly m?: number;
}

/**
 * Matrices `[...shape, n, m]` with orthonormal columns (rows where n < m), uniformly distributed: the factor Q of
 * a matrix of normal numbers, with signs that make R's diagonal positive (F. Mezzadri, 2007).
 *
 * Throws unless `n` and `m` are non-negative integers.
 *
 * @example
 * ```ts
 * const q = random.orthogonal(random.key(0), 2);
 * q.toArray() // ≈ [[0.9661, 0.2582], [-0.2582, 0.9661]]
 * ```
 */
export const orthogonal = (key: Tensor, n: number, options?: OrthogonalOptions): Tensor => {
  const op = "random.orthogonal";
  const dtype = sampleDType(op, options, ["shape", "m"]);
  const k = toKey(op, key);
  const rows = checkCount(op, "a number of rows", n);
  const columns = checkCount(op, "a number of columns", options?.m ?? n);
  const shape = checkShape(op, options?.shape ?? []);
  const attrs = { shape, rows: Math.max(rows, columns), columns: Math.min(rows, columns), dtype };
  const q = orthogonalSample(k, attrs);
  return asTensor(rows < columns ? transposed(q) : q);
};
