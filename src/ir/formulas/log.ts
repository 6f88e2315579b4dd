/** The natural logarithm in float32. */
import type { Machine } from "../machine.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** The bits of 2/3: numbers are written as 2ᵉ (1 + f) with 1 + f in [2/3, 4/3). */
export const twoThirds = 0x3f2a_aaab;

/** (log(1 + f) - f + f²/2) / f³ for |f| ≤ 1/3. Fitted by test/ir/formulas/fit.py (log8). */
const tail = [
  0.33333215, -0.24999806, 0.20010427, -0.16680196, 0.14005734, -0.12187479, 0.13984594, -0.12880048,
];

/** log 2 in two parts: products of the first with whole numbers up to 2⁸ are exact. */
export const ln2High = 0.693145751953125;
const ln2Low = Math.LN2 - ln2High;

/** log(2ᵉ (1 + f)) - e ln2High - f. */
export const logCurve = <V>(m: Machine<V>, e: V, f: V): V => {
  const w = words(m);
  const f2 = w.share(w.mul(f, f));
  return w.fma(f2, w.f(-0.5), w.fma(w.mul(estrin(m, f, tail, f2), f), f2, w.mul(e, w.f(ln2Low))));
};

/** log(2ᵉ (1 + f)) for |f| ≤ 1/3 and a whole float32 e. */
export const logOfParts = <V>(m: Machine<V>, e: V, f: V): V => {
  const w = words(m);
  return w.fma(e, w.f(ln2High), w.add(logCurve(m, e, f), f));
};

/** What is left to say: NaN below 0, -Infinity at 0, Infinity at Infinity, where `result` is log x. */
export const atEnds = <V>(m: Machine<V>, x: V, result: V): V => {
  const { f, lt, eq, select } = words(m);
  const nonPositive = select(eq(x, f(0)), f(-Infinity), f(NaN));
  return select(lt(f(0), x), select(lt(x, f(Infinity)), result, x), nonPositive);
};

/** The whole float32 e and the f with |f| ≤ 1/3 of x = 2ᵉ (1 + f) > 0, subnormals included. */
export const logParts = <V>(m: Machine<V>, x: V): readonly [e: V, f: V] => {
  const { f, i, share, sub, mul, shr, shl, lt, select, bits, fromBits, toFloat } = words(m);
  const subnormal = share(lt(x, f(2 ** -126)));
  const word = share(bits(select(subnormal, mul(x, f(2 ** 23)), x)));
  const exponent = share(shr(sub(word, i(twoThirds)), 23));
  const mantissa = fromBits(sub(word, shl(exponent, 23)));
  const e = sub(toFloat(exponent), select(subnormal, f(23), f(0)));
  return [share(e), share(sub(mantissa, f(1)))];
};

/** log x. */
export const log = <V>(m: Machine<V>, x: V): V => {
  const v = m.share(x);
  return atEnds(m, v, logOfParts(m, ...logParts(m, v)));
};
