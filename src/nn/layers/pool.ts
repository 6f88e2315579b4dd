/** Pooling over the spatial axes of `[N, C, …space]`. */
import { range, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import {
  avgPool as avgPoolOf,
  type AvgPoolOptions,
  maxPool as maxPoolOf,
  type PoolOptions,
} from "../../ops/pool.js";
import { max, mean } from "../../ops/reductions.js";
import type { PerAxis } from "../../ops/spatial.js";
import type { Tensor } from "../../ops/tensor.js";
import { lambda, type Layer, type None } from "../layer.js";

/**
 * The largest element of every window of `[N, C, …space]`; the stride is the window by default.
 *
 * @example
 * ```ts
 * const layer = nn.maxPool(2);
 * layer.init(random.key(0), { shape: [1, 6, 28, 28], dtype: "float32" }).out.shape // [1, 6, 14, 14]
 * layer.apply([], [], tensor([[[1, 5, 2, 3]]]))[0].toArray() // [[[5, 3]]]
 * ```
 */
export const maxPool = (window: PerAxis, options: PoolOptions = {}): Layer<None, None> =>
  lambda((x) => maxPoolOf(x, window, options), "maxPool");

/**
 * The mean of every window of `[N, C, …space]`; the stride is the window by default, padding is not counted.
 *
 * @example
 * ```ts
 * nn.avgPool(2).apply([], [], tensor([[[1, 5, 2, 3]]]))[0].toArray() // [[[3, 2.5]]]
 * ```
 */
export const avgPool = (window: PerAxis, options: AvgPoolOptions = {}): Layer<None, None> =>
  lambda((x) => avgPoolOf(x, window, options), "avgPool");

const overSpace =
  (name: string, reduce: (x: Tensor, options: { readonly axis: readonly number[] }) => Tensor) =>
  (): Layer<None, None> =>
    lambda((x) => {
      if (x.ndim < 3)
        throw expected(name, "an input [N, C, …space] with at least one spatial axis", showAval(x));
      return reduce(x, { axis: range(x.ndim - 2).map((i) => i + 2) });
    }, name);

/**
 * The mean over all spatial axes: `[N, C, …space]` to `[N, C]`.
 *
 * @example
 * ```ts
 * nn.globalAvgPool().apply([], [], tensor([[[1, 5], [2, 4]]]))[0].toArray() // [[3, 3]]
 * ```
 */
export const globalAvgPool: () => Layer<None, None> = overSpace("globalAvgPool", mean);

/**
 * The largest element over all spatial axes: `[N, C, …space]` to `[N, C]`.
 *
 * @example
 * ```ts
 * nn.globalMaxPool().apply([], [], tensor([[[1, 5], [2, 4]]]))[0].toArray() // [[5, 4]]
 * ```
 */
export const globalMaxPool: () => Layer<None, None> = overSpace("globalMaxPool", max);
