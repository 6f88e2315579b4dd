/**
 * Overlapping patches and their adjoint. Convolution is a contraction over `windows`, pooling a reduction,
 * and their derivatives are the `overlapAdd` of cotangents.
 */
import { aval, type Shape, showAval } from "../aval.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import type { IndexAlgebra } from "../lowering.js";
import { build, type NdArray, ndarray, offsetOf } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { allocate } from "../dtype.js";
import { sizeOf } from "../aval.js";
import { front, numbers, shiftAxes, view } from "./layout.js";

export interface Windows {
  /** The axes that windows slide along. */
  readonly axes: readonly number[];
  /** Extent of a window along each of them; these axes are appended to the shape. */
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

/** How many windows fit along an axis of length `n`. */
export const windowCount = (n: number, size: number, stride: number, dilation: number): number =>
  Math.max(0, Math.floor((n - (size - 1) * dilation - 1) / stride) + 1);

const windowIndex = <I>(
  algebra: IndexAlgebra<I>,
  out: readonly I[],
  ndim: number,
  { axes, strides, dilations }: Windows,
): I[] => {
  const at = out.slice(0, ndim);
  axes.forEach((a, k) => {
    at[a] = algebra.add(algebra.scale(out[a]!, strides[k]!), algebra.scale(out[ndim + k]!, dilations[k]!));
  });
  return at;
};

const windowShape = (x: Shape, { axes, sizes, strides, dilations }: Windows): number[] => {
  const shape = [...x];
  axes.forEach((a, k) => (shape[a] = windowCount(x[a]!, sizes[k]!, strides[k]!, dilations[k]!)));
  return [...shape, ...sizes];
};

export const windowsPrimitive: Primitive<Windows> = view<Windows>({
  name: "windows",
  shape: (x, attrs) => {
    const { axes, sizes, strides, dilations } = attrs;
    const fits =
      axes.every((a, i) => a >= 0 && a < x.shape.length && axes.indexOf(a) === i) &&
      [sizes, strides, dilations].every((v) => v.length === axes.length && v.every((n) => n >= 1));
    if (!fits)
      throw expected(
        "windows",
        `sizes, strides and dilations of at least 1 on different axes of ${showAval(x)}`,
        `axes [${axes}] sizes [${sizes}] strides [${strides}] dilations [${dilations}]`,
      );
    return windowShape(x.shape, attrs);
  },
  index: (algebra, out, operand, attrs) => ({ at: windowIndex(algebra, out, operand.length, attrs) }),
  transpose: (ct, x, attrs) => overlapAdd(ct, { ...attrs, lengths: attrs.axes.map((a) => x.shape[a]!) }),
  support: () => null,
  batched: (attrs) => ({ ...attrs, axes: shiftAxes(attrs.axes) }),
});

/** Every window of `x`: counts take the place of the slid axes, window axes come last. */
export const windows = (x: Expr, attrs: Windows): Expr => apply(windowsPrimitive, [x], attrs);

export interface OverlapAdd extends Windows {
  /** Lengths of the slid axes in the result. */
  readonly lengths: readonly number[];
}

export const overlapAddPrimitive: Primitive<OverlapAdd> = {
  name: "overlapAdd",
  shape: ([x], attrs) => {
    const { axes, lengths, sizes } = attrs;
    const ndim = x!.shape.length - axes.length;
    const shape = x!.shape.slice(0, ndim);
    axes.forEach((a, k) => (shape[a] = lengths[k]!));
    const want = windowShape(shape, attrs);
    if (want.length !== x!.shape.length || want.some((n, i) => n !== x!.shape[i]))
      throw expected("overlapAdd", `windows [${want}] of [${shape}]`, `${showAval(x!)} (sizes [${sizes}])`);
    return [aval(shape, x!.dtype)];
  },
  evaluate: ([x], attrs) => [evaluateOverlapAdd(x!, attrs)],
  jvp: (_args, [t], attrs) => [null, [t === null ? null : overlapAdd(t!, attrs)]],
  transpose: ([ct], _args, _linear, { lengths: _lengths, ...attrs }) => [windows(ct!, attrs)],
  batch: ([x], [axis], attrs, n) => [
    [overlapAdd(front(x!, axis!, n), { ...attrs, axes: shiftAxes(attrs.axes) }), 0],
  ],
  lower: {
    _tag: "Accumulate",
    index: (algebra, operand, attrs) =>
      windowIndex(algebra, operand, operand.length - attrs.axes.length, attrs),
  },
};

const evaluateOverlapAdd = (x: NdArray, attrs: OverlapAdd): NdArray => {
  const ndim = x.shape.length - attrs.axes.length;
  const shape = x.shape.slice(0, ndim);
  attrs.axes.forEach((a, k) => (shape[a] = attrs.lengths[k]!));
  const exact = new Float64Array(sizeOf(shape));
  build(x.shape, "float64", (index, flat) => {
    exact[offsetOf(shape, windowIndex(numbers, index, ndim, attrs))]! += x.data[flat]!;
    return 0;
  });
  const data = allocate(x.dtype, exact.length);
  data.set(exact);
  return ndarray(shape, x.dtype, data);
};

/** Adds windows back where they came from: the transpose of `windows`. */
export const overlapAdd = (x: Expr, attrs: OverlapAdd): Expr => apply(overlapAddPrimitive, [x], attrs);
