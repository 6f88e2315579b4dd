/**
 * The gamma distribution and its relatives. A gamma sample is a differentiable function of its shape parameter at a
 * fixed key (implicit reparameterization), so all of these are differentiable in their parameters.
 */
import type { Shape } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import type { Expr } from "../../ir/expr.js";
import { abs, add, cast, div, max, mul, stopGradient, sub } from "../../ir/primitives/arithmetic.js";
import { fullLike, sum, unreduce } from "../../ir/primitives/layout.js";
import { reduceMax } from "../../ir/primitives/reductions.js";
import { gammaSample } from "../../ir/primitives/sampling.js";
import { exp, pow, sqrt } from "../../ir/primitives/transcendental.js";
import { expected } from "../../ir/errors.js";
import { asTensor, checkShape, describe, type Tensor, type TensorLike, toExpr } from "../tensor.js";
import { drawExponential } from "./continuous.js";
import { signs } from "./discrete.js";
import { hash, subkeys, toKey } from "./key.js";
import { checkCount, sampleDType, type SampleOptions, spreadParameters } from "./parameters.js";
import { standardNormal } from "./uniform.js";

/** Gamma samples (or their logarithms) of the shapes `a`, each from a key of its own. */
const draw = (operation: string, key: Expr, a: Expr, log: boolean): Expr =>
  gammaSample(hash(operation, key, a.shape, "first"), hash(operation, key, a.shape, "second"), a, log);

/**
 * The gamma distribution with shape parameter `a` and scale 1. Differentiable in `a`, twice.
 *
 * Throws unless `a` broadcasts to the shape (its own by default).
 * Source: G. Marsaglia, W. W. Tsang (2000); M. Figurnov, S. Mohamed, A. Mnih (2018) for the derivative.
 *
 * @example
 * ```ts
 * random.gamma(random.key(0), 2, [3]).toArray() // ≈ [1.5898, 1.7599, 1.1290]
 * random.gamma(random.key(600), tensor([1, 1000])).dtype // "float32"
 * ```
 */
export const gamma = (key: Tensor, a: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.gamma";
  const k = toKey(op, key);
  return asTensor(draw(op, k, spreadParameters(op, [a], shape, options).values[0]!, false));
};

/**
 * The logarithm of `gamma`'s samples, exact where those underflow (small `a`). Differentiable in `a`, twice.
 *
 * Throws unless `a` broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * const [x, l] = [random.gamma(random.key(1), 3), random.loggamma(random.key(1), 3)];
 * Math.exp(l.item()) // ≈ x.item()
 * ```
 */
export const loggamma = (key: Tensor, a: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.loggamma";
  const k = toKey(op, key);
  return asTensor(draw(op, k, spreadParameters(op, [a], shape, options).values[0]!, true));
};

/** 2 · gamma(df / 2). */
const squares = (operation: string, key: Expr, df: Expr): Expr => {
  const two = fullLike(df, 2);
  return mul(exp(draw(operation, key, div(df, two), true)), two);
};

/**
 * The χ² distribution with `df` degrees of freedom. Differentiable in `df`.
 *
 * Throws unless `df` broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * random.chisquare(random.key(0), 4, [2]).toArray() // ≈ [3.1796, 3.5199]
 * ```
 */
export const chisquare = (key: Tensor, df: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.chisquare";
  const k = toKey(op, key);
  return asTensor(squares(op, k, spreadParameters(op, [df], shape, options).values[0]!));
};

/**
 * Fisher's F distribution: the ratio of two χ² variables, each divided by its degrees of freedom.
 *
 * Throws unless the degrees of freedom broadcast to the shape (theirs by default).
 *
 * @example
 * ```ts
 * random.f(random.key(0), 4, 6, [2]).toArray() // ≈ [2.3246, 0.3095]
 * ```
 */
export const f = (
  key: Tensor,
  dfnum: TensorLike,
  dfden: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.f";
  const k = toKey(op, key);
  const { values } = spreadParameters(op, [dfnum, dfden], shape, options);
  const [num, den] = [values[0]!, values[1]!];
  const [keyDen, keyNum] = subkeys(op, k, 2);
  return asTensor(div(div(squares(op, keyNum!, num), num), div(squares(op, keyDen!, den), den)));
};

/**
 * The beta distribution on (0, 1) with parameters `a` and `b`. Differentiable in both.
 *
 * Throws unless the parameters broadcast to the shape (theirs by default).
 *
 * @example
 * ```ts
 * random.beta(random.key(0), 2, 3, [2]).toArray() // ≈ [0.2363, 0.4905]
 * ```
 */
export const beta = (
  key: Tensor,
  a: TensorLike,
  b: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.beta";
  const k = toKey(op, key);
  const { values } = spreadParameters(op, [a, b], shape, options);
  const [keyA, keyB] = subkeys(op, k, 2);
  const la = draw(op, keyA!, values[0]!, true);
  const lb = draw(op, keyB!, values[1]!, true);
  const top = stopGradient(max(la, lb));
  const [ga, gb] = [exp(sub(la, top)), exp(sub(lb, top))];
  return asTensor(div(ga, add(ga, gb)));
};

