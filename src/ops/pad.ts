/** More elements around a tensor: NumPy's modes, each a view or a join of views. */
import { range } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { add, cast, mul, sub } from "../ir/primitives/arithmetic.js";
import { isFloat } from "../ir/dtype.js";
import { broadcast, fullLike, sum } from "../ir/primitives/layout.js";
import { reduceMax, reduceMin } from "../ir/primitives/reductions.js";
import { concat, flip, iota, pad as padView, reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** What the new elements are. */
export type PadMode =
  | "constant"
  | "edge"
  | "reflect"
  | "symmetric"
  | "wrap"
  | "maximum"
  | "minimum"
  | "mean"
  | "linearRamp"
  | "empty";

/** A number for every side, `[before, behind]` for every axis, or one such pair for each axis. */
export type PadWidths = number | readonly [number, number] | readonly (readonly [number, number])[];

/** Options of `pad`. */
export interface PadOptions {
  /** Default "constant". */
  readonly mode?: PadMode;
  /** The constant. Default 0. */
  readonly constantValues?: number;
  /** Where linear ramps end. Default 0. */
  readonly endValues?: number;
}

export interface PadArgs {
  /** More elements before and behind each axis; negative widths crop. */
  pad: [widths: PadWidths, options?: PadOptions];
}

const isPair = (p: unknown): p is readonly [number, number] =>
  Array.isArray(p) && p.length === 2 && p.every(Number.isInteger);

const resolveWidths = (widths: PadWidths, x: Expr): (readonly [number, number])[] => {
  const wrong = (): Error =>
    expected("pad", `a width, a pair of them or ${x.ndim} pairs`, JSON.stringify(widths));
  if (typeof widths === "number") {
    if (!Number.isInteger(widths)) throw wrong();
    return x.shape.map(() => [widths, widths] as const);
  }
  if (isPair(widths)) return x.shape.map(() => widths);
  if (!Array.isArray(widths) || !widths.every(isPair)) throw wrong();
  if (widths.length === 1) return x.shape.map(() => widths[0]!);
  if (widths.length !== x.ndim) throw wrong();
  return widths;
};

/** Where each element of a padded line of n elements comes from. */
type Source = (i: number, n: number) => number;

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

const sources: Partial<Record<PadMode, Source>> = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  wrap: modulo,
  reflect: (i, n) => {
    const m = modulo(i, Math.max(1, 2 * n - 2));
    return m < n ? m : 2 * n - 2 - m;
  },
  symmetric: (i, n) => {
    const m = modulo(i, 2 * n);
    return m < n ? m : 2 * n - 1 - m;
  },
};

/** One slice, repeated to width `n` along the axis. */
const widened = (slice: Expr, axis: number, n: number): Expr => {
  const shape = slice.shape.map((d, i) => (i === axis ? n : d));
  return broadcast(
    reshape(
      slice,
      slice.shape.filter((_, i) => i !== axis),
    ),
    shape,
    range(shape.length).filter((i) => i !== axis),
  );
};

/** Neighbouring places in runs that rise, fall or stay: each is a view of x. */
interface Run {
  readonly from: number;
  readonly step: number;
  readonly length: number;
}

const runsOf = (places: readonly number[]): Run[] => {
  const runs: Run[] = [];
  for (let i = 0; i < places.length;) {
    const step = i + 1 < places.length ? places[i + 1]! - places[i]! : 1;
    let j = i + 1;
    while (Math.abs(step) <= 1 && j < places.length && places[j]! - places[j - 1]! === step) j++;
    runs.push({ from: places[i]!, step: j - i === 1 ? 1 : step, length: j - i });
    i = j;
  }
  return runs;
};

const runOf = (x: Expr, axis: number, { from, step, length }: Run): Expr => {
  if (step === 0) return widened(sliceAxis(x, axis, from, 1), axis, length);
  return step > 0
    ? sliceAxis(x, axis, from, length)
    : flip(sliceAxis(x, axis, from - length + 1, length), [axis]);
};

/** A line read at `source`. */
const reread = (x: Expr, axis: number, low: number, high: number, source: Source): Expr => {
  const n = x.shape[axis]!;
  const runs = runsOf(range(n + low + high).map((i) => source(i - low, n)));
  return concat(
    runs.map((r) => runOf(x, axis, r)),
    axis,
  );
};

