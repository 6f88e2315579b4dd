/**
 * Training as a function that yields events. Whoever wants a progress bar, a log, checkpoints or early stopping
 * consumes them.
 *
 * A run is a function of its state: parameters, layer state, optimizer state, a key, and the number of steps taken.
 * Shuffling and dropout draw from the key and the step number alone, so a run that goes on from a saved state gives
 * the same bits as one that was never interrupted.
 */
import { expected } from "../ir/errors.js";
import { foldIn } from "../ops/random/key.js";
import { asTensor, scalarTensor, type Tensor } from "../ops/tensor.js";
import { jit } from "../ops/transformations/jit.js";
import { average, tallies, type Tally } from "./metrics.js";
import type { StateFn, StateOf } from "./optimizers/transformation.js";
import { type Batch, type Learning, type TrainingState, trainStep } from "./train-step.js";
import { shapeOf } from "./shape.js";

/** After every step. Losses and metrics are means over the epoch so far (since the run went on, if it did). */
export interface StepEvent<M extends string, T = unknown> {
  readonly _tag: "Step";
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** In the epoch, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  /** The loss of this batch alone. */
  readonly batchLoss: number;
  readonly metrics: Readonly<Record<M, number>>;
  readonly examplesPerSecond: number;
  /** Seconds until the end of the last epoch, by the speed so far. */
  readonly eta: number;
  /** The state after this step: what to go on from, to look at, or to save in the middle of an epoch. */
  readonly state: T;
}

/** After every epoch, with the state to save. */
export interface EpochEvent<M extends string, T> {
  readonly _tag: "Epoch";
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<M, number>>;
  readonly seconds: number;
  readonly state: T;
}

/** What `train` yields. */
export type TrainingEvent<M extends string, T> = StepEvent<M, T> | EpochEvent<M, T>;

/** A run of `train`. */
export interface TrainingOptions<P, S, F extends StateFn, M extends string> extends Learning<P, S, F, M> {
  /** Where to start or to go on from. */
  readonly start: TrainingState<P, S, StateOf<F, P>>;
  /** Epochs in all, those before `start` included. */
  readonly epochs: number;
  /** Batches in an epoch. */
  readonly steps: number;
  /** The batches of epoch 0, 1, …, in an order that may depend on the key. The key depends on the epoch. */
  readonly batches: (key: Tensor, epoch: number) => Iterable<Batch> | AsyncIterable<Batch>;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

const checkCount = (name: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1) throw expected("train", `${name} of at least 1`, String(n));
};

/** Independent streams of keys: for the layers by step, for the order of examples by epoch. */
const layerKey = (key: Tensor, step: Tensor): Tensor => foldIn(foldIn(key, 0), step);
const orderKey = (key: Tensor, epoch: number): Tensor => foldIn(foldIn(key, 1), epoch);

/** How long a step takes, lately: the mean of some twenty steps. The first, which compiles, counts only until the second. */
interface Pace {
  readonly measured: number;
  readonly secondsPerStep: number;
  readonly secondsPerExample: number;
}

const keepUp = ({ measured, ...old }: Pace, seconds: number, examples: number): Pace => {
  const share = measured < 2 ? 1 : Math.max(0.05, 1 / measured);
  const blend = (before: number, now: number): number => before + share * (now - before);
  return {
    measured: measured + 1,
    secondsPerStep: blend(old.secondsPerStep, seconds),
    secondsPerExample: blend(old.secondsPerExample, seconds / examples),
  };
};

/** Sums over an epoch. */
type Scores = Readonly<Record<string, Tally>>;

const addScores = (scores: Scores, totals: Readonly<Record<string, number>>, count: number): Scores =>
  Object.fromEntries(
    Object.entries(totals).map(([name, total]) => [
      name,
      tallies.concat(scores[name] ?? tallies.empty, { total, count }),
    ]),
  );

const meansOf = (scores: Scores): Record<string, number> =>
  Object.fromEntries(
    Object.entries(scores)
      .filter(([name]) => name !== lossName)
      .map(([name, tally]) => [name, average(tally)]),
  );

