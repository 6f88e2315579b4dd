/**
 * Weights of recurrent layers as PyTorch and Keras keep them.
 *
 * PyTorch's kernels are ours transposed, and it adds two biases; Keras's are as ours. All three order an LSTM's gates
 * input, forget, candidate, output; a GRU's gates are reset, update, candidate here and in PyTorch, but Keras has
 * update first.
 */
import { add } from "../../ops/arithmetic.js";
import { zeros, zerosLike } from "../../ops/fill.js";
import { concat, stack } from "../../ops/join.js";
import { matrixTranspose } from "../../ops/axes.js";
import { reshape } from "../../ops/reshape.js";
import { split } from "../../ops/split.js";
import type { Tensor } from "../../ops/tensor.js";
import type { RecurrentParams } from "./cell.js";
import { gates, type GruParams } from "./gru.js";

/** `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` of PyTorch. */
export interface TorchWeights {
  /** `[gates · features, inputs]` */
  readonly weightIh: Tensor;
  /** `[gates · features, features]` */
  readonly weightHh: Tensor;
  /** `[gates · features]` */
  readonly biasIh: Tensor;
  /** `[gates · features]` */
  readonly biasHh: Tensor;
}

/** The weights of a recurrent layer of Keras. */
export interface KerasWeights {
  /** `[inputs, gates · features]` */
  readonly kernel: Tensor;
  /** `[features, gates · features]` */
  readonly recurrentKernel: Tensor;
  /** `[gates · features]`; of a GRU (`reset_after`) `[2, 3 · features]`. */
  readonly bias: Tensor;
}

/** The first two of three gates the other way round. */
const swapped = (x: Tensor): Tensor => {
  const [first, second, third] = gates(x);
  return concat([second, first, third], { axis: -1 });
};

const kernels = ({ weightIh, weightHh }: TorchWeights): Pick<RecurrentParams, "kernel" | "recurrent"> => ({
  kernel: matrixTranspose(weightIh),
  recurrent: matrixTranspose(weightHh),
});

const weights = ({ kernel, recurrent }: RecurrentParams): Pick<TorchWeights, "weightIh" | "weightHh"> => ({
  weightIh: matrixTranspose(kernel),
  weightHh: matrixTranspose(recurrent),
});

/**
 * Parameters of `lstm` (or `rnn`) from PyTorch's weights; the two biases become one.
 *
 * @example
 * ```ts
 * const [weightIh, weightHh] = [arange(12).reshape([4, 3]), ones([4, 1])];
 * const params = nn.lstmFromTorch({ weightIh, weightHh, biasIh: ones([4]), biasHh: ones([4]) });
 * params.kernel.toArray() // [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]
 * params.bias.toArray() // [2, 2, 2, 2]
 * ```
 */
export const lstmFromTorch = (given: TorchWeights): RecurrentParams => ({
  ...kernels(given),
  bias: add(given.biasIh, given.biasHh),
});

/**
 * PyTorch's weights from parameters of `lstm` (or `rnn`) without peephole and layer norm; the second bias is 0.
 *
 * @example
 * ```ts
 * const { params } = nn.lstm(2).init(random.key(0), { shape: [1, 5, 3], dtype: "float32" });
 * nn.lstmToTorch(params).weightIh.shape // [8, 3]
 * ```
 */
export const lstmToTorch = (params: RecurrentParams): TorchWeights => ({
  ...weights(params),
  biasIh: params.bias,
  biasHh: zerosLike(params.bias),
});

/**
 * Parameters of `gru` from PyTorch's weights.
 *
 * @example
 * ```ts
 * const [weightIh, weightHh] = [ones([3, 2]), ones([3, 1])];
 * const params = nn.gruFromTorch({ weightIh, weightHh, biasIh: tensor([1, 2, 3]), biasHh: tensor([10, 20, 30]) });
 * params.bias.toArray() // [11, 22, 3]
 * params.recurrentBias.toArray() // [30]
 * ```
 */
