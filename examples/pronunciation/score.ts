/** How good pronunciations are. */
import type { Entry } from "./dictionary.js";

/** Insertions, deletions and replacements from one sequence to the other (V. Levenshtein, 1966). */
export const editDistance = (a: readonly string[], b: readonly string[]): number => {
  let row = b.map((_, j) => j + 1);
  a.forEach((x, i) => {
    let [diagonal, left] = [i, i + 1];
    row = row.map((above, j) => {
      left = Math.min(left + 1, above + 1, diagonal + (x === b[j] ? 0 : 1));
      diagonal = above;
      return left;
    });
  });
  return b.length === 0 ? a.length : row[b.length - 1]!;
};

/** Shares of words said exactly as the dictionary has it, and of phonemes that are wrong. */
export interface Score {
  readonly exact: number;
  readonly phonemeErrors: number;
}

/** Of several pronunciations in the dictionary the nearest one counts. */
export const scoreOf = (entries: readonly Entry[], said: readonly (readonly string[])[]): Score => {
  let [exact, errors, total] = [0, 0, 0];
  entries.forEach(({ ways }, i) => {
    const [distance, length] = ways
      .map((way) => [editDistance(way, said[i]!), way.length] as const)
      .reduce((a, b) => (b[0] < a[0] ? b : a));
    exact += distance === 0 ? 1 : 0;
    errors += distance;
    total += length;
  });
  return { exact: exact / entries.length, phonemeErrors: errors / total };
};
