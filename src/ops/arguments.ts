/** Positions of extremes. int32; without `axis`, positions in the flattened tensor. NaN counts as the extreme. */
import { isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as reduce from "../ir/primitives/reductions.js";
import { reshape } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { axisNames, keepAxes } from "./reduce.js";
import { asTensor, checkAxis, describe, type TensorLike, toExpr } from "./tensor.js";

/** Options of the functions that find a position. */
export interface ArgumentOptions {
  /** The axis along which to look; the flattened tensor by default. */
  readonly axis?: number | null | undefined;
  /** Keep the axis with size 1; false by default. */
  readonly keepdims?: boolean | undefined;
}

/** Arguments after the tensor. */
export interface ArgumentArgs {
  /** The position of the largest element. */
  argmax: [options?: ArgumentOptions];
  /** The position of the smallest element. */
  argmin: [options?: ArgumentOptions];
  /** The position of the largest element that is not NaN. */
  nanargmax: [options?: ArgumentOptions];
  /** The position of the smallest element that is not NaN. */
  nanargmin: [options?: ArgumentOptions];
}

/** The position that `find` gives, along one axis or in the flattened operand. */
const position = (
  operation: string,
  input: TensorLike,
  options: ArgumentOptions,
  find: (x: Expr, axis: number) => Expr,
): Expr => {
  checkOptions(operation, options, axisNames);
  const x = toExpr(operation, input);
  const { axis = null, keepdims = false } = options;
  const flat = axis === null;
  const along = flat ? reshape(x, [x.size]) : x;
  const at = flat ? 0 : checkAxis(operation, axis, x.ndim);
  if (along.shape[at] === 0) throw expected(operation, "at least one element along the axis", describe(x));
  const y = find(along, at);
  return keepdims ? keepAxes(y, x.shape, flat ? x.shape.map((_, i) => i) : [at]) : y;
};

const finder = (operation: string, find: (x: Expr, axis: number) => Expr): Op<[options?: ArgumentOptions]> =>
  op<[options?: ArgumentOptions]>(0, (x, options = {}) => asTensor(position(operation, x, options, find)));

/** NaN loses against every number; the position is −1 where there is nothing else. */
const ignoringNaN =
  (find: (x: Expr, axis: number) => Expr, worst: number) =>
  (x: Expr, axis: number): Expr => {
    if (!isFloat(x.dtype)) return find(x, axis);
    const nan = prim.isNaN(x);
    const y = find(prim.select(nan, fullLike(x, worst), x), axis);
    return prim.select(reduce.reduceMin(nan, [axis]), fullLike(y, -1), y);
  };

/**
 * The position of the largest element along `axis`, the first of equals; of a NaN if there is one. int32.
 * Throws when the axis does not exist or is empty.
 *
 * @example
 * ```ts
 * argmax(tensor([[1, 5, 5], [7, 4, 2]]), { axis: 1 }).toArray() // [1, 0]
 * argmax(tensor([[1, 5, 5], [7, 4, 2]])).toArray() // 3
 * ```
 */
export const argmax: Op<[options?: ArgumentOptions]> = finder("argmax", reduce.argmax);

/**
 * The position of the smallest element along `axis`, the first of equals; of a NaN if there is one. int32.
 * Throws when the axis does not exist or is empty.
 *
 * @example
 * ```ts
 * argmin(tensor([[1, 5, 5], [7, 4, 2]]), { axis: 1 }).toArray() // [0, 2]
 * ```
 */
export const argmin: Op<[options?: ArgumentOptions]> = finder("argmin", reduce.argmin);

/**
 * The position of the largest element along `axis` that is not NaN; −1 where all are. int32.
 * Throws when the axis does not exist or is empty.
 *
 * @example
 * ```ts
 * nanargmax(tensor([NaN, 1, 2])).toArray() // 2
 * ```
 */
export const nanargmax: Op<[options?: ArgumentOptions]> = finder(
  "nanargmax",
  ignoringNaN(reduce.argmax, -Infinity),
);

/**
 * The position of the smallest element along `axis` that is not NaN; −1 where all are. int32.
 * Throws when the axis does not exist or is empty.
 *
 * @example
 * ```ts
 * nanargmin(tensor([NaN, 1, 2])).toArray() // 1
 * ```
 */
export const nanargmin: Op<[options?: ArgumentOptions]> = finder(
  "nanargmin",
  ignoringNaN(reduce.argmin, Infinity),
);

/** The bodies of the methods. */
export const argumentFunctions: BodiesOf<ArgumentArgs> = { argmax, argmin, nanargmax, nanargmin };
