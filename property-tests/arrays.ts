/** Concrete arrays in tests: stacking, slicing, comparing. */
import { type Aval, type Shape, showAval } from "../src/ir/aval.js";
import { type DType, elementsOf, isFloat } from "../src/ir/dtype.js";
import { build, type NdArray, ndarray, offsetOf } from "../src/ir/ndarray.js";

export const withAxis = (shape: Shape, axis: number, n: number): number[] => [
  ...shape.slice(0, axis),
  n,
  ...shape.slice(axis),
];

/** Arrays of one type as slices of a new axis. */
export const stack = (xs: readonly NdArray[], axis: number): NdArray => {
  const { shape, dtype } = xs[0]!;
  return build(withAxis(shape, axis, xs.length), dtype, (index) => {
    const x = xs[index[axis]!]!;
    return x.data[offsetOf(shape, [...index.slice(0, axis), ...index.slice(axis + 1)])]!;
  });
};

/** The values of `x` as float64, which holds every dtype's exactly. */
export const widen = (x: NdArray): NdArray => ndarray(x.shape, "float64", Float64Array.from(x.data));

export const arrayOf = (a: Aval, values: ArrayLike<number>): NdArray =>
  ndarray(a.shape, a.dtype, elementsOf(a.dtype, values));

/** `x + by · t`, rounded to x's dtype. */
export const moved = (x: NdArray, t: NdArray, by: number): NdArray =>
  arrayOf(
    x,
    Array.from(x.data, (v, i) => v + by * t.data[i]!),
  );

export const inner = (x: NdArray, y: NdArray): number => {
  let s = 0;
  for (let i = 0; i < x.data.length; i++) s += x.data[i]! * y.data[i]!;
  return s;
};

/** Σ |xᵢ yᵢ|: what an inner product's rounding is measured against. */
export const magnitude = (x: NdArray, y: NdArray): number => {
  let s = 0;
  for (let i = 0; i < x.data.length; i++) s += Math.abs(x.data[i]! * y.data[i]!);
  return s;
};

/** Distance between neighbouring floats around `x`. */
const spacing = (x: number, dtype: DType): number => {
  const [digits, least] = dtype === "float16" ? [10, -24] : dtype === "float32" ? [23, -149] : [52, -1074];
  const exponent = x === 0 ? least : Math.floor(Math.log2(Math.abs(x))) - digits;
  return 2 ** Math.max(exponent, least);
};

/**
 * How far apart two elements are, in units in the last place of `scale` or of the larger of them.
 * NaN equals NaN; 0 is not quite -0.
 */
export const ulps = (a: number, b: number, dtype: DType, scale = 0): number => {
  if (Object.is(a, b)) return 0;
  if (a === b) return 0.5;
  if (!isFloat(dtype) || !Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
  return Math.abs(a - b) / spacing(Math.max(Math.abs(a), Math.abs(b), scale), dtype);
};

const largest = (x: NdArray): number => {
  let m = 0;
  for (const v of x.data) if (Number.isFinite(v)) m = Math.max(m, Math.abs(v));
  return m;
};

const differ = (what: string, i: number, a: NdArray, b: NdArray): Error =>
  new Error(
    `${what}: element ${i} of ${showAval(a)} is ${a.data[i]}, expected ${b.data[i]}\n  got      [${a.data}]\n  expected [${b.data}]`,
  );

const sameType = (what: string, got: readonly NdArray[], want: readonly NdArray[]): void => {
  const show = (xs: readonly NdArray[]): string => xs.map(showAval).join(", ");
  if (show(got) !== show(want)) throw new Error(`${what}: got ${show(got)}, expected ${show(want)}`);
};

/**
 * Throws unless the arrays have equal types and their elements differ by at most `allowed` units in the last place of
 * the largest element. 0 allows nothing, not even 0 for -0.
 */
export const expectWithin = (
  what: string,
  got: readonly NdArray[],
  want: readonly NdArray[],
  allowed: number,
): void => {
  sameType(what, got, want);
  got.forEach((g, k) => {
    const w = want[k]!;
    const scale = allowed === 0 ? 0 : largest(w);
    for (let i = 0; i < g.data.length; i++)
      if (!(ulps(g.data[i]!, w.data[i]!, g.dtype, scale) <= allowed))
        throw differ(`${what} (result ${k})`, i, g, w);
  });
};

/** Throws unless the arrays have equal types and equal elements. */
export const expectSame = (what: string, got: readonly NdArray[], want: readonly NdArray[]): void =>
  expectWithin(what, got, want, 0);

/** Throws unless elements agree to `tolerance`, relative to the larger of 1 and the largest element, or to `doubt`. */
export const expectClose = (
  what: string,
  got: readonly NdArray[],
  want: readonly NdArray[],
  tolerance: number,
  doubt?: readonly NdArray[],
): void => {
  sameType(what, got, want);
  got.forEach((g, k) => {
    const w = want[k]!;
    const allowed = tolerance * Math.max(1, largest(w));
    for (let i = 0; i < g.data.length; i++)
      if (!(Math.abs(g.data[i]! - w.data[i]!) <= allowed + (doubt?.[k]!.data[i] ?? 0)))
        throw differ(`${what} (result ${k})`, i, g, w);
  });
};
