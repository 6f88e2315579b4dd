/** Window functions of signal processing: symmetric vectors that fall towards their ends, as NumPy has them. */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { abs, add, cast, mul, neg, sub } from "../ir/primitives/arithmetic.js";
import { full, fullLike } from "../ir/primitives/layout.js";
import { cos } from "../ir/primitives/transcendental.js";
import { iota } from "../ir/primitives/views.js";
import { asTensor, describe, type Tensor } from "./tensor.js";

/** `shape` of the place, from 0 at one end to 1 at the other; computed in float64. A single element is 1. */
const taper = (operation: string, n: number, shape: (at: Expr) => Expr): Tensor => {
  if (!Number.isInteger(n) || n < 0)
    throw expected(operation, "a whole number of elements from 0", describe(n));
  if (n === 1) return asTensor(full([1], "float32", 1));
  const at = iota([n], "float64", 0);
  return asTensor(cast(shape(mul(at, fullLike(at, 1 / (n - 1)))), "float32"));
};

/** a₀ + Σ aₖ cos(2πk · at) */
const cosines =
  (...weights: readonly number[]) =>
  (at: Expr): Expr =>
    weights
      .map((a, k) =>
        k === 0 ? fullLike(at, a) : mul(cos(mul(at, fullLike(at, 2 * Math.PI * k))), fullLike(at, a)),
      )
      .reduce(add);

/**
 * The Hann window of n elements, 0.5 − 0.5 cos: float32.
 *
 * @example
 * ```ts
 * hanning(5).toArray() // ≈ [0, 0.5, 1, 0.5, 0]
 * ```
 */
export const hanning = (n: number): Tensor => taper("hanning", n, cosines(0.5, -0.5));

/**
 * The Hamming window of n elements, 0.54 − 0.46 cos: float32.
 *
 * @example
 * ```ts
 * hamming(3).toArray() // ≈ [0.08, 1, 0.08]
 * ```
 */
export const hamming = (n: number): Tensor => taper("hamming", n, cosines(0.54, -0.46));

/**
 * The Blackman window of n elements, 0.42 − 0.5 cos + 0.08 cos of the double: float32.
 *
 * @example
 * ```ts
 * blackman(5).toArray() // ≈ [0, 0.34, 1, 0.34, 0]
 * ```
 */
export const blackman = (n: number): Tensor => taper("blackman", n, cosines(0.42, -0.5, 0.08));

/**
 * The Bartlett window of n elements, a triangle: float32.
 *
 * @example
 * ```ts
 * bartlett(5).toArray() // [0, 0.5, 1, 0.5, 0]
 * ```
 */
export const bartlett = (n: number): Tensor =>
  taper("bartlett", n, (at) => {
    const two = mul(at, fullLike(at, 2));
    return add(neg(abs(sub(two, fullLike(at, 1)))), fullLike(at, 1));
  });
