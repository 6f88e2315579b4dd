/** The tangent in float32. */
import type { Machine } from "../machine.js";
import { magic } from "./exp.js";
import { estrin } from "./polynomial.js";
import { lessQuarters } from "./sin.js";
import { words } from "./words.js";

/** (tan(r) / r - 1) / r² in r², for |r| ≤ π/4. Fitted by test/ir/formulas/fit.py (tan). */
const tail = [0.3333335, 0.13332675, 0.054058913, 0.021286212, 0.010827416, 9.8312776e-5, 0.0043726456];

/** tan x = tan(x - n π/2), or -1 / that where n is odd: of the sum t + lost, since t alone is not exact enough. */
export const tan = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, div, fma, and, eq, select, bits } = words(m);
  const v = share(x);
  const sum = share(fma(v, f(2 / Math.PI), f(magic)));
  const [r, more] = lessQuarters(m, v, share(sub(sum, f(magic))), true);
  const z = share(mul(r, r));
  const curve = share(fma(mul(z, estrin(m, z, tail)), r, more));
  const t = share(select(eq(z, f(0)), v, add(curve, r))); // -0 and what is as small: themselves
  const lost = sub(curve, sub(t, r));
  const q = share(div(f(-1), t));
  return select(eq(and(bits(sum), i(1)), i(0)), t, fma(mul(q, lost), q, q));
};
