/** The cube root in float32. */
import type { Machine } from "../machine.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** A third of a number's bits and this are the bits of its cube root, but for some 5 % (W. Kahan). */
const third = 709_958_130;

/** The first 12 bits. */
const head = -0x1000;

/** Halley's step twice, the second from 12 bits of the first: what their cube leaves of x is exact. */
export const cbrt = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, div, fma, abs, and, lt, select, bits, fromBits, toFloat } = words(m);
  const v = share(x);
  const size = share(abs(v));
  const small = share(lt(size, f(1)));
  const a = share(mul(size, select(small, f(2 ** 24), f(2 ** -24)))); // neither subnormal nor huge
  const guess = share(fromBits(add(m.cast(mul(toFloat(bits(a)), f(1 / 3)), "int32"), i(third))));
  const cube = share(mul(mul(guess, guess), guess));
  const better = mul(guess, div(fma(a, f(2), cube), fma(cube, f(2), a)));
  const y = share(fromBits(and(bits(better), i(head))));
  const square = share(mul(y, y));
  const most = share(fromBits(and(bits(square), i(head))));
  const left = sub(sub(a, mul(most, y)), mul(sub(square, most), y));
  const root = fma(y, div(left, fma(mul(square, y), f(2), a)), y);
  const scaled = mul(root, select(small, f(2 ** -8), f(2 ** 8)));
  const inside = m.binary("and", lt(f(0), size), lt(size, f(Infinity)));
  return select(inside, withSignOf(m, scaled, v), v);
};
