/** Quantiles: places in the sorted elements. In floats; NaN where any element is NaN. */
import { range, sizeOf } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { broadcast, fullLike, permute, unreduce } from "../ir/primitives/layout.js";
import { gather } from "../ir/primitives/indexed.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { argsort } from "../ir/primitives/sort.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating, toFloat } from "./promotion.js";
import { type AxisOptions, axisNames, keepAxes, reducing, refuseEmpty } from "./reduce.js";
import { asTensor, describe, isTensor, type TensorLike } from "./tensor.js";

/** What a quantile between two elements is. */
export type QuantileMethod = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Options of `quantile` and `percentile`. */
export interface QuantileOptions extends AxisOptions {
  /** Between two elements: interpolate linearly (default), take one of them or their mean. */
  readonly method?: QuantileMethod | undefined;
}

/** Arguments after the tensor. */
export interface QuantileArgs {
  /** The element below which the fraction q lies. */
  quantile: [q: TensorLike, options?: QuantileOptions];
  /** The element below which q percent lie. */
  percentile: [q: TensorLike, options?: QuantileOptions];
  /** The middle element. */
  median: [options?: AxisOptions];
}

const methods: readonly QuantileMethod[] = ["linear", "lower", "higher", "midpoint", "nearest"];

/** The reduced axes as the first, the kept ones flattened behind it: [n, kept]. */
const inLines = (x: Expr, axes: readonly number[]): Expr => {
  const kept = range(x.ndim).filter((i) => !axes.includes(i));
  const sizes = kept.map((k) => x.shape[k]!);
  return reshape(permute(x, [...axes, ...kept]), [sizeOf(axes.map((a) => x.shape[a]!)), sizeOf(sizes)]);
};

/** The smallest `count` elements of every line, in order. */
const sorted = (lines: Expr, count: number): Expr => {
  const order = argsort(lines, 0, false, count);
  const byLine = reshape(permute(order, [1, 0]), [lines.shape[1]!, count, 1]);
  return permute(gather(permute(lines, [1, 0]), byLine, { axes: [1], batch: 1, outOfBounds: "clip" }), [1, 0]);
};

/** Where between its neighbours `below` and `above` a place is: 0 to 1 as the method has it. */
const weightOf: Record<QuantileMethod, (fraction: Expr, place: Expr) => Expr> = {
  linear: (f) => f,
  lower: (f) => fullLike(f, 0),
  higher: (f) => prim.cast(prim.gt(f, fullLike(f, 0)), f.dtype),
  midpoint: (f) => prim.mul(prim.cast(prim.gt(f, fullLike(f, 0)), f.dtype), fullLike(f, 0.5)),
  nearest: (f, place) => prim.sub(prim.round(place), prim.floor(place)),
};

const mix = (below: Expr, above: Expr, weight: Expr): Expr => {
  const interpolated = prim.add(below, prim.mul(prim.sub(above, below), weight));
  const zero = prim.eq(weight, fullLike(weight, 0));
  return prim.select(prim.or(zero, prim.eq(below, above)), below, interpolated); // ∞ − ∞, 0 · ∞
};

/** q known: two slices of the first places. Result [kept]. */
const atNumber = (lines: Expr, q: number, method: QuantileMethod): Expr => {
  const n = lines.shape[0]!;
  const place = q * (n - 1);
  const low = Math.floor(place);
  const between = place - low;
  const weight = { linear: between, lower: 0, higher: Math.ceil(between), midpoint: Math.ceil(between) / 2, nearest: roundEven(place) - low }[method];
  const high = weight > 0 ? low + 1 : low;
  const first = sorted(lines, high + 1);
  const pick = (i: number): Expr => reshape(sliceAxis(first, 0, i, 1), [lines.shape[1]!]);
  if (weight === 0 || weight === 1) return pick(weight === 0 ? low : high);
  return mix(pick(low), pick(high), fullLike(pick(low), weight));
};

const roundEven = (x: number): number => {
  const r = Math.round(x);
  return r - x === 0.5 && r % 2 !== 0 ? r - 1 : r;
};

