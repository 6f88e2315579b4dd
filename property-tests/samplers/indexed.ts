/** Samples of contractions, windows, and reading and writing at computed places. */
import fc, { type Arbitrary } from "fast-check";
import { range, type Shape } from "../../src/ir/aval.js";
import { type DType, isFloat } from "../../src/ir/dtype.js";
import type { ScatterMode } from "../../src/ir/lowering.js";
import { restAxes } from "../../src/ir/primitives/indexed.js";
import { windowCount, type Windows } from "../../src/ir/primitives/windows.js";
import { chance, integer, oneOf, type Random, shuffled, some } from "../random.js";
import { anyDType, ifFloat, numberDType, operand, type Sample, sampleOf, samples } from "./sample.js";
import { anything, distinct, integers, plain, type Values, withZeros } from "./values.js";

const noShape: Arbitrary<Shape> = fc.constant([]);
const valuesOf = (dtype: DType): Values => (isFloat(dtype) ? plain : anything);
const sizes = (r: Random, n: number, lo: number, hi: number): number[] =>
  range(n).map(() => integer(r, lo, hi));

// ---- dot

/** One side: its axes in any order, and where the batched and contracted ones went. */
const side = (r: Random, batch: readonly number[], contract: readonly number[], free: readonly number[]) => {
  const all = [...batch, ...contract, ...free];
  const order = shuffled(r, range(all.length));
  const at = (from: number, n: number): number[] => range(n).map((i) => order.indexOf(from + i));
  return {
    shape: order.map((o) => all[o]!),
    batch: at(0, batch.length),
    contract: at(batch.length, contract.length),
  };
};

export const dotSampler: Arbitrary<Sample> = samples(noShape, numberDType, (r, _shape, dtype) => {
  const lo = chance(r, 0.1) ? 0 : 1;
  const batch = sizes(r, integer(r, 0, 2), lo, 2);
  const contract = sizes(r, integer(r, 0, 2), lo, 3);
  const x = side(r, batch, contract, sizes(r, integer(r, 0, 2), lo, 3));
  const y = side(r, batch, contract, sizes(r, integer(r, 0, 2), lo, 3));
  const values = valuesOf(dtype);
  return sampleOf(r, [operand(x.shape, dtype, values), operand(y.shape, dtype, values)], {
    attrs: { lhsBatch: x.batch, rhsBatch: y.batch, lhsContract: x.contract, rhsContract: y.contract },
    differentiable: ifFloat(dtype, [0, 1]),
    linear: ifFloat(dtype, [[0], [1]]),
  });
});

// ---- windows and overlapAdd

const windowsCase = (r: Random): { readonly shape: Shape; readonly attrs: Windows } => {
  const shape = sizes(r, integer(r, 1, 3), 1, 4);
  const axes = shuffled(r, some(r, range(shape.length), 0.7));
  return {
    shape,
    attrs: {
      axes,
      sizes: sizes(r, axes.length, 1, 3),
      strides: sizes(r, axes.length, 1, 2),
      dilations: sizes(r, axes.length, 1, 2),
    },
  };
};

const linearOf = (r: Random, shape: Shape, dtype: DType, attrs: object): Sample =>
  sampleOf(r, [operand(shape, dtype, valuesOf(dtype))], {
    attrs,
    differentiable: ifFloat(dtype, [0]),
    linear: ifFloat(dtype, [[0]]),
  });

export const windowsSampler: Arbitrary<Sample> = samples(noShape, anyDType, (r, _shape, dtype) => {
  const { shape, attrs } = windowsCase(r);
  return linearOf(r, shape, dtype, attrs);
});

export const overlapAddSampler: Arbitrary<Sample> = samples(noShape, numberDType, (r, _shape, dtype) => {
  const { shape, attrs } = windowsCase(r);
  const counts = [...shape];
  attrs.axes.forEach((a, k) => {
    counts[a] = windowCount(shape[a]!, attrs.sizes[k]!, attrs.strides[k]!, attrs.dilations[k]!);
  });
  return linearOf(r, [...counts, ...attrs.sizes], dtype, {
    ...attrs,
    lengths: attrs.axes.map((a) => shape[a]!),
  });
});

