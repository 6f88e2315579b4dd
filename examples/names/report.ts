/** Scores and answers as tables of text. */
import { type ConfusionMatrix, precisionRecallF1 } from "fluxion/data";
import { type Answer, type Contestant, thin } from "./run.js";

/** The first column to the left, the others to the right. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
    )
    .join("\n");
};

const percent = (x: number): string => `${(100 * x).toFixed(1)}%`;

/** Accuracy and mean F1 of each contestant. F1 is the plain mean over the languages, however many names they have. */
export const comparison = (contestants: readonly Contestant[]): string =>
  table([
    ["", "accuracy", "mean F1"],
    ...contestants.map(({ title, confusion }) => {
      const { accuracy, macro } = precisionRecallF1(confusion);
      return [title, percent(accuracy), percent(macro.f1)];
    }),
  ]);

/** Precision, recall, F1 and number of names of each language. */
export const scores = (confusion: ConfusionMatrix, languages: readonly string[]): string =>
  table([
    ["", "precision", "recall", "F1", "names"],
    ...precisionRecallF1(confusion).classes.map(({ precision, recall, f1, support }, i) => [
      languages[i]!,
      ...[precision, recall, f1].map(percent),
      String(support),
    ]),
  ]);

/** Some answers, evenly from the list, and what would have been right where they are not. */
export const examples = (answers: readonly Answer[], languages: readonly string[], count = 12): string =>
  thin(answers, count)
    .map(({ name, guess }) => {
      const right = guess === name.language ? "" : `, but is ${languages[name.language]}`;
      return `  ${name.written.padEnd(20)} looks ${languages[guess]}${right}`;
    })
    .join("\n");
