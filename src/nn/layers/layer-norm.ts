/** Normalisations that look at one example at a time. */
import { type Aval, range, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { add, mul, square } from "../../ops/arithmetic.js";
import { ones } from "../../ops/fill.js";
import { checkOptions } from "../../ops/options.js";
import { rsqrt } from "../../ops/power.js";
import { mean } from "../../ops/reductions.js";
import { reshape } from "../../ops/reshape.js";
import { checkAxes, type Tensor } from "../../ops/tensor.js";
import { layer, type Layer, type None, paramDType } from "../layer.js";
import {
  affine,
  along,
  checkEps,
  initAffine,
  requireFloatInput,
  type ScaleAndOffset,
  standardise,
  statisticsOver,
} from "./affine.js";

/** Options of `layerNorm` and `rmsNorm`. */
export interface NormLayerOptions {
  /** The axes that are normalised together, each place of which has its own scale. Default -1. */
  readonly axis?: number | readonly number[];
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

const axesOf = (operation: string, input: Aval, axis: number | readonly number[]): number[] => {
  requireFloatInput(operation, input);
  return checkAxes(operation, axis, input.shape.length);
};

const sizes = (input: Aval, axes: readonly number[]): number[] => axes.map((a) => input.shape[a]!);

/**
 * Normalises every example over its last axis (or `axis`) to mean 0 and variance 1, then scales and shifts each
 * feature (J. L. Ba et al., "Layer normalization", 2016).
 *
 * @example
 * ```ts
 * const layer = nn.layerNorm();
 * const { params, state } = layer.init(random.key(0), { shape: [1, 2], dtype: "float32" });
 * layer.apply(params, state, tensor([[1, 3], [10, 30]]))[0].toArray() // ≈ [[-0.99999, 0.99999], [-1, 1]]
 * ```
 */
export const layerNorm = (options: NormLayerOptions = {}): Layer<ScaleAndOffset, None> => {
  checkOptions("layerNorm", options, ["axis", "eps"]);
  const { axis = -1, eps = 1e-5 } = options;
  checkEps("layerNorm", eps);
  return layer({
    name: "layerNorm",
    init: (_key, input) => ({
      params: initAffine(sizes(input, axesOf("layerNorm", input, axis)), input),
      state: [],
    }),
    apply: (params, state, x) => {
      const axes = axesOf("layerNorm", x, axis);
      return [affine(standardise(x, statisticsOver(x, axes), eps), params, axes), state];
    },
  });
};

/** The learnt scale of normalised values. */
export interface Scale {
  readonly scale: Tensor;
}

/**
 * Divides every example by the root of its mean square over the last axis (or `axis`), then scales each feature
 * (B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019).
 *
 * @example
 * ```ts
 * const layer = nn.rmsNorm({ eps: 0 });
 * const { params, state } = layer.init(random.key(0), { shape: [1, 2], dtype: "float32" });
 * layer.apply(params, state, tensor([[1, 7]]))[0].toArray() // ≈ [[0.2, 1.4]]
 * ```
 */
export const rmsNorm = (options: NormLayerOptions = {}): Layer<Scale, None> => {
  checkOptions("rmsNorm", options, ["axis", "eps"]);
  const { axis = -1, eps = 1e-5 } = options;
  checkEps("rmsNorm", eps);
  return layer({
    name: "rmsNorm",
    init: (_key, input) => ({
      params: { scale: ones(sizes(input, axesOf("rmsNorm", input, axis)), { dtype: paramDType(input) }) },
      state: [] as None,
    }),
    apply: ({ scale }, state, x) => {
      const axes = axesOf("rmsNorm", x, axis);
      const inverse = rsqrt(add(mean(square(x), { axis: axes, keepdims: true }), eps));
      return [mul(mul(x, inverse), along(scale, x, axes)), state];
    },
  });
};

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

const checkGroups = (input: Aval, groups: number): void => {
  requireFloatInput("groupNorm", input);
  if (input.shape.length < 2 || input.shape[1]! % groups !== 0)
    throw expected("groupNorm", `an input [N, C, …] with C divisible by ${groups} groups`, showAval(input));
};

/**
 * Normalises every example over groups of its channels and all further axes, then scales and shifts each channel of
 * `[N, C, …]` (Y. Wu and K. He, "Group normalization", 2018). With as many groups as channels it is instance norm.
 *
 * Throws when the channels do not divide into the groups.
 *
 * @example
 * ```ts
 * const layer = nn.groupNorm(2);
 * const { params, state } = layer.init(random.key(0), { shape: [1, 4], dtype: "float32" });
 * layer.apply(params, state, tensor([[1, 3, 10, 30]]))[0].toArray() // ≈ [[-0.99999, 0.99999, -1, 1]]
 * ```
 */
export const groupNorm = (groups: number, options: GroupNormOptions = {}): Layer<ScaleAndOffset, None> => {
  checkOptions("groupNorm", options, ["eps"]);
  const { eps = 1e-5 } = options;
  if (!Number.isInteger(groups) || groups < 1)
    throw expected("groupNorm", "a number of groups", String(groups));
  checkEps("groupNorm", eps);
  return layer({
    name: "groupNorm",
    init: (_key, input) => {
      checkGroups(input, groups);
      return { params: initAffine([input.shape[1]!], input), state: [] };
    },
    apply: (params, state, x) => {
      checkGroups(x, groups);
      const [n, channels, ...space] = x.shape as readonly [number, number, ...number[]];
      const grouped = reshape(x, [n, groups, channels / groups, ...space]);
      const y = standardise(grouped, statisticsOver(grouped, range(grouped.ndim).slice(2)), eps);
      return [affine(reshape(y, x.shape), params, [1]), state];
    },
  });
};
