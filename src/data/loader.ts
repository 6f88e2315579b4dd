/**
 * Batches of examples: plain functions on arrays whose first axis counts examples.
 *
 * Nothing here draws random numbers. Whoever wants a shuffle gives a permutation as `order`, so that an epoch
 * is a function of its key.
 */

import { sizeOf } from "../ir/aval.js";
import { allocate } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";

/** Arrays of equally many examples, such as `{ inputs, labels }`. */
export type Examples = Readonly<Record<string, NdArray>>;

/** How examples are divided into batches. */
export interface BatchOptions {
  /** Examples per batch, at least 1. */
  readonly batchSize: number;
  /** The examples in the order in which they come, for instance a permutation. Default: as they are. */
  readonly order?: ArrayLike<number>;
  /** Whether the last batch is left out when it is smaller. Default false. */
  readonly dropRemainder?: boolean;
}

/** The number of examples, which all the arrays must share. */
const count = (operation: string, examples: Examples): number => {
  const entries = Object.entries(examples);
  const length = entries[0]?.[1].shape[0];
  for (const [name, { shape }] of entries) {
    if (shape.length === 0) throw expected(operation, `${name} to have an axis of examples`, "a scalar");
    if (shape[0] !== length) {
      throw expected(operation, `${length} examples in ${name} as in ${entries[0]![0]}`, String(shape[0]));
    }
  }
  return length ?? 0;
};

/**
 * The examples of `array` at `indices`, in that order: shape [k, …] for k indices.
 *
 * Throws a `FluxionError` if an index is not an integer from 0 to n - 1.
 *
 * @example
 * ```ts
 * import { takeExamples } from "fluxion/data";
 *
 * const pairs = { shape: [3, 2], dtype: "int32" as const, data: new Int32Array([0, 1, 2, 3, 4, 5]) };
 * Array.from(takeExamples(pairs, [2, 0]).data) // [4, 5, 0, 1]
 * ```
 */
export const takeExamples = (array: NdArray, indices: ArrayLike<number>): NdArray => {
  const [length = 0, ...rest] = array.shape;
  const size = sizeOf(rest);
  const data = allocate(array.dtype, indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    if (!Number.isInteger(from) || from < 0 || from >= length) {
      throw expected("takeExamples", `indices from 0 to ${length - 1}`, String(from));
    }
    data.set(array.data.subarray(from * size, (from + 1) * size), i * size);
  }
  return { shape: [indices.length, ...rest], dtype: array.dtype, data };
};

const takeAll = <T extends Examples>(examples: T, indices: ArrayLike<number>): { [K in keyof T]: NdArray } =>
  Object.fromEntries(
    Object.entries(examples).map(([name, array]) => [name, takeExamples(array, indices)]),
  ) as {
    [K in keyof T]: NdArray;
  };

/**
 * How many batches these options make of `length` examples.
 *
 * @example
 * ```ts
 * import { batchCount } from "fluxion/data";
 *
 * batchCount(10, { batchSize: 4 }) // 3
 * batchCount(10, { batchSize: 4, dropRemainder: true }) // 2
 * ```
 */
export const batchCount = (length: number, options: BatchOptions): number => {
  const { batchSize, order, dropRemainder = false } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw expected("batches", "a batchSize of at least 1", String(batchSize));
  }
  const batches = (order?.length ?? length) / batchSize;
  return dropRemainder ? Math.floor(batches) : Math.ceil(batches);
};

/**
 * The indices of each batch of `length` examples, in turn.
 *
 * @example
 * ```ts
 * import { indexBatches } from "fluxion/data";
 *
 * [...indexBatches(3, { batchSize: 2, order: [2, 0, 1] })].map((batch) => Array.from(batch)) // [[2, 0], [1]]
 * ```
 */
export function* indexBatches(length: number, options: BatchOptions): Generator<Int32Array, void, undefined> {
  const batches = batchCount(length, options);
  const order = options.order ?? Int32Array.from({ length }, (_, i) => i);
  for (let batch = 0; batch < batches; batch++) {
    const start = batch * options.batchSize;
    const size = Math.min(options.batchSize, order.length - start);
    yield Int32Array.from({ length: size }, (_, i) => order[start + i]!);
  }
}

/**
 * The batches of examples, in turn: for arrays [n, …] arrays [batchSize, …], copied when they are asked for.
 *
 * Throws a `FluxionError` if the arrays have different numbers of examples, for a batch size below 1,
 * and for an `order` that points outside.
 *
 * @example
 * ```ts
 * import { batches } from "fluxion/data";
 *
 * const inputs = { shape: [3, 1], dtype: "float32" as const, data: new Float32Array([0.5, 1.5, 2.5]) };
 * const labels = { shape: [3], dtype: "int32" as const, data: new Int32Array([0, 1, 2]) };
 * const all = [...batches({ inputs, labels }, { batchSize: 2, order: [2, 1, 0] })];
 * all.map((batch) => batch.inputs.shape) // [[2, 1], [1, 1]]
 * Array.from(all[0]?.labels.data ?? []) // [2, 1]
 * ```
 */
export function* batches<T extends Examples>(
  examples: T,
  options: BatchOptions,
): Generator<{ [K in keyof T]: NdArray }, void, undefined> {
  for (const indices of indexBatches(count("batches", examples), options)) yield takeAll(examples, indices);
}

/**
 * The examples in two parts, of which the first has `fraction` of them (rounded): training and held-out data.
 *
 * Throws a `FluxionError` if the fraction is not between 0 and 1.
 *
 * @example
 * ```ts
 * import { split } from "fluxion/data";
 *
 * const x = { shape: [4], dtype: "int32" as const, data: new Int32Array([10, 11, 12, 13]) };
 * const [train, test] = split({ x }, 0.75, [3, 2, 1, 0]);
 * Array.from(train.x.data) // [13, 12, 11]
 * Array.from(test.x.data) // [10]
 * ```
 */
export const split = <T extends Examples>(
  examples: T,
  fraction: number,
  order?: ArrayLike<number>,
): readonly [{ [K in keyof T]: NdArray }, { [K in keyof T]: NdArray }] => {
  if (!(fraction >= 0 && fraction <= 1)) throw expected("split", "a fraction from 0 to 1", String(fraction));
  const indices = Int32Array.from(order ?? Array.from({ length: count("split", examples) }, (_, i) => i));
  const at = Math.round(indices.length * fraction);
  return [takeAll(examples, indices.subarray(0, at)), takeAll(examples, indices.subarray(at))];
};
