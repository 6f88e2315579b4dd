/** Kernels and biases: what dense and convolutional layers learn. */
import type { Aval, Shape } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { split } from "../../ops/random/key.js";
import type { Tensor } from "../../ops/tensor.js";
import { type FanOptions, type Initializer, lecunNormal, zeros } from "../init.js";
import { paramDType } from "../layer.js";

/** Parameters of a layer without biases. */
export interface Kernel {
  readonly kernel: Tensor;
}

/** Parameters of a layer with biases. */
export interface KernelAndBias extends Kernel {
  readonly bias: Tensor;
}

/**
 * Makes the initializer of a kernel for the axes of its inputs and outputs, which the layer knows: `init.heNormal`,
 * or `() => init.normal(0.02)` where the axes do not matter.
 */
export type KernelInit = (axes: FanOptions) => Initializer;

/** Options of layers with a kernel and, unless it is left out, a bias. */
export interface WeightOptions {
  /** Whether to add a bias. Default true. */
  readonly bias?: boolean;
  /** How the kernel starts. Default `init.lecunNormal`. */
  readonly kernelInit?: KernelInit;
  /** How the bias starts. Default `init.zeros`. */
  readonly biasInit?: Initializer;
}

export const weightNames = ["bias", "kernelInit", "biasInit"] as const;

/** The parameters that the options ask for. */
export type WeightsOf<O> = O extends { readonly bias: false } ? Kernel : KernelAndBias;

/** The bias of parameters that may have none. */
export const biasOf = (params: Kernel | KernelAndBias): Tensor | null =>
  "bias" in params ? params.bias : null;

/** First values of a kernel and, unless there is to be none, of a bias with an element for each of the `outputs`. */
export const initWeights = <O extends WeightOptions>(
  key: Tensor,
  input: Aval,
  shape: Shape,
  outputs: number,
  axes: FanOptions,
  options: WeightOptions,
): WeightsOf<O> => {
  const dtype = paramDType(input);
  const { bias = true, kernelInit = lecunNormal, biasInit = zeros } = options;
  const [kernelKey, biasKey] = split(key);
  const kernel = kernelInit(axes)(kernelKey, shape, dtype);
  const made = bias ? { kernel, bias: biasInit(biasKey, [outputs], dtype) } : { kernel };
  return made as WeightsOf<O>; // with a bias unless bias is false
};

export const checkFeatures = (operation: string, features: number): number => {
  if (Number.isInteger(features) && features >= 1) return features;
  throw expected(operation, "a number of features of at least 1", String(features));
};