/** The loss is tallied with the metrics, under a name that none of them can have. */
const lossName = "";

const numberOf = async (x: Tensor): Promise<number> => (await x.data())[0]!;

/** Totals over a batch as numbers, the loss among them. */
const totalsOf = async (
  loss: number,
  totals: Readonly<Record<string, Tensor>>,
  count: number,
): Promise<Record<string, number>> => {
  const entries: [string, number][] = [[lossName, loss * count]];
  for (const [name, total] of Object.entries(totals)) entries.push([name, await numberOf(total)]);
  return Object.fromEntries(entries);
};

/**
 * Trains from `start` until `epochs` are done, and yields an event after every step and every epoch. Each step is one
 * call of one compiled function (two, where the last batch of an epoch is smaller).
 *
 * Going on from the state of an earlier event, or of a saved one, gives the same bits as never having stopped, also
 * in the middle of an epoch. Throws when an epoch has fewer batches than `steps`.
 *
 * @example
 * ```ts
 * const learning = { model: nn.dense(2), optimizer: nn.adam(0.1) };
 * const start = nn.initTraining(learning.model, learning.optimizer, random.key(0), { shape: [1, 2], dtype: "float32" });
 * const batch = { inputs: tensor([[0, 1], [1, 0]]), labels: tensor([1, 0], { dtype: "int32" }) };
 * const losses: number[] = [];
 * for await (const event of nn.train({ ...learning, start, epochs: 30, steps: 1, batches: () => [batch] }))
 *   if (event._tag === "Epoch") losses.push(event.loss);
 * losses.length // 30
 * losses[29]! < losses[0]! // true
 * ```
 */
export async function* train<P, S, F extends StateFn, M extends string = "accuracy">(
  options: TrainingOptions<P, S, F, M>,
): AsyncGenerator<
  TrainingEvent<M, TrainingState<P, S, StateOf<F, P>>>,
  TrainingState<P, S, StateOf<F, P>>,
  undefined
> {
  const { start, epochs, steps, batches, now = () => performance.now() } = options;
  checkCount("epochs", epochs);
  checkCount("steps", steps);
  const once = trainStep(options);
  const step = jit((run: Omit<typeof start, "step">, at: Tensor, batch: Batch) =>
    once(run.params, run.state, run.optimizer, layerKey(run.key, at), batch),
  );

  let current = start;
  let pace: Pace = { measured: 0, secondsPerStep: 0, secondsPerExample: 0 };
  for (let epoch = Math.floor(start.step / steps); epoch < epochs; epoch++) {
    const began = now();
    const skip = current.step - epoch * steps;
    let scores: Scores = {};
    let seen = 0;
    let last = began;
    for await (const batch of batches(orderKey(current.key, epoch), epoch)) {
      if (seen >= steps) break;
      if (seen++ < skip) continue;
      const { step: at, ...run } = current;
      const { loss, totals, ...next } = step(run, asTensor(scalarTensor(at, "int32")), batch);
      current = { ...next, key: current.key, step: at + 1 };
      const count = shapeOf(batch.inputs)[0]!;
      const batchLoss = await numberOf(loss);
      scores = addScores(scores, await totalsOf(batchLoss, totals, count), count);
      const time = now();
      pace = keepUp(pace, (time - last) / 1000, count);
      last = time;
      yield {
        _tag: "Step",
        epoch: epoch + 1,
        epochs,
        step: seen,
        steps,
        loss: average(scores[lossName]!),
        batchLoss,
        metrics: meansOf(scores) as Record<M, number>, // the keys of the metrics
        examplesPerSecond: 1 / pace.secondsPerExample,
        eta: (epochs * steps - current.step) * pace.secondsPerStep,
        state: current,
      };
    }
    if (seen < steps) throw expected("train", `${steps} batches in epoch ${epoch}`, String(seen));
    yield {
      _tag: "Epoch",
      epoch: epoch + 1,
      epochs,
      loss: average(scores[lossName] ?? tallies.empty),
      metrics: meansOf(scores) as Record<M, number>, // the keys of the metrics
      seconds: (now() - began) / 1000,
      state: current,
    };
  }
  return current;
}
