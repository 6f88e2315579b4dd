/** Hyperbolic sines and cosines in float32. */
import type { Machine } from "../machine.js";
import { expNearZero, lessLn2, magic } from "./exp.js";
import { horner } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** (sinh(x) / x - 1) / x² in x², for |x| ≤ 1. Fitted by test/ir/formulas/fit.py (sinh). */
const tail = [0.16666716, 0.008330271, 0.0002037334];

/** eᵃ/4 for a from 0 to 91, from where on it is too large in any case: its quadruple need not be finite. */
const quarterExp = <V>(m: Machine<V>, a: V): V => {
  const { f, share, sub, mul, fma, lesser, shl, bits, fromBits } = words(m);
  const least = share(lesser(a, f(91)));
  const sum = share(fma(least, f(Math.LOG2E), f(magic + 123)));
  const p = expNearZero(m, lessLn2(m, least, share(sub(sum, f(magic + 123)))));
  return share(mul(p, mul(fromBits(shl(bits(sum), 23)), f(4))));
};

/** x as a polynomial near 0, (eˣ - e⁻ˣ) / 2 elsewhere. */
export const sinh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, div, abs, fma, lt, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const e = quarterExp(m, a);
  const half = share(sub(e, div(f(1 / 16), e)));
  const z = share(mul(a, a));
  const small = fma(mul(horner(m, z, tail), z), a, a);
  return withSignOf(m, select(lt(a, f(1)), small, m.binary("add", half, half)), v);
};

/** (eˣ + e⁻ˣ) / 2. */
export const cosh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, div, abs } = words(m);
  const e = quarterExp(m, share(abs(x)));
  const half = share(add(e, div(f(1 / 16), e)));
  return add(half, half);
};
