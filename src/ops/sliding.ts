/** Overlapping windows as axes of their own, and their adjoint. */
import { type Shape, showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { overlapAdd as overlapAddPrimitive, windows } from "../ir/primitives/windows.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { extent, perAxis, type PerAxis } from "./spatial.js";
import { asTensor, checkAxis, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `slidingWindow` and `overlapAdd`. */
export interface SlidingOptions {
  /** The axes that windows slide along, one for each size. Default: the last ones. */
  readonly axis?: number | readonly number[];
  /** Step between windows. Default 1. */
  readonly stride?: PerAxis;
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis;
}

export interface SlidingArgs {
  /** Every window; the windows' axes come last. */
  slidingWindow: [window: number | Shape, options?: SlidingOptions];
  /** Adds windows back to where they came from. */
  overlapAdd: [lengths: number | Shape, options?: SlidingOptions];
}

interface Sliding {
  readonly axes: number[];
  readonly strides: number[];
  readonly dilations: number[];
}

const slidingOf = (operation: string, n: number, ndim: number, options: SlidingOptions): Sliding => {
  const given = options.axis === undefined ? Array.from({ length: n }, (_, i) => i - n) : options.axis;
  const axes = (typeof given === "number" ? [given] : given).map((a) => checkAxis(operation, a, ndim));
  if (axes.length !== n || new Set(axes).size !== n)
    throw expected(operation, `${n} different axes, one for each size`, `[${axes}]`);
  return {
    axes,
    strides: perAxis(operation, "stride", options.stride, n, 1),
    dilations: perAxis(operation, "dilation", options.dilation, n, 1),
  };
};

const slidingWindowBody = (
  input: TensorLike,
  window: number | Shape,
  options: SlidingOptions = {},
): Tensor => {
  const x = toExpr("slidingWindow", input);
  const sizes = typeof window === "number" ? [window] : [...window];
  if (!sizes.every((s) => Number.isInteger(s) && s >= 1))
    throw expected("slidingWindow", "windows of at least 1", `[${sizes}]`);
  const s = slidingOf("slidingWindow", sizes.length, x.ndim, options);
  const small = s.axes.findIndex((a, i) => x.shape[a]! < extent(sizes[i]!, s.dilations[i]!));
  if (small >= 0)
    throw expected(
      "slidingWindow",
      `at least ${extent(sizes[small]!, s.dilations[small]!)} elements along axis ${s.axes[small]!}`,
      showAval(x.aval),
    );
  return asTensor(windows(x, { ...s, sizes }));
};

const overlapAddBody = (input: TensorLike, lengths: number | Shape, options: SlidingOptions = {}): Tensor => {
  const x = toExpr("overlapAdd", input);
  const list = typeof lengths === "number" ? [lengths] : [...lengths];
  const n = list.length;
  if (x.ndim < 2 * n)
    throw expected(
      "overlapAdd",
      `at least ${2 * n} axes: ${n} of windows and ${n} within them`,
      showAval(x.aval),
    );
  const s = slidingOf("overlapAdd", n, x.ndim - n, options);
  const sizes = x.shape.slice(x.ndim - n);
  const wrong = s.axes.findIndex((a, i) => {
    const span = (x.shape[a]! - 1) * s.strides[i]! + extent(sizes[i]!, s.dilations[i]!);
    return x.shape[a]! > 0 && (list[i]! < span || list[i]! >= span + s.strides[i]!);
  });
  if (wrong >= 0)
    throw expected(
      "overlapAdd",
      `a length that has exactly ${x.shape[s.axes[wrong]!]!} windows along axis ${s.axes[wrong]!}`,
      String(list[wrong]),
    );
  return asTensor(overlapAddPrimitive(x, { ...s, sizes, lengths: list }));
};

export const slidingFunctions: BodiesOf<SlidingArgs> = {
  slidingWindow: withOptions("slidingWindow", 2, ["axis", "stride", "dilation"], slidingWindowBody),
  overlapAdd: withOptions("overlapAdd", 2, ["axis", "stride", "dilation"], overlapAddBody),
};

/**
 * Every window of `x` along some axes, as a view: window counts take the place of those axes, the windows' own axes
 * come last (NumPy's `sliding_window_view`, PyTorch's `unfold`).
 *
 * Any dtype. Throws when a window does not fit.
 *
 * @example
 * ```ts
 * slidingWindow(tensor([1, 2, 3, 4]), 2).toArray() // [[1, 2], [2, 3], [3, 4]]
 * slidingWindow(tensor([1, 2, 3, 4, 5]), 2, { stride: 3 }).toArray() // [[1, 2], [4, 5]]
 * ```
 */
export const slidingWindow: Op<SlidingArgs["slidingWindow"]> = op(1, slidingFunctions.slidingWindow);

/**
 * Adds windows, as `slidingWindow` gives them, back to where they came from: its adjoint (PyTorch's `fold`).
 *
 * `lengths` are the sizes of the slid axes in the result; the options are those of `slidingWindow`.
 *
 * @example
 * ```ts
 * overlapAdd(tensor([[1, 2], [10, 20], [100, 200]]), 4).toArray() // [1, 12, 120, 200]
 * ```
 */
export const overlapAdd: Op<SlidingArgs["overlapAdd"]> = op(1, slidingFunctions.overlapAdd);
