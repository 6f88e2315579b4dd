/**
 * Recurrent cells: what happens in one step, and the part of it that needs no earlier step.
 *
 *     apply(params, carry, x) ≡ step(params, carry, project(params, x), output(carry))
 *
 * `project` is a contraction over the features alone, so that a layer does it once for all steps; `step` is what
 * remains inside the loop.
 */
import type { DType } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { add, mul, square, sub } from "../../ops/arithmetic.js";
import { ones } from "../../ops/fill.js";
import { concat } from "../../ops/join.js";
import { matmul } from "../../ops/matmul.js";
import { rsqrt } from "../../ops/power.js";
import { split } from "../../ops/random/key.js";
import { mean } from "../../ops/reductions.js";
import type { Tensor } from "../../ops/tensor.js";
import { type FanOptions, type Initializer, lecunNormal, orthogonal } from "../init.js";
import type { KernelInit } from "../layers/weights.js";

/** One step of a recurrent layer, with parameters `P` and a carry `C` from step to step. Trees of tensors. */
export interface Cell<P, C> {
  /** What errors call it. */
  readonly name: string;
  /** Size of the output. */
  readonly features: number;
  /** First parameters, for so many input features. */
  init(key: Tensor, inputs: number, dtype: DType): P;
  /** The carry before the first step. */
  start(batch: number, dtype: DType): C;
  /** What the input of a step contributes: `[…, inputs]` to whatever `step` takes. */
  project(params: P, x: Tensor): Tensor;
  /** The next carry. `seen` is the output of the step before, `[batch, features]`, after dropout if there is any. */
  step(params: P, carry: C, projected: Tensor, seen: Tensor): C;
  /** The output `[batch, features]` that a carry holds. */
  output(carry: C): Tensor;
  /** One whole step: `project`, then `step`. */
  apply(params: P, carry: C, x: Tensor): C;
}

/** A cell without `apply`, which follows from the rest. */
export type CellParts<P, C> = Omit<Cell<P, C>, "apply">;

/**
 * A cell from its parts.
 *
 * @example
 * ```ts
 * const total = nn.cell({
 *   name: "total",
 *   features: 1,
 *   init: () => [],
 *   start: (batch, dtype) => zeros([batch, 1], { dtype }),
 *   project: (_params, x) => sum(x, { axis: -1, keepdims: true }),
 *   step: (_params, carry, projected) => add(carry, projected),
 *   output: (carry) => carry,
 * });
 * total.apply([], total.start(1, "float32"), tensor([[1, 2]])).toArray() // [[3]]
 * nn.overTime(total, [], tensor([[[1], [2], [3]]])).ys.toArray() // [[[1], [3], [6]]]
 * ```
 */
export const cell = <P, C>(parts: CellParts<P, C>): Cell<P, C> => ({
  ...parts,
  apply: (params, carry, x) => parts.step(params, carry, parts.project(params, x), parts.output(carry)),
});

/** How the parameters of a recurrent layer start; each gate is initialised on its own. */
export interface RecurrentWeightOptions {
  /** How the input kernel of each gate starts. Default `init.lecunNormal`. */
  readonly kernelInit?: KernelInit;
  /** How the recurrent kernel of each gate starts. Default `init.orthogonal()`. */
  readonly recurrentInit?: Initializer;
  /** Whether to standardise what input and recurrence contribute (J. Ba et al., "Layer normalization", 2016). Default false. */
  readonly layerNorm?: boolean;
}

export const recurrentWeightNames = ["kernelInit", "recurrentInit", "layerNorm"] as const;

/** Learnt scales `[gates · features]` of the standardised contributions. */
export interface ContributionScales {
  readonly input: Tensor;
  readonly recurrent: Tensor;
}

/** What the cells have in common: kernels of all gates side by side, and a bias. */
export interface RecurrentParams {
  /** `[inputs, gates · features]` */
  readonly kernel: Tensor;
  /** `[features, gates · features]` */
  readonly recurrent: Tensor;
  /** `[gates · features]` */
  readonly bias: Tensor;
  /** With the option `layerNorm`. */
  readonly norm?: ContributionScales;
}

const eachGate = (
  key: Tensor,
  gates: number,
  make: Initializer,
  shape: readonly number[],
  dtype: DType,
): Tensor =>
  concat(
    split(key, gates).map((k) => make(k, shape, dtype)),
    { axis: 1 },
  );

const axes: FanOptions = { inAxis: 0, outAxis: 1 };

/** Kernels of so many gates, and the bias given. */
export const initRecurrent = (
  key: Tensor,
  inputs: number,
  features: number,
  bias: readonly Tensor[],
  dtype: DType,
  options: RecurrentWeightOptions,
): RecurrentParams => {
  const { kernelInit = lecunNormal, recurrentInit = orthogonal(), layerNorm = false } = options;
  const [kernelKey, recurrentKey] = split(key);
  const gates = bias.length;
  const scale = ones([gates * features], { dtype });
  return {
    kernel: eachGate(kernelKey, gates, kernelInit(axes), [inputs, features], dtype),
    recurrent: eachGate(recurrentKey, gates, recurrentInit, [features, features], dtype),
    bias: concat(bias, { axis: 0 }),
    ...(layerNorm ? { norm: { input: scale, recurrent: scale } } : {}),
  };
};

/** (x - mean) / √(variance + 1e-5) over the last axis, times a scale. */
export const standardised = (x: Tensor, scale: Tensor): Tensor => {
  const centred = sub(x, mean(x, { axis: -1, keepdims: true }));
  return mul(mul(centred, rsqrt(add(mean(square(centred), { axis: -1, keepdims: true }), 1e-5))), scale);
};

/** What the inputs of all gates contribute, with the bias. */
export const projectInput = ({ kernel, bias, norm }: RecurrentParams, x: Tensor): Tensor => {
  const y = matmul(x, kernel);
  return add(norm === undefined ? y : standardised(y, norm.input), bias);
};

/** What the last output contributes to all gates. */
export const projectSeen = ({ recurrent, norm }: RecurrentParams, seen: Tensor): Tensor => {
  const y = matmul(seen, recurrent);
  return norm === undefined ? y : standardised(y, norm.recurrent);
};

export const checkUnits = (operation: string, features: number): number => {
  if (Number.isInteger(features) && features >= 1) return features;
  throw expected(operation, "a number of features of at least 1", String(features));
};
