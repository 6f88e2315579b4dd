/** Inverse hyperbolic functions in float64: logarithms of sums that are not rounded before, and of a quotient. */
import type { Doubles } from "./doubles.js";
import { ln2High, ln2Low } from "./exp.js";
import { logOf, normalParts } from "./log.js";

/** From here on √(x² ± 1) is x. */
const large = 2 ** 28;

/** log(x + y) for x ≥ y ≥ 0, y being x where they are large. */
const logOfSum = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, add, sub, div, lt, select } = d;
  const far = share(lt(f(large), x));
  const sum = share(add(x, y));
  const more = select(far, f(Math.LN2), div(sub(y, sub(sum, x)), sum));
  return select(lt(x, f(Infinity)), logOf(d, share(select(far, x, sum)), share(more)), x);
};

/** log(1 + (x + (√(x² + 1) - 1))) up to 1, log(√(x² + 1) + x) from there on. */
export const asinh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, mul, div, sqrt, abs, lt, select, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const square = share(mul(a, a));
  const root = share(sqrt(add(square, f(1))));
  const near = share(lt(a, f(1)));
  const small = add(div(square, add(root, f(1))), a);
  const most = select(near, f(1), select(lt(a, f(large)), root, a));
  const result = logOfSum(d, share(most), share(select(near, small, a)));
  // What is as small is itself.
  return withSignOf(select(lt(a, f(2 ** -28)), a, result), v);
};

/** log(x + √(x² - 1)); NaN below 1. */
export const acosh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, sqrt, lt, select } = d;
  const v = share(x);
  const above = share(sub(v, f(1)));
  const root = sqrt(add(mul(above, above), add(above, above)));
  const result = logOfSum(d, v, share(select(lt(v, f(large)), root, v)));
  return select(lt(v, f(1)), f(NaN), result);
};

/** (atanh(s) / s - 1) / s² in s², for |s| ≤ ⅓: Chebyshev's approximation, good to 2⁻⁶⁴ (fit_double.py, atanh). */
const tail = [
  0.3333333333333333, 0.20000000000000007, 0.14285714285710957, 0.11111111111668144, 0.09090909042836508,
  0.07692310134370277, 0.06666588266401939, 0.05884002595975282, 0.0524015723044706, 0.04971312062830619,
  0.03165861802787853, 0.076176797848631,
];

/**
 * With 1 - x = 2⁻ᵉ m, half of e log 2 + log((1 + x) / m), whose logarithm is 2 atanh s for s = (1 + x - m) / (1 + x + m):
 * up to ⅓ that is x, with e = 0. Infinite at ±1, NaN beyond.
 */
export const atanh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, lt, eq, select, polynomial, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const near = share(lt(a, f(1 / 3)));
  const [e, m] = normalParts(d, share(sub(f(1), a)));
  const over = share(sub(a, sub(m, f(1)))); // exact
  const s = share(select(near, a, div(over, add(over, add(m, m)))));
  const n = share(select(near, f(0), mul(e, f(-0.5))));
  const z = share(mul(s, s));
  const curve = add(mul(mul(polynomial(z, tail), z), s), mul(n, f(ln2Low)));
  const inside = add(mul(n, f(ln2High)), add(s, curve));
  const end = select(eq(a, f(1)), f(Infinity), f(NaN));
  return withSignOf(select(lt(a, f(1)), inside, end), v);
};
