/** The tangent in float32. */
import type { Machine } from "../machine.js";
import { magic } from "./exp.js";
import type { Angle } from "./huge-angle.js";
import { estrin } from "./polynomial.js";
import { flippedBy } from "./sign.js";
import { lessQuarters, ofHugeAngle } from "./sin.js";
import { words } from "./words.js";

/** (tan(r) / r - 1) / r² in r², for |r| ≤ π/4. Fitted by test/ir/formulas/fit.py (tan). */
const [cubic, ...tail] = [
  0.3333335, 0.13332675, 0.054058913, 0.021286212, 0.010827416, 9.8312776e-5, 0.0043726456,
] as const;

/**
 * tan x = tan(x - n π/2), or -1 / that where n is odd: of the sum t + lost, since t alone is not exact enough. `small` is
 * the result where the square of r is 0.
 */
const tanOf = <V>(m: Machine<V>, { quarters, r, more }: Angle<V>, small: V): V => {
  const { f, i, share, add, sub, mul, div, fma, and, eq, select } = words(m);
  const z = share(mul(r, r));
  const bend = fma(estrin(m, z, tail), z, f(cubic));
  const curve = share(fma(mul(z, bend), r, more));
  const t = share(select(eq(z, f(0)), small, add(curve, r)));
  const lost = sub(curve, sub(t, r));
  const q = share(div(f(-1), t));
  return select(eq(and(quarters, i(1)), i(0)), t, fma(mul(q, lost), q, q));
};

export const tan = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, fma, bits } = words(m);
  const v = share(x);
  const sum = share(fma(v, f(2 / Math.PI), f(magic)));
  const [r, more] = lessQuarters(m, v, share(sub(sum, f(magic))), true);
  return tanOf(m, { quarters: bits(sum), r, more }, v); // -0 and what is as small: themselves
};

/** `more` counts 1 + tan² r times, which is as good as 1 + r² + ¾ r⁴. */
export const hugeTan = <V>(m: Machine<V>, x: V): V => {
  const { f, share, mul, fma } = words(m);
  const v = share(x);
  const of = (angle: Angle<V>): V => {
    const z = share(mul(angle.r, angle.r));
    const more = share(fma(mul(fma(z, f(0.75), f(1)), z), angle.more, angle.more));
    return tanOf(m, { ...angle, more }, angle.r);
  };
  return flippedBy(m, ofHugeAngle(m, v, of), v);
};
