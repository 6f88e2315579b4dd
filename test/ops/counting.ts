import { arange, reshape, type Tensor } from "../../src/index.js";

/** 0, 1, 2, … of a shape, float32. */
export const counting = (...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return reshape(arange(size, { dtype: "float32" }), shape);
};
