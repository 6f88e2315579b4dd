/** Distributions made of normal numbers. */
import type { Shape } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import type { Expr } from "../../ir/expr.js";
import {
  add,
  cast,
  div,
  le,
  max,
  min,
  mul,
  select,
  stopGradient,
  sub,
} from "../../ir/primitives/arithmetic.js";
import { fullLike, sum } from "../../ir/primitives/layout.js";
import { nextAfter } from "../../ir/primitives/next-after.js";
import { erf, erfInv } from "../../ir/primitives/special.js";
import { exp, sqrt } from "../../ir/primitives/transcendental.js";
import { asTensor, checkShape, type Tensor, type TensorLike } from "../tensor.js";
import { signs } from "./discrete.js";
import { subkeys, toKey } from "./key.js";
import { sampleDType, type SampleOptions, spreadParameters } from "./parameters.js";
import { between, standardNormal, unit } from "./uniform.js";

/**
 * Normal numbers with mean 0 and variance 1 before they were cut to the open interval (lower, upper).
 * Shape: that of the bounds, broadcast, unless given. Differentiable in both bounds.
 *
 * Throws unless the bounds broadcast to the shape.
 *
 * @example
 * ```ts
 * random.truncatedNormal(random.key(0), -2, 2, [2]).toArray() // ≈ [1.4560, 1.7147]
 * ```
 */
export const truncatedNormal = (
  key: Tensor,
  lower: TensorLike,
  upper: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.truncatedNormal";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [lower, upper], shape, options);
  const [low, high] = [values[0]!, values[1]!];
  const rootTwo = fullLike(low, Math.SQRT2);
  const u = between(op, k, dims, dtype, asTensor(erf(div(low, rootTwo))), asTensor(erf(div(high, rootTwo))));
  const inside = mul(rootTwo, erfInv(u));
  const first = nextAfter(stopGradient(low), fullLike(low, Infinity));
  const last = nextAfter(stopGradient(high), fullLike(high, -Infinity));
  return asTensor(min(max(inside, first), last));
};

/**
 * exp(sigma · normal): the logarithm is normal with mean 0. Differentiable in sigma.
 *
 * Throws unless sigma broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * random.lognormal(random.key(0), 0.5, [2]).toArray() // ≈ [2.2509, 2.7528]
 * ```
 */
export const lognormal = (
  key: Tensor,
  sigma: TensorLike = 1,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.lognormal";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [sigma], shape, options);
  return asTensor(exp(mul(standardNormal(op, k, dims, dtype), values[0]!)));
};

const speeds = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr => {
  const v = standardNormal(operation, key, [...shape, 3], dtype);
  return sqrt(sum(mul(v, v), [shape.length]));
};

/**
 * The length of three normal numbers: Maxwell's distribution with scale 1.
 *
 * @example
 * ```ts
 * random.maxwell(random.key(0), [2]).toArray() // ≈ [2.6311, 0.9910]
 * ```
 */
export const maxwell = (key: Tensor, shape: Shape = [], options?: SampleOptions): Tensor => {
  const op = "random.maxwell";
  const dtype = sampleDType(op, options);
  return asTensor(speeds(op, toKey(op, key), checkShape(op, shape), dtype));
};

/**
 * Maxwell's distribution with a random sign, scaled and shifted: `sign · maxwell · scale + loc`.
 * As in JAX the result's shape is `[...shape, ...parameters]`, or twice the parameters' without a shape.
 *
 * @example
 * ```ts
 * random.doubleSidedMaxwell(random.key(0), 1, 2, [2]).toArray() // ≈ [4.0914, 4.1483]
 * ```
 */
export const doubleSidedMaxwell = (
  key: Tensor,
  loc: TensorLike,
  scale: TensorLike,
  shape: Shape = [],
  options?: SampleOptions,
): Tensor => {
  const op = "random.doubleSidedMaxwell";
  const k = toKey(op, key);
  const own = spreadParameters(op, [loc, scale], undefined, options);
  const given = checkShape(op, shape);
  const dims = [...(given.length === 0 ? own.shape : given), ...own.shape];
  const { dtype, values } = spreadParameters(op, [loc, scale], dims, options);
  const [k1, k2] = subkeys(op, k, 2);
  const signed = mul(cast(signs(op, k2!, dims), dtype), speeds(op, k1!, dims, dtype));
  return asTensor(add(mul(signed, values[1]!), values[0]!));
};

/**
 * The inverse Gaussian distribution with the given mean and shape 1: the time at which a drifting particle arrives
 * (J. R. Michael, W. R. Schucany, R. W. Haas, 1976). Differentiable in the mean.
 *
 * @example
 * ```ts
 * random.wald(random.key(0), 2, [2]).toArray() // ≈ [0.5334, 0.5981]
 * ```
 */
export const wald = (key: Tensor, mean: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.wald";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [mean], shape, options);
  const [k1, k2] = subkeys(op, k, 2);
  const mu = values[0]!;
  const half = fullLike(mu, 0.5);
  const v = standardNormal(op, k1!, dims, dtype);
  const z = unit(op, k2!, dims, dtype);
  const y = mul(v, v);
  const muSquared = mul(mu, mu);
  const root = sqrt(add(mul(mul(fullLike(mu, 4), mu), y), mul(muSquared, mul(y, y))));
  const x = sub(add(mu, mul(mul(muSquared, y), half)), mul(mul(mu, half), root));
  return asTensor(select(le(z, div(mu, add(mu, x))), x, div(muSquared, x)));
};
