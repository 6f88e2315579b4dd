/** Arc sines and cosines in float32. */
import type { Machine } from "../machine.js";
import { estrin } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** (asin(x) / x - 1) / x² in x², for |x| ≤ ½. Fitted by test/ir/formulas/fit.py (asin). */
const tail = [0.16666752, 0.074953094, 0.045469154, 0.024184743, 0.042158388];

/** π/2 in two parts. The second is large enough for the first less 2s not to exceed 1 where the arc sine does not. */
const most = Math.fround(Math.PI / 2) - 2 ** -6;
const rest = Math.PI / 2 - most;

interface Parts<V> {
  readonly v: V;
  readonly large: V;
  /** |x| up to ½, √((1 - |x|) / 2) beyond. */
  readonly s: V;
  /** asin s - s. */
  readonly curve: V;
}

const partsOf = <V>(m: Machine<V>, x: V): Parts<V> => {
  const { f, share, mul, sqrt, abs, fma, lt, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const large = share(lt(f(0.5), a));
  const z = share(select(large, fma(a, f(-0.5), f(0.5)), mul(a, a)));
  const s = share(select(large, sqrt(z), a));
  return { v, large, s, curve: share(mul(mul(z, estrin(m, z, tail)), s)) };
};

/** asin x = π/2 - 2 asin √((1 - x) / 2); NaN outside [-1, 1]. */
export const asin = <V>(m: Machine<V>, x: V): V => {
  const { f, add, sub, fma, select } = words(m);
  const { v, large, s, curve } = partsOf(m, x);
  const far = sub(fma(s, f(-2), f(most)), fma(curve, f(2), f(-rest)));
  return withSignOf(m, select(large, far, add(s, curve)), v);
};

/** acos x = 2 asin √((1 - x) / 2) for x > ½, π/2 - asin x around 0; NaN outside [-1, 1]. */
export const acos = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, lt, select } = words(m);
  const { v, large, s, curve } = partsOf(m, x);
  const near = share(add(s, curve));
  const negative = share(lt(v, f(0)));
  const twice = share(add(near, near));
  const far = select(negative, sub(f(Math.PI), twice), twice);
  const middle = select(negative, add(f(Math.PI / 2), near), sub(f(Math.PI / 2), near));
  return select(large, far, middle);
};
