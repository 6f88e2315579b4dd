/** Results that need no computing. */
import { allocate, type DType, type TypedArray } from "../ir/dtype.js";

/** A result that is a literal. */
export const filled = (dtype: DType, value: number): TypedArray => {
  const a = allocate(dtype, 1);
  a[0] = value;
  return a;
};
