/**
 * Scores of predictions. What is counted over batches is a pair of a total and a count, and pairs form a monoid:
 * however the examples are divided into batches, the merged score is that of all examples together.
 */
import type { Monoid } from "fp-ts/lib/Monoid.js";
import { sameShape, showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { argmax } from "../ops/arguments.js";
import { equal } from "../ops/comparison.js";
import { any, mean, sum } from "../ops/reductions.js";
import { expandDims } from "../ops/reshape.js";
import { topK } from "../ops/sort.js";
import { asTensor, checkAxis, describe, type Tensor, type TensorLike, toExpr } from "../ops/tensor.js";
import { shapeOf } from "./shape.js";

/** A total over a number of examples. */
export interface Tally {
  readonly total: number;
  readonly count: number;
}

/**
 * Tallies add up. Totals that are integers, as those of `correct` are, are exact up to 2^53.
 *
 * @example
 * ```ts
 * const both = nn.tallies.concat({ total: 3, count: 4 }, { total: 1, count: 1 });
 * nn.average(both) // 0.8
 * nn.tallies.concat(nn.tallies.empty, both) // { total: 4, count: 5 }
 * ```
 */
export const tallies: Monoid<Tally> = {
  empty: { total: 0, count: 0 },
  concat: (a, b) => ({ total: a.total + b.total, count: a.count + b.count }),
};

/**
 * Total over count; NaN of nothing.
 *
 * @example
 * ```ts
 * nn.average({ total: 3, count: 4 }) // 0.75
 * ```
 */
export const average = ({ total, count }: Tally): number => total / count;

/** Options of `correct` and `accuracy` and their top-k kin. */
export interface ScoreOptions {
  /** The axis of classes. Default -1. */
  readonly axis?: number;
}

interface Classified {
  readonly logits: Tensor;
  /** The class of every example. */
  readonly labels: Tensor;
  readonly axis: number;
}

/** Labels as classes, whether they were given so or one-hot. */
const classified = (
  operation: string,
  logits: TensorLike,
  labels: TensorLike,
  { axis = -1 }: ScoreOptions,
): Classified => {
  const x = asTensor(toExpr(operation, logits));
  const at = checkAxis(operation, axis, x.ndim);
  const given = asTensor(toExpr(operation, labels));
  const examples = shapeOf(x).filter((_, i) => i !== at);
  if (sameShape(given.shape, examples)) return { logits: x, labels: given, axis: at };
  if (sameShape(given.shape, x.shape)) return { logits: x, labels: argmax(given, { axis: at }), axis: at };
  throw expected(
    operation,
    `classes [${examples}] or one-hot labels [${x.shape}] for ${showAval(x)}`,
    describe(given),
  );
};

/** Whether the largest logit is that of the label. */
const hits = (operation: string, logits: TensorLike, labels: TensorLike, options: ScoreOptions): Tensor => {
  const c = classified(operation, logits, labels, options);
  return equal(argmax(c.logits, { axis: c.axis }), c.labels);
};

/**
 * How many examples have their largest logit at the label. int32.
 *
 * Labels are classes or one-hot; throws when they have neither shape.
 *
 * @example
 * ```ts
 * nn.correct(tensor([[1, 2], [3, 0]]), tensor([1, 1], { dtype: "int32" })).item() // 1
 * ```
 */
export const correct = (logits: TensorLike, labels: TensorLike, options: ScoreOptions = {}): Tensor =>
  sum(hits("correct", logits, labels, options), { dtype: "int32" });

/**
 * The share of examples that have their largest logit at the label. float32.
 *
 * Labels are classes or one-hot; throws when they have neither shape.
 *
 * @example
 * ```ts
 * nn.accuracy(tensor([[1, 2], [3, 0]]), tensor([1, 1], { dtype: "int32" })).item() // 0.5
 * nn.accuracy(tensor([[1, 2], [3, 0]]), tensor([[0, 1], [1, 0]])).item() // 1
 * ```
 */
export const accuracy = (logits: TensorLike, labels: TensorLike, options: ScoreOptions = {}): Tensor =>
  mean(hits("accuracy", logits, labels, options));

const hitsAmong = (
  operation: string,
  logits: TensorLike,
  labels: TensorLike,
  k: number,
  options: ScoreOptions,
): Tensor => {
  const c = classified(operation, logits, labels, options);
  const classes = shapeOf(c.logits)[c.axis]!;
  if (!Number.isInteger(k) || k < 1 || k > classes)
    throw expected(operation, `k from 1 to the ${classes} classes`, String(k));
  const [, indices] = topK(c.logits, k, { axis: c.axis });
  return any(equal(indices, expandDims(c.labels, c.axis)), { axis: c.axis });
};

/**
 * How many examples have their label among the `k` largest logits. int32.
 *
 * Labels are classes or one-hot; throws when they have neither shape, or there are fewer than k classes.
 *
 * @example
 * ```ts
 * const logits = tensor([[3, 2, 1], [1, 2, 3]]);
 * nn.topKCorrect(logits, tensor([1, 0], { dtype: "int32" }), 2).item() // 1
 * ```
 */
export const topKCorrect = (
  logits: TensorLike,
  labels: TensorLike,
  k: number,
  options: ScoreOptions = {},
): Tensor => sum(hitsAmong("topKCorrect", logits, labels, k, options), { dtype: "int32" });

/**
 * The share of examples that have their label among the `k` largest logits. float32.
 *
 * Labels are classes or one-hot; throws when they have neither shape, or there are fewer than k classes.
 *
 * @example
 * ```ts
 * const logits = tensor([[3, 2, 1], [1, 2, 3]]);
 * nn.topKAccuracy(logits, tensor([1, 0], { dtype: "int32" }), 2).item() // 0.5
 * ```
 */
export const topKAccuracy = (
  logits: TensorLike,
  labels: TensorLike,
  k: number,
  options: ScoreOptions = {},
): Tensor => mean(hitsAmong("topKAccuracy", logits, labels, k, options));
