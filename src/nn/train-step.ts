/** One step of training as a pure function, and the state that it goes from and to. */
import type { Aval } from "../ir/aval.js";
import { split } from "../ops/random/key.js";
import type { Tensor } from "../ops/tensor.js";
import { valueAndGrad } from "../ops/transformations/grad.js";
import type { Layer } from "./layer.js";
import { crossEntropy } from "./losses/classification.js";
import { correct } from "./metrics.js";
import {
  applyUpdates,
  type GradientTransformation,
  type StateFn,
  type StateOf,
} from "./optimizers/transformation.js";

/** All that a run depends on. A tree: it can be saved, compared and mapped like any other. */
export interface TrainingState<P, S, O> {
  readonly params: P;
  readonly state: S;
  readonly optimizer: O;
  /** The key of the whole run. */
  readonly key: Tensor;
  /** Steps taken so far. */
  readonly step: number;
}

/** Inputs and labels of some examples; the first axis counts them. */
export interface Batch {
  readonly inputs: Tensor;
  readonly labels: Tensor;
}

/** A total over the examples of a batch, such as `correct`. */
export type Metric = (outputs: Tensor, labels: Tensor) => Tensor;

/** What is learnt, and how. */
export interface Learning<P, S, F extends StateFn, M extends string> {
  readonly model: Layer<P, S>;
  readonly optimizer: GradientTransformation<F>;
  /** A scalar: the mean loss of a batch. Default `crossEntropy`. */
  readonly loss?: (outputs: Tensor, labels: Tensor) => Tensor;
  /** What else to count. Default `{ accuracy: correct }`. */
  readonly metrics?: Readonly<Record<M, Metric>>;
}

/** The state before the first step. `input` is the aval of a batch of inputs, of any size. */
export type InitTraining = <P, S, F extends StateFn>(
  model: Layer<P, S>,
  optimizer: GradientTransformation<F>,
  key: Tensor,
  input: Aval,
) => TrainingState<P, S, StateOf<F, P>>;

/**
 * The state of a run before its first step, for inputs of such a shape (the number of examples does not matter).
 *
 * @example
 * ```ts
 * const start = nn.initTraining(nn.dense(2), nn.sgd(0.1), random.key(0), { shape: [1, 3], dtype: "float32" });
 * start.params.kernel.shape // [3, 2]
 * start.step // 0
 * ```
 */
export const initTraining: InitTraining = (model, optimizer, key, input) => {
  const [initKey, runKey] = split(key);
  const { params, state } = model.init(initKey, input);
  return { params, state, optimizer: optimizer.init(params), key: runKey, step: 0 };
};

/** What one step returns. */
export interface StepResult<P, S, O, M extends string> {
  readonly params: P;
  readonly state: S;
  readonly optimizer: O;
  /** The mean loss of the batch. */
  readonly loss: Tensor;
  /** Totals over the batch. */
  readonly totals: Readonly<Record<M, Tensor>>;
}

/** One step of training: new parameters and states from old ones and a batch. `key` is for this step alone. */
export type TrainStep<P, S, O, M extends string> = (
  params: P,
  state: S,
  optimizer: O,
  key: Tensor,
  batch: Batch,
) => StepResult<P, S, O, M>;

const mapRecord = <K extends string, A, B>(f: (a: A) => B, record: Readonly<Record<K, A>>): Record<K, B> =>
  Object.fromEntries(Object.entries<A>(record).map(([k, a]) => [k, f(a)])) as Record<K, B>; // the same keys

const defaultMetrics: Readonly<Record<"accuracy", Metric>> = {
  accuracy: (outputs, labels) => correct(outputs, labels),
};

/**
 * The pure function that one step of training is: loss, gradients, updates and metrics. `train` compiles it; in loops
 * of one's own, `jit` it.
 *
 * @example
 * ```ts
 * const learning = { model: nn.dense(1), optimizer: nn.sgd(0.1), loss: (y: Tensor, t: Tensor) => nn.mse(y, t), metrics: {} };
 * const step = jit(nn.trainStep(learning));
 * const start = nn.initTraining(learning.model, learning.optimizer, random.key(0), { shape: [1, 1], dtype: "float32" });
 * const batch = { inputs: tensor([[1]]), labels: tensor([[3]]) };
 * const first = step(start.params, start.state, start.optimizer, random.key(1), batch);
 * const second = step(first.params, first.state, first.optimizer, random.key(2), batch);
 * second.loss.item() < first.loss.item() // true
 * step.cacheStats.misses // 1
 * ```
 */
export const trainStep = <P, S, F extends StateFn, M extends string = "accuracy">(
  learning: Learning<P, S, F, M>,
): TrainStep<P, S, StateOf<F, P>, M> => {
  const { model, optimizer, loss = crossEntropy } = learning;
  const metrics: Readonly<Record<string, Metric>> = learning.metrics ?? defaultMetrics;
  return (params, state, optimizerState, key, { inputs, labels }) => {
    const objective = (p: P): readonly [Tensor, { state: S; totals: Record<string, Tensor> }] => {
      const [outputs, next] = model.apply(p, state, inputs, { training: true, key });
      return [loss(outputs, labels), { state: next, totals: mapRecord((m) => m(outputs, labels), metrics) }];
    };
    const [[value, aux], gradients] = valueAndGrad(objective, { hasAux: true })(params);
    const [updates, nextOptimizer] = optimizer.update(gradients, optimizerState, params);
    return {
      params: applyUpdates(params, updates),
      state: aux.state,
      optimizer: nextOptimizer,
      loss: value,
      totals: aux.totals as Record<M, Tensor>, // the keys of the metrics
    };
  };
};
