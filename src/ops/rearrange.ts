/** Elements repeated, reversed and moved around. */
import { range } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { broadcast, permute } from "../ir/primitives/layout.js";
import { concat, flip as flipView, reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { gatherAxis, int32Constant } from "./take.js";
import { asTensor, checkAxes, checkAxis, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `flip`. */
export interface FlipOptions {
  /** Default: every axis. */
  readonly axis?: number | readonly number[];
}

/** Options of `roll`. */
export interface RollOptions {
  /** One for each shift. Default: x as one axis, in row-major order. */
  readonly axis?: number | readonly number[];
}

/** Options of `repeat`. */
export interface RepeatOptions {
  /** Default: x as one axis, in row-major order. */
  readonly axis?: number;
}

/** Options of `rot90`. */
export interface Rot90Options {
  /** Quarter turns. Default 1. */
  readonly k?: number;
  /** The plane of rotation, from the first axis towards the second. Default [0, 1]. */
  readonly axes?: readonly [number, number];
}

export interface RearrangeArgs {
  /** Repeated as a whole, so many times along each axis. */
  tile: [reps: number | readonly number[]];
  /** Every element (or slice) repeated in place. */
  repeat: [repeats: number | readonly number[], options?: RepeatOptions];
  /** Read backwards. */
  flip: [options?: FlipOptions];
  /** Read backwards along the second axis. */
  fliplr: [];
  /** Read backwards along the first axis. */
  flipud: [];
  /** Moved along axes; what leaves one end comes back at the other. */
  roll: [shift: number | readonly number[], options?: RollOptions];
  /** Turned in the plane of two axes, by quarter turns. */
  rot90: [options?: Rot90Options];
}

const integers = (
  operation: string,
  what: string,
  value: number | readonly number[],
  least: number,
): readonly number[] => {
  const list: readonly number[] = typeof value === "number" ? [value] : value;
  if (Array.isArray(value) || typeof value === "number")
    if (list.every((n) => Number.isInteger(n) && n >= least)) return list;
  throw expected(operation, what, describe(value));
};

const counts = (operation: string, value: number | readonly number[]): readonly number[] =>
  integers(operation, "repetitions that are not negative", value, 0);

const tileBody = (input: TensorLike, reps: number | readonly number[]): Tensor => {
  const x = toExpr("tile", input);
  const given = counts("tile", reps);
  const ndim = Math.max(x.ndim, given.length);
  const times = [...new Array<number>(ndim - given.length).fill(1), ...given];
  const shape = [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  // Each axis becomes (times, size); repeating is a broadcast, and a reshape joins the two.
  const pairs = shape.flatMap((n, i) => [times[i]!, n]);
  const repeated = broadcast(
    reshape(x, shape),
    pairs,
    range(ndim).map((i) => 2 * i + 1),
  );
  return asTensor(
    reshape(
      repeated,
      shape.map((n, i) => n * times[i]!),
    ),
  );
};

const repeatEach = (x: Expr, axis: number, repeats: number): Expr => {
  const shape = [...x.shape.slice(0, axis + 1), repeats, ...x.shape.slice(axis + 1)];
  const repeated = broadcast(
    x,
    shape,
    range(shape.length).filter((i) => i !== axis + 1),
  );
  return reshape(
    repeated,
    x.shape.map((n, i) => (i === axis ? n * repeats : n)),
  );
};

const repeatBody = (
  input: TensorLike,
  repeats: number | readonly number[],
  options: RepeatOptions = {},
): Tensor => {
  const given = toExpr("repeat", input);
  const x = options.axis === undefined ? reshape(given, [given.size]) : given;
  const axis = checkAxis("repeat", options.axis ?? 0, x.ndim);
  const times = counts("repeat", repeats);
  if (times.length === 1) return asTensor(repeatEach(x, axis, times[0]!));
  const n = x.shape[axis]!;
  if (times.length !== n)
    throw expected("repeat", `one number of repetitions, or ${n} for axis ${axis}`, String(times.length));
  return asTensor(gatherAxis(x, int32Constant(times.flatMap((t, i) => new Array<number>(t).fill(i))), axis));
};

const flipAlong =
  (operation: string, axis: number) =>
  (input: TensorLike): Tensor => {
    const x = toExpr(operation, input);
    return asTensor(flipView(x, [checkAxis(operation, axis, x.ndim)]));
  };

const rollAxis = (x: Expr, shift: number, axis: number): Expr => {
  const n = x.shape[axis]!;
  const by = n === 0 ? 0 : ((shift % n) + n) % n;
  if (by === 0) return x;
  return concat([sliceAxis(x, axis, n - by, by), sliceAxis(x, axis, 0, n - by)], axis);
};

const rollBody = (
  input: TensorLike,
  shift: number | readonly number[],
  options: RollOptions = {},
): Tensor => {
  const x = toExpr("roll", input);
  const shifts = integers("roll", "integer shifts", shift, -Infinity);
  if (options.axis === undefined) {
    const total = shifts.reduce((a, b) => a + b, 0);
    return asTensor(reshape(rollAxis(reshape(x, [x.size]), total, 0), x.shape));
  }
  const axes = typeof options.axis === "number" ? [options.axis] : options.axis;
  if (shifts.length !== 1 && axes.length !== 1 && shifts.length !== axes.length)
    throw expected("roll", `${axes.length} shifts, one for each axis`, String(shifts.length));
  const pairs = range(Math.max(shifts.length, axes.length)).map(
    (i) => [shifts[shifts.length === 1 ? 0 : i]!, axes[axes.length === 1 ? 0 : i]!] as const,
  );
  return asTensor(pairs.reduce((y, [s, a]) => rollAxis(y, s, checkAxis("roll", a, x.ndim)), x));
};

const rot90Body = (input: TensorLike, { k = 1, axes = [0, 1] }: Rot90Options = {}): Tensor => {
  const x = toExpr("rot90", input);
  const [a, b] = axes.map((axis) => checkAxis("rot90", axis, x.ndim)) as [number, number];
  if (a === b) throw expected("rot90", "two different axes", `[${axes}]`);
  if (!Number.isInteger(k)) throw expected("rot90", "a whole number of quarter turns", String(k));
  const swapped = (e: Expr): Expr =>
    permute(
      e,
      range(x.ndim).map((i) => (i === a ? b : i === b ? a : i)),
    );
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return asTensor(x);
  if (turns === 2)
    return asTensor(
      flipView(
        x,
        [a, b].sort((p, q) => p - q),
      ),
    );
  return asTensor(turns === 1 ? swapped(flipView(x, [b])) : flipView(swapped(x), [b]));
};

export const rearrangeFunctions: BodiesOf<RearrangeArgs> = {
  tile: tileBody,
  repeat: withOptions("repeat", 2, ["axis"], repeatBody),
  flip: withOptions("flip", 1, ["axis"], (input, options = {}) => {
    const x = toExpr("flip", input);
    return asTensor(flipView(x, checkAxes("flip", options.axis, x.ndim)));
  }),
  fliplr: flipAlong("fliplr", 1),
  flipud: flipAlong("flipud", 0),
  roll: withOptions("roll", 2, ["axis"], rollBody),
  rot90: withOptions("rot90", 1, ["k", "axes"], rot90Body),
};

/**
 * `x` repeated as a whole, `reps` times along each axis; a single number is for the last axis.
 *
 * @example
 * ```ts
 * tile(tensor([1, 2]), 2).toArray() // [1, 2, 1, 2]
 * tile(tensor([1, 2]), [2, 1]).toArray() // [[1, 2], [1, 2]]
 * ```
 */
export const tile: Op<RearrangeArgs["tile"]> = op(1, tileBody);

/**
 * Every element (or slice along `axis`) repeated in place: all equally often, or each by its own number.
 *
 * @example
 * ```ts
 * repeat(tensor([1, 2]), 2).toArray() // [1, 1, 2, 2]
 * repeat(tensor([[1, 2], [3, 4]]), [1, 2], { axis: 0 }).toArray() // [[1, 2], [3, 4], [3, 4]]
 * ```
 */
export const repeat: Op<RearrangeArgs["repeat"]> = op(1, rearrangeFunctions.repeat);

/**
 * `x` read backwards along `axis`, or along every axis.
 *
 * @example
 * ```ts
 * flip(tensor([[1, 2], [3, 4]])).toArray() // [[4, 3], [2, 1]]
 * flip(tensor([[1, 2], [3, 4]]), { axis: 0 }).toArray() // [[3, 4], [1, 2]]
 * ```
 */
export const flip: Op<RearrangeArgs["flip"]> & Unary = op(0, rearrangeFunctions.flip);

/**
 * `x` read backwards along its second axis: left and right exchanged.
 *
 * @example
 * ```ts
 * fliplr(tensor([[1, 2], [3, 4]])).toArray() // [[2, 1], [4, 3]]
 * ```
 */
export const fliplr: Unary = rearrangeFunctions.fliplr;

/**
 * `x` read backwards along its first axis: up and down exchanged.
 *
 * @example
 * ```ts
 * flipud(tensor([[1, 2], [3, 4]])).toArray() // [[3, 4], [1, 2]]
 * ```
 */
export const flipud: Unary = rearrangeFunctions.flipud;

/**
 * `x` moved by `shift` places along `axis`; what leaves one end comes back at the other.
 *
 * @example
 * ```ts
 * roll(tensor([1, 2, 3]), 1).toArray() // [3, 1, 2]
 * roll(tensor([[1, 2], [3, 4]]), -1, { axis: 0 }).toArray() // [[3, 4], [1, 2]]
 * ```
 */
export const roll: Op<RearrangeArgs["roll"]> = op(1, rearrangeFunctions.roll);

/**
 * `x` turned by `k` quarter turns in the plane of two axes, from the first towards the second.
 *
 * @example
 * ```ts
 * rot90(tensor([[1, 2], [3, 4]])).toArray() // [[2, 4], [1, 3]]
 * rot90(tensor([[1, 2], [3, 4]]), { k: 2 }).toArray() // [[4, 3], [2, 1]]
 * ```
 */
export const rot90: Op<RearrangeArgs["rot90"]> & Unary = op(0, rearrangeFunctions.rot90);
