/** What normalisations share: standardising over axes, then a scale and an offset for each feature. */
import { type Aval, type Shape, showAval } from "../../ir/aval.js";
import { isFloat } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { add, mul, square, sub } from "../../ops/arithmetic.js";
import { ones, zeros } from "../../ops/fill.js";
import { rsqrt } from "../../ops/power.js";
import { mean } from "../../ops/reductions.js";
import { reshape } from "../../ops/reshape.js";
import type { Tensor } from "../../ops/tensor.js";
import { paramDType } from "../layer.js";
import { shapeOf } from "../shape.js";

/** Learnt scale and offset of normalised values. */
export interface ScaleAndOffset {
  readonly scale: Tensor;
  readonly offset: Tensor;
}

/** Mean and (biased) variance. */
export interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** A scale of 1 and an offset of 0. */
export const initAffine = (shape: Shape, input: Aval): ScaleAndOffset => {
  const dtype = paramDType(input);
  return { scale: ones(shape, { dtype }), offset: zeros(shape, { dtype }) };
};

/** Values for the axes `axes` (increasing) of x, with axes of size 1 in between. */
export const along = (v: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  reshape(
    v,
    shapeOf(x).map((n, i) => (axes.includes(i) ? n : 1)),
  );

/** Mean and variance over axes, which stay with size 1. The variance is that of the centred values: no cancellation. */
export const statisticsOver = (x: Tensor, axis: readonly number[]): Statistics => {
  const m = mean(x, { axis, keepdims: true });
  return { mean: m, variance: mean(square(sub(x, m)), { axis, keepdims: true }) };
};

/** (x - mean) / √(variance + eps). */
export const standardise = (x: Tensor, { mean: m, variance }: Statistics, eps: number): Tensor =>
  mul(sub(x, m), rsqrt(add(variance, eps)));

/** scale · x + offset along axes. */
export const affine = (x: Tensor, { scale, offset }: ScaleAndOffset, axes: readonly number[]): Tensor =>
  add(mul(x, along(scale, x, axes)), along(offset, x, axes));

export const checkEps = (operation: string, eps: number): number => {
  if (typeof eps === "number" && eps >= 0) return eps;
  throw expected(operation, "eps of at least 0", String(eps));
};

/** Statistics of integers are not what anybody means. */
export const requireFloatInput = (operation: string, x: Aval): void => {
  if (!isFloat(x.dtype)) throw expected(operation, "a float input", `${showAval(x)}: cast it`);
};
