/** Rounding a float64 to float16, once: as ../float16.ts rounds a float32, there is more room for what is added. */
import type { Doubles } from "./doubles.js";

export const float16Nearest64 = <V>(d: Doubles<V>, given: V): V => {
  const { f, share, add, sub, mul, abs, and, or, lesser, greater, lt, select } = d;
  const x = share(given);
  const sign = share(and(x, f(-0)));
  // The bits of the exponent. Beyond float16's greatest any will do: what is left is not finite.
  const power = lesser(greater(and(x, f(Infinity)), f(2 ** -14)), f(2 ** 16));
  const big = share(mul(power, f(1.5 * 2 ** 42)));
  const signed = share(or(sub(add(x, big), big), sign));
  // NaN is not greater than anything, and stays.
  return select(lt(f(65504), abs(signed)), or(f(Infinity), sign), signed);
};
