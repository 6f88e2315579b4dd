/** The logarithmic derivative of Γ in float32. */
import type { DType } from "../dtype.js";
import type { Machine } from "../machine.js";
import { byBinade } from "./binades.js";
import { logOfParts, logParts } from "./log.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** The positive zero, in two parts. */
const zero = 1.4616321325302124;
const zeroRest = 1.2438149938918909e-8;

/** digamma(x) / (x - zero) from 1 to 2, digamma(x) to 8. Fitted by test/ir/formulas/fit.py (digamma0 to digamma2). */
const ratios = [
  [
    0.9510559, -0.42362747, 0.24053909, -0.14840047, 0.09510717, -0.062033273, 0.039417114, -0.025906572,
    0.023825217, -0.016162463,
  ],
  [
    0.9227843, 0.7898684, -0.30822527, 0.15856953, -0.09092878, 0.055248927, -0.03336698, 0.02009472,
    -0.018580606, 0.01421272,
  ],
  [
    1.7061176, 0.7252918, -0.26231202, 0.12616605, -0.06822892, 0.039065138, -0.022143375, 0.014284418,
    -0.012746103, 0.0065861936,
  ],
] as const;

/** x² (log x - 1/(2x) - digamma(x)) in 1/x², from 8 on: B₂ₖ / 2k. */
const tail = [1 / 12, -1 / 120, 1 / 252];

/** For x > 0: a polynomial up to 8, of 1 + x less 1/x below 1, an asymptotic series beyond. */
export const digammaOfPositive = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, mul, div, lt, select } = words(m);
  const small = share(lt(x, f(1)));
  const z = share(select(small, add(x, f(1)), x));
  const distance = sub(sub(x, select(small, f(zero - 1), f(zero))), f(zeroRest));
  const inverse = share(div(f(1), x));
  const near = sub(
    mul(select(lt(z, f(2)), distance, f(1)), byBinade(m, z, 2, ratios)),
    select(small, inverse, f(0)),
  );
  const square = share(mul(inverse, inverse));
  const less = m.fma(inverse, f(0.5), mul(estrin(m, square, tail), square));
  return select(lt(x, f(8)), near, sub(logOfParts(m, ...logParts(m, x)), less));
};

/** For x ≥ 0: NaN at 0. */
export const digamma = <V>(m: Machine<V>, x: V): V => {
  const { f, share, abs, lt, select } = words(m);
  const v = share(abs(x));
  const inside = select(lt(v, f(Infinity)), digammaOfPositive(m, v), v);
  return select(lt(f(0), v), inside, f(NaN));
};

/** Where x is negative. */
export const isNegative = <V>(m: Machine<V>, x: V, dtype: DType): V =>
  m.compare("lt", x, m.constant(dtype, 0));

/** Where x is 0 or negative. */
export const isNotPositive = <V>(m: Machine<V>, x: V, dtype: DType): V =>
  m.compare("le", x, m.constant(dtype, 0));
