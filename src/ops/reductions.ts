/** Reductions. Their axes disappear, or stay with size 1 (`keepdims`); without `axis`, all are reduced. */
import { highest, lowest } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike, sum as sumOver } from "../ir/primitives/layout.js";
import * as reduce from "../ir/primitives/reductions.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating, inFloat32 } from "./promotion.js";
import {
  accumulator,
  asked,
  type AxisOptions,
  countOf,
  hasNothing,
  maskOf,
  masked,
  reduceNames,
  type ReduceOptions,
  reducing,
  refuseEmpty,
} from "./reduce.js";
import { asTensor } from "./tensor.js";

/** Arguments after the tensor. */
export interface ReductionArgs {
  /** The sum. */
  sum: [options?: ReduceOptions];
  /** The product. */
  prod: [options?: ReduceOptions];
  /** The mean, in floats. */
  mean: [options?: MeanOptions];
  /** The largest element. */
  max: [options?: ExtremeOptions];
  /** The smallest element. */
  min: [options?: ExtremeOptions];
  /** Whether all elements are not 0. */
  all: [options?: AxisOptions];
  /** Whether some element is not 0. */
  any: [options?: AxisOptions];
  /** The largest element less the smallest. */
  ptp: [options?: AxisOptions];
  /** The number of elements that are not 0. */
  countNonzero: [options?: AxisOptions];
}

/** Options of `mean`. */
export type MeanOptions = Omit<ReduceOptions, "initial">;
/** Options of `max` and `min`. */
export type ExtremeOptions = Omit<ReduceOptions, "dtype">;

/** Sum and product: an identity, a primitive, and the scalar step for `initial`. */
const accumulation = (
  operation: string,
  identity: number,
  over: (x: Expr, axes: readonly number[]) => Expr,
  combine: (x: Expr, y: Expr) => Expr,
): Op<[options?: ReduceOptions]> =>
  op<[options?: ReduceOptions]>(0, (x, options = {}) => {
    const { x: given, axes, finish } = reducing(operation, x, options, reduceNames);
    const e = masked(operation, asked(operation, given, options.dtype, accumulator), options.where, identity);
    const y = over(e, axes);
    return asTensor(finish(options.initial === undefined ? y : combine(y, fullLike(y, options.initial))));
  });

/**
 * The sum over `axis` (default: all axes). Floats keep their dtype and int32 and uint32 wrap; int8, uint8 and bool
 * are summed in 32 bits. The sum of nothing is 0. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * sum(x).toArray() // 10
 * sum(x, { axis: 0 }).toArray() // [4, 6]
 * sum({ axis: -1, keepdims: true })(x).toArray() // [[3], [7]]
 * ```
 */
export const sum: Op<[options?: ReduceOptions]> = accumulation("sum", 0, sumOver, prim.add);

/**
 * The product over `axis` (default: all axes), in the dtypes of `sum`. The product of nothing is 1; the derivative is
 * exact with any number of zeros. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * prod(tensor([[1, 2], [3, 4]]), { axis: 1 }).toArray() // [2, 12]
 * ```
 */
export const prod: Op<[options?: ReduceOptions]> = accumulation("prod", 1, reduce.prod, prim.mul);

/** x / n for a known n: a product where 1/n is exact. */
export const overCount = (x: Expr, n: number): Expr =>
  n > 0 && Number.isInteger(Math.log2(n)) ? prim.mul(x, fullLike(x, 1 / n)) : prim.div(x, fullLike(x, n));

/** The mean over axes of a float operand. */
export const meanOver = (x: Expr, axes: readonly number[]): Expr =>
  inFloat32(x, (wide) => overCount(sumOver(wide, axes), countOf(wide, axes)));

/**
 * The mean over `axis` (default: all axes) in floats: integers become float32. NaN where there is nothing.
 * Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * mean(tensor([[1, 2], [3, 4]])).toArray() // 2.5
 * mean(tensor([[1, 2], [3, 4]]), { axis: 0 }).toArray() // [2, 3]
 * mean(tensor([1, 2, 9]), { where: tensor([true, true, false]) }).toArray() // 1.5
 * ```
 */
export const mean: Op<[options?: MeanOptions]> = op<[options?: MeanOptions]>(0, (x, options = {}) => {
  const { x: given, axes, finish } = reducing("mean", x, options, ["axis", "keepdims", "dtype", "where"]);
  const e = asked("mean", given, options.dtype, floating);
  if (options.where === undefined) return asTensor(finish(meanOver(e, axes)));
  const kept = masked("mean", e, options.where, 0);
  const mask = maskOf("mean", options.where, e.shape);
  return asTensor(
    finish(
      inFloat32(kept, (wide) => prim.div(sumOver(wide, axes), sumOver(prim.cast(mask, wide.dtype), axes))),
    ),
  );
});

