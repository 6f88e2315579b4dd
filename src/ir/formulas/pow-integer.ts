/** Powers of integers with small exponents, by repeated squaring. */
import type { DType } from "../dtype.js";
import type { Machine } from "../machine.js";

/** Exponents have so many bits. */
const bits = 5;

/** x to the y in integers that wrap, for y from 0 to 31. */
export const powInteger = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V => {
  const [zero, one] = [m.constant(dtype, 0), m.constant(dtype, 1)];
  const exponent = m.share(y);
  let base = m.share(x);
  let result = one;
  for (let k = 0; k < bits; k++) {
    const bit = m.compare("ne", m.binary("and", exponent, m.constant(dtype, 2 ** k)), zero);
    const factor = m.select(bit, base, one);
    result = k === 0 ? factor : m.binary("mul", result, factor);
    if (k < bits - 1) base = m.share(m.binary("mul", base, base));
  }
  return result;
};

/** Where the exponent is negative or larger than that. */
export const largeExponent = <V>(m: Machine<V>, y: V, dtype: DType): V =>
  m.compare("ne", m.shift("shr", y, bits), m.constant(dtype, 0));
