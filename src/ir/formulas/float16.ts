/**
 * Rounding a float32 to float16: adding 1.5 · 2^(13 + e), where e is the exponent of x, leaves 10 bits after the first,
 * halves rounded to even; taking it away again is exact. Below 2^-14, where float16 is subnormal, e stays.
 * (IEEE 754-2019, 4.3.1)
 */
import type { Machine } from "../machine.js";
import { words } from "./words.js";

const exponentBits = 0x7f80_0000;
const signBit = -0x8000_0000;
const bitsOf = (exponent: number): number => (exponent + 127) << 23;

export const float16Nearest = <V>(m: Machine<V>, given: V): V => {
  const { f, i, share, abs, add, sub, and, or, lt, select, bits, fromBits } = words(m);
  const x = share(given);
  const sign = share(and(bits(x), i(signBit)));
  // Beyond float16's greatest exponent any will do: what is left is not finite.
  const power = m.binary(
    "min",
    m.binary("max", and(bits(x), i(exponentBits)), i(bitsOf(-14))),
    i(bitsOf(16)),
  );
  const big = share(m.binary("mul", fromBits(power), f(1.5 * 2 ** 13)));
  const near = share(sub(share(add(x, big)), big));
  const signed = share(fromBits(or(bits(near), sign)));
  // NaN is not greater than anything, and stays.
  return select(lt(f(65504), abs(signed)), fromBits(or(i(exponentBits), sign)), signed);
};
