/** The two charts and their table. */
import { drawChart } from "./chart.js";
import { byId, row } from "./elements.js";
import { percent } from "./format.js";
import type { History } from "./history.js";

const lossChart = byId("loss-chart", HTMLCanvasElement);
const accuracyChart = byId("accuracy-chart", HTMLCanvasElement);
const table = byId("history", HTMLTableSectionElement);

const drawLoss = ({ losses, smoothed }: History, steps: number): void =>
  drawChart(lossChart, {
    curves: [
      { points: losses, colour: "soft", width: 0.6 },
      { points: smoothed, colour: "first", width: 2.5 },
    ],
    right: steps,
    top: 2.5,
    format: (y) => y.toFixed(1),
  });

const drawAccuracy = ({ training, test }: History, steps: number): void =>
  drawChart(accuracyChart, {
    curves: [
      { points: training, colour: "second", width: 1.5, dash: [5, 3] },
      { points: test, colour: "first", width: 2.5, marked: true },
    ],
    right: steps,
    top: 1,
    format: (y) => `${Math.round(100 * y)} %`,
  });

/** Draws both, for a run of so many steps. */
export const drawCurves = (history: History, steps: number): void => {
  drawLoss(history, steps);
  drawAccuracy(history, steps);
};

/** What the charts show, in words. */
export const describeCurves = ({ smoothed, test }: History): void => {
  const [first, last] = [smoothed[0], smoothed.at(-1)];
  lossChart.ariaLabel =
    first === undefined || last === undefined
      ? "Loss: no steps yet."
      : `Loss: from ${first[1].toFixed(2)} at step ${first[0]} to ${last[1].toFixed(2)} at step ${last[0]}.`;
  const [start, now] = [test[0], test.at(-1)];
  accuracyChart.ariaLabel =
    start === undefined || now === undefined
      ? "Accuracy: no steps yet."
      : `Accuracy on test images: from ${percent(start[1])} at step ${start[0]} to ${percent(now[1])} at step ${now[0]}.`;
};

export const showRows = ({ rows }: History): void => {
  const shown = table.rows.length > rows.length ? 0 : table.rows.length;
  if (shown === 0) table.replaceChildren();
  for (const { step, loss, training, test } of rows.slice(shown))
    table.append(
      row(
        String(step),
        loss === null ? "–" : loss.toFixed(3),
        training === null ? "–" : percent(training),
        percent(test),
      ),
    );
};
