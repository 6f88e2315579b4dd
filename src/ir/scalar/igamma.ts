/**
 * The regularised incomplete gamma functions and the derivative of a gamma sample by its shape.
 *
 * Power series on the left and Legendre's continued fraction on the right; between, for a ≥ 100, and
 * for the derivative's right tail, the integral of the density itself, divided by the density at x, by
 * the double-exponential rule. No integrand changes sign, so nothing cancels. Formulas: DLMF 8.7, 8.9.
 */

import { digamma, logMinusDigamma } from "./digamma.js";
import { lgamma1p, stirlingCorrection } from "./lgamma.js";
import { polygamma } from "./polygamma.js";

/** `log(1 + u) - u`, without cancellation near 0: with r = u/(2 + u) it is -u r + 2 (r³/3 + r⁵/5 + …). */
function log1pMinus(u: number): number {
  if (u > 0.5 || u < -0.4) return Math.log1p(u) - u;
  const r = u / (2 + u);
  const z = r * r;
  let series = 0;
  for (let k = 17; k >= 1; k--) series = z * (1 / (2 * k + 1) + series);
  return r * (2 * series - u);
}

/** `xᵃ e⁻ˣ / Γ(a + 1)`, by way of `x = a (1 + u)` so that the large exponents cancel first. */
function prefix(a: number, x: number): number {
  if (a < 8) {
    const exponent = a * Math.log(x) - lgamma1p(a);
    return Math.exp(exponent - x);
  }
  const u = (x - a) / a;
  const exponent = u < -0.4 ? Math.log(x / a) - u : log1pMinus(u);
  return Math.exp(a * exponent - stirlingCorrection(a)) / Math.sqrt(2 * Math.PI * a);
}

/**
 * `T = Σₙ xⁿ / ((a + 1)…(a + n))`, with P = prefix · T, and its derivative by a.
 */
function leftSeries(a: number, x: number): readonly [value: number, derivative: number] {
  let term = 1;
  let harmonic = 0; // Σ 1/(a + k): the term's logarithmic derivative, negated
  let value = 1;
  let derivative = 0;
  for (let n = 1; n < 10000; n++) {
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    value += term;
    derivative -= term * harmonic;
    if (term * Math.max(1, harmonic) < value * 1e-17) break;
  }
  return [value, derivative];
}

/** Q for small x and a, where 1 - P would cancel: `-expm1(a log x - lgamma(1+a)) - xᵃ/Γ(a) Σₙ≥₁ (-x)ⁿ/((a+n) n!)`. */
function complementSeries(a: number, x: number): number {
  let term = 1;
  let sum = 0;
  for (let n = 1; n < 100; n++) {
    term *= -x / n;
    sum += term / (a + n);
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
  }
  const logarithm = a * Math.log(x) - lgamma1p(a);
  return -Math.expm1(logarithm) - a * Math.exp(logarithm) * sum;
}

/** Q divided by the prefix for x > a + 1, by Legendre's continued fraction (modified Lentz). */
function rightFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 10000; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    const factor = c * d;
    h *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return a * h;
}

/**
 * `∫ p(t)/p(x) weight(t - x) dt` over the tail of the gamma density p on the side of `direction` (±1),
 * by the substitution `|t - x| = width · exp(v - exp(-v))` and the trapezoidal rule.
 */
function tailIntegral(a: number, x: number, direction: 1 | -1, weight: (s: number) => number): number {
  const slope = (a - 1 - x) / x; // of log p at x
  const width = 1 / (Math.abs(slope) + Math.sqrt(a) / x);
  const step = 1 / 16;
  let sum = 0;
  for (let i = -3.5 / step; i <= 5 / step; i++) {
    const shrink = Math.exp(-i * step);
    const distance = width * Math.exp(i * step - shrink);
    const s = direction * distance;
    if (s <= -x) break;
    const logRatio = (a - 1) * log1pMinus(s / x) + s * slope;
    sum += Math.exp(logRatio) * weight(s) * distance * (1 + shrink);
  }
  return sum * step;
}

const one = (): number => 1;

/** P for a ≥ 100 below the mean, or Q above it. */
function largeTail(a: number, x: number, direction: 1 | -1): number {
  return ((prefix(a, x) * a) / x) * tailIntegral(a, x, direction, one);
}

/** [P, Q] for finite a > 0 and x > 0, each with relative accuracy on its own small side. */
function both(a: number, x: number): readonly [p: number, q: number] {
  if (x <= 1.1 && a < 1 && a < (x < 0.5 ? -0.4 / Math.log(x) : x * 1.1)) {
    const q = complementSeries(a, x);
    return [1 - q, q];
  }
  if (x <= Math.max(a, 1)) {
    const p = a < 100 || x < a / 2 ? prefix(a, x) * leftSeries(a, x)[0] : largeTail(a, x, -1);
    return [p, 1 - p];
  }
  const q = a < 100 || x > 2 * a ? prefix(a, x) * rightFraction(a, x) : largeTail(a, x, 1);
  return [1 - q, q];
}

