/**
 * A sample: operands and attributes that a primitive accepts, and what the laws may ask of it there.
 *
 * Values come from one seed, so that drawing is fast; shapes and dtypes are arbitraries of their own, so that
 * failures shrink to small ones.
 */
import fc, { type Arbitrary } from "fast-check";
import { type Shape, showAval, sizeOf } from "../../src/ir/aval.js";
import { type DType, elementsOf, isFloat } from "../../src/ir/dtype.js";
import { isProgram, printProgram } from "../../src/ir/print.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import type { Attrs } from "../../src/ir/primitive.js";
import { type Random, random } from "../random.js";
import type { Values } from "./values.js";

export interface Sample {
  readonly args: readonly NdArray[];
  /** Further values of the same shapes and dtypes: what a batch is made of. */
  readonly others: readonly (readonly NdArray[])[];
  readonly attrs: Attrs;
  /** The float operands in which the primitive is smooth around `args`. */
  readonly differentiable: readonly number[];
  /** Sets of operands in which, the others fixed, the primitive is a linear map. */
  readonly linear: readonly (readonly number[])[];
  /** How fast-check shows it. */
  readonly [fc.toStringMethod]: () => string;
}

/** An operand: its type and where its values come from. */
export interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly values: Values;
}

export const operand = (shape: Shape, dtype: DType, values: Values): Operand => ({ shape, dtype, values });

const fill = (r: Random, { shape, dtype, values }: Operand): NdArray => ({
  shape,
  dtype,
  data: elementsOf(dtype, values(r, sizeOf(shape), dtype)),
});

/** How many value sets a sample has: the size of the largest batch. */
export const sets = 3;

export interface Facts {
  readonly attrs?: object;
  readonly differentiable?: readonly number[];
  readonly linear?: readonly (readonly number[])[];
}

/** A sample of independent operands. */
export const sampleOf = (r: Random, operands: readonly Operand[], facts: Facts = {}): Sample =>
  sampleOfSets(
    Array.from({ length: sets }, () => operands.map((o) => fill(r, o))),
    facts,
  );

/** A sample whose operands were drawn together. */
export const sampleOfSets = (
  drawn: readonly (readonly NdArray[])[],
  { attrs = {}, differentiable = [], linear = [] }: Facts,
): Sample => ({
  args: drawn[0]!.map(held),
  others: drawn.slice(1).map((set) => set.map(held)),
  attrs: attrs as Attrs,
  differentiable,
  linear,
  [fc.toStringMethod]: () =>
    `${showAttrs(attrs as Attrs)}on ${drawn[0]!.map((x) => `${showAval(x)} [${x.data.join(", ")}]`).join("\n   ")}`,
});

/** With elements that the dtype has. */
const held = (x: NdArray): NdArray => ({ ...x, data: elementsOf(x.dtype, x.data) });

const showAttrs = (attrs: Attrs): string =>
  Object.entries(attrs)
    .map(([k, v]) => `${k} ${isProgram(v) ? printProgram(v) : JSON.stringify(v)}\n`)
    .join("");

/** Small shapes first: they are what failures shrink to. Scalars, sizes 1 and 0, several axes. */
export const shapes: Arbitrary<Shape> = fc.constantFrom<Shape[]>(
  [],
  [2],
  [1],
  [3],
  [2, 3],
  [0],
  [1, 3],
  [3, 1],
  [2, 2, 2],
  [3, 2, 1],
  [2, 0],
  [2, 1, 3],
  [4, 3],
);

/** Shapes with at least one axis. */
export const axedShapes: Arbitrary<Shape> = shapes.filter((s) => s.length > 0);

export const seeds: Arbitrary<number> = fc.integer({ min: -0x80000000, max: 0x7fffffff });

/** Floats half of the time: the derivative laws need them. */
export const anyDType: Arbitrary<DType> = fc.constantFrom<DType[]>(
  "float64",
  "float64",
  "float64",
  "float32",
  "float32",
  "float16",
  "int32",
  "uint32",
  "int8",
  "uint8",
  "bool",
);
export const numberDType: Arbitrary<DType> = anyDType.filter((d) => d !== "bool");
export const floatDType: Arbitrary<DType> = fc.constantFrom<DType[]>(
  "float64",
  "float64",
  "float32",
  "float32",
  "float16",
);
export const integerDType: Arbitrary<DType> = fc.constantFrom<DType[]>("int32", "uint32", "int8", "uint8");
export const logicalDType: Arbitrary<DType> = fc.constantFrom<DType[]>(
  "int32",
  "bool",
  "uint32",
  "int8",
  "uint8",
);

/** Samples from a shape, a dtype and a source of numbers. */
export const samples = (
  shape: Arbitrary<Shape>,
  dtype: Arbitrary<DType>,
  draw: (r: Random, shape: Shape, dtype: DType) => Sample,
): Arbitrary<Sample> =>
  fc.record({ shape, dtype, seed: seeds }).map((c) => draw(random(c.seed), c.shape, c.dtype));

/** `operands` when they are floats: the rest has no derivative. */
export const ifFloat = <T>(dtype: DType, operands: readonly T[]): readonly T[] =>
  isFloat(dtype) ? operands : [];
