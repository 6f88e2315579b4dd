/** Samples of views, reductions, running reductions, and order. */
import fc, { type Arbitrary } from "fast-check";
import { range, type Shape } from "../../src/ir/aval.js";
import { type DType, isFloat } from "../../src/ir/dtype.js";
import type { CumulativeName } from "../../src/ir/primitives/cumulative.js";
import type { reductions } from "../../src/ir/primitives/reductions.js";
import { atLeastOne, chance, integer, oneOf, type Random, random, shuffled, some } from "../random.js";
import {
  anyDType,
  axedShapes,
  ifFloat,
  numberDType,
  operand,
  type Sample,
  sampleOf,
  samples,
  seeds,
  shapes,
} from "./sample.js";
import { anything, distinct, plain, type Values, withZeros } from "./values.js";

/** A linear function of one operand. */
const linear = (r: Random, shape: Shape, dtype: DType, attrs: object): Sample =>
  sampleOf(r, [operand(shape, dtype, chance(r, 0.3) ? plain : valuesOf(dtype))], {
    attrs,
    differentiable: ifFloat(dtype, [0]),
    linear: ifFloat(dtype, [[0]]),
  });

/** Floats are differentiated, so they stay tame; other dtypes take anything. */
const valuesOf = (dtype: DType): Values => (isFloat(dtype) ? plain : anything);

const view = (shape: Arbitrary<Shape>, attrs: (r: Random, shape: Shape) => object): Arbitrary<Sample> =>
  samples(shape, anyDType, (r, s, dtype) => linear(r, s, dtype, attrs(r, s)));

/** Other shapes of as many elements. */
const reshapings: readonly (readonly [Shape, Shape])[] = [
  [[], [1]],
  [[1], []],
  [[], [1, 1]],
  [[6], [2, 3]],
  [
    [2, 3],
    [3, 2],
  ],
  [[2, 3], [6]],
  [
    [2, 2, 2],
    [4, 2],
  ],
  [[4], [2, 2]],
  [
    [2, 1, 3],
    [2, 3],
  ],
  [[0], [2, 0]],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [2, 6],
    [2, 2, 3],
  ],
  [
    [1, 3],
    [3, 1],
  ],
  [
    [2, 3, 2],
    [3, 4],
  ],
];

/** Axes of the operand in order, new ones between them. */
const broadcastAttrs = (r: Random, shape: Shape): object => {
  const out: number[] = [];
  const axes: number[] = [];
  const insert = (): void => {
    while (chance(r, 0.4) && out.length < 4) out.push(integer(r, 1, 3));
  };
  for (const n of shape) {
    insert();
    axes.push(out.length);
    out.push(n);
  }
  insert();
  return { shape: out, axes };
};

const sliceAttrs = (r: Random, shape: Shape): object => {
  const stride = shape.map(() => integer(r, 1, 3));
  const start = shape.map((n) => integer(r, 0, n));
  const size = shape.map((n, i) => integer(r, 0, Math.max(0, Math.ceil((n - start[i]!) / stride[i]!))));
  return { start, size, stride };
};

const padAttrs = (r: Random, shape: Shape, value: number): object => ({
  low: shape.map(() => integer(r, 0, 2)),
  high: shape.map(() => integer(r, 0, 2)),
  interior: shape.map(() => (chance(r, 0.4) ? integer(r, 1, 2) : 0)),
  value,
});

/** Linear only when the padding is zero. */
const pad: Arbitrary<Sample> = samples(shapes, anyDType, (r, shape, dtype) => {
  const value = dtype === "bool" ? integer(r, 0, 1) : oneOf(r, [0, 0, 1, 3]);
  const sample = linear(r, shape, dtype, padAttrs(r, shape, value));
  return value === 0 ? sample : { ...sample, linear: [] };
});

const concat: Arbitrary<Sample> = samples(axedShapes, anyDType, (r, shape, dtype) => {
  const axis = integer(r, 0, shape.length - 1);
  const n = integer(r, 1, 3);
  const operands = range(n).map(() =>
    operand(
      shape.map((d, i) => (i === axis ? integer(r, 0, 3) : d)),
      dtype,
      valuesOf(dtype),
    ),
  );
  return sampleOf(r, operands, {
    attrs: { axis },
    differentiable: ifFloat(dtype, range(n)),
    linear: ifFloat(dtype, [...range(n).map((i) => [i]), range(n)]),
  });
});

