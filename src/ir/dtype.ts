/**
 * Element types: how each is stored, how two of them promote, and how a JavaScript number becomes one.
 *
 * Promotion is JAX's (x64 enabled for floats, 32-bit integers): bool < uint8, int8 < uint32, int32 < float16 < float32 <
 * float64.
 */
import { roundToFloat16 } from "./scalar/float16.js";

/**
 * The element type of a tensor. `bool` is stored as one byte, 0 or 1. `float16` is IEEE 754's binary16: 2 bytes on
 * graphics cards and in files; in JavaScript's memory its numbers are held by a `Float32Array`.
 */
export type DType = "float16" | "float32" | "float64" | "int32" | "uint32" | "int8" | "uint8" | "bool";

/** Storage of a tensor's elements in row-major order. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

export const dtypes: readonly DType[] = [
  "float16",
  "float32",
  "float64",
  "int32",
  "uint32",
  "int8",
  "uint8",
  "bool",
];

interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (elements: ArrayLike<number>): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
}

const constructors: Record<DType, TypedArrayConstructor> = {
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The typed-array class that stores `dtype` in JavaScript's memory. */
export const arrayConstructor = (dtype: DType): TypedArrayConstructor => constructors[dtype];

/** Numbers as elements of `dtype`, by JavaScript's conversions. */
export const elementsOf = (dtype: DType, numbers: ArrayLike<number>): TypedArray =>
  dtype === "float16" ? Float32Array.from(numbers, roundToFloat16) : new constructors[dtype](numbers);

/** `length` zeros of `dtype`. */
export const allocate = (dtype: DType, length: number): TypedArray => new constructors[dtype](length);

export const bytesPerElement = (dtype: DType): number => constructors[dtype].BYTES_PER_ELEMENT;

export const isDType = (x: unknown): x is DType => typeof x === "string" && Object.hasOwn(constructors, x);
export const isFloat = (dtype: DType): boolean => dtype.startsWith("float");
export const isInteger = (dtype: DType): boolean => !isFloat(dtype) && dtype !== "bool";
export const isUnsigned = (dtype: DType): boolean => dtype === "uint32" || dtype === "uint8";

/** The typed array of newer engines, which has no type here yet. */
export interface Float16ArrayLike extends ArrayBufferView, ArrayLike<number> {
  readonly [Symbol.toStringTag]: "Float16Array";
}

const float16Class = (globalThis as { Float16Array?: new () => Float16ArrayLike }).Float16Array;

const isFloat16Array = (x: unknown): boolean => float16Class !== undefined && x instanceof float16Class;

/** The dtype that a typed array holds; a `Uint8Array` is `uint8`, a `Float32Array` is `float32`. */
export const dtypeOf = (array: TypedArray | Float16ArrayLike): DType => {
  if (isFloat16Array(array)) return "float16";
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof Uint32Array) return "uint32";
  if (array instanceof Int8Array) return "int8";
  return "uint8";
};

const rank: Record<DType, number> = {
  bool: 0,
  uint8: 1,
  int8: 1,
  uint32: 2,
  int32: 3,
  float16: 4,
  float32: 5,
  float64: 6,
};

/** The dtype in which two operands meet. Mixed signs of equal width meet in int32. */
export const promote = (a: DType, b: DType): DType => {
  if (a === b) return a;
  const [lo, hi] = rank[a] < rank[b] ? [a, b] : [b, a];
  if (rank[lo] === rank[hi] || (lo === "int8" && hi === "uint32")) return "int32";
  return hi;
};

/** The dtype that a weakly typed JavaScript number or boolean takes beside an operand of `dtype`. */
export const promoteWeak = (dtype: DType, value: number | boolean): DType => {
  if (typeof value === "boolean" || isFloat(dtype)) return dtype;
  if (!Number.isInteger(value)) return "float32";
  return dtype === "bool" ? "int32" : dtype;
};

/** `value` as an element of `dtype` would store it, by JavaScript's (modular) conversions; NaN becomes 0 for integers. */
export const coerce = (dtype: DType, value: number): number => {
  switch (dtype) {
    case "float64":
      return value;
    case "float32":
      return Math.fround(value);
    case "float16":
      return roundToFloat16(value);
    case "int32":
      return value | 0;
    case "uint32":
      return value >>> 0;
    case "int8":
      return (value << 24) >> 24;
    case "uint8":
      return value & 255;
    case "bool":
      return value !== 0 ? 1 : 0;
  }
};

/** Bounds of an integer dtype; ±Infinity for floats. The identities of max and min reductions. */
export const lowest = (dtype: DType): number => ranges[dtype][0];
export const highest = (dtype: DType): number => ranges[dtype][1];

/** The largest finite number of a float dtype; undefined for the others. */
export const largestFinite = (dtype: DType): number | undefined => finite[dtype];

const finite: Readonly<Partial<Record<DType, number>>> = {
  float16: 65504,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

const ranges: Record<DType, readonly [number, number]> = {
  float16: [-Infinity, Infinity],
  float32: [-Infinity, Infinity],
  float64: [-Infinity, Infinity],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
};