/**
 * Dirichlet's distribution over probability vectors, with concentrations along the last axis of `alpha`:
 * `[...shape, n]`, or alpha's own shape. Differentiable in `alpha`.
 *
 * Throws unless `alpha` has an axis and its other axes broadcast to the shape.
 *
 * @example
 * ```ts
 * random.dirichlet(random.key(0), tensor([0.5, 1, 3])).toArray() // ≈ [0.2471, 0.2029, 0.5499]
 * ```
 */
export const dirichlet = (key: Tensor, alpha: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.dirichlet";
  const k = toKey(op, key);
  const a = toExpr(op, alpha);
  if (a.ndim === 0) throw expected(op, "concentrations along at least one axis", describe(a));
  const whole = shape === undefined ? undefined : [...checkShape(op, shape), a.shape[a.ndim - 1]!];
  const l = draw(op, k, spreadParameters(op, [alpha], whole, options).values[0]!, true);
  if (l.size === 0) return asTensor(l);
  const axis = [l.ndim - 1];
  const e = exp(sub(l, unreduce(stopGradient(reduceMax(l, axis)), l.shape, axis)));
  return asTensor(div(e, unreduce(sum(e, axis), l.shape, axis)));
};

/**
 * Student's t distribution with `df` degrees of freedom. Differentiable in `df`.
 *
 * Throws unless `df` broadcasts to the shape (its own by default).
 *
 * @example
 * ```ts
 * random.t(random.key(0), 3, [2]).toArray() // ≈ [0.6902, -3.2393]
 * ```
 */
export const t = (key: Tensor, df: TensorLike, shape?: Shape, options?: SampleOptions): Tensor => {
  const op = "random.t";
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [df], shape, options);
  const [keyNormal, keyGamma] = subkeys(op, k, 2);
  const half = div(values[0]!, fullLike(values[0]!, 2));
  const g = draw(op, keyGamma!, half, false);
  return asTensor(mul(standardNormal(op, keyNormal!, dims, dtype), sqrt(div(half, g))));
};

const drawGeneralizedNormal = (operation: string, key: Expr, p: Expr, dtype: DType): Expr => {
  const [keyGamma, keySign] = subkeys(operation, key, 2);
  const power = div(fullLike(p, 1), p);
  const size = pow(draw(operation, keyGamma!, power, false), power);
  return mul(cast(signs(operation, keySign!, p.shape), dtype), size);
};

/**
 * The generalized normal distribution, with density proportional to exp(-|x|ᵖ). Differentiable in `p`.
 *
 * Throws unless `p` broadcasts to the shape.
 *
 * @example
 * ```ts
 * random.generalizedNormal(random.key(0), 1.5, [2]).toArray() // ≈ [1.0604, 0.0892]
 * ```
 */
export const generalizedNormal = (
  key: Tensor,
  p: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.generalizedNormal";
  const k = toKey(op, key);
  const { dtype, values } = spreadParameters(op, [p], shape, options);
  return asTensor(drawGeneralizedNormal(op, k, values[0]!, dtype));
};

/** How points of a ball are drawn. */
export interface BallOptions extends SampleOptions {
  /** The exponent of the norm, a number of at least 1 or so. Default: 2. */
  readonly p?: number;
  /** How many points. Default: [], one. */
  readonly shape?: Shape;
}

/**
 * Points that are uniformly distributed in the unit ball of the p-norm in `d` dimensions: `[...shape, d]`.
 *
 * Throws unless `d` is a non-negative integer and `p` a positive number.
 * Source: F. Barthe, O. Guédon, S. Mendelson, A. Naor (2005).
 *
 * @example
 * ```ts
 * random.ball(random.key(0), 3).toArray() // ≈ [0.9172, 0.3927, 0.0117]
 * ```
 */
export const ball = (key: Tensor, d: number, options: BallOptions = {}): Tensor => {
  const op = "random.ball";
  const dtype = sampleDType(op, options, ["p", "shape"]);
  const k = toKey(op, key);
  const n = checkCount(op, "a number of dimensions", d);
  const shape = checkShape(op, options.shape ?? []);
  const p = options.p ?? 2;
  if (!(p > 0)) throw expected(op, "a positive p", describe(p));
  const [k1, k2] = subkeys(op, k, 2);
  const { values } = spreadParameters(op, [p], [...shape, n], { dtype });
  const g = drawGeneralizedNormal(op, k1!, values[0]!, dtype);
  const total = add(sum(pow(abs(g), fullLike(g, p)), [shape.length]), drawExponential(op, k2!, shape, dtype));
  return asTensor(div(g, unreduce(pow(total, fullLike(total, 1 / p)), g.shape, [shape.length])));
};