/** The values at the boundary of the domain, shared by P and Q; undefined inside. */
function boundary(a: number, x: number): number | undefined {
  if (Number.isNaN(a) || Number.isNaN(x) || x < 0 || a < 0) return NaN;
  if ((a === 0 && x === 0) || (a === Infinity && x === Infinity)) return NaN;
  if (x === 0 || a === Infinity) return 0;
  if (a === 0 || x === Infinity) return 1;
  return undefined;
}

/**
 * The lower regularised incomplete gamma function `P(a, x) = 1/Γ(a) ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt`: NaN for negative
 * a or x. Relative error about 1e-13.
 */
export function igamma(a: number, x: number): number {
  return boundary(a, x) ?? both(a, x)[0];
}

/** The upper regularised incomplete gamma function `Q(a, x) = 1 - P(a, x)`, without cancellation. */
export function igammac(a: number, x: number): number {
  const edge = boundary(a, x);
  return edge === undefined ? both(a, x)[1] : 1 - edge;
}

/**
 * The derivative `dx/da` of a sample x of the gamma distribution with shape a, at a fixed quantile:
 * `-(∂P/∂a) / (∂P/∂x)`. NaN unless a > 0 and x ≥ 0.
 *
 * Source: M. Figurnov, S. Mohamed, A. Mnih, "Implicit Reparameterization Gradients" (2018).
 */
export function randomGammaGrad(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0) || a === Infinity || x === Infinity) return NaN;
  if (x === 0) return 0;
  if (x < a / 2 || (a < 100 && x <= Math.max(a, 1))) {
    const [value, derivative] = leftSeries(a, x);
    return (-x / a) * ((Math.log(x) - digamma(a + 1)) * value + derivative);
  }
  if (a < 100) {
    const shift = digamma(a);
    return tailIntegral(a, x, 1, (s) => Math.log(x + s) - shift);
  }
  const shift = logMinusDigamma(a);
  const right = x > a;
  const integral = tailIntegral(a, x, right ? 1 : -1, (s) => Math.log1p((x - a + s) / a) + shift);
  return right ? integral : -integral;
}

/** Σₙ of `leftSeries` with its first and second derivatives by a. */
function leftSeriesTwice(a: number, x: number): readonly [value: number, first: number, second: number] {
  let term = 1;
  let harmonic = 0;
  let squares = 0; // Σ 1/(a + k)²
  let value = 1;
  let first = 0;
  let second = 0;
  for (let n = 1; n < 10000; n++) {
    term *= x / (a + n);
    harmonic += 1 / (a + n);
    squares += 1 / (a + n) ** 2;
    value += term;
    first -= term * harmonic;
    second += term * (harmonic * harmonic + squares);
    if (term * Math.max(1, harmonic * harmonic) < value * 1e-17) break;
  }
  return [value, first, second];
}

/**
 * `-(∂²P/∂a²) / (∂P/∂x)`, which the derivative of `randomGammaGrad` needs. The density's second logarithmic
 * derivative by a gives the weight `(log t - ψ(a))² - ψ'(a)`.
 */
export function randomGammaCurvature(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0) || a === Infinity || x === Infinity) return NaN;
  if (x === 0) return 0;
  if (x < a / 2 || (a < 100 && x <= Math.max(a, 1))) {
    const [value, first, second] = leftSeriesTwice(a, x);
    const l = Math.log(x) - digamma(a + 1);
    return (-x / a) * ((l * l - polygamma(1, a + 1)) * value + 2 * l * first + second);
  }
  const variance = polygamma(1, a);
  const shift = a < 100 ? Math.log(a) - digamma(a) : logMinusDigamma(a);
  const right = a < 100 || x > a;
  const integral = tailIntegral(a, x, right ? 1 : -1, (s) => {
    const l = Math.log1p((x - a + s) / a) + shift;
    return l * l - variance;
  });
  return right ? integral : -integral;
}

/** `randomGammaGrad(a, x) / x` at `x = exp(logX)`, also where that underflows: the derivative of log x by a. */
export function logGammaGrad(a: number, logX: number): number {
  if (logX > -600) return randomGammaGrad(a, Math.exp(logX)) / Math.exp(logX);
  return a > 0 ? (digamma(a + 1) - logX) / a : NaN;
}

/** `randomGammaCurvature(a, x) / x` at `x = exp(logX)`. */
export function logGammaCurvature(a: number, logX: number): number {
  if (logX > -600) return randomGammaCurvature(a, Math.exp(logX)) / Math.exp(logX);
  const l = logX - digamma(a + 1);
  return a > 0 ? (polygamma(1, a + 1) - l * l) / a : NaN;
}
