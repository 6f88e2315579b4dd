/**
 * Convolution and its transpose, in one to three dimensions: a contraction over `windows` and the `overlapAdd` of one.
 * Layout: x `[N, C, …space]`, w `[O, C / groups, …window]`, as PyTorch (NCHW, OIHW).
 */
import { range, type Shape, showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { reshape } from "../ir/primitives/views.js";
import { overlapAdd, windows } from "../ir/primitives/windows.js";
import { contract, type Label, labelled } from "./contract.js";
import { operandPair } from "./matmul.js";
import { type BodiesOf, op, type Op } from "./op.js";
import {
  checkFits,
  extent,
  type Geometry,
  type Padding,
  padSpace,
  perAxis,
  type PerAxis,
  resolvePadding,
} from "./spatial.js";
import { asTensor, type TensorLike } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `conv`. */
export interface ConvOptions {
  /** Step between windows. Default 1. */
  readonly stride?: PerAxis;
  /** Default "VALID", which pads nothing. */
  readonly padding?: Padding;
  /** Distance between the elements of a window. Default 1. */
  readonly dilation?: PerAxis;
  /** Channels are split into so many groups that do not see each other. Default 1. */
  readonly groups?: number;
  /** Distance between the elements of x, zeros in between. Default 1. */
  readonly inputDilation?: PerAxis;
}

/** Options of `convTranspose`. */
export interface ConvTransposeOptions {
  readonly stride?: PerAxis;
  /**
   * What the convolution that this one undoes pads: numbers crop the result. "VALID" (default) and "SAME" give JAX's
   * sizes, `n · stride + max(window - stride, 0)` and `n · stride`.
   */
  readonly padding?: Padding;
  readonly dilation?: PerAxis;
  readonly groups?: number;
  /** Elements added behind the result, to choose among the sizes that a stride above 1 maps to one. Default 0. */
  readonly outputPadding?: PerAxis;
}

export interface ConvArgs {
  /** Convolution of x `[N, C, …space]` with kernels w `[O, C / groups, …window]`. */
  conv: [w: TensorLike, options?: ConvOptions];
  /** Transposed convolution of x `[N, C, …space]` with kernels w `[C, O / groups, …window]`. */
  convTranspose: [w: TensorLike, options?: ConvTransposeOptions];
}

interface Operands {
  readonly x: Expr;
  readonly w: Expr;
  readonly groups: number;
  readonly geometry: Geometry;
}

interface SharedOptions {
  readonly stride?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

const operands = (operation: string, xs: TensorLike, ws: TensorLike, options: SharedOptions): Operands => {
  const [x, w] = operandPair(operation, xs, ws);
  const n = x.ndim - 2;
  if (n < 1 || n > 3 || w.ndim !== x.ndim)
    throw expected(
      operation,
      "x [N, C, …space] and w [O, I, …window] with the same one to three spatial axes",
      showAvals([x.aval, w.aval]),
    );
  const groups = options.groups ?? 1;
  if (!Number.isInteger(groups) || groups < 1)
    throw expected(operation, "groups of at least 1", String(groups));
  const strides = perAxis(operation, "stride", options.stride, n, 1);
  const dilations = perAxis(operation, "dilation", options.dilation, n, 1);
  return { x, w, groups, geometry: { sizes: w.shape.slice(2), strides, dilations } };
};

const names = (prefix: string, n: number): Label[] => range(n).map((i) => `${prefix}${i}`);

/** An axis of channels as groups of channels. */
const grouped = (x: Expr, axis: number, groups: number): Expr =>
  groups === 1
    ? x
    : reshape(x, [...x.shape.slice(0, axis), groups, x.shape[axis]! / groups, ...x.shape.slice(axis + 1)]);

/** Every window of the spatial axes; nothing to do where windows are single elements side by side. */
const windowsOf = (x: Expr, first: number, { sizes, strides, dilations }: Geometry): Expr => {
  const n = sizes.length;
  if (sizes.every((s) => s === 1) && strides.every((s) => s === 1)) return reshape(x, [...x.shape, ...sizes]);
  return windows(x, { axes: range(n).map((i) => first + i), sizes, strides, dilations });
};

/**
 * The product has the axes O, N, …space: w is on the left, so that space stays innermost and the change to
 * N, O, …space moves whole planes.
 */
const convolve = (x: Expr, w: Expr, groups: number, geometry: Geometry): Expr => {
  const n = geometry.sizes.length;
  const [space, window] = [names("s", n), names("k", n)];
  const group = groups === 1 ? [] : ["g"];
  const image = windowsOf(grouped(x, 1, groups), 2 + group.length, geometry);
  const kernel = grouped(w, 0, groups);
  const out = contract(
    labelled(kernel, [...group, "o", "c", ...window]),
    labelled(image, ["n", ...group, "c", ...space, ...window]),
    ["n", ...group, "o", ...space],
  ).x;
  const at = 2 + group.length;
  return reshape(out, [x.shape[0]!, w.shape[0]!, ...out.shape.slice(at)]);
};

const convBody: BodiesOf<ConvArgs>["conv"] = (xs, ws, options = {}) => {
  const { x, w, groups, geometry } = operands("conv", xs, ws, options);
  const [channels, kernels] = [x.shape[1]!, w.shape[0]!];
  if (w.shape[1]! * groups !== channels || kernels % groups !== 0)
    throw expected(
      "conv",
      channels % groups === 0
        ? `w [O, ${channels / groups}, …window] with O divisible by groups ${groups}`
        : `groups that divide the ${channels} channels, not ${groups}`,
      showAvals([x.aval, w.aval]),
    );
  const space = x.shape.slice(2);
  const apart = perAxis("conv", "inputDilation", options.inputDilation, space.length, 1);
  const spread = space.map((s, i) => (s === 0 ? 0 : extent(s, apart[i]!)));
  const pads = resolvePadding("conv", options.padding ?? "VALID", spread, geometry);
  const padded = padSpace(
    x,
    2,
    pads,
    0,
    apart.map((d) => d - 1),
  );
  checkFits("conv", x, padded.shape.slice(2), geometry);
  return asTensor(convolve(padded, w, groups, geometry));
};

/** What is cropped before, and the size that is kept, along each axis of the sum of all windows. */
const cropOf = (
  options: ConvTransposeOptions,
  space: Shape,
  g: Geometry,
): { low: number; size: number }[] => {
  const padding = options.padding ?? "VALID";
  const more = perAxis("convTranspose", "outputPadding", options.outputPadding, space.length, 0);
  const spans = g.sizes.map((k, i) => extent(k, g.dilations[i]!));
  if (padding === "VALID")
    return space.map((n, i) => ({
      low: 0,
      size: n * g.strides[i]! + Math.max(spans[i]! - g.strides[i]!, 0) + more[i]!,
    }));
  if (padding === "SAME")
    return space.map((n, i) => ({
      low: sameLow(spans[i]!, g.strides[i]!),
      size: n * g.strides[i]! + more[i]!,
    }));
  const pads = resolvePadding("convTranspose", padding, space, g);
  return space.map((n, i) => {
    const full = (n - 1) * g.strides[i]! + spans[i]!;
    return { low: pads[i]![0], size: full - pads[i]![0] - pads[i]![1] + more[i]! };
  });
};

/** lax.conv_transpose's choice for "SAME". */
const sameLow = (span: number, stride: number): number =>
  stride > span - 1 ? 0 : span - 1 - Math.ceil((span + stride - 2) / 2);

const convTransposeBody: BodiesOf<ConvArgs>["convTranspose"] = (xs, ws, options = {}) => {
  const { x, w, groups, geometry } = operands("convTranspose", xs, ws, options);
  const channels = x.shape[1]!;
  if (w.shape[0] !== channels || channels % groups !== 0)
    throw expected(
      "convTranspose",
      `w [${channels}, O / groups, …window] with channels divisible by groups ${groups}`,
      showAvals([x.aval, w.aval]),
    );
  const n = geometry.sizes.length;
  const [space, window] = [names("s", n), names("k", n)];
  const group = groups === 1 ? [] : ["g"];
  const spread = contract(
    labelled(grouped(w, 0, groups), [...group, "c", "o", ...window]),
    labelled(grouped(x, 1, groups), ["n", ...group, "c", ...space]),
    ["n", ...group, "o", ...space, ...window],
  ).x;
  const first = 2 + group.length;
  const inner = x.shape.slice(2);
  const spans = geometry.sizes.map((k, i) => extent(k, geometry.dilations[i]!));
  const lengths = inner.map((s, i) => (s === 0 ? 0 : (s - 1) * geometry.strides[i]! + spans[i]!));
  const full = overlapAdd(spread, { axes: range(n).map((i) => first + i), ...geometry, lengths });
  const crop = cropOf(options, inner, geometry);
  const wrong = crop.find((c) => c.size < 0);
  if (wrong !== undefined)
    throw expected("convTranspose", "padding that leaves a result", JSON.stringify(options.padding));
  const pads = crop.map(({ low, size }, i) => [-low, size + low - lengths[i]!] as const);
  const merged = reshape(full, [x.shape[0]!, w.shape[1]! * groups, ...lengths]);
  return asTensor(padSpace(merged, 2, pads));
};

export const convFunctions: BodiesOf<ConvArgs> = {
  conv: withOptions("conv", 2, ["stride", "padding", "dilation", "groups", "inputDilation"], convBody),
  convTranspose: withOptions(
    "convTranspose",
    2,
    ["stride", "padding", "dilation", "groups", "outputPadding"],
    convTransposeBody,
  ),
};

/**
 * Convolution (cross-correlation, as in every deep-learning library) of images `x [N, C, …space]` with kernels
 * `w [O, C / groups, …window]`, in one to three spatial dimensions: result `[N, O, …positions]`.
 *
 * The dtype is the operands' common one. Throws when channels and groups do not fit, or a window is larger than the
 * padded image.
 *
 * @example
 * ```ts
 * const x = reshape(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9]), [1, 1, 3, 3]);
 * const w = tensor([[[[1, 0], [0, 1]]]]);
 * conv(x, w).toArray() // [[[[6, 8], [12, 14]]]]
 * conv(x, w, { stride: 2, padding: "SAME" }).shape // [1, 1, 2, 2]
 * ```
 */
export const conv: Op<ConvArgs["conv"]> = op(1, convFunctions.conv);

/**
 * Transposed convolution of `x [N, C, …space]` with kernels `w [C, O / groups, …window]`: the derivative, with
 * respect to its input, of the convolution whose kernels are `w`. Result `[N, O, …larger]`.
 *
 * With numbers as padding it has the sizes of PyTorch's ConvTranspose: `(n - 1) · stride - before - behind + window + outputPadding`.
 *
 * @example
 * ```ts
 * const x = tensor([[[1, 2]]]);
 * const w = tensor([[[1, 10, 100]]]);
 * convTranspose(x, w).toArray() // [[[1, 12, 120, 200]]]
 * convTranspose(x, w, { stride: 2 }).toArray() // [[[1, 10, 102, 20, 200]]]
 * convTranspose(x, w, { padding: 1 }).toArray() // [[[12, 120]]]
 * ```
 */
export const convTranspose: Op<ConvArgs["convTranspose"]> = op(1, convFunctions.convTranspose);