// ---- gather and scatter

const indexedCase = (r: Random) => {
  const batch = integer(r, 0, 1);
  const shape = sizes(r, batch + integer(r, 0, 3 - batch), 1, 3);
  const axes = shuffled(r, some(r, range(shape.length).slice(batch), 0.6));
  const outer = sizes(r, integer(r, 0, 2), chance(r, 0.1) ? 0 : 1, 3);
  const attrs = { axes, batch, outOfBounds: oneOf(r, ["clip", "drop"] as const) };
  return {
    shape,
    attrs,
    indices: operand([...shape.slice(0, batch), ...outer, axes.length], "int32", integers(-1, 3)),
    values: [...shape.slice(0, batch), ...outer, ...restAxes(shape.length, attrs).map((a) => shape[a]!)],
  };
};

export const gatherSampler: Arbitrary<Sample> = samples(noShape, anyDType, (r, _shape, dtype) => {
  const { shape, indices, attrs } = indexedCase(r);
  return sampleOf(r, [operand(shape, dtype, valuesOf(dtype)), indices], {
    attrs,
    differentiable: ifFloat(dtype, [0]),
    linear: ifFloat(dtype, [[0]]),
  });
});

const modes: readonly ScatterMode[] = ["set", "add", "mul", "min", "max"];

/** Extremes need values without ties between the operand and the updates: halves beside whole numbers. */
const updatesApart: Values = (r, n, dtype) =>
  distinct(r, n, dtype).map((x) => x + (isFloat(dtype) ? 0.125 : 0));

export const scatterSampler: Arbitrary<Sample> = samples(noShape, anyDType, (r, _shape, dtype) => {
  const { shape, indices, values, attrs } = indexedCase(r);
  const mode = dtype === "bool" ? "set" : oneOf(r, modes);
  const isExtreme = mode === "min" || mode === "max";
  const numbers = isFloat(dtype) ? (isExtreme ? distinct : mode === "mul" ? withZeros : plain) : anything;
  const updates = isExtreme && isFloat(dtype) ? updatesApart : numbers;
  return sampleOf(r, [operand(shape, dtype, numbers), indices, operand(values, dtype, updates)], {
    attrs: { ...attrs, mode },
    differentiable: ifFloat(dtype, [0, 2]),
    linear: mode === "set" || mode === "add" ? ifFloat(dtype, [[0], [2], [0, 2]]) : [],
  });
});

// ---- windows with a computed start

const dynamicCase = (r: Random, lo: number) => {
  const shape = sizes(r, integer(r, 0, 3), lo, 4);
  return {
    shape,
    sizes: shape.map((n) => integer(r, 0, n)),
    starts: operand([shape.length], "int32", integers(-2, 5)),
  };
};

export const dynamicSliceSampler: Arbitrary<Sample> = samples(noShape, anyDType, (r, _shape, dtype) => {
  const c = dynamicCase(r, 1);
  return sampleOf(r, [operand(c.shape, dtype, valuesOf(dtype)), c.starts], {
    attrs: { sizes: c.sizes },
    differentiable: ifFloat(dtype, [0]),
    linear: ifFloat(dtype, [[0]]),
  });
});

export const dynamicUpdateSliceSampler: Arbitrary<Sample> = samples(noShape, anyDType, (r, _shape, dtype) => {
  const c = dynamicCase(r, 1);
  const values = valuesOf(dtype);
  return sampleOf(r, [operand(c.shape, dtype, values), operand(c.sizes, dtype, values), c.starts], {
    differentiable: ifFloat(dtype, [0, 1]),
    linear: ifFloat(dtype, [[0], [1], [0, 1]]),
  });
});
