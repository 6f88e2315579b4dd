/** Convolutions in one to three dimensions, over `[N, C, …space]`. */
import { type Aval, type Shape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { add } from "../../ops/arithmetic.js";
import {
  conv as convOf,
  convTranspose as convTransposeOf,
  type ConvOptions,
  type ConvTransposeOptions,
} from "../../ops/conv.js";
import { checkOptions } from "../../ops/options.js";
import type { PerAxis } from "../../ops/spatial.js";
import { perAxis } from "../../ops/spatial.js";
import type { Tensor } from "../../ops/tensor.js";
import { layer, type Layer, type None } from "../layer.js";
import { along } from "./affine.js";
import {
  biasOf,
  checkFeatures,
  initWeights,
  weightNames,
  type WeightOptions,
  type WeightsOf,
} from "./weights.js";

/** Options of the layer `conv`. */
export interface ConvLayerOptions extends ConvOptions, WeightOptions {}
/** Options of the layer `convTranspose`. */
export interface ConvTransposeLayerOptions extends ConvTransposeOptions, WeightOptions {}

const names = [...weightNames, "stride", "padding", "dilation", "groups"];

interface Geometry {
  readonly channels: number;
  readonly window: Shape;
}

/** Channels of the input, and the window along each of its spatial axes. */
const geometryOf = (operation: string, input: Aval, window: PerAxis): Geometry => {
  const space = typeof window === "number" ? input.shape.length - 2 : window.length;
  if (input.shape.length !== space + 2 || space < 1 || space > 3) {
    const axes = typeof window === "number" ? "one to three spatial axes" : `${space} spatial axes`;
    throw expected(operation, `an input [N, C, …space] with ${axes}`, showAval(input));
  }
  return { channels: input.shape[1]!, window: perAxis(operation, "window", window, space, 1) };
};

/** How many groups there are, where they divide what they must. */
const checkGroups = (operation: string, what: string, n: number, groups: number): number => {
  if (Number.isInteger(groups) && groups >= 1 && n % groups === 0) return groups;
  throw expected(operation, `groups that divide ${n} ${what}`, String(groups));
};

const withBias = (y: Tensor, bias: Tensor | null): Tensor =>
  bias === null ? y : add(y, along(bias, y, [1]));

/** The options that are the operation's own. */
const without = <O extends WeightOptions>(options: O): Omit<O, keyof WeightOptions> => {
  const { bias: _bias, kernelInit: _kernelInit, biasInit: _biasInit, ...rest } = options;
  return rest;
};

/**
 * A convolution of `[N, C, …space]` with as many kernels as `features`: result `[N, features, …positions]`. `window`
 * is a list with a size for each of one to three spatial axes, or a number for all axes that the input has.
 * The kernel is `[features, C / groups, …window]`; stride, padding ("VALID" by default), dilation and groups are
 * those of `conv`.
 *
 * Throws when the input has another number of axes or channels, or groups do not divide channels and features.
 *
 * @example
 * ```ts
 * const layer = nn.conv(6, 5, { padding: "SAME", stride: 2 });
 * const { params, state, out } = layer.init(random.key(0), { shape: [1, 1, 28, 28], dtype: "float32" });
 * out.shape // [1, 6, 14, 14]
 * params.kernel.shape // [6, 1, 5, 5]
 * layer.apply(params, state, zeros([8, 1, 28, 28]))[0].shape // [8, 6, 14, 14]
 * Object.keys(nn.conv(4, [3], { bias: false }).init(random.key(0), { shape: [1, 2, 9], dtype: "float32" }).params) // ["kernel"]
 * ```
 */
export const conv = <const O extends ConvLayerOptions = ConvLayerOptions>(
  features: number,
  window: PerAxis,
  options?: O,
): Layer<WeightsOf<O>, None> => {
  checkOptions("conv", options, [...names, "inputDilation"]);
  checkFeatures("conv", features);
  const given: ConvLayerOptions = options ?? {};
  const convOptions = without(given);
  return layer({
    name: "conv",
    init: (key, input) => {
      const { channels, window: sizes } = geometryOf("conv", input, window);
      const groups = checkGroups("conv", "channels of the input", channels, given.groups ?? 1);
      checkGroups("conv", "features", features, groups);
      const shape = [features, channels / groups, ...sizes];
      const axes = { inAxis: 1, outAxis: 0 };
      return { params: initWeights<O>(key, input, shape, features, axes, given), state: [] };
    },
    apply: (params, state, x) => [withBias(convOf(x, params.kernel, convOptions), biasOf(params)), state],
  });
};

/**
 * The transposed convolution of `[N, C, …space]`: the layer that undoes the shapes of `conv` with the same window,
 * stride and padding. The kernel is `[C, features / groups, …window]`; options are those of `convTranspose`.
 *
 * Throws when the input has another number of axes or channels, or groups do not divide channels and features.
 *
 * @example
 * ```ts
 * const layer = nn.convTranspose(3, 2, { stride: 2 });
 * const { params, state, out } = layer.init(random.key(0), { shape: [1, 8, 7, 7], dtype: "float32" });
 * out.shape // [1, 3, 14, 14]
 * params.kernel.shape // [8, 3, 2, 2]
 * ```
 */
export const convTranspose = <const O extends ConvTransposeLayerOptions = ConvTransposeLayerOptions>(
  features: number,
  window: PerAxis,
  options?: O,
): Layer<WeightsOf<O>, None> => {
  checkOptions("convTranspose", options, [...names, "outputPadding"]);
  checkFeatures("convTranspose", features);
  const given: ConvTransposeLayerOptions = options ?? {};
  const convOptions = without(given);
  return layer({
    name: "convTranspose",
    init: (key, input) => {
      const { channels, window: sizes } = geometryOf("convTranspose", input, window);
      const groups = checkGroups("convTranspose", "channels of the input", channels, given.groups ?? 1);
      checkGroups("convTranspose", "features", features, groups);
      const shape = [channels, features / groups, ...sizes];
      const axes = { inAxis: 0, outAxis: 1 };
      return { params: initWeights<O>(key, input, shape, features, axes, given), state: [] };
    },
    apply: (params, state, x) => [
      withBias(convTransposeOf(x, params.kernel, convOptions), biasOf(params)),
      state,
    ],
  });
};
