/** Long short-term memory. */
import { add, mul } from "../../ops/arithmetic.js";
import { sigmoid } from "../../ops/exponential.js";
import { full, ones, zeros } from "../../ops/fill.js";
import { tanh } from "../../ops/hyperbolic.js";
import { checkOptions } from "../../ops/options.js";
import { split } from "../../ops/split.js";
import { take } from "../../ops/take.js";
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
  standardised,
} from "./cell.js";
import {
  type CarryOf,
  recurrent,
  type RecurrentLayer,
  type RecurrentOptions,
  separated,
} from "./recurrent.js";

/** Output and memory, both `[batch, features]`. */
export interface LstmCarry {
  readonly h: Tensor;
  readonly c: Tensor;
}

/** Parameters of an LSTM. Gates stand in the order input, forget, candidate, output: PyTorch's and Keras's. */
export interface LstmParams extends RecurrentParams {
  /** With the option `peephole`: `[3, features]`, from the memory to the gates input, forget, output. */
  readonly peephole?: Tensor;
  /** With the option `layerNorm`: scale and offset `[features]` of the standardised memory. */
  readonly memory?: { readonly scale: Tensor; readonly offset: Tensor };
}

/** Options of `lstmCell`. */
export interface LstmCellOptions extends RecurrentWeightOptions {
  /** Where the bias of the forget gate starts (F. Gers et al., 2000; R. Jozefowicz et al., 2015). Default 1. */
  readonly forgetBias?: number;
  /** Whether the gates see the memory (F. Gers and J. Schmidhuber, 2000). Default false. */
  readonly peephole?: boolean;
}

/** Options of `lstm`. */
export interface LstmOptions extends LstmCellOptions, RecurrentOptions {}

const names = [...recurrentWeightNames, "forgetBias", "peephole"];

const row = (x: Tensor, i: number): Tensor => take(x, i, { axis: 0 });

/** `gate`, with a view of the memory through row i of the peephole where there is one. */
const peeking = (gate: Tensor, { peephole }: LstmParams, i: number, c: Tensor): Tensor =>
  peephole === undefined ? gate : add(gate, mul(row(peephole, i), c));

const step = (params: LstmParams, { c }: LstmCarry, projected: Tensor, seen: Tensor): LstmCarry => {
  const z = add(projected, projectSeen(params, seen));
  const [i, f, g, o] = split(z, 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const kept = mul(sigmoid(peeking(f, params, 1, c)), c);
  const next = add(kept, mul(sigmoid(peeking(i, params, 0, c)), tanh(g)));
  const { memory } = params;
  const read = memory === undefined ? next : add(standardised(next, memory.scale), memory.offset);
  return { h: mul(sigmoid(peeking(o, params, 2, next)), tanh(read)), c: next };
};

/**
 * Long short-term memory (S. Hochreiter and J. Schmidhuber, 1997; forget gate: F. Gers et al., 2000):
 * c' = σ(f) · c + σ(i) · tanh(g) and h' = σ(o) · tanh(c'), where i, f, g, o are x · kernel + h · recurrent + bias.
 * The carry is `{ h, c }`.
 *
 * @example
 * ```ts
 * const cell = nn.lstmCell(1);
 * const params = { kernel: zeros([2, 4]), recurrent: zeros([1, 4]), bias: tensor([0, 100, 0, 100]) };
 * const { h, c } = cell.apply(params, { h: zeros([1, 1]), c: tensor([[2]]) }, ones([1, 2]));
 * c.toArray() // [[2]]
 * h.toArray() // ≈ [[0.96403]]
 * ```
 */
export const lstmCell = (features: number, options: LstmCellOptions = {}): Cell<LstmParams, LstmCarry> => {
  checkOptions("lstm", options, names);
  checkUnits("lstm", features);
  const { forgetBias = 1, peephole = false, layerNorm = false } = options;
  return cell<LstmParams, LstmCarry>({
    name: "lstm",
    features,
    init: (key, inputs, dtype) => {
      const none = zeros([features], { dtype });
      const bias = [none, full([features], forgetBias, { dtype }), none, none];
      return {
        ...initRecurrent(key, inputs, features, bias, dtype, options),
        ...(peephole ? { peephole: zeros([3, features], { dtype }) } : {}),
        ...(layerNorm ? { memory: { scale: ones([features], { dtype }), offset: none } } : {}),
      };
    },
    start: (batch, dtype) => ({
      h: zeros([batch, features], { dtype }),
      c: zeros([batch, features], { dtype }),
    }),
    project: projectInput,
    step,
    output: ({ h }) => h,
  });
};

/**
 * A long short-term memory over `[batch, time, inputs]`: the last output `[batch, features]`, or with
 * `returnSequences` all of them, `[batch, time, features]`. The kernels are `[inputs, 4 · features]` and
 * `[features, 4 · features]`, gates in the order input, forget, candidate, output.
 *
 * @example
 * ```ts
 * const model = nn.sequential(nn.lstm(8, { returnSequences: true }), nn.lstm(4), nn.dense(1));
 * const { params, out } = model.init(random.key(0), { shape: [2, 7, 3], dtype: "float32" });
 * out.shape // [2, 1]
 * params[1].kernel.shape // [8, 16]
 * params[1].bias.toArray() // [0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]
 * ```
 */
export const lstm = <const O extends LstmOptions = Record<never, never>>(
  features: number,
  options?: O,
): RecurrentLayer<LstmParams, CarryOf<O, LstmCarry>> => {
  const [own, rest] = separated<LstmCellOptions>("lstm", options, names);
  return recurrent(lstmCell(features, own), rest) as RecurrentLayer<LstmParams, CarryOf<O, LstmCarry>>; // stateful where O says so
};
