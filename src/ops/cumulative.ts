/** Running sums, products and extremes along an axis; without `axis`, over the flattened tensor. */
import type { DType } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { cumulative, type CumulativeName } from "../ir/primitives/cumulative.js";
import { concat, pad, reshape, sliceAxis } from "../ir/primitives/views.js";
import { logAddExp } from "./exponential.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { floating, stretch } from "./promotion.js";
import { asked } from "./reduce.js";
import { asTensor, checkAxis, describe, type TensorLike, toExpr } from "./tensor.js";

/** Options of the running reductions. */
export interface CumulativeOptions {
  /** The axis along which to run; the flattened tensor by default. */
  readonly axis?: number | null | undefined;
  /** From the end; false by default. */
  readonly reverse?: boolean | undefined;
}

/** Options of running sums and products. */
export interface CumulativeSumOptions extends CumulativeOptions {
  /** dtype of the computation and the result. */
  readonly dtype?: DType | undefined;
}

/** Options of `diff`. */
export interface DiffOptions {
  /** How often to take differences; 1 by default. */
  readonly n?: number | undefined;
  /** The axis along which; the last by default. */
  readonly axis?: number | undefined;
  /** Put before the tensor first. A scalar stands for one slice. */
  readonly prepend?: TensorLike | undefined;
  /** Put behind the tensor first. A scalar stands for one slice. */
  readonly append?: TensorLike | undefined;
}

/** Arguments after the tensor. */
export interface CumulativeArgs {
  /** The running sum. */
  cumsum: [options?: CumulativeSumOptions];
  /** The running product. */
  cumprod: [options?: CumulativeSumOptions];
  /** The running maximum. */
  cummax: [options?: CumulativeOptions];
  /** The running minimum. */
  cummin: [options?: CumulativeOptions];
  /** The running log Σ exp. */
  cumlogsumexp: [options?: CumulativeOptions];
  /** Differences of neighbours. */
  diff: [options?: DiffOptions];
}

interface Running {
  readonly x: Expr;
  readonly axis: number;
  readonly reverse: boolean;
}

const running = (
  operation: string,
  input: TensorLike,
  options: CumulativeSumOptions,
  names: readonly string[],
  dtypeOf: (d: DType) => DType,
): Running => {
  checkOptions(operation, options, names);
  const x = asked(operation, toExpr(operation, input), options.dtype, dtypeOf);
  const { axis = null, reverse = false } = options;
  if (axis === null) return { x: reshape(x, [x.size]), axis: 0, reverse };
  return { x, axis: checkAxis(operation, axis, x.ndim), reverse };
};

const numberOf = (d: DType): DType => (d === "bool" ? "int32" : d);

const runningOp = <O extends CumulativeOptions>(
  operation: CumulativeName,
  names: readonly string[],
): Op<[options?: O]> =>
  op<[options?: O]>(0, (input, options) => {
    const { x, axis, reverse } = running(operation, input, options ?? {}, names, numberOf);
    return asTensor(cumulative(operation, x, axis, reverse));
  });

/**
 * The running sum along `axis` (default: of the flattened tensor), in the same dtype; int32 of bools.
 * Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * cumsum(tensor([1, 2, 3])).toArray() // [1, 3, 6]
 * cumsum(tensor([1, 2, 3]), { reverse: true }).toArray() // [6, 5, 3]
 * ```
 */
export const cumsum: Op<[options?: CumulativeSumOptions]> = runningOp("cumsum", ["axis", "reverse", "dtype"]);

/**
 * The running product along `axis` (default: of the flattened tensor), in the same dtype; int32 of bools.
 * Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * cumprod(tensor([1, 2, 3])).toArray() // [1, 2, 6]
 * ```
 */
export const cumprod: Op<[options?: CumulativeSumOptions]> = runningOp("cumprod", [
  "axis",
  "reverse",
  "dtype",
]);

/**
 * The running maximum along `axis` (default: of the flattened tensor). Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * cummax(tensor([1, 3, 2])).toArray() // [1, 3, 3]
 * ```
 */
