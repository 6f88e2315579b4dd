/** What has happened in a run: plain data, from which curves and tables are made. */
import type { Point } from "./chart.js";
import type { Exam, Step } from "./protocol.js";

/** A line of the table. */
export interface Row {
  readonly step: number;
  /** The mean over the steps since the line before; null where there was none. */
  readonly loss: number | null;
  readonly training: number | null;
  readonly test: number;
}

export interface History {
  readonly losses: Point[];
  /** The mean of the latest losses. */
  readonly smoothed: Point[];
  readonly training: Point[];
  readonly test: Point[];
  readonly rows: Row[];
}

export const emptyHistory = (): History => ({ losses: [], smoothed: [], training: [], test: [], rows: [] });

/** So many losses make a mean; fewer at the beginning. */
const latest = 10;

const mean = (points: readonly Point[]): number => points.reduce((sum, [, y]) => sum + y, 0) / points.length;

export const addStep = (history: History, { step, loss, accuracy }: Step): void => {
  history.losses.push([step, loss]);
  history.smoothed.push([step, mean(history.losses.slice(-latest))]);
  history.training.push([step, accuracy]);
};

export const addExam = (history: History, { step, accuracy }: Exam): void => {
  const from = history.rows.at(-1)?.step ?? 0;
  const since = history.losses.filter(([s]) => s > from);
  history.test.push([step, accuracy]);
  history.rows.push({
    step,
    loss: since.length === 0 ? null : mean(since),
    training: history.training.at(-1)?.[1] ?? null,
    test: accuracy,
  });
};
