/**
 * The inverse error function in float32, to the bit as src/ir/scalar/erf-inv.ts has it: normal samples depend on that.
 * Machines that cannot round products with sums once differ in the last bits.
 */
import type { Machine } from "../machine.js";
import { erfInvFar, erfInvNear } from "../scalar/erf-inv.js";
import { rootTwoMinusOne } from "../scalar/log-f32.js";
import { log1pNearZero, logOfNormal } from "./log-f32.js";
import { hornerOnce } from "./polynomial.js";
import { words } from "./words.js";

/** log(1 + x) for x from -1 to 0 (as `log1pF32`); NaN below. */
const log1p = <V>(m: Machine<V>, x: V): V => {
  const { f, share, abs, add, eq, lt, select } = words(m);
  const z = share(add(x, f(1)));
  const end = select(eq(z, f(0)), f(-Infinity), f(NaN));
  const far = select(lt(z, f(2 ** -126)), end, logOfNormal(m, z));
  return select(lt(abs(x), f(rootTwoMinusOne)), log1pNearZero(m, x), far);
};

/** ±Infinity at ±1, NaN beyond. */
export const erfInv = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, sqrt, abs, eq, lt, select } = words(m);
  const v = share(x);
  const w = share(m.unary("neg", log1p(m, share(m.unary("neg", mul(v, v))))));
  const near = share(lt(w, f(5)));
  const t = share(select(near, sub(w, f(2.5)), sub(sqrt(w), f(3))));
  const chosen = erfInvNear.map((c, k) => select(near, f(c), f(erfInvFar[k]!)));
  const inside = mul(hornerOnce(m, t, chosen.reverse()), v);
  return select(eq(abs(v), f(1)), mul(v, f(Infinity)), inside);
};
