/** Pooling: reductions over the windows of `[N, C, …space]`. */
import { range, type Shape, showAval, sizeOf } from "../ir/aval.js";
import { allocate, highest, lowest } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { constant, type Expr } from "../ir/expr.js";
import { abs, div, mul } from "../ir/primitives/arithmetic.js";
import { broadcast, full, fullLike, sum } from "../ir/primitives/layout.js";
import { reduceMax, reduceMin } from "../ir/primitives/reductions.js";
import { pow } from "../ir/primitives/transcendental.js";
import { windows } from "../ir/primitives/windows.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { toFloat } from "./promotion.js";
import {
  checkFits,
  type Geometry,
  type Padding,
  padSpace,
  perAxis,
  type PerAxis,
  resolvePadding,
} from "./spatial.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of pooling. */
export interface PoolOptions {
  /** Step between windows. Default: the window, so that windows do not overlap. */
  readonly stride?: PerAxis;
  /** Default "VALID". Padding never wins a maximum and is not counted in an average. */
  readonly padding?: Padding;
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis;
}

/** Options of `avgPool`. */
export interface AvgPoolOptions extends PoolOptions {
  /** Divide by the size of the window even where padding is part of it. Default false. */
  readonly countIncludePad?: boolean;
}

export interface PoolArgs {
  /** Largest element of every window. */
  maxPool: [window: PerAxis, options?: PoolOptions];
  /** Smallest element of every window. */
  minPool: [window: PerAxis, options?: PoolOptions];
  /** Mean of every window. */
  avgPool: [window: PerAxis, options?: AvgPoolOptions];
  /** Sum of every window. */
  sumPool: [window: PerAxis, options?: PoolOptions];
  /** (Σ |x|^p)^(1/p) of every window. */
  lpPool: [p: number, window: PerAxis, options?: PoolOptions];
}

interface Pooled {
  readonly x: Expr;
  readonly geometry: Geometry;
  readonly pads: readonly (readonly [number, number])[];
}

const pooled = (operation: string, x: Expr, window: PerAxis, options: PoolOptions): Pooled => {
  const n = x.ndim - 2;
  if (n < 1) throw expected(operation, "[N, C, …space] with at least one spatial axis", showAval(x.aval));
  const sizes = perAxis(operation, "window", window, n, 1);
  const strides = options.stride === undefined ? sizes : perAxis(operation, "stride", options.stride, n, 1);
  const geometry = { sizes, strides, dilations: perAxis(operation, "dilation", options.dilation, n, 1) };
  const pads = resolvePadding(operation, options.padding ?? "VALID", x.shape.slice(2), geometry);
  return { x, geometry, pads };
};

const windowAxes = (x: Expr): number[] => range(x.ndim - 2).map((i) => x.ndim + i);

/** Every window, the padding filled with `value`. */
const windowsOf = (operation: string, { x, geometry, pads }: Pooled, value: number): Expr => {
  const padded = padSpace(x, 2, pads, value);
  checkFits(operation, x, padded.shape.slice(2), geometry);
  return windows(padded, { axes: range(x.ndim - 2).map((i) => i + 2), ...geometry });
};

