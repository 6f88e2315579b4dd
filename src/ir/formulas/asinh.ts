/** Inverse hyperbolic functions in float32: logarithms of sums and quotients that are not rounded before. */
import type { Machine } from "../machine.js";
import { logOfParts, twoThirds } from "./log.js";
import { estrin } from "./polynomial.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** (asinh(x) / x - 1) / x² in x², for |x| ≤ 1. Fitted by test/ir/formulas/fit.py (asinh). */
const asinhTail = [
  -0.1666663, 0.07498716, -0.04448788, 0.02945629, -0.019182077, 0.01043086, -0.0038384525, 0.000673989,
];

/** (atanh(x) / x - 1) / x² in x², for |x| ≤ ½ (atanh). */
const atanhTail = [0.33333302, 0.20002455, 0.14223742, 0.118168235, 0.051585764, 0.17640685];

/** From here on √(x² ± 1) is x. */
const large = 2 ** 13;

/** The bits of 1. */
const one = 0x3f80_0000;

/** The e with x = 2ᵉ (1 + f) and |f| ≤ 1/3, and what to add to the bits of a number for 2⁻ᵉ times that. */
const exponentOf = <V>(m: Machine<V>, x: V): readonly [V, V] => {
  const { i, share, sub, shl, shr, bits } = words(m);
  const e = share(shr(sub(bits(x), i(twoThirds)), 23));
  return [e, share(m.unary("neg", shl(e, 23)))];
};

/** log(x + y) for x ≥ y ≥ 0 that are normal: a quarter of the sum is below 2¹²⁷, and what it lost is added to f. */
const logOfSum = <V>(m: Machine<V>, x: V, y: V): V => {
  const { f, i, share, add, sub, mul, fma, bits, fromBits, toFloat } = words(m);
  const a = share(mul(x, f(0.25)));
  const b = share(mul(y, f(0.25)));
  const sum = share(add(a, b));
  const lost = sub(b, sub(sum, a));
  const [e, down] = exponentOf(m, sum);
  const mantissa = fromBits(add(bits(sum), down));
  const rest = share(fma(lost, fromBits(add(i(one), down)), sub(mantissa, f(1))));
  return logOfParts(m, share(add(toFloat(e), f(2))), rest);
};

/** A polynomial up to 1, log(x + √(x² + 1)) from there on. */
export const asinh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, mul, sqrt, abs, fma, lt, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(a, a));
  const root = share(select(lt(a, f(large)), sqrt(fma(a, a, f(1))), a));
  const far = select(lt(a, f(Infinity)), logOfSum(m, root, a), a);
  return withSignOf(m, select(lt(a, f(1)), fma(mul(z, estrin(m, z, asinhTail)), a, a), far), v);
};

/** log(x + √(x² - 1)); NaN below 1. */
export const acosh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, sqrt, fma, lt, select } = words(m);
  const v = share(x);
  const above = share(sub(v, f(1)));
  const root = share(select(lt(v, f(large)), sqrt(fma(above, above, add(above, above))), v));
  const inside = select(lt(v, f(Infinity)), logOfSum(m, v, root), v);
  return select(lt(v, f(1)), f(NaN), inside);
};

/** A polynomial up to ½, log((1 + x) / (1 - x)) / 2 from there on; infinite at ±1, NaN beyond. */
export const atanh = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, fma, lt, eq, select, bits, fromBits, toFloat } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(a, a));
  const small = fma(mul(z, estrin(m, z, atanhTail)), a, a);
  const below = share(sub(f(1), a));
  const [e, down] = exponentOf(m, div(add(a, f(1)), below));
  // 2ᵉ (1 - x), and by how much 1 + x is more: both exact.
  const d = share(fromBits(sub(bits(below), down)));
  const rest = share(div(sub(a, sub(d, f(1))), d));
  const far = mul(logOfParts(m, share(toFloat(e)), rest), f(0.5));
  const end = select(eq(a, f(1)), f(Infinity), f(NaN));
  return withSignOf(m, select(lt(a, f(1)), select(lt(a, f(0.5)), small, far), end), v);
};
