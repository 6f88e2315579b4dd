/** Pooling to a given size, and over all of space. */
import { range, type Shape, showAval, sizeOf } from "../ir/aval.js";
import { type DType, elementsOf } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { constant, type Expr } from "../ir/expr.js";
import { div } from "../ir/primitives/arithmetic.js";
import { fullLike, sum } from "../ir/primitives/layout.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { reshape } from "../ir/primitives/views.js";
import { windows } from "../ir/primitives/windows.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { toFloat } from "./promotion.js";
import { mapAxis } from "./resize.js";
import { perAxis, type PerAxis } from "./spatial.js";
import { gatherAxis, int32Constant } from "./take.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `globalAvgPool` and `globalMaxPool`. */
export interface GlobalPoolOptions {
  /** Whether the spatial axes stay, with size 1. Default false. */
  readonly keepdims?: boolean;
}

export interface AdaptivePoolArgs {
  /** Mean over all spatial axes: `[N, C]`. */
  globalAvgPool: [options?: GlobalPoolOptions];
  /** Maximum over all spatial axes: `[N, C]`. */
  globalMaxPool: [options?: GlobalPoolOptions];
  /** Means of as many windows as the result has elements. */
  adaptiveAvgPool: [size: PerAxis];
  /** Maxima of as many windows as the result has elements. */
  adaptiveMaxPool: [size: PerAxis];
}

const spaceOf = (operation: string, x: Expr): number[] => {
  if (x.ndim < 3)
    throw expected(operation, "[N, C, …space] with at least one spatial axis", showAval(x.aval));
  if (x.shape.slice(2).some((n) => n === 0))
    throw expected(operation, "at least one element to pool", showAval(x.aval));
  return range(x.ndim - 2).map((i) => i + 2);
};

const kept = (y: Expr, shape: Shape, { keepdims = false }: GlobalPoolOptions = {}): Tensor =>
  asTensor(
    keepdims
      ? reshape(
          y,
          shape.map((n, i) => (i < 2 ? n : 1)),
        )
      : y,
  );

const globalAvgBody = (input: TensorLike, options?: GlobalPoolOptions): Tensor => {
  const x = toFloat("globalAvgPool", input);
  const total = sum(x, spaceOf("globalAvgPool", x));
  return kept(div(total, fullLike(total, sizeOf(x.shape.slice(2)))), x.shape, options);
};

const globalMaxBody = (input: TensorLike, options?: GlobalPoolOptions): Tensor => {
  const x = toExpr("globalMaxPool", input);
  return kept(reduceMax(x, spaceOf("globalMaxPool", x)), x.shape, options);
};

/** Window o of n elements in `out` windows: they cover everything and may overlap by one. */
const window = (o: number, n: number, out: number): readonly [number, number] => [
  Math.floor((o * n) / out),
  Math.ceil(((o + 1) * n) / out),
];

/** `[n, out]`: the share of each element in each window. */
const shares = (n: number, out: number, dtype: DType): Expr => {
  const data = new Float64Array(n * out);
  for (let o = 0; o < out; o++) {
    const [start, stop] = window(o, n, out);
    for (let i = start; i < stop; i++) data[i * out + o] = 1 / (stop - start);
  }
  return constant({ shape: [n, out], dtype }, elementsOf(dtype, data));
};

/** Equal windows side by side, as a last axis. */
const equalWindows = (x: Expr, axis: number, size: number): Expr =>
  windows(x, { axes: [axis], sizes: [size], strides: [size], dilations: [1] });

const averaged = (x: Expr, axis: number, out: number): Expr => {
  const n = x.shape[axis]!;
  if (n % out !== 0) return mapAxis(x, axis, shares(n, out, x.dtype));
  const total = sum(equalWindows(x, axis, n / out), [x.ndim]);
  return div(total, fullLike(total, n / out));
};

/** Unequal windows are filled up with their own last element, which changes no maximum. */
const largest = (x: Expr, axis: number, out: number): Expr => {
  const n = x.shape[axis]!;
  if (n % out === 0) return reduceMax(equalWindows(x, axis, n / out), [x.ndim]);
  const bounds = range(out).map((o) => window(o, n, out));
  const width = Math.max(...bounds.map(([start, stop]) => stop - start));
  const places = int32Constant(
    bounds.flatMap(([start, stop]) => range(width).map((k) => Math.min(start + k, stop - 1))),
  );
  return reduceMax(gatherAxis(x, reshape(places, [out, width]), axis), [axis + 1]);
};

const adaptive =
  (operation: string, ofInput: (x: TensorLike) => Expr, pool: (x: Expr, axis: number, out: number) => Expr) =>
  (input: TensorLike, size: PerAxis): Tensor => {
    const x = ofInput(input);
    const axes = spaceOf(operation, x);
    const sizes = perAxis(operation, "size", size, axes.length, 1);
    return asTensor(axes.reduce((e, a, i) => (e.shape[a] === sizes[i] ? e : pool(e, a, sizes[i]!)), x));
  };

export const adaptivePoolFunctions: BodiesOf<AdaptivePoolArgs> = {
  globalAvgPool: withOptions("globalAvgPool", 1, ["keepdims"], globalAvgBody),
  globalMaxPool: withOptions("globalMaxPool", 1, ["keepdims"], globalMaxBody),
  adaptiveAvgPool: adaptive("adaptiveAvgPool", (x) => toFloat("adaptiveAvgPool", x), averaged),
  adaptiveMaxPool: adaptive("adaptiveMaxPool", (x) => toExpr("adaptiveMaxPool", x), largest),
};

/**
 * Mean over all spatial axes of `x [N, C, …space]`: `[N, C]`. Integers become float32.
 *
 * @example
 * ```ts
 * globalAvgPool(tensor([[[1, 2, 3], [4, 5, 6]]])).toArray() // [[2, 5]]
 * ```
 */
export const globalAvgPool: Op<AdaptivePoolArgs["globalAvgPool"]> & Unary = op(
  0,
  adaptivePoolFunctions.globalAvgPool,
);

/**
 * Maximum over all spatial axes of `x [N, C, …space]`: `[N, C]`.
 *
 * @example
 * ```ts
 * globalMaxPool(tensor([[[1, 2, 3], [4, 5, 6]]]), { keepdims: true }).toArray() // [[[3], [6]]]
 * ```
 */
export const globalMaxPool: Op<AdaptivePoolArgs["globalMaxPool"]> & Unary = op(
  0,
  adaptivePoolFunctions.globalMaxPool,
);

/**
 * Means of `x [N, C, …space]` over as many windows as `size` says, which cover space evenly (PyTorch's
 * AdaptiveAvgPool). Integers become float32.
 *
 * @example
 * ```ts
 * adaptiveAvgPool(tensor([[[1, 2, 3, 4]]]), 2).toArray() // [[[1.5, 3.5]]]
 * adaptiveAvgPool(tensor([[[1, 2, 3]]]), 2).toArray() // [[[1.5, 2.5]]]
 * ```
 */
export const adaptiveAvgPool: Op<AdaptivePoolArgs["adaptiveAvgPool"]> = op(
  1,
  adaptivePoolFunctions.adaptiveAvgPool,
);

/**
 * Maxima of `x [N, C, …space]` over as many windows as `size` says, which cover space evenly.
 *
 * @example
 * ```ts
 * adaptiveMaxPool(tensor([[[1, 2, 3]]]), 2).toArray() // [[[2, 3]]]
 * ```
 */
export const adaptiveMaxPool: Op<AdaptivePoolArgs["adaptiveMaxPool"]> = op(
  1,
  adaptivePoolFunctions.adaptiveMaxPool,
);
