/** Quantiles: places in the sorted elements. In floats; NaN where any element is NaN, or without it (nan…). */
import { range, type Shape, sizeOf } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { broadcast, full, fullLike, permute, sum as sumOver, unreduce } from "../ir/primitives/layout.js";
import { gather } from "../ir/primitives/indexed.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { argsort } from "../ir/primitives/sort.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating, toFloat } from "./promotion.js";
import { type AxisOptions, axisNames, hasNothing, keepAxes, reducing, refuseEmpty } from "./reduce.js";
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
  /** The element below which the fraction q of what is not NaN lies. */
  nanquantile: [q: TensorLike, options?: QuantileOptions];
  /** The element below which q percent of what is not NaN lie. */
  nanpercentile: [q: TensorLike, options?: QuantileOptions];
  /** The middle of the elements that are not NaN. */
  nanmedian: [options?: AxisOptions];
}

const methods: readonly QuantileMethod[] = ["linear", "lower", "higher", "midpoint", "nearest"];

/** The reduced axes as the first, the kept ones flattened behind it: [n, kept]. */
const inLines = (x: Expr, axes: readonly number[]): Expr => {
  const kept = range(x.ndim).filter((i) => !axes.includes(i));
  const sizes = kept.map((k) => x.shape[k]!);
  return reshape(permute(x, [...axes, ...kept]), [sizeOf(axes.map((a) => x.shape[a]!)), sizeOf(sizes)]);
};

/** Elements of every line [n, kept] at its own places [count, kept]. */
const pickIn = (lines: Expr, places: Expr): Expr => {
  const byLine = reshape(permute(places, [1, 0]), [places.shape[1]!, places.shape[0]!, 1]);
  return permute(
    gather(permute(lines, [1, 0]), byLine, { axes: [1], batch: 1, outOfBounds: "clip" }),
    [1, 0],
  );
};

/** The smallest `count` elements of every line, in order. */
const sorted = (lines: Expr, count: number): Expr => pickIn(lines, argsort(lines, 0, false, count));

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
  const weight = {
    linear: between,
    lower: 0,
    higher: Math.ceil(between),
    midpoint: Math.ceil(between) / 2,
    nearest: roundEven(place) - low,
  }[method];
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

/** q a vector [Q], the places computed: `count` elements of every line [kept] take part. Result [Q, kept]. */
const atTensor = (lines: Expr, q: Expr, count: Expr, method: QuantileMethod): Expr => {
  const shape = [q.size, lines.shape[1]!];
  const inOrder = sorted(lines, lines.shape[0]!);
  const fraction = broadcast(prim.cast(q, lines.dtype), shape, [0]);
  const place = prim.mul(fraction, broadcast(prim.sub(count, fullLike(count, 1)), shape, [1]));
  const below = prim.floor(place);
  const weight = weightOf[method](prim.sub(place, below), place);
  const at = (index: Expr): Expr => pickIn(inOrder, prim.cast(index, "int32"));
  const y = mix(at(below), at(prim.ceil(place)), weight);
  const outside = prim.or(
    prim.lt(fraction, fullLike(fraction, 0)),
    prim.not(prim.le(fraction, fullLike(fraction, 1))),
  );
  const nothing = broadcast(prim.eq(count, fullLike(count, 0)), shape, [1]);
  return prim.select(prim.or(outside, nothing), fullLike(y, NaN), y);
};

/** NaN wherever a line has one. */
const spoilt = (y: Expr, lines: Expr): Expr => {
  const nan = reduceMax(prim.isNaN(lines), [0]);
  return prim.select(unreduce(nan, y.shape, range(y.ndim - 1)), fullLike(y, NaN), y);
};

