/** Sines, cosines and tangents in float64: kernels as in FreeBSD's msun (k_sin.c, k_cos.c). */
import type { Doubles } from "./doubles.js";

/** (sin(x) / x - 1) / x² and (cos(x) - 1 + x²/2) / x⁴ in x², for |x| ≤ π/4. */
export const odd = [
  -1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4,
  2.75573137070700676789e-6, -2.50507602534068634195e-8, 1.58969099521155010221e-10,
] as const;
export const even: readonly number[] = [
  4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5,
  -2.75573143513906633035e-7, 2.0875723212981748279e-9, -1.13596475577881948265e-11,
];

/** π/2 in three parts: products of the first two, of 33 bits, with whole numbers up to 2²⁰ are exact. */
const quarter = [1.57079632673412561417, 6.0771005063039659766e-11, 2.02226624879595063154e-21] as const;

/** Up to here they are. */
const largestAngle64 = 2 ** 20;

/** Where x is beyond. */
export const hugeAngle64 = <V>({ f, abs, lt }: Doubles<V>, x: V): V => lt(f(largestAngle64), abs(x));

/** n + 3 · 2⁵¹ has the bits of the whole number n at its end. */
const magic = 3 * 2 ** 51;

interface Wave<V> {
  /** Of what is left of x less n quarter turns. */
  readonly sine: V;
  readonly cosine: V;
  readonly n: V;
}

const waveOf = <V>(d: Doubles<V>, x: V): Wave<V> => {
  const { f, share, add, sub, mul, nearest, polynomial } = d;
  const n = share(nearest(mul(x, f(2 / Math.PI))));
  const first = share(sub(x, mul(n, f(quarter[0]))));
  const product = share(mul(n, f(quarter[1])));
  const second = share(sub(first, product));
  const small = share(sub(sub(sub(first, second), product), mul(n, f(quarter[2]))));
  const r = share(add(second, small));
  const more = share(sub(small, sub(r, second)));
  const z = share(mul(r, r));
  const half = share(mul(z, f(0.5)));
  const [cubic, ...others] = odd;
  const v = share(mul(z, r));
  const bent = sub(mul(sub(mul(more, f(0.5)), mul(polynomial(z, others), v)), z), more);
  const below = share(sub(f(1), half));
  const lost = sub(sub(f(1), below), half);
  return {
    n,
    sine: share(sub(r, sub(bent, mul(v, f(cubic))))),
    cosine: share(add(add(lost, sub(mul(mul(polynomial(z, even), z), z), mul(r, more))), below)),
  };
};

/** ±0 for even numbers, ±2 for others; negative where the remainder by 4 is 2 or 3. */
const lastBits = <V>({ f, share, add, shl }: Doubles<V>, n: V, ahead: 0 | 1): V =>
  share(shl(add(n, f(magic + ahead)), 62));

/** sin(x + ahead · π/2). */
const sinAhead = <V>(d: Doubles<V>, x: V, ahead: 0 | 1): V => {
  const { f, and, xor, eq, select } = d;
  const { sine, cosine, n } = waveOf(d, x);
  const last = lastBits(d, n, ahead);
  return xor(select(eq(last, f(0)), sine, cosine), and(last, f(-0)));
};

/** What is as small as -0: itself. */
const smallOr = <V>({ f, abs, lt, select }: Doubles<V>, x: V, other: V): V =>
  select(lt(abs(x), f(2 ** -27)), x, other);

export const sin64 = <V>(d: Doubles<V>, x: V): V => {
  const v = d.share(x);
  return smallOr(d, v, sinAhead(d, v, 0));
};

export const cos64 = <V>(d: Doubles<V>, x: V): V => sinAhead(d, d.share(d.abs(x)), 1);

/** sin / cos, or -cos / sin where the number of quarters is odd. */
export const tan64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, div, xor, eq, select } = d;
  const v = share(x);
  const { sine, cosine, n } = waveOf(d, v);
  const whole = share(eq(lastBits(d, n, 0), f(0)));
  return smallOr(d, v, div(select(whole, sine, xor(cosine, f(-0))), select(whole, cosine, sine)));
};