export const gruFromTorch = (given: TorchWeights): GruParams => {
  const [reset, update, recurrentBias] = gates(given.biasHh);
  const merged = concat([reset, update, zerosLike(recurrentBias)], { axis: 0 });
  return { ...kernels(given), bias: add(given.biasIh, merged), recurrentBias };
};

/** A bias that only the candidate has. */
const candidateBias = (recurrentBias: Tensor): Tensor =>
  concat([zeros([2 * recurrentBias.size], { dtype: recurrentBias.dtype }), recurrentBias], { axis: 0 });

/**
 * PyTorch's weights from parameters of `gru` without layer norm.
 *
 * @example
 * ```ts
 * const { params } = nn.gru(2).init(random.key(0), { shape: [1, 5, 3], dtype: "float32" });
 * nn.gruToTorch(params).weightHh.shape // [6, 2]
 * ```
 */
export const gruToTorch = (params: GruParams): TorchWeights => ({
  ...weights(params),
  biasIh: params.bias,
  biasHh: candidateBias(params.recurrentBias),
});

/**
 * Parameters of `lstm` (or `rnn`) from Keras's weights.
 *
 * @example
 * ```ts
 * nn.lstmFromKeras({ kernel: ones([3, 8]), recurrentKernel: ones([2, 8]), bias: ones([8]) }).recurrent.shape // [2, 8]
 * ```
 */
export const lstmFromKeras = ({ kernel, recurrentKernel, bias }: KerasWeights): RecurrentParams => ({
  kernel,
  recurrent: recurrentKernel,
  bias,
});

/**
 * Keras's weights from parameters of `lstm` (or `rnn`) without peephole and layer norm.
 *
 * @example
 * ```ts
 * const { params } = nn.lstm(2).init(random.key(0), { shape: [1, 5, 3], dtype: "float32" });
 * nn.lstmToKeras(params).recurrentKernel.shape // [2, 8]
 * ```
 */
export const lstmToKeras = ({ kernel, recurrent, bias }: RecurrentParams): KerasWeights => ({
  kernel,
  recurrentKernel: recurrent,
  bias,
});

/**
 * Parameters of `gru` from Keras's weights (of a layer with `reset_after`, the default).
 *
 * @example
 * ```ts
 * const given = { kernel: tensor([[1, 2, 3]]), recurrentKernel: tensor([[4, 5, 6]]), bias: tensor([[1, 2, 3], [10, 20, 30]]) };
 * const params = nn.gruFromKeras(given);
 * params.kernel.toArray() // [[2, 1, 3]]
 * params.bias.toArray() // [22, 11, 3]
 * params.recurrentBias.toArray() // [30]
 * ```
 */
export const gruFromKeras = ({ kernel, recurrentKernel, bias }: KerasWeights): GruParams => {
  const [input, recurrent] = split(bias, 2, { axis: 0 }).map((b) => reshape(swapped(b), [-1])) as [
    Tensor,
    Tensor,
  ];
  const [reset, update, recurrentBias] = gates(recurrent);
  return {
    kernel: swapped(kernel),
    recurrent: swapped(recurrentKernel),
    bias: add(input, concat([reset, update, zerosLike(recurrentBias)], { axis: 0 })),
    recurrentBias,
  };
};

/**
 * Keras's weights (of a layer with `reset_after`) from parameters of `gru` without layer norm.
 *
 * @example
 * ```ts
 * const { params } = nn.gru(2).init(random.key(0), { shape: [1, 5, 3], dtype: "float32" });
 * nn.gruToKeras(params).bias.shape // [2, 6]
 * allClose(nn.gruFromKeras(nn.gruToKeras(params)).kernel, params.kernel).item() // 1
 * ```
 */
export const gruToKeras = (params: GruParams): KerasWeights => ({
  kernel: swapped(params.kernel),
  recurrentKernel: swapped(params.recurrent),
  bias: stack([swapped(params.bias), candidateBias(params.recurrentBias)]),
});