/** [...q, kept]: static slices for a known q, gathers for the rest. */
const atQ = (operation: string, lines: Expr, q: TensorLike, scale: number, method: QuantileMethod): Expr => {
  const skipsNaN = operation.startsWith("nan");
  if (!isTensor(q) && !skipsNaN) return spoilt(atNumber(lines, checkQ(operation, q, scale), method), lines);
  const given = isTensor(q)
    ? scaled(toFloat(operation, q), scale)
    : full([], lines.dtype, checkQ(operation, q, scale));
  const some = skipsNaN ? prim.not(prim.isNaN(lines)) : full(lines.shape, "bool", 1);
  const count = sumOver(prim.cast(some, lines.dtype), [0]);
  const y = atTensor(lines, reshape(given, [given.size]), count, method);
  return reshape(skipsNaN ? y : spoilt(y, lines), [...given.shape, lines.shape[1]!]);
};

const quantileOf = (
  operation: string,
  input: TensorLike,
  q: TensorLike,
  options: QuantileOptions,
  scale: number,
): Expr => {
  const names = operation.endsWith("median") ? axisNames : [...axisNames, "method"];
  const { x: given, axes } = reducing(operation, input, options, names);
  const { method = "linear", keepdims = false } = options;
  if (!methods.includes(method))
    throw expected(operation, `a method (${methods.join(", ")})`, describe(method));
  // NumPy has no quantile of nothing, but a median: NaN.
  if (operation === "quantile" || operation === "percentile") refuseEmpty(operation, given, axes);
  const x = prim.cast(given, floating(given.dtype));
  const lines = inLines(x, axes);
  const y = hasNothing(x, axes)
    ? full([...(isTensor(q) ? (q.shape as Shape) : []), lines.shape[1]!], x.dtype, NaN)
    : atQ(operation, lines, q, scale, method);
  const leading = y.shape.slice(0, -1);
  const kept = x.shape.filter((_, i) => !axes.includes(i));
  const shaped = reshape(y, [...leading, ...kept]);
  if (!keepdims) return shaped;
  return keepAxes(
    shaped,
    [...leading, ...x.shape],
    axes.map((a) => a + leading.length),
  );
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
export const quantile: Op<[q: TensorLike, options?: QuantileOptions]> = op<
  [q: TensorLike, options?: QuantileOptions]
>(1, (x, q, options = {}) => asTensor(quantileOf("quantile", x, q, options, 1)));

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
 * any element is, or where there are none. Throws when an axis does not exist.
 *
 * @example
 * ```ts
 * median(tensor([[3, 1, 2], [9, 8, 7]]), { axis: 1 }).toArray() // [2, 8]
 * ```
 */
export const median: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(0, (x, options = {}) =>
  asTensor(quantileOf("median", x, 0.5, options, 1)),
);

/**
 * `quantile` of the elements that are not NaN; NaN where all are, or where there are none.
 *
 * @example
 * ```ts
 * nanquantile(tensor([3, NaN, 1, 2]), 0.5).toArray() // 2
 * ```
 */
export const nanquantile: Op<[q: TensorLike, options?: QuantileOptions]> = op<
  [q: TensorLike, options?: QuantileOptions]
>(1, (x, q, options = {}) => asTensor(quantileOf("nanquantile", x, q, options, 1)));

/**
 * `percentile` of the elements that are not NaN; NaN where all are.
 *
 * @example
 * ```ts
 * nanpercentile(tensor([3, NaN, 1]), 50).toArray() // 2
 * ```
 */
export const nanpercentile: Op<[q: TensorLike, options?: QuantileOptions]> = op<
  [q: TensorLike, options?: QuantileOptions]
>(1, (x, q, options = {}) => asTensor(quantileOf("nanpercentile", x, q, options, 100)));

/**
 * `median` of the elements that are not NaN; NaN where all are.
 *
 * @example
 * ```ts
 * nanmedian(tensor([[3, NaN, 1], [NaN, NaN, 5]]), { axis: 1 }).toArray() // [2, 5]
 * ```
 */
export const nanmedian: Op<[options?: AxisOptions]> = op<[options?: AxisOptions]>(0, (x, options = {}) =>
  asTensor(quantileOf("nanmedian", x, 0.5, options, 1)),
);

/** The bodies of the methods. */
export const quantileFunctions: BodiesOf<QuantileArgs> = {
  quantile,
  percentile,
  median,
  nanquantile,
  nanpercentile,
  nanmedian,
};
