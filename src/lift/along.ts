/** `liftReduce` and `liftScan`: functions of numbers along an axis of tensors. */
import type { Expr } from "../ir/expr.js";
import { moveAxis } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { type Tensor, toExpr } from "../ops/tensor.js";
import { treeOf } from "./lower.js";
import { mapShaped } from "./program.js";
import { optionsAt, recurrence, type Rows, rowsOf, runAlong } from "./recurrence.js";
import type { LiftedArgument, LiftedResult, LiftEnvironment } from "./types.js";

/** Options of a lifted reduction. */
export interface LiftReduceOptions {
  /** The axis along which to accumulate; all elements, in row-major order, by default. */
  readonly axis?: number | null | undefined;
  /** Keep the axis with size 1. */
  readonly keepdims?: boolean | undefined;
}

/** Options of a lifted scan. */
export interface LiftScanOptions {
  /** The axis along which to run; the flattened tensor by default. */
  readonly axis?: number | null | undefined;
  /** Run from the last element to the first. */
  readonly reverse?: boolean | undefined;
}

/**
 * A reduction along an axis by a function of numbers in plain JavaScript: `acc = f(acc, x)` for one element after the
 * other, beginning with `init`. The accumulator is a number, or a tuple or record of numbers that the function takes
 * apart; with more parameters, several tensors of one (broadcast) shape are reduced together.
 *
 * The source is read as by `lift`, with the same `environment`. Elements along the axis are visited in order, all others
 * at once; differentiates in both modes. Throws when the function does not return what it accumulates.
 *
 * @example
 * ```ts
 * const horner = liftReduce((acc: number, x: number) => acc * 2 + x, 0);
 * horner(tensor([1, 0, 1, 1])).item() // 11
 * horner(tensor([[1, 0], [1, 1]]), { axis: 1 }).toArray() // [2, 3]
 *
 * const extremes = liftReduce(
 *   ([lo, hi]: [number, number], x: number) => [Math.min(lo, x), Math.max(hi, x)] as [number, number],
 *   [Infinity, -Infinity],
 * );
 * const [lo, hi] = extremes(tensor([3, 1, 2]));
 * lo.item() // 1
 * hi.item() // 3
 * ```
 */
export function liftReduce<X extends number[]>(
  f: (acc: number, ...xs: X) => number,
  init: LiftedArgument<number>,
  environment?: LiftEnvironment,
): (...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftReduceOptions]) => Tensor;
export function liftReduce<S, X extends number[]>(
  f: (acc: S, ...xs: X) => S,
  init: LiftedArgument<S>,
  environment?: LiftEnvironment,
): (
  ...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftReduceOptions]
) => LiftedResult<S>;
export function liftReduce(f: unknown, init: unknown, environment: LiftEnvironment = {}): unknown {
  const r = recurrence("liftReduce", f, init, environment, false);
  return (...args: unknown[]): unknown => {
    const [xs, options] = optionsAt<LiftReduceOptions>(r, args, ["axis", "keepdims"]);
    const rows = rowsOf(r, xs, options.axis ?? null);
    const { last } = runAlong(r, rows, false);
    return treeOf(options.keepdims === true ? mapShaped(last, (e) => kept(e, rows, xs)) : last);
  };
}

/** A reduced tensor with its axes kept at size 1. */
const kept = (e: Expr, rows: Rows, xs: readonly unknown[]): Expr => {
  if (rows.axis !== null) return reshape(e, [...e.shape.slice(0, rows.axis), 1, ...e.shape.slice(rows.axis)]);
  const ndim = Math.max(...xs.map((x) => toExpr("liftReduce", x).ndim));
  return reshape(
    e,
    Array.from({ length: ndim }, () => 1),
  );
};

/**
 * A recurrence along an axis by a function of numbers in plain JavaScript. Where `f(acc, x)` returns the next
 * accumulator, the result is all of them, in the shape of the tensor; where it returns `[acc, y]`, the result is the
 * last accumulator and all ys. Otherwise as `liftReduce`.
 *
 * @example
 * ```ts
 * const decay = 0.5;
 * const smooth = liftScan((s: number, x: number) => s + decay * (x - s), 0, { decay });
 * smooth(tensor([4, 4, 0])).toArray() // [2, 3, 1.5]
 *
 * const peaks = liftScan((top: number, x: number) => [Math.max(top, x), x > top] as [number, boolean], 0);
 * const [top, isPeak] = peaks(tensor([1, 3, 2, 5]));
 * top.item() // 5
 * isPeak.toArray() // [true, true, false, true]
 * ```
 */
export function liftScan<X extends number[]>(
  f: (acc: number, ...xs: X) => number,
  init: LiftedArgument<number>,
  environment?: LiftEnvironment,
): (...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftScanOptions]) => Tensor;
export function liftScan<X extends number[], Y>(
  f: (acc: number, ...xs: X) => [number, Y],
  init: LiftedArgument<number>,
  environment?: LiftEnvironment,
): (
  ...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftScanOptions]
) => [last: Tensor, ys: LiftedResult<Y>];
export function liftScan<S, X extends number[]>(
  f: (acc: S, ...xs: X) => S,
  init: LiftedArgument<S>,
  environment?: LiftEnvironment,
): (...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftScanOptions]) => LiftedResult<S>;
export function liftScan<S, X extends number[], Y>(
  f: (acc: S, ...xs: X) => [S, Y],
  init: LiftedArgument<S>,
  environment?: LiftEnvironment,
): (
  ...args: [...xs: { [K in keyof X]: LiftedArgument<X[K]> }, options?: LiftScanOptions]
) => [last: LiftedResult<S>, ys: LiftedResult<Y>];
export function liftScan(f: unknown, init: unknown, environment: LiftEnvironment = {}): unknown {
  const r = recurrence("liftScan", f, init, environment, true);
  return (...args: unknown[]): unknown => {
    const [xs, options] = optionsAt<LiftScanOptions>(r, args, ["axis", "reverse"]);
    const rows = rowsOf(r, xs, options.axis ?? null);
    const { last, ys } = runAlong(r, rows, options.reverse === true);
    const placed = mapShaped(ys, (e) => (rows.axis === null ? e : moveAxis(e, 0, rows.axis)));
    return r.extra === null ? treeOf(placed) : [treeOf(last), treeOf(placed)];
  };
}
