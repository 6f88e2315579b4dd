/** Reductions that leave NaN out. On integers and bools they are the plain ones. */
import { isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { full, fullLike, sum as sumOver } from "../ir/primitives/layout.js";
import { prod, reduceMax, reduceMin } from "../ir/primitives/reductions.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating, inFloat32 } from "./promotion.js";
import { accumulator, type AxisOptions, reducing, refuseEmpty } from "./reduce.js";
import { maskedVariance, rootOfSquares } from "./statistics.js";
import { asTensor } from "./tensor.js";

/** Options of `nanvar` and `nanstd`. */
export interface NaNVarianceOptions extends AxisOptions {
  /** Degrees of freedom taken from the count; 0 by default. */
  readonly ddof?: number | undefined;
}

/** Arguments after the tensor. */
export interface NaNArgs {
  /** The sum without NaN. */
  nansum: [options?: AxisOptions];
  /** The product without NaN. */
  nanprod: [options?: AxisOptions];
  /** The mean without NaN. */
  nanmean: [options?: AxisOptions];
  /** The largest element but NaN. */
  nanmax: [options?: AxisOptions];
  /** The smallest element but NaN. */
  nanmin: [options?: AxisOptions];
  /** The variance without NaN. */
  nanvar: [options?: NaNVarianceOptions];
  /** The standard deviation without NaN. */
  nanstd: [options?: NaNVarianceOptions];
}

/** Not NaN; true of every integer. */
const present = (x: Expr): Expr => (isFloat(x.dtype) ? prim.not(prim.isNaN(x)) : full(x.shape, "bool", 1));

/** `value` in the place of NaN. */
const without = (x: Expr, value: number): Expr =>
  isFloat(x.dtype) ? prim.select(prim.isNaN(x), fullLike(x, value), x) : x;

const nanOp = <O extends AxisOptions>(
  operation: string,
  names: readonly string[],
  f: (x: Expr, axes: readonly number[], options: O) => Expr,
): Op<[options?: O]> =>
  op<[options?: O]>(0, (input, options) => {
    const given = options ?? ({} as O); // every option of every O is optional
    const { x, axes, finish } = reducing(operation, input, given, names);
    return asTensor(finish(f(x, axes, given)));
  });

const plain = ["axis", "keepdims"];

/**
 * The sum over `axis` (default: all axes) of what is not NaN; 0 of nothing. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * nansum(tensor([1, NaN, 2])).toArray() // 3
 * ```
 */
export const nansum: Op<[options?: AxisOptions]> = nanOp("nansum", plain, (x, axes) =>
  sumOver(prim.cast(without(x, 0), accumulator(x.dtype)), axes),
);

/**
 * The product over `axis` (default: all axes) of what is not NaN; 1 of nothing. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * nanprod(tensor([3, NaN, 2])).toArray() // 6
 * ```
 */
export const nanprod: Op<[options?: AxisOptions]> = nanOp("nanprod", plain, (x, axes) =>
  prod(prim.cast(without(x, 1), accumulator(x.dtype)), axes),
);

/**
 * The mean over `axis` (default: all axes) of what is not NaN, in floats; NaN of nothing.
 * Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * nanmean(tensor([1, NaN, 2])).toArray() // 1.5
 * ```
 */
export const nanmean: Op<[options?: AxisOptions]> = nanOp("nanmean", plain, (given, axes) => {
  return inFloat32(prim.cast(given, floating(given.dtype)), (x) =>
    prim.div(sumOver(without(x, 0), axes), sumOver(prim.cast(present(x), x.dtype), axes)),
  );
});

/** An extreme of what is not NaN, and NaN where there is nothing else. */
const nanExtreme = (
  operation: string,
  over: (x: Expr, axes: readonly number[]) => Expr,
  identity: number,
): Op<[options?: AxisOptions]> =>
  nanOp(operation, plain, (x, axes) => {
    refuseEmpty(operation, x, axes);
    if (!isFloat(x.dtype)) return over(x, axes);
    const y = over(without(x, identity), axes);
    return prim.select(reduceMax(present(x), axes), y, fullLike(y, NaN));
  });

/**
 * The largest element over `axis` (default: all axes) that is not NaN; NaN where all are.
 * Throws when an axis does not exist, and on nothing.
 *
 * @example
 * ```ts
 * nanmax(tensor([1, NaN, 2])).toArray() // 2
 * ```
 */
export const nanmax: Op<[options?: AxisOptions]> = nanExtreme("nanmax", reduceMax, -Infinity);

/**
 * The smallest element over `axis` (default: all axes) that is not NaN; NaN where all are.
 * Throws when an axis does not exist, and on nothing.
 *
 * @example
 * ```ts
 * nanmin(tensor([1, NaN, 2])).toArray() // 1
 * ```
 */
export const nanmin: Op<[options?: AxisOptions]> = nanExtreme("nanmin", reduceMin, Infinity);

const variance = (given: Expr, axes: readonly number[], { ddof = 0 }: NaNVarianceOptions): Expr => {
  const x = prim.cast(given, floating(given.dtype));
  return maskedVariance(x, axes, present(x), ddof);
};

/**
 * The variance over `axis` (default: all axes) of what is not NaN, in floats. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * nanvar(tensor([1, NaN, 3])).toArray() // 1
 * ```
 */
export const nanvar: Op<[options?: NaNVarianceOptions]> = nanOp("nanvar", [...plain, "ddof"], variance);

/**
 * The standard deviation over `axis` (default: all axes) of what is not NaN, in floats.
 * Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * nanstd(tensor([1, NaN, 5])).toArray() // 2
 * ```
 */
export const nanstd: Op<[options?: NaNVarianceOptions]> = nanOp(
  "nanstd",
  [...plain, "ddof"],
  (x, axes, options: NaNVarianceOptions) => rootOfSquares(variance(x, axes, options)),
);

/** The bodies of the methods. */
export const nanFunctions: BodiesOf<NaNArgs> = { nansum, nanprod, nanmean, nanmax, nanmin, nanvar, nanstd };
