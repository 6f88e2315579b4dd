/** Abstract values: what is known of a tensor before it is computed. */
import type { DType } from "./dtype.js";

/** Sizes of a tensor's axes, outermost first. `[]` is a scalar. */
export type Shape = readonly number[];

/** Shape and dtype of a tensor. */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
}

export const aval = (shape: Shape, dtype: DType): Aval => ({ shape, dtype });

/** Number of elements; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
};

export const sameShape = (a: Shape, b: Shape): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

export const sameAval = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** `float32[2,3]`, the notation of every listing and error. */
export const showAval = (a: Aval): string => `${a.dtype}[${a.shape.join(",")}]`;

export const showAvals = (avals: readonly Aval[]): string => avals.map(showAval).join(" and ");

/** Row-major strides, in elements. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length);
  let n = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = n;
    n *= shape[i]!;
  }
  return strides;
};

export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
