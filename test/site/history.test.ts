import { expect, it } from "vitest";
import { addExam, addStep, emptyHistory, type History } from "../../site/history.js";

const step = (history: History, n: number, loss: number): void =>
  addStep(history, {
    _tag: "Step",
    step: n,
    epoch: 1,
    loss,
    accuracy: n / 100,
    imagesPerSecond: 1,
    left: 1,
  });

const exam = (history: History, n: number, accuracy: number): void =>
  addExam(history, {
    _tag: "Exam",
    step: n,
    accuracy,
    recalls: [],
    predictions: [],
    filters: { count: 0, size: 0, weights: new Float32Array() },
  });

it("smooths by the mean of the last ten losses, or of as many as there are", () => {
  const history = emptyHistory();
  for (let n = 1; n <= 12; n++) step(history, n, n);
  expect(history.smoothed.slice(0, 3)).toEqual([
    [1, 1],
    [2, 1.5],
    [3, 2],
  ]);
  expect(history.smoothed.at(-1)).toEqual([12, 7.5]);
});

it("a line of the table has the mean loss since the line before", () => {
  const history = emptyHistory();
  exam(history, 0, 0.1);
  step(history, 1, 4);
  step(history, 2, 2);
  exam(history, 2, 0.5);
  step(history, 3, 1);
  exam(history, 3, 0.6);
  expect(history.rows).toEqual([
    { step: 0, loss: null, training: null, test: 0.1 },
    { step: 2, loss: 3, training: 0.02, test: 0.5 },
    { step: 3, loss: 1, training: 0.03, test: 0.6 },
  ]);
  expect(history.test).toEqual([
    [0, 0.1],
    [2, 0.5],
    [3, 0.6],
  ]);
});
