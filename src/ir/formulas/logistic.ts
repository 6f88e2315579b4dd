/** The logistic sigmoid in float32. */
import type { Machine } from "../machine.js";
import { expNearZero, lessLn2, magic } from "./exp.js";
import { words } from "./words.js";

const signBit = -0x8000_0000;

/**
 * 1 / (1 + e⁻ˣ) as y = e / (1 + e) with e = exp(-|x|), or 1 - y: neither end loses anything. The quotient is corrected
 * by the rounding of 1 + e, or its error would reach 2.2 ulp.
 */
export const logistic = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, div, fma, greater, or, shl, lt, select, bits, fromBits } = words(m);
  const v = share(x);
  const a = share(greater(share(fromBits(or(bits(v), i(signBit)))), f(-104)));
  // -|x| = n log 2 + r, with n from -150 to 0: 2ⁿ = 2ⁿ⁺⁶⁴ 2⁻⁶⁴.
  const sum = share(fma(a, f(Math.LOG2E), f(magic + 191)));
  const p = expNearZero(m, lessLn2(m, a, share(sub(sum, f(magic + 191)))));
  const e = share(mul(mul(p, fromBits(shl(bits(sum), 23))), f(2 ** -64)));
  const d = share(add(e, f(1)));
  const q = share(div(e, d));
  const y = share(fma(q, sub(sub(d, f(1)), e), q));
  return select(lt(v, f(0)), y, sub(f(1), y));
};
