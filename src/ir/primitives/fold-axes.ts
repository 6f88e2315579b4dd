/** The reference loop of every reduction: collect the elements along the axes, then fold them. */
import { range, sizeOf, stridesOf } from "../aval.js";
import type { DType } from "../dtype.js";
import { build, type NdArray } from "../ndarray.js";

export const foldAxes = (
  x: NdArray,
  axes: readonly number[],
  f: (elements: readonly number[], dtype: DType) => number,
  result: DType = x.dtype,
): NdArray => {
  const kept = range(x.shape.length).filter((i) => !axes.includes(i));
  const strides = stridesOf(x.shape);
  const inner = axes.map((a) => x.shape[a]!);
  const offsets: number[] = [];
  build(inner, "float64", (index) => {
    offsets.push(index.reduce((o, i, k) => o + i * strides[axes[k]!]!, 0));
    return 0;
  });
  const elements = new Array<number>(sizeOf(inner));
  return build(
    kept.map((k) => x.shape[k]!),
    result,
    (index) => {
      const base = index.reduce((o, i, k) => o + i * strides[kept[k]!]!, 0);
      offsets.forEach((o, i) => (elements[i] = x.data[base + o]!));
      return f(elements, x.dtype);
    },
  );
};
