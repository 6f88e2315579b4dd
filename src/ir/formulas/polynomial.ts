/** Polynomials in float32, coefficients from the lowest power up. */
import type { Machine } from "../machine.js";

/** c₀ + c₁x + c₂x² + …, one after the other. */
export const horner = <V>(m: Machine<V>, x: V, coefficients: readonly number[]): V => {
  const c = coefficients.map((a) => m.constant("float32", Math.fround(a)));
  return c.slice(0, -1).reduceRight((sum, a) => m.fma(sum, x, a), c[c.length - 1]!);
};

/** The same with each step rounded once, on machines that can; the coefficients are values. */
export const hornerOnce = <V>(m: Machine<V>, x: V, c: readonly V[]): V => {
  if (m.hornerOnce !== undefined) return m.hornerOnce(x, c);
  const by = m.share(x);
  return c.reduceRight((sum, a) => m.fma(sum, by, a));
};

/**
 * The same with fewer steps that wait for each other: neighbours are joined, then neighbours of those (G. Estrin). Who has
 * x² already may give it.
 */
export const estrin = <V>(m: Machine<V>, x: V, coefficients: readonly number[], square: V | null = null): V =>
  estrinOf(
    m,
    x,
    coefficients.map((a) => m.constant("float32", Math.fround(a))),
    square,
  );

/** The same for coefficients that are values of the machine. */
export const estrinOf = <V>(m: Machine<V>, x: V, coefficients: readonly V[], square: V | null = null): V => {
  let terms = coefficients;
  for (let power = x; terms.length > 1;) {
    const base = power;
    const next: V[] = [];
    for (let k = 0; k < terms.length; k += 2)
      next.push(k + 1 < terms.length ? m.fma(terms[k + 1]!, base, terms[k]!) : terms[k]!);
    terms = next;
    if (terms.length > 1)
      power = base === x && square !== null ? square : m.share(m.binary("mul", base, base));
  }
  return terms[0]!;
};
