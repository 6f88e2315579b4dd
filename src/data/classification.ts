/**
 * Counts of true and predicted classes, and the scores that follow from them.
 *
 * Confusion matrices of parts of a data set add up to the matrix of the whole: a monoid under
 * `addConfusion`, so that the scores of a whole are exact however it was divided.
 */

import { expected } from "../ir/errors.js";

/** `matrix[t][p]` examples of class t were predicted as class p. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** The scores of one class, each from 0 to 1; a ratio 0/0 counts as 0, as in scikit-learn. */
export interface ClassScores {
  /** Of the examples predicted as this class, the fraction that are. */
  readonly precision: number;
  /** Of the examples of this class, the fraction predicted as such. */
  readonly recall: number;
  /** The harmonic mean of precision and recall. */
  readonly f1: number;
  /** The number of examples of this class. */
  readonly support: number;
}

/** The scores of a classifier. */
export interface ClassificationScores {
  readonly classes: readonly ClassScores[];
  /** The fraction of examples that were predicted rightly. */
  readonly accuracy: number;
  /** The plain means over the classes. */
  readonly macro: ClassScores;
  /** The means over the classes weighted by support. */
  readonly weighted: ClassScores;
}

const checkLabel = (label: number, classes: number, which: string): void => {
  if (Number.isInteger(label) && label >= 0 && label < classes) return;
  throw expected("confusionMatrix", `${which} labels from 0 to ${classes - 1}`, String(label));
};

/**
 * How often each class (row) was predicted as each class (column).
 *
 * Throws a `FluxionError` for labels outside 0 … classes - 1 and for lists of different lengths.
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "fluxion/data";
 *
 * confusionMatrix([0, 0, 1], [0, 1, 1], 2) // [[1, 1], [0, 1]]
 * ```
 */
export const confusionMatrix = (
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ConfusionMatrix => {
  if (actual.length !== predicted.length) {
    throw expected("confusionMatrix", `${actual.length} predictions`, String(predicted.length));
  }
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < actual.length; i++) {
    const [t, p] = [actual[i]!, predicted[i]!];
    checkLabel(t, classes, "true");
    checkLabel(p, classes, "predicted");
    matrix[t]![p]!++;
  }
  return matrix;
};

/**
 * The matrix of two parts of a data set together.
 *
 * @example
 * ```ts
 * import { addConfusion } from "fluxion/data";
 *
 * addConfusion([[1, 0], [0, 1]], [[2, 1], [0, 0]]) // [[3, 1], [0, 1]]
 * ```
 */
export const addConfusion = (a: ConfusionMatrix, b: ConfusionMatrix): ConfusionMatrix => {
  if (a.length !== b.length)
    throw expected("addConfusion", `a matrix of ${a.length} classes`, String(b.length));
  return a.map((row, t) => row.map((n, p) => n + b[t]![p]!));
};

const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

const scoresOf = (matrix: ConfusionMatrix, k: number): ClassScores => {
  const right = matrix[k]![k]!;
  const support = total(matrix[k]!);
  const predicted = total(matrix.map((row) => row[k]!));
  return {
    precision: ratio(right, predicted),
    recall: ratio(right, support),
    f1: ratio(2 * right, support + predicted),
    support,
  };
};

const mean = (scores: readonly ClassScores[], weight: (s: ClassScores) => number): ClassScores => {
  const weights = total(scores.map(weight));
  const of = (get: (s: ClassScores) => number): number =>
    ratio(total(scores.map((s) => weight(s) * get(s))), weights);
  return {
    precision: of((s) => s.precision),
    recall: of((s) => s.recall),
    f1: of((s) => s.f1),
    support: total(scores.map((s) => s.support)),
  };
};

/**
 * Precision, recall and F1 of each class and their means, and the accuracy.
 *
 * @example
 * ```ts
 * import { precisionRecallF1 } from "fluxion/data";
 *
 * const scores = precisionRecallF1([[3, 1], [0, 4]]);
 * scores.accuracy // 0.875
 * scores.classes[0] // { precision: 1, recall: 0.75, f1: 6 / 7, support: 4 }
 * scores.classes[1]?.precision // 0.8
 * ```
 */
export const precisionRecallF1 = (matrix: ConfusionMatrix): ClassificationScores => {
  const classes = matrix.map((_, k) => scoresOf(matrix, k));
  return {
    classes,
    accuracy: ratio(total(matrix.map((row, k) => row[k]!)), total(matrix.map(total))),
    macro: mean(classes, () => 1),
    weighted: mean(classes, (s) => s.support),
  };
};
