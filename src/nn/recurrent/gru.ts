/** Gated recurrent units. */
import { add, mul, sub } from "../../ops/arithmetic.js";
import { sigmoid } from "../../ops/exponential.js";
import { zeros } from "../../ops/fill.js";
import { tanh } from "../../ops/hyperbolic.js";
import { checkOptions } from "../../ops/options.js";
import { split } from "../../ops/split.js";
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

/** Parameters of a GRU. Gates stand in the order reset, update, candidate: PyTorch's (Keras has update first). */
export interface GruParams extends RecurrentParams {
  /** `[features]`: the bias of what the reset gate multiplies. */
  readonly recurrentBias: Tensor;
}

/** Options of `gruCell`. */
export type GruCellOptions = RecurrentWeightOptions;

/** Options of `gru`. */
export interface GruOptions extends GruCellOptions, RecurrentOptions {}

/** The parts of what the three gates have side by side. */
export const gates = (x: Tensor): [Tensor, Tensor, Tensor] =>
  split(x, 3, { axis: -1 }) as [Tensor, Tensor, Tensor];

const step = (params: GruParams, h: Tensor, projected: Tensor, seen: Tensor): Tensor => {
  const [xr, xz, xn] = gates(projected);
  const [hr, hz, hn] = gates(projectSeen(params, seen));
  const candidate = tanh(add(xn, mul(sigmoid(add(xr, hr)), add(hn, params.recurrentBias))));
  return add(candidate, mul(sigmoid(add(xz, hz)), sub(h, candidate)));
};

/**
 * A gated recurrent unit (K. Cho et al., 2014), as PyTorch and Keras's `reset_after` have it: the reset gate comes
 * after the recurrent product. r, z = σ(x · kernel + h · recurrent + bias), n = tanh(x · kernelₙ + biasₙ +
 * r · (h · recurrentₙ + recurrentBias)), h' = (1 - z) · n + z · h. The carry is h.
 *
 * @example
 * ```ts
 * const cell = nn.gruCell(1);
 * const params = { kernel: zeros([2, 3]), recurrent: zeros([1, 3]), bias: tensor([0, 100, 0]), recurrentBias: zeros([1]) };
 * cell.apply(params, tensor([[0.5]]), ones([1, 2])).toArray() // [[0.5]]
 * ```
 */
export const gruCell = (features: number, options: GruCellOptions = {}): Cell<GruParams, Tensor> => {
  checkOptions("gru", options, recurrentWeightNames);
  checkUnits("gru", features);
  return cell<GruParams, Tensor>({
    name: "gru",
    features,
    init: (key, inputs, dtype) => {
      const none = zeros([features], { dtype });
      return {
        ...initRecurrent(key, inputs, features, [none, none, none], dtype, options),
        recurrentBias: none,
      };
    },
    start: (batch, dtype) => zeros([batch, features], { dtype }),
    project: projectInput,
    step,
    output: (h) => h,
  });
};

/**
 * Gated recurrent units over `[batch, time, inputs]`: the last output `[batch, features]`, or with `returnSequences`
 * all of them, `[batch, time, features]`. The kernels are `[inputs, 3 · features]` and `[features, 3 · features]`,
 * gates in the order reset, update, candidate.
 *
 * @example
 * ```ts
 * const layer = nn.gru(4, { returnSequences: true });
 * const { params, out } = layer.init(random.key(0), { shape: [2, 7, 3], dtype: "float32" });
 * out.shape // [2, 7, 4]
 * params.kernel.shape // [3, 12]
 * ```
 */
export const gru = <const O extends GruOptions = Record<never, never>>(
  features: number,
  options?: O,
): RecurrentLayer<GruParams, CarryOf<O, Tensor>> => {
  const [own, rest] = separated<GruCellOptions>("gru", options, recurrentWeightNames);
  return recurrent(gruCell(features, own), rest) as RecurrentLayer<GruParams, CarryOf<O, Tensor>>; // stateful where O says so
};
