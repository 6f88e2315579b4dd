/** Confusion matrices and scores as tables of text. */
import { precisionRecallF1, type ClassScores, type ConfusionMatrix } from "fluxion/data";

/** Rows of cells in columns of equal width: the first to the left, numbers to the right. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
};

/** Class names cut to at most five characters for the heads of narrow columns, told apart by their number if need be. */
const heads = (classes: readonly string[]): readonly string[] => {
  const short = classes.map((name) => name.slice(0, 5));
  return new Set(short).size === short.length ? short : short.map((name, i) => `${i}:${name.slice(0, 3)}`);
};

/** How often each true class (row) was predicted as each class (column); 0 is shown as a dot. */
export const formatConfusion = (matrix: ConfusionMatrix, classes: readonly string[]): string =>
  table([
    ["true \\ predicted", ...heads(classes)],
    ...matrix.map((row, i) => [classes[i] ?? String(i), ...row.map((n) => (n === 0 ? "·" : String(n)))]),
  ]);

const percent = (x: number): string => `${(100 * x).toFixed(1)}%`;

const scoreRow = (name: string, { precision, recall, f1, support }: ClassScores): readonly string[] => [
  name,
  percent(precision),
  percent(recall),
  percent(f1),
  String(support),
];

/** Precision, recall, F1 and number of images of each class, their means, and the accuracy. */
export const formatScores = (matrix: ConfusionMatrix, classes: readonly string[]): string => {
  const scores = precisionRecallF1(matrix);
  return table([
    ["class", "precision", "recall", "F1", "images"],
    ...scores.classes.map((row, i) => scoreRow(classes[i] ?? String(i), row)),
    scoreRow("mean", scores.macro),
    ["accuracy", "", "", percent(scores.accuracy), String(scores.macro.support)],
  ]);
};

/** The most frequent mistakes, `n × true taken for predicted`, one a line. */
export const formatMistakes = (matrix: ConfusionMatrix, classes: readonly string[], count = 5): string =>
  matrix
    .flatMap((row, t) => row.map((n, p) => ({ n, t, p })))
    .filter(({ n, t, p }) => n > 0 && t !== p)
    .sort((a, b) => b.n - a.n)
    .slice(0, count)
    .map(({ n, t, p }) => `${n} × ${classes[t] ?? t} taken for ${classes[p] ?? p}`)
    .join("\n");
