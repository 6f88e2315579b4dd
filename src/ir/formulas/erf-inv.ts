/**
 * The inverse error function in float32, to the bit as src/ir/scalar/erf-inv.ts has it: normal samples depend on that.
 * Machines that cannot round products with sums once differ in the last bits.
 */
import type { Machine } from "../machine.js";
import { erfInvFar, erfInvNear } from "../scalar/erf-inv.js";
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

/** log x for x from 0 to 1 (as `logF32`). */
const log = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, and, or, shr, lt, eq, select, bits, fromBits, toFloat } = words(m);
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
  const inside = add(mul(e, f(ln2High)), most);
  return select(lt(x, f(2 ** -126)), select(eq(x, f(0)), f(-Infinity), f(NaN)), inside);
};

/** log(1 + x) for x from -1 to 0 (as `log1pF32`); NaN below. */
const log1p = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, mul, div, abs, lt, select } = words(m);
  const p = polynomial(m, x, [log1pFirst, ...log1pP]);
  const [first, ...others] = log1pQ.map(f);
  const q = hornerOnce(m, x, [...others.reverse(), add(x, first!)]);
  const square = share(mul(x, x));
  const curve = add(mul(square, f(-0.5)), mul(mul(square, x), div(p, q)));
  return select(lt(abs(x), f(rootTwoMinusOne)), add(x, curve), log(m, share(add(x, f(1)))));
};

/** ±Infinity at ±1, NaN beyond. */
export const erfInv = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, sqrt, abs, eq, lt, select } = words(m);
  const v = share(x);
  const w = share(m.unary("neg", log1p(m, share(m.unary("neg", mul(v, v))))));
  const near = share(lt(w, f(5)));
  const t = share(select(near, sub(w, f(2.5)), sub(sqrt(w), f(3))));
  const chosen = erfInvNear.map((c, k) => select(near, f(c), f(erfInvFar[k]!)));
  const inside = mul(hornerOnce(m, t, chosen.reverse()), v);
  return select(eq(abs(v), f(1)), mul(v, f(Infinity)), inside);
};
