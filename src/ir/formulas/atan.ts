/** Arc tangents in float32. */
import type { Machine } from "../machine.js";
import { estrin } from "./polynomial.js";
import { flippedBy, withSignOf } from "./sign.js";
import { words } from "./words.js";

const signBit = -0x8000_0000;

/** (atan(x) / x - 1) / x² in x², for |x| ≤ 1. Fitted by test/ir/formulas/fit.py (atan). */
const tail = [
  -0.333333, 0.1999853, -0.14264016, 0.109508805, -0.083993055, 0.057881337, -0.031096855, 0.0108685475,
  -0.0017827684,
];

/** π/2 - Math.fround(π/2), of which π has twice as much, beside it. */
const rest = (Math.PI / 2 - Math.fround(Math.PI / 2)) / (Math.PI / 2);

/** base + atan s for |s| ≤ 1, where base is 0, π/2 or π: rounded at full size at most twice. */
const atanAhead = <V>(m: Machine<V>, s: V, base: V): V => {
  const { f, share, add, mul, fma } = words(m);
  const z = share(mul(s, s));
  return add(add(base, s), fma(mul(z, estrin(m, z, tail)), s, mul(base, f(rest))));
};

/** atan x = π/2 - atan(1 / x) for x > 1. */
export const atan = <V>(m: Machine<V>, x: V): V => {
  const { f, share, div, abs, lt, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const large = share(lt(f(1), a));
  const s = share(select(large, div(f(-1), a), a));
  return withSignOf(m, atanAhead(m, s, share(select(large, f(Math.PI / 2), f(0)))), v);
};

/** The angle of the point (x, y). Both infinite, it is as that of (±1, ±1); both 0, as that of (±1, 0). */
export const atan2 = <V>(m: Machine<V>, y: V, x: V): V => {
  const { f, i, share, div, abs, lt, eq, or, and, xor, select, bits, fromBits } = words(m);
  const [s, c] = [share(y), share(x)];
  const [a, b] = [share(abs(s)), share(abs(c))];
  const steep = share(lt(b, a));
  const quotient = div(select(steep, b, a), select(steep, a, b));
  const none = share(eq(a, f(0)));
  const equal = and(eq(a, b), or(none, eq(a, f(Infinity))));
  const ratio = select(equal, select(none, f(0), f(1)), quotient);
  // Steep angles are counted from π/2, those to the left from π, and those that are either backwards.
  const sign = share(and(bits(c), i(signBit)));
  const back = xor(select(steep, i(signBit), i(0)), sign);
  const base = share(select(steep, f(Math.PI / 2), select(eq(sign, i(0)), f(0), f(Math.PI))));
  return flippedBy(m, atanAhead(m, share(fromBits(xor(bits(ratio), back))), base), s);
};
