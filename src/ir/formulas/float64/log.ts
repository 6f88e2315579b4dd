/** Logarithms in float64, as in FreeBSD's msun (e_log.c, s_log1p.c). */
import type { Doubles } from "./doubles.js";
import { ln2High, ln2Low } from "./exp.js";

/** (log((1 + s) / (1 - s)) - 2s) / s in s² and its powers, for |s| ≤ 0.1716. */
const tail = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
];

/** The bits of a mantissa, and a number whose bits below it are a whole number. */
const mantissaBits = 2 ** -1022 - 2 ** -1074;
const wholeBits = 2 ** 52;

/** The whole e and the number from 1 to 2 whose product with 2ᵉ is x: finite x > 0, subnormals included. */
export const normalParts = <V>(d: Doubles<V>, x: V): readonly [e: V, mantissa: V] => {
  const { f, share, sub, mul, and, or, shr, lt, select } = d;
  const subnormal = share(lt(x, f(2 ** -1022)));
  const word = share(select(subnormal, mul(x, f(2 ** 54)), x));
  const bias = select(subnormal, f(wholeBits + 1023 + 54), f(wholeBits + 1023));
  return [sub(or(shr(word, 52), f(wholeBits)), bias), share(or(and(word, f(mantissaBits)), f(1)))];
};

/** log x + more - less for finite x > 0, a small `more`, and a `less` of few bits that is at most 1. */
export const logOf = <V>(d: Doubles<V>, x: V, more: V | null, less: V | null = null): V => {
  const { f, share, add, sub, mul, div, lt, select, polynomial } = d;
  const [whole, between1And2] = normalParts(d, x);
  const high = share(lt(f(Math.SQRT2), between1And2));
  const mantissa = select(high, mul(between1And2, f(0.5)), between1And2);
  const e = share(add(whole, select(high, f(1), f(0))));
  const g = share(sub(mantissa, f(1)));
  const s = share(div(g, add(g, f(2))));
  const z = share(mul(s, s));
  const half = share(mul(mul(g, f(0.5)), g));
  const curve = mul(add(mul(polynomial(z, tail), z), half), s);
  const low = mul(e, f(ln2Low));
  const rest = sub(half, add(curve, more === null ? low : add(low, more)));
  const most = mul(e, f(ln2High)); // exact, and so is its difference from a number of few bits
  return sub(less === null ? most : sub(most, less), sub(rest, g));
};

/** NaN below 0, -Infinity at 0, Infinity at Infinity, where `result` is log x. */
const atEnds = <V>({ f, lt, eq, select }: Doubles<V>, x: V, result: V): V => {
  const nonPositive = select(eq(x, f(0)), f(-Infinity), f(NaN));
  return select(lt(f(0), x), select(lt(x, f(Infinity)), result, x), nonPositive);
};

export const log64 = <V>(d: Doubles<V>, x: V): V => {
  const v = d.share(x);
  return atEnds(d, v, logOf(d, v, null));
};

/** The logarithm of the rounded 1 + x, and what it lost as a part of that. */
export const log1p64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, div, lt, select, withSignOf } = d;
  const v = share(x);
  const u = share(add(v, f(1)));
  const lost = select(lt(v, f(1)), sub(v, sub(u, f(1))), sub(f(1), sub(u, v)));
  return atEnds(d, u, withSignOf(logOf(d, u, div(lost, u)), v));
};
