/** The first derivatives of digamma in float32. */
import type { Machine } from "../machine.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** Up to here 4 ulp were measured: each order multiplies one more rounded quotient. Machines with float64 take that beyond. */
export const ordersWithin4 = 2;

/** Beyond, factorials and powers of π leave float32. */
export const highestOrder = 20;

/** From here on the asymptotic series holds; below, so many terms of the sum are added. */
const termsOf = (n: number): number => (n <= ordersWithin4 ? 8 : 8 + n);

const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30];

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/** constant · xⁿ. */
const powerOf = <V>(m: Machine<V>, x: V, n: number, constant: number): V => {
  let out = m.constant("float32", Math.fround(constant));
  for (let k = 0; k < n; k++) out = m.binary("mul", out, x);
  return out;
};

/** (n - 1)!/zⁿ + n!/(2 zⁿ⁺¹) + Σ B₂ₖ (2k + n - 1)!/((2k)! z²ᵏ⁺ⁿ) for i = 1/z (DLMF 5.15.8). */
const series = <V>(m: Machine<V>, i: V, n: number): V => {
  const { f, share, add, mul, fma } = words(m);
  const coefficients = bernoulli.map(
    (b, k) => (b * factorial(2 * k + n + 1)) / factorial(2 * k + 2) / factorial(n - 1),
  );
  const square = share(mul(i, i));
  const curve = fma(mul(estrin(m, square, coefficients), i), i, mul(i, f(n / 2)));
  const lead = share(powerOf(m, i, n, factorial(n - 1)));
  return add(mul(lead, curve), lead);
};

/**
 * (-1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹ for x > 0, the smaller terms first. Below 8 eight of them are added, and the series is that
 * of x + 8; for higher orders more than 8.
 */
export const polygammaOfPositive = <V>(m: Machine<V>, x: V, n: number): V | null => {
  if (n < 1 || n > highestOrder) return null;
  const { f, share, add, div, lt, select } = words(m);
  const v = share(x);
  const terms = termsOf(n);
  const small = share(lt(v, f(terms)));
  const inverse = (y: V): V => share(div(f(1), y));
  let sum = series(m, inverse(select(small, add(v, f(terms)), v)), n);
  for (let k = terms - 1; k >= 0; k--) {
    const term = powerOf(m, inverse(k === 0 ? v : add(v, f(k))), n + 1, factorial(n));
    sum = add(sum, select(small, term, f(0)));
  }
  return n % 2 === 1 ? sum : m.unary("neg", sum);
};