export const cummax: Op<[options?: CumulativeOptions]> = runningOp("cummax", ["axis", "reverse"]);

/**
 * The running minimum along `axis` (default: of the flattened tensor). Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * cummin(tensor([2, 3, 1])).toArray() // [2, 2, 1]
 * ```
 */
export const cummin: Op<[options?: CumulativeOptions]> = runningOp("cummin", ["axis", "reverse"]);

/** What was `by` places earlier in the direction of the run; −∞ before the start. */
const earlier = ({ x, axis, reverse }: Running, by: number): Expr => {
  const kept = sliceAxis(x, axis, reverse ? by : 0, x.shape[axis]! - by);
  const amount = x.shape.map((_, i) => (i === axis ? by : 0));
  const nothing = x.shape.map(() => 0);
  return pad(kept, { low: reverse ? nothing : amount, high: reverse ? amount : nothing, value: -Infinity });
};

/**
 * The running log Σ exp along `axis` (default: of the flattened tensor), in floats, without overflow or underflow: in
 * log₂(n) doubling steps. Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * cumlogsumexp(tensor([0, 0, 0])).toArray() // ≈ [0, 0.693147, 1.098612]
 * ```
 */
export const cumlogsumexp: Op<[options?: CumulativeOptions]> = op<[options?: CumulativeOptions]>(
  0,
  (input, options) => {
    const run = running("cumlogsumexp", input, options ?? {}, ["axis", "reverse"], floating);
    let y = run.x;
    for (let by = 1; by < y.shape[run.axis]!; by *= 2) y = logAddExp(y, earlier({ ...run, x: y }, by));
    return asTensor(y);
  },
);

/** Something to put before or behind: a tensor, or a scalar for one slice. */
const slab = (x: Expr, axis: number, value: TensorLike): Expr => {
  const e = prim.cast(toExpr("diff", value), x.dtype);
  return e.ndim > 0
    ? e
    : stretch(
        e,
        x.shape.map((n, i) => (i === axis ? 1 : n)),
      );
};

/**
 * Differences x[i + 1] − x[i] of neighbours along `axis`, `n` times; of bools, whether they differ.
 * The axis becomes shorter by n. Throws when the axis does not exist or n is not a whole number from 0.
 *
 * @example
 * ```ts
 * diff(tensor([1, 4, 9, 16])).toArray() // [3, 5, 7]
 * diff(tensor([1, 4, 9, 16]), { n: 2 }).toArray() // [2, 2]
 * diff(tensor([1, 4]), { prepend: 0 }).toArray() // [1, 3]
 * ```
 */
export const diff: Op<[options?: DiffOptions]> = op<[options?: DiffOptions]>(0, (input, options = {}) => {
  checkOptions("diff", options, ["n", "axis", "prepend", "append"]);
  const x = toExpr("diff", input);
  const { n = 1, prepend, append } = options;
  if (!Number.isInteger(n) || n < 0) throw expected("diff", "a whole number n from 0", describe(n));
  const axis = checkAxis("diff", options.axis ?? -1, x.ndim);
  const before = prepend === undefined ? [] : [slab(x, axis, prepend)];
  const after = append === undefined ? [] : [slab(x, axis, append)];
  let y = concat([...before, x, ...after], axis);
  for (let i = 0; i < n; i++) y = difference(y, axis);
  return asTensor(y);
});

const difference = (x: Expr, axis: number): Expr => {
  const size = Math.max(0, x.shape[axis]! - 1);
  const left = sliceAxis(x, axis, 0, size);
  const right = sliceAxis(x, axis, x.shape[axis]! - size, size);
  return x.dtype === "bool" ? prim.ne(right, left) : prim.sub(right, left);
};

/** The bodies of the methods. */
export const cumulativeFunctions: BodiesOf<CumulativeArgs> = {
  cumsum,
  cumprod,
  cummax,
  cummin,
  cumlogsumexp,
  diff,
};
