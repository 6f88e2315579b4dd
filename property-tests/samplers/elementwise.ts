/**
 * Samples of the elementwise families. One function draws the scalars of one element, inside the smooth domain;
 * one sample in four takes any values at all instead, and is then only compared, not differentiated.
 */
import fc, { type Arbitrary } from "fast-check";
import { sizeOf, type Shape } from "../../src/ir/aval.js";
import { allocate, type DType, dtypes, isFloat } from "../../src/ir/dtype.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import type { arithmetic } from "../../src/ir/primitives/arithmetic.js";
import { bitcasts } from "../../src/ir/scalar/bitcast.js";
import type { specialFunctions } from "../../src/ir/primitives/special.js";
import type { transcendental } from "../../src/ir/primitives/transcendental.js";
import { between, chance, integer, oneOf, type Random, random } from "../random.js";
import {
  anyDType,
  floatDType,
  integerDType,
  logicalDType,
  numberDType,
  operand,
  type Sample,
  sampleOf,
  sampleOfSets,
  samples,
  seeds,
  sets,
  shapes,
} from "./sample.js";
import { anything, anyValue, plain } from "./values.js";

interface Family {
  readonly dtype: Arbitrary<DType>;
  /** The operands of one element, where the function is smooth; integers take any values. */
  readonly smooth: (r: Random) => readonly number[];
  readonly linear?: readonly (readonly number[])[];
  readonly attrs?: (r: Random) => object;
  /** Operands whose derivative can be tested; all unless given. */
  readonly differentiable?: readonly number[];
}

const drawSet = (
  r: Random,
  shape: Shape,
  dtype: DType,
  arity: number,
  element: () => readonly number[],
): NdArray[] => {
  const data = Array.from({ length: arity }, () => allocate(dtype, sizeOf(shape)));
  for (let i = 0; i < sizeOf(shape); i++) element().forEach((x, k) => (data[k]![i] = x));
  return data.map((d) => ({ shape, dtype, data: d }));
};

const family = ({
  dtype,
  smooth,
  linear = [],
  attrs = () => ({}),
  differentiable,
}: Family): Arbitrary<Sample> =>
  samples(shapes, dtype, (r, shape, type) => {
    const arity = smooth(random(0)).length;
    const isSmooth = isFloat(type) && chance(r, 0.75);
    const element = (): readonly number[] =>
      isSmooth ? smooth(r) : Array.from({ length: arity }, () => anyValue(r, type));
    return sampleOfSets(
      Array.from({ length: sets }, () => drawSet(r, shape, type, arity, element)),
      {
        attrs: attrs(r),
        differentiable: isSmooth ? (differentiable ?? Array.from({ length: arity }, (_, i) => i)) : [],
        linear: isSmooth ? linear : [],
      },
    );
  });

/** A function of one float whose smooth domain is the union of some intervals. */
const on = (...intervals: readonly (readonly [number, number])[]): Arbitrary<Sample> =>
  family({
    dtype: floatDType,
    smooth: (r) => {
      const [lo, hi] = oneOf(r, intervals);
      return [between(r, lo, hi)];
    },
  });

const real = (r: Random): number => between(r, -2, 2);
const nonzero = (r: Random): number => (chance(r, 0.5) ? 1 : -1) * between(r, 0.3, 2);
/** Away from integers and from halves, where floor, ceil and round jump. */
const offSteps = (r: Random): number => integer(r, -3, 3) + oneOf(r, [0, 0.5]) + between(r, 0.1, 0.4);
/** Two values that are not close to each other. */
const apart = (r: Random): readonly number[] => {
  const x = real(r);
  return [x, x + nonzero(r)];
};

const both = [[0], [1], [0, 1]];
const comparison: Arbitrary<Sample> = family({ dtype: anyDType, smooth: apart, differentiable: [] });
const logic: Arbitrary<Sample> = family({ dtype: logicalDType, smooth: (r) => [real(r), real(r)] });
const shift: Arbitrary<Sample> = samples(shapes, integerDType, (r, shape, dtype) =>
  sampleOf(r, [
    operand(shape, dtype, anything),
    operand(shape, dtype, (s, n) =>
      Array.from({ length: n }, () => (chance(s, 0.7) ? integer(s, 0, 9) : integer(s, -40, 40))),
    ),
  ]),
);

const step: Arbitrary<Sample> = family({ dtype: floatDType, smooth: (r) => [offSteps(r)] });
const predicate: Arbitrary<Sample> = family({
  dtype: floatDType,
  smooth: (r) => [real(r)],
  differentiable: [],
});

const select: Arbitrary<Sample> = samples(shapes, anyDType, (r, shape, dtype) => {
  const isSmooth = chance(r, 0.75);
  const values = isSmooth ? plain : anything;
  const operands = [
    operand(shape, "bool", plain),
    operand(shape, dtype, values),
    operand(shape, dtype, values),
  ];
  if (!isSmooth || !isFloat(dtype)) return sampleOf(r, operands);
  return sampleOf(r, operands, { differentiable: [1, 2], linear: [[1], [2], [1, 2]] });
});

