/** Static slices with all bounds given, as `lax.slice`. `at` reads more like NumPy. */
import { expected } from "../ir/errors.js";
import { slice as sliceView } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, checkAxis, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { resolveRange } from "./index-spec.js";
import { readIndex } from "./at.js";
import { withOptions } from "./options.js";

/** Options of `slice`. */
export interface SliceOptions {
  /** Distance between the elements that are kept, for each axis. Default 1. */
  readonly strides?: readonly number[];
}

/** Options of `sliceInDim`. */
export interface SliceInDimOptions {
  /** Default 0. */
  readonly axis?: number;
  /** Default 1. */
  readonly stride?: number;
}

export interface SliceArgs {
  /** From `starts` up to, not including, `stops`, along every axis. */
  slice: [starts: readonly number[], stops: readonly number[], options?: SliceOptions];
  /** From `start` up to, not including, `stop`, along one axis. */
  sliceInDim: [start: number, stop: number, options?: SliceInDimOptions];
}

const sliceBody: BodiesOf<SliceArgs>["slice"] = (input, starts, stops, options = {}) => {
  const x = toExpr("slice", input);
  const strides = options.strides ?? x.shape.map(() => 1);
  const fits = [starts, stops, strides].every(
    (l) => Array.isArray(l) && l.length === x.ndim && l.every(Number.isInteger),
  );
  if (!fits)
    throw expected(
      "slice",
      `${x.ndim} integer starts, stops and strides`,
      JSON.stringify([starts, stops, strides]),
    );
  const inside = x.shape.every(
    (n, i) => starts[i]! >= 0 && starts[i]! <= stops[i]! && stops[i]! <= n && strides[i]! > 0,
  );
  if (!inside)
    throw expected(
      "slice",
      `0 ≤ start ≤ stop within [${x.shape}] and positive strides`,
      `starts [${starts}] stops [${stops}] strides [${strides}]`,
    );
  const size = starts.map((s, i) => Math.ceil((stops[i]! - s) / strides[i]!));
  return asTensor(
    sliceView(
      x,
      starts.map((s, i) => (size[i] === 0 ? 0 : s)),
      size,
      strides,
    ),
  );
};

const sliceInDimBody = (
  input: TensorLike,
  start: number,
  stop: number,
  { axis = 0, stride = 1 }: SliceInDimOptions = {},
): Tensor => {
  const x = toExpr("sliceInDim", input);
  const at = checkAxis("sliceInDim", axis, x.ndim);
  const range = resolveRange("sliceInDim", { start, stop, step: stride }, x.shape[at]!);
  if (range.step < 1) throw expected("sliceInDim", "a positive stride", String(stride));
  return asTensor(
    readIndex(
      "sliceInDim",
      x,
      x.shape.map((_, i) => (i === at ? { start, stop, step: stride } : ":")),
    ),
  );
};

export const sliceFunctions: BodiesOf<SliceArgs> = {
  slice: withOptions("slice", 3, ["strides"], sliceBody),
  sliceInDim: withOptions("sliceInDim", 3, ["axis", "stride"], sliceInDimBody),
};

/**
 * The elements of `x` from `starts` up to, not including, `stops`, along every axis. Throws for bounds outside.
 *
 * @example
 * ```ts
 * slice(tensor([[1, 2, 3], [4, 5, 6]]), [0, 1], [2, 3]).toArray() // [[2, 3], [5, 6]]
 * slice(tensor([1, 2, 3, 4, 5]), [0], [5], { strides: [2] }).toArray() // [1, 3, 5]
 * ```
 */
export const slice: Op<SliceArgs["slice"]> = op(2, sliceFunctions.slice);

/**
 * The elements of `x` from `start` up to, not including, `stop` along `axis` (default 0), bounds as in Python.
 *
 * @example
 * ```ts
 * sliceInDim(tensor([1, 2, 3, 4]), 1, -1).toArray() // [2, 3]
 * ```
 */
export const sliceInDim: Op<SliceArgs["sliceInDim"]> = op(2, sliceFunctions.sliceInDim);
