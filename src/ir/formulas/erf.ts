/** The error function in float32. */
import type { Machine } from "../machine.js";
import { expNearZero, lessLn2, magic } from "./exp.js";
import { estrin } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** erf(x) / x - 1 in x², for |x| ≤ 0.93. Fitted by test/ir/formulas/fit.py (erf). */
const near = [0.12837915, -0.3761249, 0.1128173, -0.026762916, 0.004987253, -0.0005958977];

/** -log(1 - erf(x)) for x from 0.92 to 4 (erfLarge). */
const far = [0.00019568307, 1.1276757, 0.6371821, 0.10393177, -0.022227017, 0.0030432402, -0.00019593882];

/** A polynomial near 0, 1 less an exponential elsewhere. */
export const erf = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, abs, fma, lesser, shl, lt, select, bits, fromBits } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(a, a));
  const small = fma(estrin(m, z, near), a, a);
  const t = share(lesser(a, f(4))); // from there on it is 1
  const l = share(estrin(m, t, far));
  const sum = share(fma(l, f(-Math.LOG2E), f(magic + 127)));
  const r = lessLn2(m, m.unary("neg", l), share(sub(sum, f(magic + 127))));
  const rest = mul(expNearZero(m, r), fromBits(shl(bits(sum), 23)));
  return withSignOf(m, select(lt(a, f(0.925)), small, sub(f(1), rest)), v);
};
