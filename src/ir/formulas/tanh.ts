/** The hyperbolic tangent in float32. */
import type { Machine } from "../machine.js";
import { expNearZero, lessLn2, magic } from "./exp.js";
import { horner } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** (tanh(x) / x - 1) / x² in x², for |x| ≤ 0.55. Fitted by test/ir/formulas/fit.py (tanh). */
const tail = [-0.33333316, 0.13332544, -0.053847548, 0.021050714, -0.0062428494];

/**
 * A polynomial near 0, and 1 - 2 / (e²ˣ + 1) elsewhere, which is exact where the result is near 1: quotients of
 * polynomials are not.
 */
export const tanh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, fma, lesser, shl, lt, select, bits, fromBits } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const twice = share(lesser(add(a, a), f(18.5))); // from there on it is 1
  const sum = share(fma(twice, f(Math.LOG2E), f(magic + 127)));
  const p = expNearZero(m, lessLn2(m, twice, share(sub(sum, f(magic + 127)))));
  const scale = fromBits(shl(bits(sum), 23));
  const large = sub(f(1), div(f(2), fma(p, scale, f(1))));
  const z = share(mul(a, a));
  const small = fma(mul(horner(m, z, tail), z), a, a);
  return withSignOf(m, select(lt(a, f(0.55)), small, large), v);
};
