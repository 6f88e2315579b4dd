/** log(1 + x) in float32. */
import type { Machine } from "../machine.js";
import { atEnds, logOfParts, twoThirds } from "./log.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** The bits of 2 to the (2 - e), less e in the exponent. */
const four = 0x4080_0000;

/**
 * 1 + x = 2ᵉ (1 + f). e comes from the rounded 1 + x, f from x itself. It is computed as 4f, because 2⁻ᵉ would be
 * subnormal for the largest x.
 */
export const log1p = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, fma, shr, shl, bits, fromBits, toFloat } = words(m);
  const v = share(x);
  const u = share(add(v, f(1)));
  const exponent = share(shr(sub(bits(u), i(twoThirds)), 23));
  const scale = share(fromBits(sub(i(four), shl(exponent, 23))));
  const mantissa = mul(fma(v, scale, sub(scale, f(4))), f(0.25));
  const result = logOfParts(m, share(toFloat(exponent)), share(mantissa));
  return atEnds(m, u, withSignOf(m, result, v));
};
