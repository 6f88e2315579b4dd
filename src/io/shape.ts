/** Checks of shapes that files claim, and of arrays before they are written. */

import { showAval } from "../ir/aval.js";
import { arrayConstructor } from "../ir/dtype.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";

/** A non-negative integer that a file may give as a size or an offset. */
export const isSize = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;

/** The number of elements of `shape`, or undefined if it exceeds 2⁵³. */
export const safeSize = (shape: readonly number[]): number | undefined => {
  if (shape.includes(0)) return 0;
  let size = 1;
  for (const d of shape) {
    size *= d;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return size;
};

/** Why `array` cannot be written, if so: its data must have the size and the class that shape and dtype ask for. */
export const wrongArray = (operation: string, name: string, array: NdArray): FluxionError | undefined => {
  const { shape, dtype, data } = array;
  if (shape.some((d) => !isSize(d)))
    return expected(operation, `${name} to have sizes ≥ 0`, `[${shape.join(",")}]`);
  const class_ = arrayConstructor(dtype);
  const size = safeSize(shape);
  if (data instanceof class_ && data.length === size) return undefined;
  const want = `${name}, a ${showAval(array)}, to hold a ${class_.name} of ${String(size)} elements`;
  return expected(operation, want, `a ${data.constructor.name} of ${data.length}`);
};
