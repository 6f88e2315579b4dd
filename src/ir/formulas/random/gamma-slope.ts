/**
 * The derivative of a gamma sample by its shape in float32, for machines without float64: the power series and the integral
 * of src/ir/scalar/igamma.ts, to the digits that float32 has. Others ask the reference, which is more exact.
 */
import type { Machine } from "../../machine.js";
import { digamma } from "../digamma.js";
import { exp } from "../exp.js";
import { log } from "../log.js";
import { log1p } from "../log1p.js";
import { horner } from "../polynomial.js";
import { type Words, words } from "../words.js";

/** Shapes from which on the integral serves on both sides of the mean. */
const large = 100;

/** 2⁻²⁶: what is smaller beside 1 is not added. */
const tiny = 2 ** -26;

/** Σₖ z^(k - 1) / (2k + 1), of which these suffice for z ≤ 1/16. */
const series = [1, 2, 3, 4, 5, 6].map((k) => 1 / (2 * k + 1));

/** log(1 + u) - u, without cancellation near 0: with r = u/(2 + u) it is 2 (r³/3 + r⁵/5 + …) - u r. */
const log1pMinus = <V>(m: Machine<V>, u: V): V => {
  const { f, share, add, sub, mul, div, lt, both, select } = words(m);
  const near = share(both(lt(f(-0.4), u), lt(u, f(0.5))));
  const v = share(select(near, u, f(0)));
  const r = share(div(v, add(v, f(2))));
  const square = share(mul(r, r));
  const inside = mul(r, sub(mul(mul(horner(m, square, series), square), f(2)), v));
  return select(near, inside, sub(log1p(m, u), u));
};

/**
 * T = Σₙ xⁿ / ((a + 1)…(a + n)), and its derivative by a, whose terms are those of T times -Σₖ 1 / (a + k); where `wanted` does not
 * hold, nothing.
 */
const leftSeries = <V>(
  m: Machine<V>,
  loop: NonNullable<Machine<V>["loop"]>,
  a: V,
  x: V,
  wanted: V,
): readonly [value: V, derivative: V] => {
  const { f, share, add, sub, mul, div, lt, greater, select } = words(m);
  const [, , , value, derivative] = loop(
    [f(1), select(wanted, f(1), f(0)), f(0), f(1), f(0)],
    ([, term, harmonic, value]) => lt(mul(value!, f(tiny)), mul(term!, greater(harmonic!, f(1)))),
    ([n, term, harmonic, value, derivative]) => {
      const inverse = share(div(f(1), add(a, n!)));
      const next = share(mul(mul(term!, x), inverse));
      const sum = share(add(harmonic!, inverse));
      return [add(n!, f(1)), next, sum, add(value!, next), sub(derivative!, mul(next, sum))];
    },
  );
  return [value!, derivative!];
};

/** log a - ψ(a): an asymptotic series from 8 on. */
const logMinusDigamma = <V>(m: Machine<V>, a: V): V => {
  const { f, share, sub, mul, div, fma, lt, select } = words(m);
  const inverse = share(div(f(1), a));
  const square = share(mul(inverse, inverse));
  const far = fma(inverse, f(0.5), mul(horner(m, square, [1 / 12, -1 / 120, 1 / 252]), square));
  return share(select(lt(a, f(8)), sub(log(m, a), digamma(m, a)), far));
};

/** Between these |t - x| is 10⁻⁸ of its scale, and so far that the density is nothing. */
const [first, last, step] = [-2.75, 4.25, 1 / 8];

/**
 * ∫ p(t)/p(x) (log t - ψ(a)) dt over the tail of the gamma density p on the side of `direction` (±1), by the substitution
 * |t - x| = width · exp(v - exp(-v)) and the trapezoidal rule; where `wanted` does not hold, 0.
 */
const tailIntegral = <V>(
  m: Machine<V>,
  loop: NonNullable<Machine<V>["loop"]>,
  a: V,
  x: V,
  direction: V,
  wanted: V,
): V => {
  const { f, share, add, sub, mul, div, abs, sqrt, greater, lesser, lt, both, select }: Words<V> = words(m);
  const less = share(sub(a, f(1)));
  const slope = share(div(sub(sub(a, x), f(1)), x)); // of log p at x; the first difference is exact near the mean
  const width = share(div(f(1), add(abs(slope), div(sqrt(a), x))));
  const shift = logMinusDigamma(m, a);
  const beyond = share(sub(x, a));
  const rightwards = share(lt(f(0), direction));
  const [, sum] = loop(
    [select(wanted, f(first), f(last)), f(0)],
    ([v]) => lt(v!, f(last)),
    ([v, sum]) => {
      const shrink = share(exp(m, share(m.unary("neg", v!))));
      const distance = share(mul(width, exp(m, share(sub(v!, shrink)))));
      const ends = share(lt(x, distance));
      const s = share(mul(direction, select(rightwards, distance, lesser(distance, x))));
      const ratio = exp(m, share(add(mul(less, log1pMinus(m, share(div(s, x)))), mul(s, slope))));
      // Not -1, whose logarithm is infinite where the density is 0.
      const from = share(greater(div(add(beyond, s), a), f(-1 + 2 ** -24)));
      const weight = add(log1p(m, from), shift);
      const all = mul(mul(ratio, weight), mul(distance, add(shrink, f(1))));
      // To the left there is nothing below 0.
      const over = share(both(ends, lt(direction, f(0))));
      return [select(over, f(last), add(v!, f(step))), add(sum!, select(over, f(0), all))];
    },
  );
  return mul(sum!, f(step));
};

/** -(∂P/∂a)/p at a sample x; of its logarithm, if that is given, the quotient by x. NaN unless a > 0 and x ≥ 0. */
export const gammaSlope = <V>(m: Machine<V>, shape: V, sample: V, isLog: boolean): V | null => {
  const { loop } = m;
  if (loop === undefined || m.inFloat64 !== undefined) return null;
  const { f, share, add, sub, mul, div, eq, lt, greater, both, either, select } = words(m);
  const [given, at] = [share(shape), share(sample)];
  const value = isLog ? share(exp(m, at)) : at;
  const isNumber = both(eq(given, given), eq(at, at));
  const finite = both(lt(given, f(Infinity)), lt(value, f(Infinity)));
  const proper = share(both(both(isNumber, finite), both(lt(f(0), given), m.compare("ge", value, f(0)))));
  const isZero = share(lt(value, f(2 ** -126)));
  const a = share(select(proper, given, f(1)));
  // Where x is nothing beside 1 the series is 1, whatever x is.
  const x = share(select(both(proper, m.unary("not", isZero)), value, f(2 ** -126)));
  const small = share(lt(a, f(large)));
  const near = both(small, m.compare("le", x, greater(a, f(1))));
  const left = share(either(lt(x, mul(a, f(0.5))), near));
  const [total, derivative] = leftSeries(m, loop, a, x, left);
  const logX = isLog ? select(proper, at, f(0)) : log(m, x);
  const above = sub(logX, digamma(m, share(add(a, f(1)))));
  const bySeries = div(m.unary("neg", add(mul(above, total), derivative)), a);
  const direction = share(select(either(small, lt(a, x)), f(1), f(-1)));
  const integral = mul(direction, tailIntegral(m, loop, a, x, direction, m.unary("not", left)));
  const result = isLog
    ? select(left, bySeries, div(integral, x))
    : select(isZero, f(0), select(left, mul(bySeries, x), integral));
  return select(proper, result, f(NaN));
};
