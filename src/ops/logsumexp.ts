/** log Σ exp, without overflow. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike, sum as sumOver, unreduce } from "../ir/primitives/layout.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { exp, log } from "../ir/primitives/transcendental.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating } from "./promotion.js";
import { type AxisOptions, hasNothing, masked, reducing } from "./reduce.js";
import { asTensor, type TensorLike } from "./tensor.js";

/** Options of `logsumexp`. */
export interface LogSumExpOptions extends AxisOptions {
  /** Only elements where this is not 0 count; it broadcasts to the tensor. */
  readonly where?: TensorLike | undefined;
}

/** Arguments after the tensor. */
export interface LogSumExpArgs {
  /** log Σ exp(x). */
  logsumexp: [options?: LogSumExpOptions];
}

/**
 * The shift by the maximum is a constant to derivatives, which it does not change. Where all is −∞ it is 0, and the
 * logarithm of the empty sum is taken apart so that no NaN flows back.
 */
export const logSumExpOver = (x: Expr, axes: readonly number[]): Expr => {
  if (hasNothing(x, axes))
    return full(
      x.shape.filter((_, i) => !axes.includes(i)),
      x.dtype,
      -Infinity,
    );
  const top = prim.stopGradient(reduceMax(x, axes));
  const shift = prim.select(prim.isFinite(top), top, fullLike(top, 0));
  const total = sumOver(exp(prim.sub(x, unreduce(shift, x.shape, axes))), axes);
  const nothing = prim.eq(total, fullLike(total, 0));
  const safe = prim.select(nothing, fullLike(total, 1), total);
  return prim.select(nothing, fullLike(total, -Infinity), prim.add(log(safe), shift));
};

/**
 * log Σ exp(x) over `axis` (default: all axes) in floats, without overflow. −Infinity of nothing, and where all elements
 * are −Infinity (with derivative 0). Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * logsumexp(tensor([1000, 1000])).toArray() // ≈ 1000.693
 * logsumexp(tensor([[0, 0], [1, -Infinity]]), { axis: 1 }).toArray() // ≈ [0.693147, 1]
 * ```
 */
export const logsumexp: Op<[options?: LogSumExpOptions]> = op<[options?: LogSumExpOptions]>(
  0,
  (x, options = {}) => {
    const { x: given, axes, finish } = reducing("logsumexp", x, options, ["axis", "keepdims", "where"]);
    const e = prim.cast(given, floating(given.dtype));
    return asTensor(finish(logSumExpOver(masked("logsumexp", e, options.where, -Infinity), axes)));
  },
);

/** The bodies of the methods. */
export const logSumExpFunctions: BodiesOf<LogSumExpArgs> = { logsumexp };
