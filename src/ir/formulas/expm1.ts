/** eˣ - 1 in float32. */
import type { Machine } from "../machine.js";
import { lessLn2, magic } from "./exp.js";
import { estrin } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** (eʳ - 1 - r) / r² for r from -0.29 to 0.7. Fitted by test/ir/formulas/fit.py (expm1). */
const tail = [0.49999997, 0.16666679, 0.041668117, 0.008329139, 0.0013787067, 0.0002357228];

/**
 * 2ⁿ (eʳ - 1) + (2ⁿ - 1) with r = x - n log 2. n is 0 up to x = 0.4, beyond log(2)/2: from there on the sum of both
 * parts is no smaller than the first. It stops at 127, r grows to 0.7 where the result overflows.
 */
export const expm1 = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, fma, lesser, greater, shl, bits, fromBits } = words(m);
  const v = share(x);
  const a = share(greater(lesser(v, f(89)), f(-80)));
  const sum = share(lesser(fma(sub(a, f(0.058)), f(Math.LOG2E), f(magic + 127)), f(magic + 254)));
  const r = lessLn2(m, a, share(sub(sum, f(magic + 127))));
  const r2 = share(mul(r, r));
  const p = fma(estrin(m, r, tail, r2), r2, r);
  const scale = share(fromBits(shl(bits(sum), 23)));
  return withSignOf(m, fma(p, scale, sub(scale, f(1))), v);
};
