/** Powers in float32, as IEEE 754 has them: two to the y log₂ x, with log₂ x and the product as sums of two floats. */
import type { Machine } from "../machine.js";
import { magic } from "./exp.js";
import { horner } from "./polynomial.js";
import { words } from "./words.js";

/** The bits of √½: numbers are written as 2ᵉ m with m in [√½, √2). */
const rootHalf = 0x3f35_04f3;
const signBit = -0x8000_0000;

/** 2 / log 2 in two parts, the first of 12 bits. */
const slope = 2 / Math.LN2;
const slopeHigh = 2.8837890625;
const slopeLow = slope - slopeHigh;

/** (log₂((1 + s) / (1 - s)) - 2 s / log 2) / s³ - 1 in s², for |s| ≤ 0.1717. Fitted by test/ir/formulas/fit.py (pow). */
const logTail = [-0.0382033, 0.5770789, 0.41192138, 0.33662862];

/** (2ʳ - 1) / r for |r| ≤ ½ (exp2). */
const exp2Tail = [0.6931472, 0.24022648, 0.0555036, 0.009618506, 0.0013390812, 0.00015326496];

/** Its first 12 bits: products of two such numbers are exact. */
const head = <V>(m: Machine<V>, x: V): V => {
  const { i, share, and, bits, fromBits } = words(m);
  return share(fromBits(and(bits(x), i(-0x1000))));
};

/** log₂ x for positive x, as a head and a rest: together good to 2⁻³⁰. */
const log2Parts = <V>(m: Machine<V>, x: V): readonly [V, V] => {
  const { f, i, share, add, sub, mul, div, fma, lt, select, shl, shr, bits, fromBits, toFloat } = words(m);
  const subnormal = share(lt(x, f(2 ** -126)));
  const word = share(bits(select(subnormal, mul(x, f(2 ** 23)), x)));
  const exponent = share(shr(sub(word, i(rootHalf)), 23));
  const mantissa = share(fromBits(sub(word, shl(exponent, 23))));
  const e = share(sub(toFloat(exponent), select(subnormal, f(23), f(0))));
  // s = (mantissa - 1) / (mantissa + 1), as a head and a rest.
  const above = share(sub(mantissa, f(1)));
  const d = share(add(mantissa, f(1)));
  const inverse = share(div(f(1), d));
  const sHead = head(m, mul(above, inverse));
  const dHead = head(m, d);
  const dRest = sub(mantissa, sub(dHead, f(1)));
  const left = fma(sHead, m.unary("neg", dRest), sub(above, mul(sHead, dHead)));
  const sRest = share(mul(left, inverse));
  const s = share(add(sHead, sRest));
  const z = share(fma(sRest, add(sHead, s), mul(sHead, sHead)));
  const cube = share(mul(z, s));
  const linear = fma(sRest, f(slope), mul(sHead, f(slopeLow)));
  const curve = share(add(cube, fma(cube, horner(m, z, logTail), linear)));
  const line = share(mul(sHead, f(slopeHigh)));
  const most = share(add(e, line));
  const rest = share(add(curve, sub(line, sub(most, e))));
  const first = head(m, add(most, rest));
  return [first, share(add(sub(most, first), rest))];
};

/** Two to the (a + b), where b is small beside a. */
const exp2OfSum = <V>(m: Machine<V>, a: V, b: V): V => {
  const { f, share, add, sub, mul, fma, lt, select, shl, shr, bits, fromBits } = words(m);
  const total = share(add(a, b));
  const sum = share(add(total, f(magic + 254)));
  const r = share(add(sub(a, sub(sum, f(magic + 254))), b));
  const p = fma(horner(m, r, exp2Tail), r, f(1));
  const half = share(shr(bits(sum), 1));
  const first = fromBits(shl(half, 23));
  const second = fromBits(shl(sub(bits(sum), half), 23));
  const inside = mul(mul(p, first), second);
  const low = select(lt(total, f(-151)), f(0), inside);
  return select(lt(f(129), total), f(Infinity), low);
};

/** |x| to the y. Exponents beyond ±2³² give what those do: 0, 1 or Infinity. */
const powOfSize = <V>(m: Machine<V>, v: V, y: V): V => {
  const { f, share, sub, mul, div, abs, fma, lesser, greater, and, lt, select } = words(m);
  const by = share(greater(lesser(y, f(2 ** 32)), f(-(2 ** 32))));
  const [first, rest] = log2Parts(m, v);
  const byHead = head(m, by);
  const product = share(mul(byHead, first));
  const more = share(fma(sub(by, byHead), first, mul(by, rest)));
  const inside = exp2OfSum(m, product, more);
  const end = share(abs(mul(v, by))); // 0, Infinity or NaN
  const atEnd = select(lt(y, f(0)), div(f(1), end), end);
  return select(and(lt(f(0), v), lt(v, f(Infinity))), inside, atEnd);
};

/** x to the y. */
export const pow = <V>(m: Machine<V>, x: V, y: V): V => {
  const { f, i, share, mul, and, or, xor, eq, select, abs, bits, fromBits } = words(m);
  const [a, b] = [share(x), share(y)];
  const v = share(abs(a));
  const half = share(mul(b, f(0.5)));
  const whole = share(eq(m.unary("floor", b), b));
  const odd = and(whole, m.compare("ne", m.unary("floor", half), half));
  const sign = and(bits(a), select(odd, i(signBit), i(0)));
  const signed = fromBits(xor(bits(powOfSize(m, v, b)), sign));
  const real = or(or(whole, m.compare("ge", a, f(0))), eq(v, f(Infinity)));
  const isOne = or(eq(a, f(1)), eq(b, f(0)));
  return select(isOne, f(1), select(real, signed, f(NaN)));
};
