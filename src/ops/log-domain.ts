/** Logarithms of differences and means, without leaving the logarithms. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { exp, expm1, log, log1p } from "../ir/primitives/transcendental.js";
import { floatUnary } from "./elementwise.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { floating } from "./promotion.js";
import { type AxisOptions, reducing } from "./reduce.js";
import { logSumExpOver } from "./logsumexp.js";
import { asTensor } from "./tensor.js";

export interface LogDomainArgs {
  /** log(1 − e⁻ˣ). */
  log1mexp: [];
  /** The logarithm of the mean of the exponentials. */
  logmeanexp: [options?: AxisOptions];
}

/** Mächler, "Accurately computing log(1 − exp(−|a|))", 2012. Each branch sees only arguments that are its own. */
const log1mexpOf = (x: Expr): Expr => {
  const half = fullLike(x, Math.LN2);
  const small = prim.lt(x, half);
  const near = log(prim.neg(expm1(prim.neg(prim.select(small, x, half)))));
  const far = log1p(prim.neg(exp(prim.neg(prim.select(small, half, x)))));
  return prim.select(small, near, far);
};

/**
 * log(1 − e⁻ˣ), elementwise, for x from 0: exact for small and for large x. Integers become float32.
 * (M. Mächler, _Accurately computing log(1 − exp(−|a|))_, 2012.)
 *
 * @example
 * ```ts
 * log1mexp(tensor([0, 1e-10, 50])).toArray() // ≈ [-Infinity, -23.02585, -1.92875e-22]
 * ```
 */
export const log1mexp: Unary = floatUnary("log1mexp", log1mexpOf);

/**
 * log mean exp(x) over `axis` (default: all axes) in floats, without overflow. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * logmeanexp(tensor([1000, 1000])).item() // 1000
 * logmeanexp(tensor([[0, 0], [1, -Infinity]]), { axis: 1 }).toArray() // ≈ [0, 0.306853]
 * ```
 */
export const logmeanexp: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(
  0,
  (input, options = {}) => {
    const { x: given, axes, finish } = reducing("logmeanexp", input, options, ["axis", "keepdims"]);
    const x = prim.cast(given, floating(given.dtype));
    const count = axes.reduce((n, a) => n * x.shape[a]!, 1);
    const total = logSumExpOver(x, axes);
    return asTensor(finish(prim.sub(total, fullLike(total, count === 0 ? NaN : Math.log(count)))));
  },
);

/** The bodies of the methods. */
export const logDomainFunctions: BodiesOf<LogDomainArgs> = { log1mexp, logmeanexp };