const cast: Arbitrary<Sample> = fc
  .record({
    shape: shapes,
    pair: fc.oneof(fc.tuple(floatDType, floatDType), fc.tuple(anyDType, fc.constantFrom(...dtypes))),
    seed: seeds,
  })
  .map(({ shape, pair: [from, to], seed }) => {
    const floats = isFloat(from) && isFloat(to);
    const facts = floats ? { differentiable: [0], linear: [[0]] } : {};
    return sampleOf(random(seed), [operand(shape, from, floats ? plain : anything)], {
      attrs: { dtype: to },
      ...facts,
    });
  });

const bitcast: Arbitrary<Sample> = fc
  .record({ shape: shapes, pair: fc.constantFrom(...Object.keys(bitcasts)), seed: seeds })
  .map(({ shape, pair, seed }) => {
    const [from, dtype] = pair.split("_") as [DType, DType];
    // Bits of a NaN other than the usual one do not survive being a JavaScript number.
    return sampleOf(random(seed), [operand(shape, from, isFloat(dtype) ? plain : anything)], {
      attrs: { dtype },
    });
  });

/** Positive bases with any exponent, 0 and 1 often; other bases with whole exponents, which stay fixed. */
const power: Arbitrary<Sample> = fc.oneof(
  family({
    dtype: numberDType,
    smooth: (r) => [between(r, 0.3, 3), chance(r, 0.4) ? integer(r, -2, 3) : real(r)],
  }),
  family({ dtype: floatDType, smooth: (r) => [nonzero(r), integer(r, -2, 3)], differentiable: [0] }),
  family({ dtype: floatDType, smooth: (r) => [0, integer(r, 0, 3)], differentiable: [0] }),
);

export const arithmeticSamplers: Record<keyof typeof arithmetic, Arbitrary<Sample>> = {
  neg: family({ dtype: numberDType, smooth: (r) => [real(r)], linear: [[0]] }),
  add: family({ dtype: numberDType, smooth: (r) => [real(r), real(r)], linear: both }),
  sub: family({ dtype: numberDType, smooth: (r) => [real(r), real(r)], linear: both }),
  mul: family({ dtype: numberDType, smooth: (r) => [real(r), real(r)], linear: [[0], [1]] }),
  div: family({ dtype: numberDType, smooth: (r) => [real(r), nonzero(r)], linear: [[0]] }),
  rem: family({
    dtype: numberDType,
    smooth: (r) => {
      const y = nonzero(r);
      return [y * (integer(r, -3, 3) + between(r, 0.2, 0.8)), y];
    },
  }),
  max: family({ dtype: anyDType, smooth: apart }),
  min: family({ dtype: anyDType, smooth: apart }),
  abs: family({ dtype: numberDType, smooth: (r) => [nonzero(r)] }),
  sign: family({ dtype: numberDType, smooth: (r) => [nonzero(r)] }),
  floor: step,
  ceil: step,
  round: step,
  eq: comparison,
  ne: comparison,
  lt: comparison,
  le: comparison,
  gt: comparison,
  ge: comparison,
  isNaN: predicate,
  isFinite: predicate,
  and: logic,
  or: logic,
  xor: logic,
  not: family({ dtype: logicalDType, smooth: (r) => [real(r)] }),
  shl: shift,
  shr: shift,
  select,
  cast,
  bitcast,
  // The identity with no derivative: the one primitive whose derivative is deliberately not its derivative.
  stopGradient: family({ dtype: anyDType, smooth: (r) => [real(r)], differentiable: [] }),
};

export const transcendentalSamplers: Record<keyof typeof transcendental, Arbitrary<Sample>> = {
  sqrt: on([0.3, 4]),
  rsqrt: on([0.3, 4]),
  cbrt: on([0.3, 4], [-4, -0.3]),
  exp: on([-2, 2]),
  expm1: on([-2, 2]),
  log: on([0.3, 4]),
  log1p: on([-0.6, 3]),
  sin: on([-4, 4]),
  cos: on([-4, 4]),
  tan: on([-1.2, 1.2]),
  asin: on([-0.9, 0.9]),
  acos: on([-0.9, 0.9]),
  atan: on([-3, 3]),
  sinh: on([-2, 2]),
  cosh: on([-2, 2]),
  tanh: on([-2, 2]),
  asinh: on([-3, 3]),
  acosh: on([1.3, 4]),
  atanh: on([-0.9, 0.9]),
  logistic: on([-4, 4]),
  atan2: family({ dtype: floatDType, smooth: (r) => [nonzero(r), real(r)] }),
  pow: power,
};

export const specialSamplers: Record<keyof typeof specialFunctions, Arbitrary<Sample>> = {
  erf: on([-2, 2]),
  erfc: on([-2, 2]),
  erfInv: on([-0.9, 0.9]),
  lgamma: on([0.4, 6], [-0.8, -0.2], [-2.8, -2.2]),
  digamma: on([0.4, 6], [-0.8, -0.2], [-2.8, -2.2]),
  polygamma: family({
    dtype: floatDType,
    smooth: (r) => [chance(r, 0.8) ? between(r, 0.4, 6) : between(r, -1.8, -1.2)],
    attrs: (r) => ({ n: integer(r, 1, 3) }),
  }),
};

/** x · y + z. */
export const fmaSampler: Arbitrary<Sample> = family({
  dtype: floatDType,
  smooth: (r) => [real(r), real(r), real(r)],
});

/** The neighbour of x towards y. */
export const nextAfterSampler: Arbitrary<Sample> = family({
  dtype: floatDType.filter((d) => d !== "float16"),
  smooth: apart,
});