const extremePool =
  (operation: "maxPool" | "minPool") =>
  (input: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor => {
    const x = toExpr(operation, input);
    const p = pooled(operation, x, window, options);
    const least = operation === "maxPool" ? lowest(x.dtype) : highest(x.dtype);
    const reduce = operation === "maxPool" ? reduceMax : reduceMin;
    return asTensor(reduce(windowsOf(operation, p, least), windowAxes(x)));
  };

const windowSums = (operation: string, p: Pooled): Expr => sum(windowsOf(operation, p, 0), windowAxes(p.x));

/** How many real elements each window along one axis has. */
const realCounts = (
  n: number,
  [low]: readonly [number, number],
  size: number,
  stride: number,
  dilation: number,
  out: number,
): number[] =>
  range(out).map(
    (o) =>
      range(size).filter((k) => {
        const at = o * stride + k * dilation - low;
        return at >= 0 && at < n;
      }).length,
  );

/** The number of real elements of every window, as a product of vectors. */
const counts = ({ x, geometry, pads }: Pooled, shape: Shape): Expr =>
  geometry.sizes
    .map((size, i) => {
      const out = shape[i + 2]!;
      if (pads[i]!.every((p) => p <= 0)) return full(shape, x.dtype, size);
      const data = allocate(x.dtype, out);
      data.set(
        realCounts(x.shape[i + 2]!, pads[i]!, size, geometry.strides[i]!, geometry.dilations[i]!, out),
      );
      return broadcast(constant({ shape: [out], dtype: x.dtype }, data), shape, [i + 2]);
    })
    .reduce(mul);

const avgPoolBody = (input: TensorLike, window: PerAxis, options: AvgPoolOptions = {}): Tensor => {
  const p = pooled("avgPool", toFloat("avgPool", input), window, options);
  const sums = windowSums("avgPool", p);
  const whole = options.countIncludePad === true || p.pads.every((pair) => pair.every((n) => n <= 0));
  return asTensor(div(sums, whole ? fullLike(sums, sizeOf(p.geometry.sizes)) : counts(p, sums.shape)));
};

const lpPoolBody = (input: TensorLike, p: number, window: PerAxis, options: PoolOptions = {}): Tensor => {
  const x = toFloat("lpPool", input);
  if (!(p > 0)) throw expected("lpPool", "a positive power p", String(p));
  const powers = pow(abs(x), fullLike(x, p));
  const sums = windowSums("lpPool", pooled("lpPool", powers, window, options));
  return asTensor(pow(sums, fullLike(sums, 1 / p)));
};

const sumPoolBody = (input: TensorLike, window: PerAxis, options: PoolOptions = {}): Tensor =>
  asTensor(windowSums("sumPool", pooled("sumPool", toExpr("sumPool", input), window, options)));

export const poolFunctions: BodiesOf<PoolArgs> = {
  maxPool: withOptions("maxPool", 2, ["stride", "padding", "dilation"], extremePool("maxPool")),
  minPool: withOptions("minPool", 2, ["stride", "padding", "dilation"], extremePool("minPool")),
  avgPool: withOptions("avgPool", 2, ["stride", "padding", "dilation", "countIncludePad"], avgPoolBody),
  sumPool: withOptions("sumPool", 2, ["stride", "padding", "dilation"], sumPoolBody),
  lpPool: withOptions("lpPool", 3, ["stride", "padding", "dilation"], lpPoolBody),
};

/**
 * Largest element of every window of `x [N, C, …space]`: result `[N, C, …positions]`. Any dtype.
 *
 * `window` and the options are numbers for all spatial axes or lists with one for each. Equal maxima share the
 * derivative; JAX and PyTorch give it to the first.
 *
 * @example
 * ```ts
 * const x = reshape(tensor([1, 2, 3, 4, 5, 6, 7, 8]), [1, 1, 2, 4]);
 * maxPool(x, 2).toArray() // [[[[6, 8]]]]
 * maxPool(x, [1, 2], { stride: 1 }).shape // [1, 1, 2, 3]
 * ```
 */
export const maxPool: Op<PoolArgs["maxPool"]> = op(1, poolFunctions.maxPool);

/**
 * Smallest element of every window of `x [N, C, …space]`. Any dtype.
 *
 * @example
 * ```ts
 * minPool(tensor([[[3, 1, 2, 5]]]), 2).toArray() // [[[1, 2]]]
 * ```
 */
export const minPool: Op<PoolArgs["minPool"]> = op(1, poolFunctions.minPool);

/**
 * Mean of every window of `x [N, C, …space]`. Integers become float32. Padding counts only with `countIncludePad`.
 *
 * @example
 * ```ts
 * avgPool(tensor([[[1, 3, 5, 7]]]), 2).toArray() // [[[2, 6]]]
 * avgPool(tensor([[[1, 3]]]), 2, { stride: 1, padding: 1 }).toArray() // [[[1, 2, 3]]]
 * avgPool(tensor([[[1, 3]]]), 2, { stride: 1, padding: 1, countIncludePad: true }).toArray() // [[[0.5, 2, 1.5]]]
 * ```
 */
export const avgPool: Op<PoolArgs["avgPool"]> = op(1, poolFunctions.avgPool);

/**
 * Sum of every window of `x [N, C, …space]`.
 *
 * @example
 * ```ts
 * sumPool(tensor([[[1, 3, 5, 7]]]), 2).toArray() // [[[4, 12]]]
 * ```
 */
export const sumPool: Op<PoolArgs["sumPool"]> = op(1, poolFunctions.sumPool);

/**
 * (Σ |x|^p)^(1/p) of every window of `x [N, C, …space]`. Integers become float32.
 *
 * @example
 * ```ts
 * lpPool(tensor([[[3, 4]]]), 2, 2).toArray() // [[[5]]]
 * ```
 */
export const lpPool: Op<PoolArgs["lpPool"]> = op(2, poolFunctions.lpPool);
