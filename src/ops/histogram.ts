/** Counting: how many elements fall where. The number of bins is known when the graph is built, so shapes are. */
import { sameShape } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { broadcast, full, fullLike, sum as sumOver } from "../ir/primitives/layout.js";
import { gather, scatter } from "../ir/primitives/indexed.js";
import { reduceMax, reduceMin } from "../ir/primitives/reductions.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { checkIntegers } from "./elementwise.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { toFloat } from "./promotion.js";
import { linspaceOf } from "./ranges.js";
import { searchsorted } from "./search.js";
import { asTensor, describe, isTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";

/** Options of `bincount`. */
export interface BincountOptions {
  /** The number of bins: values from `length` on are not counted. */
  readonly length: number;
  /** What each element counts for, in the tensor's shape; 1 by default. */
  readonly weights?: TensorLike | undefined;
}

/** Options of `histogram`. */
export interface HistogramOptions {
  /** The number of bins of equal width, 10 by default; or a vector of their increasing edges. */
  readonly bins?: number | Tensor | undefined;
  /** The least and the greatest value that count; those of the elements by default. */
  readonly range?: readonly [number, number] | undefined;
  /** What each element counts for, in the tensor's shape; 1 by default. */
  readonly weights?: TensorLike | undefined;
  /** Probability densities, which integrate to 1, instead of counts; false by default. */
  readonly density?: boolean | undefined;
}

/** Arguments after the tensor. */
export interface HistogramArgs {
  /** How often each of 0, 1, …, length − 1 occurs. */
  bincount: [options: BincountOptions];
}

const checkCount = (operation: string, name: string, n: unknown): number => {
  if (typeof n === "number" && Number.isInteger(n) && n > 0) return n;
  throw expected(operation, `a positive whole number as ${name}`, describe(n));
};

/** Adds `weights` up at `places`; those outside 0 … n − 1 are dropped. */
const tally = (places: Expr, weights: Expr, n: number): Expr =>
  scatter(full([n], weights.dtype, 0), reshape(places, [places.size, 1]), reshape(weights, [weights.size]), {
    axes: [0],
    batch: 0,
    outOfBounds: "drop",
    mode: "add",
  });

const weightsOf = (operation: string, x: Expr, weights: TensorLike | undefined): Expr => {
  if (weights === undefined) return full(x.shape, "int32", 1);
  const w = toExpr(operation, weights);
  if (!sameShape(w.shape, x.shape))
    throw expected(operation, `weights of shape [${x.shape.join(",")}]`, describe(w));
  return w.dtype === "bool" ? prim.cast(w, "int32") : w;
};

/**
 * How often each of 0, 1, …, length − 1 occurs among the integers: int32, or the dtype of the weights, [length].
 * Negative values count as 0 (as in JAX), values from `length` on are not counted.
 * Throws on floats, when the length is not a positive whole number, and when the weights have another shape.
 *
 * @example
 * ```ts
 * bincount(tensor([1, 1, 3], { dtype: "int32" }), { length: 4 }).toArray() // [0, 2, 0, 1]
 * ```
 */
export const bincount: Op<[options: BincountOptions]> = op<[options: BincountOptions]>(
  0,
  (input, options) => {
    checkOptions("bincount", options, ["length", "weights"]);
    const x = toExpr("bincount", input);
    checkIntegers("bincount", x, true);
    const length = checkCount("bincount", "length", options.length);
    const places = prim.cast(x, "int32");
    return asTensor(
      tally(prim.max(places, fullLike(places, 0)), weightsOf("bincount", x, options.weights), length),
    );
  },
);

/** The bounds as scalars; equal ones move half apart, as in NumPy. */
const boundsOf = (x: Expr, range: readonly [number, number] | undefined): readonly [Expr, Expr] => {
  const axes = x.shape.map((_, i) => i);
  if (x.size === 0 && range === undefined) return [full([], x.dtype, 0), full([], x.dtype, 1)];
  const lo = range === undefined ? reduceMin(x, axes) : full([], x.dtype, range[0]);
  const hi = range === undefined ? reduceMax(x, axes) : full([], x.dtype, range[1]);
  const half = fullLike(lo, 0.5);
  const equal = prim.eq(lo, hi);
  return [prim.select(equal, prim.sub(lo, half), lo), prim.select(equal, prim.add(hi, half), hi)];
};

/** The bin of each element: an estimate, then a comparison with the edges, for rounding may be one off. −1 outside. */
const binsOf = (x: Expr, edges: Expr, lo: Expr, hi: Expr, n: number): Expr => {
  const all = (e: Expr): Expr => broadcast(e, x.shape, []);
  const scaled = prim.mul(prim.div(prim.sub(x, all(lo)), all(prim.sub(hi, lo))), fullLike(x, n));
  const last = full(x.shape, "int32", n - 1);
  const guess = prim.min(prim.max(prim.cast(prim.floor(scaled), "int32"), fullLike(last, 0)), last);
  const edgeAt = (i: Expr): Expr =>
    gather(edges, reshape(i, [...i.shape, 1]), { axes: [0], batch: 0, outOfBounds: "clip" });
  const one = fullLike(guess, 1);
  const lowered = prim.select(prim.lt(x, edgeAt(guess)), prim.sub(guess, one), guess);
  const above = prim.and(prim.ge(x, edgeAt(prim.add(guess, one))), prim.lt(guess, last));
  const bin = prim.select(above, prim.add(lowered, one), lowered);
  return within(x, all(lo), all(hi), bin);
};

/** The bin where x is between the outer edges, else −1. */
const within = (x: Expr, lo: Expr, hi: Expr, bin: Expr): Expr =>
  prim.select(prim.and(prim.ge(x, lo), prim.le(x, hi)), bin, fullLike(bin, -1));

/** The bin of each element among given edges; the last one has its upper edge too. */
const binsAmong = (x: Expr, edges: Expr): Expr => {
  const n = edges.size - 1;
  const above = toExpr("histogram", searchsorted(asTensor(edges), asTensor(x), { side: "right" }));
  const bin = prim.min(prim.sub(above, fullLike(above, 1)), fullLike(above, n - 1));
  const end = (i: number): Expr => broadcast(reshape(sliceAxis(edges, 0, i, 1), []), x.shape, []);
  return within(x, end(0), end(n), bin);
};

/** The bin of each element, and the edges. */
const binned = (
  x: Expr,
  { bins = 10, range }: HistogramOptions,
): { readonly places: Expr; readonly edges: Expr } => {
  if (isTensor(bins)) {
    const edges = prim.cast(toExpr("histogram", bins), x.dtype);
    if (edges.ndim !== 1 || edges.size < 2)
      throw expected("histogram", "a vector of at least two edges", describe(bins));
    return { places: binsAmong(x, edges), edges };
  }
  const n = checkCount("histogram", "bins", bins);
  const [lo, hi] = boundsOf(x, range);
  const edges = linspaceOf(lo, hi, n + 1, true, 0);
  return { places: binsOf(x, edges, lo, hi, n), edges };
};

/**
 * `[counts, edges]` of a histogram with `bins` bins of equal width, or with the edges given: counts int32 (the dtype of
 * the weights, floats with `density`) [bins], edges [bins + 1]. Each bin has its lower edge, the last also its upper one.
 * Throws when `bins` is not a positive whole number, the range is not increasing, or the weights have another shape.
 *
 * @example
 * ```ts
 * const [counts, edges] = histogram(tensor([1, 2, 2, 4]), { bins: 3 });
 * counts.toArray() // [1, 2, 1]
 * edges.toArray() // [1, 2, 3, 4]
 * ```
 */
export const histogram = (
  input: TensorLike,
  options: HistogramOptions = {},
): [counts: Tensor, edges: Tensor] => {
  checkOptions("histogram", options, ["bins", "range", "weights", "density"]);
  const { range, density = false } = options;
  if (
    range !== undefined &&
    !(Number.isFinite(range[0]) && Number.isFinite(range[1]) && range[0] <= range[1])
  )
    throw expected("histogram", "a finite, increasing range", `[${range.join(", ")}]`);
  const x = toFloat("histogram", input);
  const { places, edges } = binned(x, options);
  const counts = tally(places, weightsOf("histogram", x, options.weights), edges.size - 1);
  return [asTensor(density ? densities(counts, edges) : counts), asTensor(edges)];
};

const densities = (counts: Expr, edges: Expr): Expr => {
  const n = counts.shape[0]!;
  const c = prim.cast(counts, edges.dtype);
  const widths = prim.sub(sliceAxis(edges, 0, 1, n), sliceAxis(edges, 0, 0, n));
  return prim.div(prim.div(c, widths), broadcast(sumOver(c, [0]), c.shape, []));
};

/** The bodies of the methods. */
export const histogramFunctions: BodiesOf<HistogramArgs> = { bincount };
