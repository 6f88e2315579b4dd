/** What is done to examples before training: scaling and encoding. */

import { sizeOf } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";

/** The mean and standard deviation of each feature, in float64. */
export interface Moments {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/**
 * The moments of each feature over the first axis of `array` [n, …]; the deviation is the population's.
 *
 * Computed by Welford's method, so that a large mean costs no accuracy. Throws a `FluxionError` for a scalar.
 *
 * @example
 * ```ts
 * import { moments } from "fluxion/data";
 *
 * const { mean, deviation } = moments({ shape: [2, 2], dtype: "float32", data: new Float32Array([1, 5, 3, 5]) });
 * Array.from(mean) // [2, 5]
 * Array.from(deviation) // [1, 0]
 * ```
 */
export const moments = (array: NdArray): Moments => {
  if (array.shape.length === 0) throw expected("moments", "an array with an axis of examples", "a scalar");
  const [length = 0, ...rest] = array.shape;
  const features = sizeOf(rest);
  const mean = new Float64Array(features);
  const squares = new Float64Array(features);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < features; j++) {
      const x = array.data[i * features + j]!;
      const delta = x - mean[j]!;
      mean[j]! += delta / (i + 1);
      squares[j]! += delta * (x - mean[j]!);
    }
  }
  return { mean, deviation: squares.map((s) => Math.sqrt(s / Math.max(1, length))) };
};

/**
 * `(array - mean) / deviation` for each feature, float32 of the same shape. A feature that is constant
 * (deviation 0) becomes 0 where it has the mean.
 *
 * The moments are the training data's, for held-out data too. Throws a `FluxionError` if their number is not
 * the number of features.
 *
 * @example
 * ```ts
 * import { moments, standardize } from "fluxion/data";
 *
 * const train = { shape: [2, 1], dtype: "float32" as const, data: new Float32Array([1, 3]) };
 * const test = { shape: [1, 1], dtype: "float32" as const, data: new Float32Array([4]) };
 * Array.from(standardize(test, moments(train)).data) // [2]
 * ```
 */
export const standardize = (array: NdArray, { mean, deviation }: Moments): NdArray => {
  const features = sizeOf(array.shape.slice(1));
  if (mean.length !== features)
    throw expected("standardize", `moments of ${features} features`, String(mean.length));
  const data = Float32Array.from(array.data, (x, i) => {
    const j = i % features;
    return (x - mean[j]!) / (deviation[j]! || 1);
  });
  return { shape: array.shape, dtype: "float32", data };
};

/**
 * Bytes 0 to 255 as float32 numbers 0 to 1, of the same shape.
 *
 * @example
 * ```ts
 * import { scaleBytes } from "fluxion/data";
 *
 * Array.from(scaleBytes({ shape: [2], dtype: "uint8", data: new Uint8Array([0, 255]) }).data) // [0, 1]
 * ```
 */
export const scaleBytes = (array: NdArray): NdArray => {
  if (array.dtype !== "uint8") throw expected("scaleBytes", "uint8", array.dtype);
  return { shape: array.shape, dtype: "float32", data: Float32Array.from(array.data, (x) => x / 255) };
};

/**
 * Labels 0 to `classes - 1` as rows that hold 1 at the label and 0 elsewhere: float32 [n, classes].
 *
 * Throws a `FluxionError` for a label outside.
 *
 * @example
 * ```ts
 * import { oneHotLabels } from "fluxion/data";
 *
 * Array.from(oneHotLabels([1, 0], 3).data) // [0, 1, 0, 1, 0, 0]
 * ```
 */
export const oneHotLabels = (labels: ArrayLike<number>, classes: number): NdArray => {
  const data = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw expected("oneHotLabels", `labels from 0 to ${classes - 1}`, String(label));
    }
    data[i * classes + label] = 1;
  }
  return { shape: [labels.length, classes], dtype: "float32", data };
};
