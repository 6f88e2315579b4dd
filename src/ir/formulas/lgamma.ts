/** log |Γ(x)| in float32. */
import type { Machine } from "../machine.js";
import { byBinade } from "./binades.js";
import { ln2High, logCurve, logParts } from "./log.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** log Γ(x) / ((x - 1) (x - 2)) from 1 to 2; without x - 2 below and without x - 1 beyond. Fitted by test/ir/formulas/fit.py (lgamma-1 to lgamma2). */
const ratios = [
  [
    -0.8131238, 0.5454742, -0.17998898, 0.08190073, -0.04212412, 0.023009766, -0.0124754915, 0.0071604643,
    -0.006153795, 0.0038105226,
  ],
  [
    0.48312896, -0.1459599, 0.06290935, -0.031307876, 0.016843384, -0.009441513, 0.005094654, -0.003074898,
    0.0029176062, -0.0016196369,
  ],
  [
    0.6931472, 0.45927432, -0.12868033, 0.05187474, -0.02446736, 0.01260298, -0.006721614, 0.0036820539,
    -0.0027714972, 0.0018372751,
  ],
  [
    1.196873, 0.50924474, -0.14660029, 0.0591585, -0.027595636, 0.014025292, -0.00756861, 0.0039618015,
    -0.002533414, 0.001958219,
  ],
] as const;

/** Stirling's series from 8 on: B₂ₖ / (2k (2k - 1)). */
const stirling = [1 / 12, -1 / 360, 1 / 1260];

/** (x - ½) (log x - 1) + log(2π)/2 - ½ + Stirling's series; log x as an exact sum and its rest. */
const large = <V>(m: Machine<V>, x: V, e: V, mantissa: V, curve: V): V => {
  const { f, share, add, sub, mul, div, fma } = words(m);
  const whole = share(fma(e, f(ln2High), f(-1))); // exact
  const most = share(add(whole, mantissa));
  const rest = add(sub(mantissa, sub(most, whole)), curve);
  const inverse = share(div(f(1), x));
  const series = mul(estrin(m, share(mul(inverse, inverse)), stirling), inverse);
  const half = share(fma(x, f(0.5), f(-0.25))); // of x - ½: no product overflows where the result does not
  const constant = f(Math.log(2 * Math.PI) / 4 - 0.25);
  const result = share(fma(half, most, fma(half, rest, fma(series, f(0.5), constant))));
  return add(result, result);
};

/** For x > 0: a polynomial up to 8, of 1 + x below ½, Stirling's series beyond. */
export const lgammaOfPositive = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, mul, fma, lt, select } = words(m);
  const small = share(lt(x, f(0.5)));
  const z = share(select(small, add(x, f(1)), x));
  const above = share(select(small, x, sub(x, f(1))));
  const atTwo = select(lt(z, f(1)), f(1), sub(above, f(1)));
  const zeros = mul(select(lt(z, f(2)), above, f(1)), atTwo);
  const near = mul(zeros, byBinade(m, z, 1, ratios));
  const [e, mantissa] = logParts(m, x);
  const curve = share(logCurve(m, e, mantissa));
  const logarithm = fma(e, f(-ln2High), m.unary("neg", add(curve, mantissa)));
  const below = add(near, select(small, logarithm, f(0))); // 0, not -0, at 1
  return select(lt(x, f(8)), below, large(m, x, e, mantissa, curve));
};

/** log Γ(x) for x ≥ 0: Infinity at 0. */
export const lgamma = <V>(m: Machine<V>, x: V): V => {
  const { f, share, abs, eq, or, select } = words(m);
  const v = share(abs(x));
  const end = or(eq(v, f(0)), eq(v, f(Infinity)));
  return select(end, f(Infinity), lgammaOfPositive(m, v));
};
