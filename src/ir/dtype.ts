/**
 * Element types: how each is stored, how two of them promote, and how a JavaScript number becomes one.
 *
 * Promotion is JAX's (x64 enabled for floats, 32-bit integers): bool < uint8, int8 < uint32, int32 < float32 < float64.
 */

/** The element type of a tensor. `bool` is stored as one byte, 0 or 1. */
export type DType = "float32" | "float64" | "int32" | "uint32" | "int8" | "uint8" | "bool";

/** Storage of a tensor's elements in row-major order. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

export const dtypes: readonly DType[] = ["float32", "float64", "int32", "uint32", "int8", "uint8", "bool"];

interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TypedArray;
  new (elements: ArrayLike<number>): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArray;
}

const constructors: Record<DType, TypedArrayConstructor> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** The typed-array class that stores `dtype`. */
export const arrayConstructor = (dtype: DType): TypedArrayConstructor => constructors[dtype];

/** `length` zeros of `dtype`. */
export const allocate = (dtype: DType, length: number): TypedArray => new constructors[dtype](length);

export const bytesPerElement = (dtype: DType): number => constructors[dtype].BYTES_PER_ELEMENT;

export const isDType = (x: unknown): x is DType => typeof x === "string" && Object.hasOwn(constructors, x);
export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";
export const isInteger = (dtype: DType): boolean => !isFloat(dtype) && dtype !== "bool";
export const isUnsigned = (dtype: DType): boolean => dtype === "uint32" || dtype === "uint8";

/** The dtype that a typed array holds; a `Uint8Array` is `uint8`. */
export const dtypeOf = (array: TypedArray): DType => {
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
  float32: 4,
  float64: 5,
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

const ranges: Record<DType, readonly [number, number]> = {
  float32: [-Infinity, Infinity],
  float64: [-Infinity, Infinity],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int8: [-128, 127],
  uint8: [0, 255],
  bool: [0, 1],
};
