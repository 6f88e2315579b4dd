/**
 * Γ's relatives at negative arguments, from those at positive ones (DLMF 5.5.3, 5.5.4, 5.15.6), in float32. Between
 * negative poles they are differences: near zeros they are as exact as what is subtracted there.
 */
import type { Machine } from "../machine.js";
import { cotDerivative } from "../scalar/polygamma.js";
import { digammaOfPositive } from "./digamma.js";
import { lgammaOfPositive } from "./lgamma.js";
import { log } from "./log.js";
import { horner } from "./polynomial.js";
import { polygammaOfPositive } from "./polygamma.js";
import { flippedBy } from "./sign.js";
import { words } from "./words.js";

/**
 * (sin(πu) / (πu) - 1) / u² and (cos(πu) - 1) / u² in u², for |u| ≤ ¼. Fitted by test/ir/formulas/fit.py (sinPi, cosPi).
 */
const odd = [-1.644934, 0.8117414, -0.1907153, 0.025640003];
const even = [-4.934802, 4.0586967, -1.3347582, 0.22898851];

interface Turn<V> {
  /** Whether x is a whole number. */
  readonly whole: V;
  /** π / |sin(πx)|. */
  readonly inverse: V;
  /** π cot(πx). */
  readonly cotangent: V;
}

/** Of πx, where x less the nearest whole number is exact. */
const turn = <V>(m: Machine<V>, x: V): Turn<V> => {
  const { f, share, sub, mul, div, abs, fma, nearest, lt, eq, select } = words(m);
  const rest = share(sub(x, nearest(x)));
  const a = share(abs(rest));
  const far = share(lt(f(0.25), a));
  const u = share(select(far, sub(f(0.5), a), a));
  const z = share(mul(u, u));
  const sine = share(fma(mul(horner(m, z, odd), z), u, u)); // over π
  const cosine = share(fma(horner(m, z, even), z, f(1)));
  const over = share(select(far, cosine, sine));
  const cotangent = div(select(far, mul(sine, f(Math.PI ** 2)), cosine), over);
  return {
    whole: eq(rest, f(0)),
    inverse: share(div(select(far, f(Math.PI), f(1)), over)),
    cotangent: share(flippedBy(m, cotangent, rest)),
  };
};

/** Down to -½ by recurrence: log Γ(1 + x) - log |x|. Below, log(π / |x sin(πx)|) - log Γ(|x|). Infinity at poles. */
export const lgammaOfNegative = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, div, abs, or, lt, eq, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const near = share(lt(a, f(0.5)));
  const { whole, inverse } = turn(m, v);
  const l = share(log(m, share(select(near, a, div(a, inverse)))));
  const mirrored = share(lgammaOfPositive(m, share(select(near, sub(f(1), a), a))));
  const result = select(near, sub(mirrored, l), m.unary("neg", add(mirrored, l)));
  return select(or(whole, eq(a, f(Infinity))), f(Infinity), result);
};

/** ψ(1 - x) - π cot(πx); NaN at poles. */
export const digammaOfNegative = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, select } = words(m);
  const v = share(x);
  const { whole, cotangent } = turn(m, v);
  const result = sub(digammaOfPositive(m, share(sub(f(1), v))), cotangent);
  return select(whole, f(NaN), result);
};

/**
 * ψ′: π² / sin² - ψ′(1 - x), Infinity at poles. ψ″: ψ″(1 - x) - 2π³ cot / sin², NaN at poles. Then by a polynomial: as those, in
 * turns.
 */
export const polygammaOfNegative = <V>(m: Machine<V>, x: V, n: number): V | null => {
  const { f, share, add, sub, mul, select } = words(m);
  const v = share(x);
  const mirrored = polygammaOfPositive(m, share(sub(f(1), v)), n);
  if (mirrored === null) return null;
  const odd = n % 2 === 1;
  const { whole, inverse, cotangent } = turn(m, v);
  const square = mul(inverse, inverse);
  if (n === 1) return sub(square, mirrored);
  const third = mul(square, mul(cotangent, f(-2)));
  const wave = n === 2 ? third : cotangentWave(m, cotangent, n);
  return select(whole, f(odd ? Infinity : NaN), odd ? sub(wave, mirrored) : add(mirrored, wave));
};

/** Minus the nth derivative of π cot(πx), of π cot(πx): every other coefficient is 0, the rest have one sign. */
const cotangentWave = <V>(m: Machine<V>, cotangent: V, n: number): V => {
  const { share, mul } = words(m);
  const odd = n % 2 === 1;
  const coefficients = cotDerivative(n)
    .map((c, k) => -c * Math.PI ** (n + 1 - k))
    .filter((_, k) => k % 2 === (odd ? 0 : 1));
  const curve = horner(m, share(mul(cotangent, cotangent)), coefficients);
  return odd ? curve : mul(curve, cotangent);
};
