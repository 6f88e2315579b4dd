/** eˣ in float32. */
import type { Machine } from "../machine.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** log 2 in two parts: products of the first with whole numbers up to 2⁹ are exact. */
export const ln2High = 0.693145751953125;
export const ln2Low: number = Math.LN2 - ln2High;

/** 1.5 · 2²³: a number of moderate size that is added to it is rounded to a whole one, in the low bits of the sum. */
export const magic = 12582912;

/** (eʳ - 1 - r) / r² for |r| ≤ log(2)/2. Fitted by test/ir/formulas/fit.py (exp). */
const tail = [0.49999994, 0.16666521, 0.04166826, 0.008368666, 0.0013821174];

/** eʳ - 1 for |r| ≤ log(2)/2, good to 2⁻²⁵ beside 1; r is used several times. */
export const expm1NearZero = <V>(m: Machine<V>, r: V): V => {
  const { share, mul, fma } = words(m);
  const r2 = share(mul(r, r));
  return fma(estrin(m, r, tail, r2), r2, r);
};

/** eʳ for |r| ≤ log(2)/2. */
export const expNearZero = <V>(m: Machine<V>, r: V): V => {
  const { f, add } = words(m);
  return add(expm1NearZero(m, r), f(1));
};

/** x - n log 2 for a whole n. */
export const lessLn2 = <V>(m: Machine<V>, x: V, n: V): V => {
  const { f, share, fma } = words(m);
  return share(fma(n, f(-ln2Low), fma(n, f(-ln2High), x)));
};

/** eˣ: Infinity where it overflows, subnormal and then 0 where it underflows. */
export const exp = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, fma, lesser, greater, shl, shr, bits, fromBits } = words(m);
  const a = share(greater(lesser(m.share(x), f(89)), f(-104)));
  // x = n log 2 + r; the low bits hold n + 254, which is positive.
  const sum = share(fma(a, f(Math.LOG2E), f(magic + 254)));
  const p = expNearZero(m, lessLn2(m, a, share(sub(sum, f(magic + 254)))));
  // 2ⁿ in two factors, neither of which overflows or is subnormal.
  const half = share(shr(bits(sum), 1));
  const first = fromBits(shl(half, 23));
  const second = fromBits(shl(sub(bits(sum), half), 23));
  return mul(mul(p, first), second);
};