/** Largest and smallest element. */
const extreme = (
  operation: "max" | "min",
  over: (x: Expr, axes: readonly number[]) => Expr,
  combine: (x: Expr, y: Expr) => Expr,
): Op<[options?: ExtremeOptions]> =>
  op<[options?: ExtremeOptions]>(0, (x, options = {}) => {
    const { x: e, axes, finish } = reducing(operation, x, options, ["axis", "keepdims", "where", "initial"]);
    const { initial } = options;
    const identity = operation === "max" ? lowest(e.dtype) : highest(e.dtype);
    if (initial === undefined) refuseEmpty(operation, e, axes, ": give an initial value");
    else if (hasNothing(e, axes))
      return asTensor(
        finish(
          full(
            e.shape.filter((_, i) => !axes.includes(i)),
            e.dtype,
            initial,
          ),
        ),
      );
    const y = over(masked(operation, e, options.where, identity), axes);
    return asTensor(finish(initial === undefined ? y : combine(y, fullLike(y, initial))));
  });

/**
 * The largest element over `axis` (default: all axes); NaN if any is. Ties share the derivative equally.
 * Throws when an axis does not exist, and on nothing without `initial`.
 *
 * @example
 * ```ts
 * max(tensor([[1, 5], [3, 4]]), { axis: 1 }).toArray() // [5, 4]
 * max(tensor([])) // throws expected at least one element to reduce
 * ```
 */
export const max: Op<[options?: ExtremeOptions]> = extreme("max", reduce.reduceMax, prim.max);

/**
 * The smallest element over `axis` (default: all axes); NaN if any is. Ties share the derivative equally.
 * Throws when an axis does not exist, and on nothing without `initial`.
 *
 * @example
 * ```ts
 * min(tensor([[1, 5], [3, 4]]), { axis: 1 }).toArray() // [1, 3]
 * ```
 */
export const min: Op<[options?: ExtremeOptions]> = extreme("min", reduce.reduceMin, prim.min);

/** Reductions of truth values; over nothing they give `empty`. */
const quantifier = (
  operation: string,
  over: (x: Expr, axes: readonly number[]) => Expr,
  empty: number,
): Op<[options?: AxisOptions]> =>
  op<[options?: AxisOptions]>(0, (x, options = {}) => {
    const { x: e, axes, finish } = reducing(operation, x, options);
    const nothing = hasNothing(e, axes);
    const kept = e.shape.filter((_, i) => !axes.includes(i));
    return asTensor(finish(nothing ? full(kept, "bool", empty) : over(prim.cast(e, "bool"), axes)));
  });

/**
 * Whether all elements over `axis` (default: all axes) are not 0. bool; true of nothing.
 * Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * all(tensor([[1, 0], [2, 3]]), { axis: 1 }).toArray() // [false, true]
 * ```
 */
export const all: Op<[options?: AxisOptions]> = quantifier("all", reduce.reduceMin, 1);

/**
 * Whether some element over `axis` (default: all axes) is not 0. bool; false of nothing.
 * Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * any(tensor([[1, 0], [0, 0]]), { axis: 1 }).toArray() // [true, false]
 * ```
 */
export const any: Op<[options?: AxisOptions]> = quantifier("any", reduce.reduceMax, 0);

/**
 * The range ("peak to peak"), max − min, over `axis` (default: all axes).
 * Throws when an axis does not exist, and on nothing.
 *
 * @example
 * ```ts
 * ptp(tensor([3, -1, 4])).toArray() // 5
 * ```
 */
export const ptp: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(0, (x, options = {}) => {
  const { x: e, axes, finish } = reducing("ptp", x, options);
  refuseEmpty("ptp", e, axes);
  return asTensor(finish(prim.sub(reduce.reduceMax(e, axes), reduce.reduceMin(e, axes))));
});

/**
 * The number of elements over `axis` (default: all axes) that are not 0. int32. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * countNonzero(tensor([3, 0, 4])).toArray() // 2
 * ```
 */
export const countNonzero: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(0, (x, options = {}) => {
  const { x: e, axes, finish } = reducing("countNonzero", x, options);
  return asTensor(finish(sumOver(prim.cast(prim.cast(e, "bool"), "int32"), axes)));
});

/** The bodies of the methods. */
export const reductionFunctions: BodiesOf<ReductionArgs> = {
  sum,
  prod,
  mean,
  max,
  min,
  all,
  any,
  ptp,
  countNonzero,
};
