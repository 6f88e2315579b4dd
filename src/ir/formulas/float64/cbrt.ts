/** The cube root in float64, as in FreeBSD's msun (s_cbrt.c). */
import type { Doubles } from "./doubles.js";

/** A third of a number's upper 32 bits and this are those of its cube root, but for some 3 % (W. Kahan). */
const third = 715094163;

/** 1 / ∛r for r from 0.91 to 1.07, good to 2⁻²³. */
const towards = [
  1.87595182427177009643, -1.88497979543377169875, 1.62142972010535446614, -7.58397934778766047437e-1,
  1.45996192886612446982e-1,
];

/** n + 2⁵² has the bits of the whole number n at its end. */
const wholeBits = 2 ** 52;

/** A guess, made good to 23 bits and a little too large, and one step of Newton's from its exact square. */
export const cbrt64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, or, shl, shr, lt, select, polynomial, withSignOf } = d;
  const v = share(x);
  const size = share(abs(v));
  const tiny = share(lt(size, f(2 ** -1022)));
  const a = share(select(tiny, mul(size, f(2 ** 54)), size));
  const upper = sub(or(shr(a, 32), f(wholeBits)), f(wholeBits));
  const guess = share(shl(add(mul(upper, f(1 / 3)), f(wholeBits + third)), 32));
  const r = share(mul(mul(guess, guess), div(guess, a)));
  const better = share(mul(guess, polynomial(r, towards)));
  const t = share(shl(shr(add(better, mul(better, f(2 ** -22))), 30), 30));
  const q = share(div(a, mul(t, t)));
  const root = share(add(mul(div(sub(q, t), add(add(t, t), q)), t), t));
  const scaled = select(tiny, mul(root, f(2 ** -18)), root);
  // 0, Infinity and NaN are themselves.
  return select(lt(f(0), size), select(lt(size, f(Infinity)), withSignOf(scaled, v), v), v);
};