/** q a tensor: gathers at computed places. Result [...q, kept]. */
const atTensor = (lines: Expr, q: Expr, method: QuantileMethod): Expr => {
  const n = lines.shape[0]!;
  const inOrder = sorted(lines, n);
  const place = prim.mul(q, fullLike(q, n - 1));
  const below = prim.floor(place);
  const weight = weightOf[method](prim.sub(place, below), place);
  const at = (index: Expr): Expr =>
    gather(inOrder, reshape(prim.cast(index, "int32"), [...q.shape, 1]), { axes: [0], batch: 0, outOfBounds: "clip" });
  const low = at(below);
  const w = broadcast(prim.cast(weight, low.dtype), low.shape, range(q.ndim));
  const y = mix(low, at(prim.add(below, fullLike(below, 1))), w);
  const outside = prim.or(prim.lt(q, fullLike(q, 0)), prim.not(prim.le(q, fullLike(q, 1))));
  return prim.select(broadcast(outside, y.shape, range(q.ndim)), fullLike(y, NaN), y);
};

const quantileOf = (operation: string, input: TensorLike, q: TensorLike, options: QuantileOptions, scale: number): Expr => {
  const { x: given, axes } = reducing(operation, input, options, [...axisNames, "method"]);
  const { method = "linear", keepdims = false } = options;
  if (!methods.includes(method)) throw expected(operation, `a method (${methods.join(", ")})`, describe(method));
  refuseEmpty(operation, given, axes);
  const x = prim.cast(given, floating(given.dtype));
  const lines = inLines(x, axes);
  const y = isTensor(q) ? atTensor(lines, scaled(toFloat(operation, q), scale), method) : atNumber(lines, checkQ(operation, q, scale), method);
  const nan = reduceMax(prim.isNaN(lines), [0]);
  const clean = prim.select(unreduce(nan, y.shape, range(y.ndim - 1)), fullLike(y, NaN), y);
  const leading = y.shape.slice(0, -1);
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  const shaped = reshape(clean, [...leading, ...kept]);
  if (!keepdims) return shaped;
  return keepAxes(shaped, [...leading, ...x.shape], axes.map((a) => a + leading.length));
};

const scaled = (q: Expr, scale: number): Expr => (scale === 1 ? q : prim.div(q, fullLike(q, scale)));

const checkQ = (operation: string, q: unknown, scale: number): number => {
  if (typeof q === "number" && q >= 0 && q <= scale) return q / scale;
  throw expected(operation, `a q from 0 to ${scale}, or a tensor of them`, describe(q));
};

/**
 * The value below which the fraction `q` (0 to 1) of the elements over `axis` (default: all axes) lies, in floats. A
 * tensor `q` gives one result for each of its elements, its axes first; outside 0 to 1 those are NaN. NaN where any
 * element is. Throws when an axis does not exist or is empty, or a number `q` is outside 0 to 1.
 *
 * @example
 * ```ts
 * quantile(tensor([3, 1, 2, 5]), 0.5).toArray() // 2.5
 * quantile(tensor([3, 1, 2, 5]), tensor([0, 1])).toArray() // [1, 5]
 * ```
 */
export const quantile: Op<[q: TensorLike, options?: QuantileOptions]> = op<[q: TensorLike, options?: QuantileOptions]>(
  1,
  (x, q, options = {}) => asTensor(quantileOf("quantile", x, q, options, 1)),
);

/**
 * `quantile` with q in percent, 0 to 100.
 *
 * @example
 * ```ts
 * percentile(tensor([3, 1, 2, 5]), 50, { method: "lower" }).toArray() // 2
 * ```
 */
export const percentile: Op<[q: TensorLike, options?: QuantileOptions]> = op<
  [q: TensorLike, options?: QuantileOptions]
>(1, (x, q, options = {}) => asTensor(quantileOf("percentile", x, q, options, 100)));

/**
 * The middle of the elements over `axis` (default: all axes), or the mean of the two in the middle, in floats. NaN where
 * any element is. Throws when an axis does not exist or is empty.
 *
 * @example
 * ```ts
 * median(tensor([[3, 1, 2], [9, 8, 7]]), { axis: 1 }).toArray() // [2, 8]
 * ```
 */
export const median: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(0, (x, options = {}) =>
  asTensor(quantileOf("median", x, 0.5, options, 1)),
);

/** The bodies of the methods. */
export const quantileFunctions: BodiesOf<QuantileArgs> = { quantile, percentile, median };
