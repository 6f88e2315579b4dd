/** Gradients held against central differences in float64. */
import { expect } from "vitest";
import { grad, tensor, type Tensor } from "../../src/index.js";

/** Throws unless `grad(f)` at `x` is what differences of `f` say. */
export const expectGradient = (
  f: (x: Tensor) => Tensor,
  values: readonly number[],
  shape: readonly number[],
): void => {
  const at = (xs: readonly number[]): Tensor => tensor(xs, { shape, dtype: "float64" });
  const got = grad(f)(at(values)).dataSync();
  const h = 1e-5;
  values.forEach((_, i) => {
    const moved = (by: number): number => f(at(values.map((v, k) => (k === i ? v + by : v)))).item();
    expect(got[i]).toBeCloseTo((moved(h) - moved(-h)) / (2 * h), 6);
  });
};
