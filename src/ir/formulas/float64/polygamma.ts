/** Derivatives of digamma in float64 (DLMF 5.15.1, 5.15.6, 5.15.8). */
import { cotDerivative, eulerMaclaurin } from "../../scalar/polygamma.js";
import type { Doubles } from "./doubles.js";
import { turn64 } from "./turn.js";

/** Each order takes more terms, and one more rounding of each. */
export const highestOrder64 = 30;

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/** B₂ₖ (2k + n - 1)! / ((2k)! (n - 1)!) for k = 1, 2, …, one more than the series has. */
const coefficients = (n: number): readonly number[] =>
  eulerMaclaurin.map((c, k) => (c * factorial(2 * k + n + 1)) / factorial(n - 1));

/** So many terms of the sum are added for the first that the series leaves out to be below 2⁻⁵⁷. */
const termsOf = (n: number): number => {
  const all = coefficients(n);
  return Math.ceil((Math.abs(all[all.length - 1]!) * 2 ** 57) ** (1 / (2 * all.length)));
};

/** xⁿ for n ≥ 1. */
const powerOf = <V>(d: Doubles<V>, x: V, n: number): V => {
  if (n === 1) return x;
  const half = d.share(powerOf(d, x, Math.floor(n / 2)));
  const square = d.mul(half, half);
  return n % 2 === 0 ? square : d.mul(square, x);
};

/** constant / xⁿ for n ≥ 1; neither part of xⁿ overflows or underflows where the quotient does not. */
const quotient = <V>(d: Doubles<V>, constant: number, x: V, n: number): V => {
  if (n === 1) return d.div(d.f(constant), x);
  const half = Math.floor(n / 2);
  return d.div(d.div(d.f(constant), powerOf(d, x, half)), powerOf(d, x, n - half));
};

/** (n - 1)!/aⁿ + n!/(2 aⁿ⁺¹) + Σ B₂ₖ (2k + n - 1)!/((2k)! a²ᵏ⁺ⁿ). */
const series = <V>(d: Doubles<V>, a: V, n: number): V => {
  const { f, share, add, mul, div, polynomial } = d;
  const i = share(div(f(1), a));
  const square = share(mul(i, i));
  const curve = add(mul(polynomial(square, coefficients(n).slice(0, -1)), square), mul(i, f(n / 2)));
  const lead = share(quotient(d, factorial(n - 1), a, n));
  return add(mul(lead, curve), lead);
};

/** (-1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹ for x > 0, the smaller terms first. */
export const polygammaOfPositive64 = <V>(d: Doubles<V>, x: V, n: number): V => {
  const { f, share, add, sub, div } = d;
  const v = share(x);
  const terms = termsOf(n);
  let sum = series(d, share(add(v, f(terms))), n);
  // Where powers of order 10 overflow, these are nothing beside the series.
  const term = (y: V): V =>
    n > 10 ? quotient(d, factorial(n), y, n + 1) : div(f(factorial(n)), powerOf(d, y, n + 1));
  for (let k = terms - 1; k > 0; k--) sum = add(sum, term(share(add(v, f(k)))));
  sum = add(sum, quotient(d, factorial(n), v, n + 1));
  return n % 2 === 1 ? sum : sub(f(-0), sum);
};

/** For x ≤ 0, by the derivatives of the cotangent: at poles Infinity where n is odd, else NaN. */
export const polygammaOfNegative64 = <V>(d: Doubles<V>, x: V, n: number): V => {
  const { f, share, sub, mul, select, polynomial } = d;
  const v = share(x);
  const odd = n % 2 === 1;
  const { whole, cotangent } = turn64(d, v);
  const mirrored = polygammaOfPositive64(d, share(sub(f(1), v)), n);
  // Every other coefficient is 0; the rest have one sign.
  const coefficients = cotDerivative(n)
    .map((c, k) => -c * Math.PI ** (n + 1 - k))
    .filter((_, k) => k % 2 === (odd ? 0 : 1));
  const curve = polynomial(share(mul(cotangent, cotangent)), coefficients);
  const wave = odd ? curve : mul(curve, cotangent);
  const result = odd ? sub(wave, mirrored) : d.add(mirrored, wave);
  return select(whole, f(odd ? Infinity : NaN), result);
};
