/** Samples of the hash behind random numbers, and of the samplers that loop over it. */
import fc, { type Arbitrary } from "fast-check";
import type { DType } from "../../src/ir/dtype.js";
import { chance, integer, oneOf, type Random } from "../random.js";
import { floatDType, type Operand, operand, type Sample, sampleOf, samples, shapes } from "./sample.js";
import { anything, each, inside, integers, type Values } from "./values.js";

const float32: Arbitrary<DType> = fc.constant("float32");

/** Operands that are words, then operands that are floats. */
const words = (
  dtype: Arbitrary<DType>,
  uint32s: readonly Values[],
  floats: readonly Values[],
  attrs: (r: Random) => object = () => ({}),
  differentiable: readonly number[] = [],
): Arbitrary<Sample> =>
  samples(shapes, dtype, (r, shape, type) => {
    const operands: Operand[] = [
      ...uint32s.map((v) => operand(shape, "uint32", v)),
      ...floats.map((v) => operand(shape, type, v)),
    ];
    return sampleOf(r, operands, { attrs: attrs(r), differentiable });
  });

const rounds = integers(1, 4);
/** Both sides of the means at which the method changes. */
const mean: Values = each((r) => (chance(r, 0.5) ? 9 : 40) * r());
const count: Values = each((r) => integer(r, 0, chance(r, 0.5) ? 8 : 200));
const logarithm = (r: Random): object => ({ log: chance(r, 0.5) });

export const randomSamplers: Record<
  | "threefry2x32"
  | "gammaSample"
  | "gammaSlope"
  | "poissonRounds"
  | "poissonSample"
  | "binomialRounds"
  | "binomialSample"
  | "orthogonalSample",
  Arbitrary<Sample>
> = {
  threefry2x32: words(float32, [anything, anything, anything, anything], [], (r) => ({
    word: oneOf(r, ["first", "second", "xor"]),
  })),
  gammaSample: words(floatDType, [anything, anything], [inside(0.3, 4)], logarithm, [2]),
  gammaSlope: samples(shapes, floatDType, (r, shape, dtype) => {
    const attrs = { log: chance(r, 0.5), order: oneOf(r, [1, 1, 2]) };
    const sample = attrs.log ? inside(-2, 1.5) : inside(0.3, 4);
    return sampleOf(r, [operand(shape, dtype, inside(0.3, 4)), operand(shape, dtype, sample)], {
      attrs,
      differentiable: attrs.order === 1 ? [0, 1] : [],
    });
  }),
  poissonRounds: words(float32, [anything, anything, anything], [mean]),
  poissonSample: words(float32, [anything, anything, anything, rounds], [mean]),
  binomialRounds: words(floatDType, [anything, anything, anything], [count, inside(0, 1)]),
  binomialSample: words(floatDType, [anything, anything, anything, rounds], [count, inside(0, 1)]),
  orthogonalSample: samples(shapes, floatDType, (r, lead, dtype) => {
    const columns = integer(r, 0, 3);
    const attrs = { shape: oneOf(r, [[], [2], [0]]), rows: columns + integer(r, 0, 2), columns, dtype };
    return sampleOf(r, [operand([...lead, 2], "uint32", anything)], { attrs });
  }),
};
