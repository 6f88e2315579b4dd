/** Numbers of events: Poisson, binomial and multinomial. Without derivatives, being integers. */
import { range, type Shape } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { cast, div, eq, max, min, select, sub } from "../../ir/primitives/arithmetic.js";
import { cumulative } from "../../ir/primitives/cumulative.js";
import { broadcast, fullLike } from "../../ir/primitives/layout.js";
import { reduceMax } from "../../ir/primitives/reductions.js";
import {
  binomialRounds,
  binomialSample,
  poissonRounds,
  poissonSample,
} from "../../ir/primitives/sampling.js";
import { concat, reshape, sliceAxis } from "../../ir/primitives/views.js";
import { asTensor, checkShape, describe, type Tensor, type TensorLike, toExpr } from "../tensor.js";
import { counter, subkeys, toKey, wordsOf } from "./key.js";
import { integerDType, type IntegerOptions, type SampleOptions, spreadParameters } from "./parameters.js";

interface Draw {
  readonly first: Expr;
  readonly second: Expr;
  readonly index: Expr;
}

const drawOf = (operation: string, key: Expr, shape: Shape): Draw => {
  const { first, second } = wordsOf(key);
  const spread = (word: Expr): Expr => broadcast(word, shape, []);
  return { first: spread(first), second: spread(second), index: counter(operation, shape) };
};

/** The largest number of rounds that any element needs: all elements draw that often, see `scalar/random/rounds`. */
const largest = (rounds: Expr): Expr => broadcast(reduceMax(rounds, range(rounds.ndim)), rounds.shape, []);

/**
 * Poisson's distribution with mean `lam`: int32 by default. As in JAX an element's sample depends on the other
 * elements of the shape where a mean is 10 or more (they share the rounds of a rejection).
 *
 * Throws unless `lam` broadcasts to the shape (its own by default) and the dtype is an integer one.
 *
 * @example
 * ```ts
 * random.poisson(random.key(0), 3, [4]).toArray() // [0, 0, 4, 4]
 * ```
 */
export const poisson = (key: Tensor, lam: TensorLike, shape?: Shape, options?: IntegerOptions): Tensor => {
  const op = "random.poisson";
  const dtype = integerDType(op, options);
  const k = toKey(op, key);
  const { shape: dims, values } = spreadParameters(op, [lam], shape, { dtype: "float32" });
  const mean = values[0]!;
  if (mean.size === 0) return asTensor(cast(mean, dtype));
  const { first, second, index } = drawOf(op, k, dims);
  const rounds = largest(poissonRounds(first, second, index, mean));
  return asTensor(cast(poissonSample(first, second, index, rounds, mean), dtype));
};

const drawBinomial = (operation: string, key: Expr, n: Expr, p: Expr): Expr => {
  if (n.size === 0) return n;
  const { first, second, index } = drawOf(operation, key, n.shape);
  const rounds = largest(binomialRounds(first, second, index, n, p));
  return binomialSample(first, second, index, rounds, n, p);
};

/**
 * The number of successes in `n` trials with probability `p` each: floats, as in JAX. NaN where n is negative or p
 * no probability. Where n·p is above 10 an element's sample depends on the others, as for `poisson`.
 *
 * Throws unless the parameters broadcast to the shape (theirs by default).
 *
 * @example
 * ```ts
 * random.binomial(random.key(0), 40, 0.5, [4]).toArray() // [25, 22, 24, 17]
 * ```
 */
export const binomial = (
  key: Tensor,
  n: TensorLike,
  p: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.binomial";
  const k = toKey(op, key);
  const { values } = spreadParameters(op, [n, p], shape, options);
  return asTensor(drawBinomial(op, k, values[0]!, values[1]!));
};

/**
 * How `n` trials fall into categories with probabilities along the last axis of `p`: floats of p's shape, or
 * `[...shape, categories]`. One binomial draw for each category, of what the earlier ones left.
 *
 * Throws unless `p` has an axis and its other axes and `n` broadcast to the shape.
 *
 * @example
 * ```ts
 * random.multinomial(random.key(0), 20, tensor([0.2, 0.3, 0.5])).toArray() // [1, 6, 13]
 * ```
 */
export const multinomial = (
  key: Tensor,
  n: TensorLike,
  p: TensorLike,
  shape?: Shape,
  options?: SampleOptions,
): Tensor => {
  const op = "random.multinomial";
  const k = toKey(op, key);
  const own = toExpr(op, p);
  if (own.ndim === 0) throw expected(op, "probabilities along at least one axis", describe(own));
  const categories = own.shape[own.ndim - 1]!;
  const batch = shape === undefined ? own.shape.slice(0, -1) : checkShape(op, shape);
  const { dtype, values } = spreadParameters(op, [p], [...batch, categories], options);
  const remaining = spreadParameters(op, [n], batch, { dtype }).values[0]!;
  return asTensor(eachCategory(op, k, remaining, ratios(values[0]!)));
};

/** The probability of each category among itself and the later ones, in [0, 1]. */
const ratios = (p: Expr): Expr => {
  const rest = cumulative("cumsum", p, p.ndim - 1, true);
  const [zero, one] = [fullLike(p, 0), fullLike(p, 1)];
  return min(max(div(p, select(eq(rest, zero), one, rest)), zero), one);
};

const eachCategory = (operation: string, key: Expr, n: Expr, ratio: Expr): Expr => {
  const axis = ratio.ndim - 1;
  const categories = ratio.shape[axis]!;
  if (categories === 0) return ratio;
  let left = n;
  const counts = subkeys(operation, key, categories).map((k, i) => {
    const count = drawBinomial(operation, k, left, reshape(sliceAxis(ratio, axis, i, 1), n.shape));
    left = sub(left, count);
    return reshape(count, [...n.shape, 1]);
  });
  return concat(counts, axis);
};
