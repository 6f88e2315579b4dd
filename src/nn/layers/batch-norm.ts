/** Batch normalisation. */
import { type Aval, range, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { add, mul } from "../../ops/arithmetic.js";
import { stopGradient } from "../../ops/conversion.js";
import { ones, zeros } from "../../ops/fill.js";
import { checkOptions } from "../../ops/options.js";
import { reshape } from "../../ops/reshape.js";
import { checkAxis, type Tensor } from "../../ops/tensor.js";
import { layer, type Layer, paramDType } from "../layer.js";
import {
  affine,
  along,
  checkEps,
  initAffine,
  requireFloatInput,
  type ScaleAndOffset,
  standardise,
  type Statistics,
  statisticsOver,
} from "./affine.js";

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  /** The axis of features, each of which is normalised over all other axes. Default 1: the channels of `[N, C, …]`. */
  readonly axis?: number;
  /** The share of the old running statistics in the new ones. Default 0.9. */
  readonly momentum?: number;
  /** Added to the variance. Default 1e-5. */
  readonly eps?: number;
}

const featureAxis = (input: Aval, axis: number): number => {
  requireFloatInput("batchNorm", input);
  if (input.shape.length < 2)
    throw expected("batchNorm", "an input with an axis of examples and one of features", showAval(input));
  return checkAxis("batchNorm", axis, input.shape.length);
};

/** `momentum` of the old value, the rest of the new one; statistics are not differentiated. */
const blend = (old: Tensor, now: Tensor, momentum: number): Tensor =>
  add(mul(old, momentum), mul(stopGradient(reshape(now, old.shape)), 1 - momentum));

/**
 * Normalises each feature to mean 0 and variance 1 over the batch, then scales and shifts it. In training it uses the
 * statistics of the batch and returns running ones as its new state; otherwise it uses the running ones, whose
 * variance is the biased one (S. Ioffe and C. Szegedy, "Batch normalization", 2015).
 *
 * @example
 * ```ts
 * const layer = nn.batchNorm({ momentum: 0.5 });
 * const { params, state } = layer.init(random.key(0), { shape: [1, 1], dtype: "float32" });
 * const [y, next] = layer.apply(params, state, tensor([[1], [3]]), { training: true });
 * y.toArray() // ≈ [[-1], [1]]
 * next.mean.toArray() // [1]
 * next.variance.toArray() // [1]
 * layer.apply(params, next, tensor([[1], [3]]))[0].toArray() // ≈ [[0], [2]]
 * ```
 */
export const batchNorm = (options: BatchNormOptions = {}): Layer<ScaleAndOffset, Statistics> => {
  checkOptions("batchNorm", options, ["axis", "momentum", "eps"]);
  const { axis = 1, momentum = 0.9, eps = 1e-5 } = options;
  if (!(momentum >= 0 && momentum <= 1))
    throw expected("batchNorm", "a momentum from 0 to 1", String(momentum));
  checkEps("batchNorm", eps);
  return layer({
    name: "batchNorm",
    init: (_key, input) => {
      const shape = [input.shape[featureAxis(input, axis)]!];
      const dtype = paramDType(input);
      const state = { mean: zeros(shape, { dtype }), variance: ones(shape, { dtype }) };
      return { params: initAffine(shape, input), state };
    },
    apply: (params, state, x, { training = false }) => {
      const feature = featureAxis(x, axis);
      if (!training) {
        const running = {
          mean: along(state.mean, x, [feature]),
          variance: along(state.variance, x, [feature]),
        };
        return [affine(standardise(x, running, eps), params, [feature]), state];
      }
      const batch = statisticsOver(
        x,
        range(x.ndim).filter((i) => i !== feature),
      );
      const next = {
        mean: blend(state.mean, batch.mean, momentum),
        variance: blend(state.variance, batch.variance, momentum),
      };
      return [affine(standardise(x, batch, eps), params, [feature]), next];
    },
  });
};
