/** Logarithms in float32, to the bit as src/ir/scalar/log-f32.ts has them: samples depend on that. */
import type { Machine } from "../machine.js";
import {
  ln2High,
  ln2Low,
  log1pFirst,
  log1pP,
  log1pQ,
  logA,
  logB,
  logC,
  rootHalf,
  rootTwoMinusOne,
} from "../scalar/log-f32.js";
import { hornerOnce } from "./polynomial.js";
import { words } from "./words.js";

const mantissaBits = 0x007f_ffff;
const halfBits = 0x3f00_0000;

/** A polynomial with coefficients from the highest power down. */
const polynomial = <V>(m: Machine<V>, x: V, coefficients: readonly number[]): V =>
  hornerOnce(m, x, coefficients.map((c) => m.constant("float32", c)).reverse());

/** log x for finite x from 2⁻¹²⁶ on. */
export const logOfNormal = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, and, or, shr, lt, select, bits, fromBits, toFloat } = words(m);
  const word = share(bits(x));
  const mantissa = share(fromBits(or(and(word, i(mantissaBits)), i(halfBits))));
  const low = share(lt(mantissa, f(rootHalf)));
  const below = share(sub(mantissa, f(1)));
  const t = share(select(low, add(below, mantissa), below));
  const e = share(sub(toFloat(sub(shr(word, 23), i(126))), select(low, f(1), f(0))));
  const square = share(mul(t, t));
  const cube = share(mul(square, t));
  const [a, b, c] = [logA, logB, logC].map((k) => polynomial(m, t, k)) as [V, V, V];
  const p = hornerOnce(m, cube, [c, b, a]);
  const tail = hornerOnce(m, cube, [mul(e, f(ln2Low)), p]);
  // The other products are exact.
  const most = add(sub(t, mul(square, f(0.5))), tail);
  return add(mul(e, f(ln2High)), most);
};

/** log(1 + x) for |x| < √2 - 1. */
export const log1pNearZero = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, mul, div } = words(m);
  const p = polynomial(m, x, [log1pFirst, ...log1pP]);
  const [first, ...others] = log1pQ.map(f);
  const q = hornerOnce(m, x, [...others.reverse(), add(x, first!)]);
  const square = share(mul(x, x));
  return add(x, add(mul(square, f(-0.5)), mul(mul(square, x), div(p, q))));
};

/** log x; subnormal numbers count as 0. */
export const logF32 = <V>(m: Machine<V>, x: V): V => {
  const { f, share, eq, select } = words(m);
  const v = share(x);
  const inside = select(eq(v, f(Infinity)), v, logOfNormal(m, v));
  const end = select(m.compare("ge", v, f(0)), f(-Infinity), f(NaN));
  return select(m.compare("ge", v, f(2 ** -126)), inside, end);
};

/** log(1 + x). */
export const log1pF32 = <V>(m: Machine<V>, x: V): V => {
  const { f, share, abs, add, lt, select } = words(m);
  const v = share(x);
  const far = logF32(m, share(add(v, f(1))));
  return select(lt(abs(v), f(rootTwoMinusOne)), log1pNearZero(m, v), far);
};
