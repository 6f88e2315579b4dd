/** One tensor into several. */
import { range, showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import {
  asTensor,
  checkAxis,
  describe,
  isTensorLike,
  type Tensor,
  type TensorLike,
  toExpr,
} from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `split`, `arraySplit` and `unstack`. */
export interface SplitOptions {
  /** Default 0; may be negative. */
  readonly axis?: number;
}

/** A number of parts, or the places at which to cut. */
export type Cuts = number | readonly number[];

/** A function of a tensor that gives several, and also works data-last. */
export interface SplitOp<A extends readonly unknown[]> {
  (...args: A): (x: TensorLike) => Tensor[];
  (x: TensorLike, ...args: A): Tensor[];
}

export interface SplitMethods {
  /** Equal parts, or the parts between places, along an axis. */
  split(cuts: Cuts, options?: SplitOptions): Tensor[];
  /** As `split`, with parts that may differ by one in size. */
  arraySplit(cuts: Cuts, options?: SplitOptions): Tensor[];
  /** The slices along an axis, which disappears. */
  unstack(options?: SplitOptions): Tensor[];
}

/** Bounds as in NumPy: places beyond the end or before the previous one give empty parts. */
const boundsAt = (operation: string, places: readonly number[], n: number): [number, number][] => {
  if (!places.every(Number.isInteger))
    throw expected(operation, "integers as places to cut", describe(places));
  const inside = places.map((p) => Math.min(Math.max(p < 0 ? p + n : p, 0), n));
  return [...inside, n].map((stop, i) => [i === 0 ? 0 : inside[i - 1]!, stop]);
};

const parts = (operation: string, x: Expr, axis: number, cuts: Cuts, equal: boolean): Tensor[] => {
  const n = x.shape[axis]!;
  const cut = (bounds: readonly [number, number][]): Tensor[] =>
    bounds.map(([start, stop]) =>
      asTensor(sliceAxis(x, axis, stop > start ? start : 0, Math.max(0, stop - start))),
    );
  if (Array.isArray(cuts)) return cut(boundsAt(operation, cuts as readonly number[], n));
  if (typeof cuts !== "number" || !Number.isInteger(cuts) || cuts < 1)
    throw expected(operation, "a number of parts or a list of places", describe(cuts));
  if (equal && n % cuts !== 0)
    throw expected(
      operation,
      `a number of parts that divides ${n}, the size of axis ${axis} (or use arraySplit)`,
      String(cuts),
    );
  const [least, larger] = [Math.floor(n / cuts), n % cuts];
  return cut(
    range(cuts).map((i) => [i * least + Math.min(i, larger), (i + 1) * least + Math.min(i + 1, larger)]),
  );
};

const splitBody =
  (operation: string, equal: boolean) =>
  (input: TensorLike, cuts: Cuts, options: SplitOptions = {}): Tensor[] => {
    const x = toExpr(operation, input);
    if (x.ndim === 0) throw expected(operation, "a tensor with at least one axis", showAval(x.aval));
    return parts(operation, x, checkAxis(operation, options.axis ?? 0, x.ndim), cuts, equal);
  };

const unstackBody = (input: TensorLike, options: SplitOptions = {}): Tensor[] => {
  const x = toExpr("unstack", input);
  const axis = checkAxis("unstack", options.axis ?? 0, x.ndim);
  const shape = x.shape.filter((_, i) => i !== axis);
  return range(x.shape[axis]!).map((i) => asTensor(reshape(sliceAxis(x, axis, i, 1), shape)));
};

export const splitFunctions: {
  readonly [K in keyof SplitMethods]: (x: TensorLike, ...args: Parameters<SplitMethods[K]>) => Tensor[];
} = {
  split: withOptions("split", 2, ["axis"], splitBody("split", true)),
  arraySplit: withOptions("arraySplit", 2, ["axis"], splitBody("arraySplit", false)),
  unstack: withOptions("unstack", 1, ["axis"], unstackBody),
};

const isCuts = (x: unknown): boolean =>
  typeof x === "number" || (Array.isArray(x) && x.every((v) => typeof v === "number"));

/** Data-first when there are cuts behind the first argument. */
const splitOp = (
  f: (x: TensorLike, cuts: Cuts, options?: SplitOptions) => Tensor[],
): SplitOp<[cuts: Cuts, options?: SplitOptions]> =>
  ((...args: unknown[]) =>
    isCuts(args[1]) || !isCuts(args[0])
      ? f(...(args as unknown as [TensorLike, Cuts, SplitOptions?]))
      : (x: TensorLike) => f(x, ...(args as unknown as [Cuts, SplitOptions?]))) as SplitOp<
    [cuts: Cuts, options?: SplitOptions]
  >; // one body, both overloads

/**
 * `x` cut along `axis` into equal parts, or at a list of places: `[1, 4]` gives `x[:1]`, `x[1:4]` and `x[4:]`.
 *
 * Throws when the number of parts does not divide the size. Any dtype.
 *
 * @example
 * ```ts
 * split(tensor([1, 2, 3, 4]), 2).map((p) => p.toArray()) // [[1, 2], [3, 4]]
 * split(tensor([1, 2, 3, 4]), [1]).map((p) => p.toArray()) // [[1], [2, 3, 4]]
 * ```
 */
export const split: SplitOp<[cuts: Cuts, options?: SplitOptions]> = splitOp(splitFunctions.split);

/**
 * As `split`, with a number of parts that need not divide the size: the first ones are larger by one.
 *
 * @example
 * ```ts
 * arraySplit(tensor([1, 2, 3]), 2).map((p) => p.toArray()) // [[1, 2], [3]]
 * ```
 */
export const arraySplit: SplitOp<[cuts: Cuts, options?: SplitOptions]> = splitOp(splitFunctions.arraySplit);

/**
 * The slices of `x` along `axis` (default 0), which disappears: the inverse of `stack`.
 *
 * @example
 * ```ts
 * unstack(tensor([[1, 2], [3, 4]])).map((row) => row.toArray()) // [[1, 2], [3, 4]]
 * unstack(tensor([[1, 2], [3, 4]]), { axis: 1 }).map((column) => column.toArray()) // [[1, 3], [2, 4]]
 * ```
 */
export const unstack: SplitOp<[options?: SplitOptions]> = ((...args: unknown[]) =>
  isTensorLike(args[0])
    ? splitFunctions.unstack(...(args as [TensorLike, SplitOptions?]))
    : (x: TensorLike) => splitFunctions.unstack(x, ...(args as [SplitOptions?]))) as SplitOp<
  [options?: SplitOptions]
>; // one body, both overloads

const along =
  (operation: string, axis: (ndim: number) => number) =>
  (input: TensorLike, cuts: Cuts): Tensor[] => {
    const x = toExpr(operation, input);
    return parts(operation, x, checkAxis(operation, axis(x.ndim), x.ndim), cuts, true);
  };

/**
 * `x` cut side by side: along the second axis, or the first where there is only one.
 *
 * @example
 * ```ts
 * hsplit(tensor([[1, 2], [3, 4]]), 2).map((p) => p.toArray()) // [[[1], [3]], [[2], [4]]]
 * ```
 */
export const hsplit: (x: TensorLike, cuts: Cuts) => Tensor[] = along("hsplit", (ndim) =>
  ndim === 1 ? 0 : 1,
);

/**
 * `x` cut into parts on top of each other: along the first axis.
 *
 * @example
 * ```ts
 * vsplit(tensor([[1, 2], [3, 4]]), 2).map((p) => p.toArray()) // [[[1, 2]], [[3, 4]]]
 * ```
 */
export const vsplit: (x: TensorLike, cuts: Cuts) => Tensor[] = along("vsplit", () => 0);

/**
 * `x` cut into parts behind each other: along the third axis.
 *
 * @example
 * ```ts
 * dsplit(tensor([[[1, 2]]]), 2).map((p) => p.toArray()) // [[[[1]]], [[[2]]]]
 * ```
 */
export const dsplit: (x: TensorLike, cuts: Cuts) => Tensor[] = along("dsplit", () => 2);
