/** Powers of integers: repeated squaring up to 63, and a short binomial series beyond. */
import { coerce, type DType, isUnsigned } from "../dtype.js";
import type { Machine } from "../machine.js";

/** Bits of the exponent that are squared for. */
const bits = 6;

/**
 * (1 + u)^k modulo 2³² where u is a multiple of 2⁸: 1 + k u + k (k-1)/2 u² + k (k-1) (k-2)/6 u³. Of k and k - 1, the odd
 * one is (k - 1) | 1, and k >> 1 is half of the other; the division by 3 is a product with its inverse modulo 2³².
 */
const binomialSeries = <V>(m: Machine<V>, u: V, k: V, dtype: DType): V => {
  const c = (n: number): V => m.constant(dtype, coerce(dtype, n));
  const [add, mul] = [(x: V, y: V): V => m.binary("add", x, y), (x: V, y: V): V => m.binary("mul", x, y)];
  const pairs = m.share(mul(m.shift("shr", k, 1), m.binary("or", add(k, c(-1)), c(1))));
  const triples = mul(pairs, mul(add(k, c(-2)), c(0xaaaa_aaab)));
  return add(mul(add(mul(add(mul(triples, u), pairs), u), k), u), c(1));
};

/** x to the y for y ≥ 0, modulo the dtype. Odd numbers to the 64 are 1 modulo 2⁸; even ones are 0 modulo 2⁶⁴. */
const powCount = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V => {
  const [zero, one] = [m.constant(dtype, 0), m.constant(dtype, 1)];
  let base = x;
  let result = one;
  for (let k = 0; k < bits; k++) {
    const bit = m.compare("ne", m.binary("and", y, m.constant(dtype, 2 ** k)), zero);
    const factor = m.select(bit, base, one);
    result = k === 0 ? factor : m.binary("mul", result, factor);
    base = m.share(m.binary("mul", base, base));
  }
  const large = m.share(m.shift("shr", y, bits));
  const odd = m.compare("ne", m.binary("and", x, one), zero);
  const none = m.select(m.compare("eq", large, zero), one, zero);
  const u = m.share(m.binary("sub", base, one));
  return m.binary("mul", result, m.select(odd, binomialSeries(m, u, large, dtype), none));
};

/** x to the y in integers that wrap; to a negative exponent the truncated reciprocal: ±1 of ±1, else 0. */
export const powInteger = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V => {
  const [base, exponent] = [m.share(x), m.share(y)];
  const power = powCount(m, base, exponent, dtype);
  if (isUnsigned(dtype)) return power;
  const [zero, one, minusOne] = [0, 1, -1].map((n) => m.constant(dtype, n)) as [V, V, V];
  const odd = m.compare("ne", m.binary("and", exponent, one), zero);
  const ofMinusOne = m.select(odd, minusOne, one);
  const ofOthers = m.select(m.compare("eq", base, one), one, zero);
  const inverse = m.select(m.compare("eq", base, minusOne), ofMinusOne, ofOthers);
  return m.select(m.compare("lt", exponent, zero), inverse, power);
};
