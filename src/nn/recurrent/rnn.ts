/** The plain recurrent cell and its layer. */
import { add } from "../../ops/arithmetic.js";
import { zeros } from "../../ops/fill.js";
import { tanh } from "../../ops/hyperbolic.js";
import { checkOptions } from "../../ops/options.js";
import type { Tensor } from "../../ops/tensor.js";
import {
  type Cell,
  cell,
  checkUnits,
  initRecurrent,
  projectInput,
  projectSeen,
  type RecurrentParams,
  recurrentWeightNames,
  type RecurrentWeightOptions,
} from "./cell.js";
import {
  type CarryOf,
  recurrent,
  type RecurrentLayer,
  type RecurrentOptions,
  separated,
} from "./recurrent.js";

/** Options of `rnnCell`. */
export interface RnnCellOptions extends RecurrentWeightOptions {
  /** Default `tanh`. */
  readonly activation?: (x: Tensor) => Tensor;
}

/** Options of `rnn`. */
export interface RnnOptions extends RnnCellOptions, RecurrentOptions {}

const names = [...recurrentWeightNames, "activation"];

/**
 * h' = tanh(x · kernel + h · recurrent + bias) (J. Elman, "Finding structure in time", 1990). The carry is h.
 *
 * @example
 * ```ts
 * const cell = nn.rnnCell(1, { activation: (x) => x });
 * const params = { kernel: tensor([[1], [2]]), recurrent: tensor([[10]]), bias: tensor([0.5]) };
 * cell.apply(params, tensor([[3]]), tensor([[1, 1]])).toArray() // [[33.5]]
 * ```
 */
export const rnnCell = (features: number, options: RnnCellOptions = {}): Cell<RecurrentParams, Tensor> => {
  checkOptions("rnn", options, names);
  checkUnits("rnn", features);
  const { activation = tanh } = options;
  return cell({
    name: "rnn",
    features,
    init: (key, inputs, dtype) =>
      initRecurrent(key, inputs, features, [zeros([features], { dtype })], dtype, options),
    start: (batch, dtype) => zeros([batch, features], { dtype }),
    project: projectInput,
    step: (params, _h, projected, seen) => activation(add(projected, projectSeen(params, seen))),
    output: (h) => h,
  });
};

/**
 * A plain recurrent layer over `[batch, time, inputs]`: the last output `[batch, features]`, or with
 * `returnSequences` all of them, `[batch, time, features]`. The kernels are `[inputs, features]` and
 * `[features, features]`.
 *
 * @example
 * ```ts
 * const layer = nn.rnn(4);
 * const { params, out } = layer.init(random.key(0), { shape: [2, 7, 3], dtype: "float32" });
 * out.shape // [2, 4]
 * params.recurrent.shape // [4, 4]
 * ```
 */
export const rnn = <const O extends RnnOptions = Record<never, never>>(
  features: number,
  options?: O,
): RecurrentLayer<RecurrentParams, CarryOf<O, Tensor>> => {
  const [own, rest] = separated<RnnCellOptions>("rnn", options, names);
  return recurrent(rnnCell(features, own), rest) as RecurrentLayer<RecurrentParams, CarryOf<O, Tensor>>; // stateful where O says so
};