const iota: Arbitrary<Sample> = samples(axedShapes, numberDType, (r, shape, dtype) =>
  sampleOf(r, [], { attrs: { shape, dtype, axis: integer(r, 0, shape.length - 1) } }),
);

const axesOf = (r: Random, shape: Shape): { axes: number[] } => ({
  axes: atLeastOne(r, range(shape.length)),
});

export const viewSamplers: Record<
  "permute" | "broadcast" | "reshape" | "slice" | "pad" | "flip" | "concat" | "iota",
  Arbitrary<Sample>
> = {
  permute: view(shapes, (r, shape) => ({ permutation: shuffled(r, range(shape.length)) })),
  broadcast: view(shapes, broadcastAttrs),
  reshape: fc
    .record({ pair: fc.constantFrom(...reshapings), dtype: anyDType, seed: seeds })
    .map(({ pair, dtype, seed }) => linear(random(seed), pair[0], dtype, { shape: pair[1] })),
  slice: view(shapes, sliceAttrs),
  pad,
  flip: view(shapes, (r, shape) => ({ axes: some(r, range(shape.length)) })),
  concat,
  iota,
};

export const sumSampler: Arbitrary<Sample> = samples(axedShapes, numberDType, (r, shape, dtype) =>
  linear(r, shape, dtype, axesOf(r, shape)),
);

/** Smooth where there are no ties. */
const extreme = (
  axes: (r: Random, shape: Shape) => object,
  differentiable: readonly number[],
): Arbitrary<Sample> =>
  samples(
    axedShapes.filter((s) => !s.includes(0)),
    anyDType,
    (r, shape, dtype) => {
      const smooth = isFloat(dtype) && chance(r, 0.75);
      return sampleOf(r, [operand(shape, dtype, smooth ? distinct : anything)], {
        attrs: axes(r, shape),
        differentiable: smooth ? differentiable : [],
      });
    },
  );

const oneAxis = (r: Random, shape: Shape): object => ({ axes: [integer(r, 0, shape.length - 1)] });

/** A product is smooth everywhere: zeros are welcome. */
const product = (attrs: (r: Random, shape: Shape) => object): Arbitrary<Sample> =>
  samples(axedShapes, numberDType, (r, shape, dtype) =>
    sampleOf(r, [operand(shape, dtype, isFloat(dtype) ? withZeros : anything)], {
      attrs: attrs(r, shape),
      differentiable: ifFloat(dtype, [0]),
    }),
  );

export const reductionSamplers: Record<keyof typeof reductions, Arbitrary<Sample>> = {
  prod: product(axesOf),
  reduceMax: extreme(axesOf, [0]),
  reduceMin: extreme(axesOf, [0]),
  argmax: extreme(oneAxis, []),
  argmin: extreme(oneAxis, []),
};

const running = (r: Random, shape: Shape): object => ({
  axis: integer(r, 0, shape.length - 1),
  reverse: chance(r, 0.5),
});

const runningExtreme: Arbitrary<Sample> = samples(axedShapes, numberDType, (r, shape, dtype) => {
  const smooth = isFloat(dtype) && chance(r, 0.75);
  return sampleOf(r, [operand(shape, dtype, smooth ? distinct : anything)], {
    attrs: running(r, shape),
    differentiable: smooth ? [0] : [],
  });
});

export const cumulativeSamplers: Record<CumulativeName, Arbitrary<Sample>> = {
  cumsum: samples(axedShapes, numberDType, (r, shape, dtype) => linear(r, shape, dtype, running(r, shape))),
  cumprod: product(running),
  cummax: runningExtreme,
  cummin: runningExtreme,
};

/** Ties and NaN among the values: the order is stable. */
export const argsortSampler: Arbitrary<Sample> = samples(axedShapes, anyDType, (r, shape, dtype) => {
  const axis = integer(r, 0, shape.length - 1);
  return sampleOf(r, [operand(shape, dtype, anything)], {
    attrs: { axis, descending: chance(r, 0.5), count: integer(r, 0, shape[axis]!) },
  });
});
