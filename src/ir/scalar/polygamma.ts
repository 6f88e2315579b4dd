/** The derivatives of digamma, of every order, and the Hurwitz zeta function behind them. */

import { digamma } from "./digamma.js";
import { lgamma } from "./lgamma.js";
import { cotPi } from "./trigonometry-pi.js";

/** B₂ₖ/(2k)! for k = 1, 2, …: the coefficients of the Euler–Maclaurin formula. */
export const eulerMaclaurin: readonly number[] = [
  1 / 12,
  -1 / 720,
  1 / 30240,
  -1 / 1209600,
  2.08767569878681e-8,
  -5.284190138687493e-10,
  1.3382536530684679e-11,
  -3.3896802963225827e-13,
  8.586062056277845e-15,
  -2.174868698558062e-16,
  5.5090028283602295e-18,
  -1.3954464685812522e-19,
  3.534707039629467e-21,
];

/**
 * `qˢ⁻¹ ζ(s, q) = 1/q Σₖ (q / (q + k))ˢ` for s > 1 and q > 0: near 1/(s - 1) for large q. Terms
 * are added until the Euler–Maclaurin remainder is good. Source: DLMF 25.11(iii).
 */
function scaledZeta(s: number, q: number): number {
  let sum = 0;
  let a = q;
  for (const end = 10 + s; a < end; a += 1) {
    const term = Math.pow(q / a, s);
    sum += term;
    if (term < sum * 1e-17) return sum / q;
  }
  let rest = 1 / (s - 1) + 0.5 / a;
  let factor = s / a / a; // s (s + 1) … (s + 2k - 2) / a²ᵏ
  for (let k = 0; k < eulerMaclaurin.length; k++) {
    const term = factor * eulerMaclaurin[k]!;
    rest += term;
    if (Math.abs(term) < 1e-17 * rest) break;
    factor *= ((s + 2 * k + 1) / a) * ((s + 2 * k + 2) / a);
  }
  return sum / q + Math.pow(q / a, s - 1) * rest;
}

/**
 * The Hurwitz zeta function `Σₖ (q + k)⁻ˢ` over k ≥ 0: Infinity at s = 1 and at q = 0, -1, -2, …;
 * NaN for s < 1 and for other negative q.
 */
export function hurwitzZeta(s: number, q: number): number {
  if (Number.isNaN(s) || Number.isNaN(q) || s < 1) return NaN;
  if (s === 1) return Infinity;
  if (q <= 0) return Math.floor(q) === q ? Infinity : NaN;
  if (q === Infinity) return 0;
  if (s === Infinity) return q > 1 ? 0 : q === 1 ? 1 : Infinity;
  const scale = Math.pow(q, 1 - s);
  return scale === 0 ? 0 : scale * scaledZeta(s, q);
}

/** `n! / xⁿ` for x > 0, without the overflow of either factor. */
function factorialOverPower(n: number, x: number): number {
  if (n > 1000) return Math.exp(lgamma(n + 1) - n * Math.log(x));
  const power = Math.pow(x, n);
  let factorial = 1;
  for (let k = 2; k <= n; k++) factorial *= k;
  if (factorial < Infinity && power < Infinity && power > 1e-300) return factorial / power;
  let product = 1;
  for (let k = 1; k <= n; k++) product *= k / x;
  return product;
}

/** The n-th derivative of `cot(πx)` by πx, a polynomial in c = cot(πx): Q₀ = c, Qₙ₊₁ = -(1 + c²) Qₙ′. */
export function cotDerivative(n: number): readonly number[] {
  let q: number[] = [0, 1];
  for (let i = 0; i < n; i++) {
    const next = new Array<number>(q.length + 1).fill(0);
    for (let k = 1; k < q.length; k++) {
      const slope = k * q[k]!;
      next[k - 1]! -= slope;
      next[k + 1]! -= slope;
    }
    q = next;
  }
  return q;
}

/**
 * The n-th derivative of digamma, `(-1)ⁿ⁺¹ n! ζ(n + 1, x)`, and by reflection for x < 0 (DLMF 5.15.6).
 *
 * `n` is an integer ≥ 0, otherwise NaN. At the poles 0, -1, -2, … Infinity for odd n, NaN for even n.
 */
export function polygamma(n: number, x: number): number {
  if (!Number.isInteger(n) || n < 0) return NaN;
  if (n === 0) return digamma(x);
  const odd = n % 2 === 1;
  if (x > 0) {
    if (x === Infinity) return odd ? 0 : -0;
    const value = factorialOverPower(n, x) * scaledZeta(n + 1, x);
    return odd ? value : -value;
  }
  if (!(x > -Infinity)) return NaN;
  if (Math.floor(x) === x) return odd ? Infinity : NaN;
  // The nearest pole's n!/r^(n+1) alone overflows, with |r| ≤ 1/2.
  if (n > 170) return odd || x < Math.round(x) ? Infinity : -Infinity;
  const mirrored = polygamma(n, 1 - x);
  const c = cotPi(x);
  const wave = cotDerivative(n).reduceRight((sum, coefficient) => sum * c + coefficient);
  return (odd ? -mirrored : mirrored) - Math.pow(Math.PI, n + 1) * wave;
}

/** The derivative of digamma, `Σₖ (x + k)⁻²`; Infinity at 0, -1, -2, …. */
export function trigamma(x: number): number {
  return polygamma(1, x);
}