const statistic = (x: Expr, axis: number, mode: "maximum" | "minimum" | "mean"): Expr => {
  const kept = x.shape.map((d, i) => (i === axis ? 1 : d));
  if (mode !== "mean") return reshape((mode === "maximum" ? reduceMax : reduceMin)(x, [axis]), kept);
  const total = sum(isFloat(x.dtype) ? x : cast(x, "float32"), [axis]);
  return cast(reshape(mul(total, fullLike(total, 1 / x.shape[axis]!)), kept), x.dtype);
};

/** From the edge (exclusive) to `end` (inclusive) in equal steps. */
const ramp = (edge: Expr, axis: number, n: number, end: number, before: boolean): Expr => {
  const e = widened(isFloat(edge.dtype) ? edge : cast(edge, "float32"), axis, n);
  const at = iota(e.shape, e.dtype, axis);
  const share = mul(before ? sub(fullLike(at, n), at) : add(at, fullLike(at, 1)), fullLike(at, 1 / n));
  return cast(add(e, mul(share, sub(fullLike(e, end), e))), edge.dtype);
};

const sides = (
  x: Expr,
  axis: number,
  low: number,
  high: number,
  options: PadOptions,
  mode: PadMode,
): Expr => {
  const n = x.shape[axis]!;
  const side = (width: number, before: boolean): Expr[] => {
    if (width === 0) return [];
    if (mode === "linearRamp")
      return [ramp(sliceAxis(x, axis, before ? 0 : n - 1, 1), axis, width, options.endValues ?? 0, before)];
    return [widened(statistic(x, axis, mode as "mean"), axis, width)];
  };
  return concat([...side(low, true), x, ...side(high, false)], axis);
};

const padAxis = (
  x: Expr,
  axis: number,
  [low, high]: readonly [number, number],
  options: PadOptions,
  mode: PadMode,
): Expr => {
  if (low === 0 && high === 0) return x;
  if (x.shape[axis] === 0)
    throw expected("pad", `elements along axis ${axis} to pad with mode "${mode}"`, describe(x));
  const source = sources[mode];
  return source === undefined ? sides(x, axis, low, high, options, mode) : reread(x, axis, low, high, source);
};

const modes: readonly PadMode[] = [
  "constant",
  "edge",
  "reflect",
  "symmetric",
  "wrap",
  "maximum",
  "minimum",
  "mean",
  "linearRamp",
  "empty",
];

const padBody = (input: TensorLike, widths: PadWidths, options: PadOptions = {}): Tensor => {
  const given = toExpr("pad", input);
  const mode = options.mode ?? "constant";
  if (!modes.includes(mode)) throw expected("pad", `a mode among ${modes.join(", ")}`, JSON.stringify(mode));
  const pairs = resolveWidths(widths, given);
  const x = pairs.reduce((e, [low, high], axis) => {
    const n = e.shape[axis]!;
    const [from, behind] = [Math.max(0, -low), Math.max(0, -high)];
    if (from + behind > n)
      throw expected("pad", `to crop at most ${n} elements along axis ${axis}`, `[${low}, ${high}]`);
    return sliceAxis(e, axis, from === n ? 0 : from, n - from - behind);
  }, given);
  const grow = pairs.map(([low, high]) => [Math.max(0, low), Math.max(0, high)] as const);
  if (mode === "constant" || mode === "empty")
    return asTensor(
      padView(x, {
        low: grow.map((p) => p[0]),
        high: grow.map((p) => p[1]),
        value: options.constantValues ?? 0,
      }),
    );
  return asTensor(grow.reduce((e, p, axis) => padAxis(e, axis, p, options, mode), x));
};

export const padFunctions: BodiesOf<PadArgs> = {
  pad: withOptions("pad", 2, ["mode", "constantValues", "endValues"], padBody),
};

/**
 * `x` with more elements before and behind each axis; negative widths crop.
 *
 * Modes are NumPy's: "constant" (`constantValues`), "edge", "reflect" (the edge is not repeated), "symmetric" (it
 * is), "wrap", "maximum", "minimum", "mean", "linearRamp" (to `endValues`) and "empty" (zeros here). Keeps the dtype.
 * Throws for widths that fit neither one nor all axes, and for modes that need elements where there are none.
 *
 * @example
 * ```ts
 * pad(tensor([1, 2, 3]), 1).toArray() // [0, 1, 2, 3, 0]
 * pad(tensor([1, 2, 3]), [2, 1], { mode: "reflect" }).toArray() // [3, 2, 1, 2, 3, 2]
 * pad(tensor([[1, 2], [3, 4]]), [[0, 0], [1, -1]], { constantValues: 9 }).toArray() // [[9, 1], [9, 3]]
 * ```
 */
export const pad: Op<PadArgs["pad"]> = op(1, padFunctions.pad);
