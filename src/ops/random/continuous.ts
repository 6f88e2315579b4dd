/** Distributions whose inverse is a formula: one uniform number for each sample, so all are differentiable. */
import type { Shape } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import type { Expr } from "../../ir/expr.js";
import { abs, add, div, lt, mul, neg, select, sign, sub } from "../../ir/primitives/arithmetic.js";
import { fullLike } from "../../ir/primitives/layout.js";
import { exp, log, log1p, pow, sqrt, tan } from "../../ir/primitives/transcendental.js";
import { asTensor, checkShape, type Tensor, type TensorLike } from "../tensor.js";
import { toKey } from "./key.js";
import { sampleDType, type SampleOptions, spreadParameters } from "./parameters.js";
import { between, unit } from "./uniform.js";

const scale = (x: Expr, by: number): Expr => mul(x, fullLike(x, by));
const tiny = (dtype: DType): number => (dtype === "float32" ? 2 ** -126 : 2 ** -1022);
const epsilon = (dtype: DType): number => (dtype === "float32" ? 2 ** -23 : 2 ** -52);

/** A sampler without parameters from a function of key, shape and dtype. */
const parameterless =
  (operation: string, draw: (operation: string, key: Expr, shape: Shape, dtype: DType) => Expr) =>
  (key: Tensor, shape: Shape = [], options?: SampleOptions): Tensor => {
    const dtype = sampleDType(operation, options);
    return asTensor(draw(operation, toKey(operation, key), checkShape(operation, shape), dtype));
  };

export const drawExponential = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr =>
  neg(log1p(neg(unit(operation, key, shape, dtype))));

/** A sampler of a key, a shape ([] by default) and a float dtype. Throws unless `key` is a key. */
export type Sampler = (key: Tensor, shape?: Shape, options?: SampleOptions) => Tensor;

/**
 * Exponential numbers with rate 1: -log(1 - u).
 *
 * @example
 * ```ts
 * random.exponential(random.key(0), [2]).toArray() // ≈ [2.9501, 3.8434]
 * ```
 */
export const exponential: Sampler = parameterless("random.exponential", drawExponential);

/**
 * Laplace's distribution with mean 0 and scale 1.
 *
 * @example
 * ```ts
 * random.laplace(random.key(0), [2]).toArray() // ≈ [-2.2570, -3.1503]
 * ```
 */
export const laplace: Sampler = parameterless("random.laplace", (op, key, shape, dtype) => {
  const u = between(op, key, shape, dtype, -1 + epsilon(dtype) / 2, 1);
  return mul(sign(u), log1p(neg(abs(u))));
});

/**
 * The logistic distribution with mean 0 and scale 1: log(u / (1 - u)).
 *
 * @example
 * ```ts
 * random.logistic(random.key(0), [2]).toArray() // ≈ [2.8964, 3.8218]
 * ```
 */
export const logistic: Sampler = parameterless("random.logistic", (op, key, shape, dtype) => {
  const u = between(op, key, shape, dtype, tiny(dtype), 1);
  return sub(log(u), log1p(neg(u)));
});

/**
 * Cauchy's distribution with location 0 and scale 1: tan(π (u - 1/2)).
 *
 * @example
 * ```ts
 * random.cauchy(random.key(0), [2]).toArray() // ≈ [6.0275, 14.8379]
 * ```
 */
export const cauchy: Sampler = parameterless("random.cauchy", (op, key, shape, dtype) => {
  const u = between(op, key, shape, dtype, epsilon(dtype), 1);
  return tan(scale(sub(u, fullLike(u, 0.5)), Math.PI));
});

/**
 * Pareto's distribution with minimum 1 and shape `b`: exp(e / b) of an exponential number e. Differentiable in `b`.
 *
 * Throws unless `b` broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * random.pareto(random.key(0), 2.5, [2]).toArray() // ≈ [3.2545, 4.6523]
 * ```
 */
export const pareto = (key: Tensor, b: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.pareto";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [b], shape, options);
  return asTensor(exp(div(drawExponential(op, k, dims, dtype), values[0]!)));
};

/**
 * Weibull's distribution of minima: scale · e^(1 / concentration) of an exponential number e. Differentiable in both.
 *
 * Throws unless the parameters broadcast to the shape (theirs by default).
 *
 * @example
 * ```ts
 * random.weibullMin(random.key(0), 2, 1.5, [2]).toArray() // ≈ [4.1139, 4.9073]
 * ```
 */
export const weibullMin = (
  key: Tensor,
  scale: TensorLike,
  concentration: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.weibullMin";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [scale, concentration], shape, options);
  const [size, power] = [values[0]!, values[1]!];
  return asTensor(mul(pow(drawExponential(op, k, dims, dtype), div(fullLike(power, 1), power)), size));
};

/**
 * Rayleigh's distribution: scale · √(-2 log u). Differentiable in the scale.
 *
 * Throws unless the scale broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * random.rayleigh(random.key(0), 1.5, [2]).toArray() // ≈ [0.4918, 0.3122]
 * ```
 */
export const rayleigh = (key: Tensor, scale: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.rayleigh";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [scale], shape, options);
  const l = log(unit(op, k, dims, dtype));
  return asTensor(mul(values[0]!, sqrt(mul(l, fullLike(l, -2)))));
};

/**
 * The triangular distribution on [left, right] with its peak at `mode`. Differentiable in all three.
 *
 * Throws unless the parameters broadcast to the shape (theirs by default).
 *
 * @example
 * ```ts
 * random.triangular(random.key(0), 0, 0.5, 2, [2]).toArray() // ≈ [1.6038, 1.7465]
 * ```
 */
export const triangular = (
  key: Tensor,
  left: TensorLike,
  mode: TensorLike,
  right: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.triangular";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [left, mode, right], shape, options);
  const [a, c, b] = [values[0]!, values[1]!, values[2]!];
  const u = unit(op, k, dims, dtype);
  const width = sub(b, a);
  const rising = lt(u, div(sub(c, a), width));
  // Under one root, so that neither side's infinite derivative at an end reaches the other.
  const area = select(
    rising,
    mul(mul(u, width), sub(c, a)),
    mul(mul(sub(fullLike(u, 1), u), width), sub(b, c)),
  );
  const root = sqrt(area);
  return asTensor(select(rising, add(a, root), sub(b, root)));
};
