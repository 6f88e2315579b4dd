/** Concrete row-major arrays: what the reference interpreter computes with. */
import { type Aval, type Shape, sizeOf, stridesOf } from "./aval.js";
import { allocate, type DType, type TypedArray } from "./dtype.js";

/** A concrete array: shape, dtype and the elements in row-major order; bools are bytes 0 and 1. */
export interface NdArray extends Aval {
  readonly data: TypedArray;
}

export const ndarray = (shape: Shape, dtype: DType, data: TypedArray): NdArray => ({ shape, dtype, data });

/** An array of `shape` whose element at each multi-index is `f(index)`. The index is reused: copy it to keep it. */
export const build = (
  shape: Shape,
  dtype: DType,
  f: (index: readonly number[], flat: number) => number,
): NdArray => {
  const data = allocate(dtype, sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < data.length; i++) {
    data[i] = f(index, i);
    for (let a = shape.length - 1; a >= 0 && ++index[a]! === shape[a]!; a--) index[a] = 0;
  }
  return { shape, dtype, data };
};

/** Offset of a multi-index in a row-major array of `shape`. */
export const offsetOf = (shape: Shape, index: readonly number[]): number => {
  const strides = stridesOf(shape);
  let o = 0;
  for (let i = 0; i < strides.length; i++) o += strides[i]! * index[i]!;
  return o;
};
