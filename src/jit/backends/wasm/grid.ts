/** The parts of a contraction: rectangles of rows and columns, for some positions of one axis of its batch. */
import { range } from "../../../ir/aval.js";
import { columnBlock } from "./blocking.js";

export interface Extent {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** Positions in a part, and how many parts there are, along each. */
export interface Grid {
  readonly batch: Parts;
  readonly rows: Parts;
  readonly columns: Parts;
}

interface Parts {
  readonly step: number;
  readonly parts: number;
}

/** `wanted` parts of whole units, or as many as that makes. */
const divide = (size: number, unit: number, wanted: number): Parts => {
  const step = Math.ceil(Math.ceil(size / unit) / wanted) * unit;
  return { step, parts: Math.ceil(size / step) };
};

export const partsIn = (g: Grid): number => g.batch.parts * g.rows.parts * g.columns.parts;

/** Numbers of threads for which a grid should do well. */
const teams = [2, 4, 8];
/** In multiplications: what packing a number costs, and what a part costs. */
const [packing, start] = [7, 10_000] as const;

/** Time on those numbers of threads, each times the number: what is packed again and again, and who waits for whom. */
const costOf = (g: Grid, { depth }: Extent): number => {
  const [rows, columns] = [g.rows.step, g.columns.step];
  const lines = columns + rows * Math.ceil(columns / columnBlock);
  const part = g.batch.step * depth * (rows * columns + packing * lines) + start;
  return teams.reduce((sum, n) => sum + Math.ceil(partsIn(g) / n) * n * part, 0);
};

/** What adding up a partial sum costs. */
const adding = 6;

/** What dividing the depth costs, the sums of its parts being added up on one thread: as a multiple of the best grid. */
export const depthCost = (
  extent: Extent,
  units: readonly [number, number],
  most: number,
  parts: number,
): number => {
  const { batch, rows, columns, depth } = extent;
  const all: Grid = {
    batch: divide(batch, 1, 1),
    rows: divide(rows, units[0], 1),
    columns: divide(columns, units[1], 1),
  };
  const one = costOf(all, { ...extent, depth: depth / parts }) / sumOf(teams);
  const sums = adding * parts * batch * rows * columns;
  const cost = teams.reduce((sum, n) => sum + Math.ceil(parts / n) * n * one + n * sums, 0);
  return cost / costOf(gridOf(extent, units, most, false), extent);
};

const sumOf = (xs: readonly number[]): number => xs.reduce((x, y) => x + y, 0);

/** The best grid of at most `most` parts; only along the batch where `adds`. */
export const gridOf = (
  extent: Extent,
  units: readonly [number, number],
  most: number,
  adds: boolean,
): Grid => {
  const along = (limit: number): readonly number[] => range(Math.min(limit, most)).map((i) => i + 1);
  const [rowUnits, columnUnits] = adds
    ? [1, 1]
    : [Math.ceil(extent.rows / units[0]), Math.ceil(extent.columns / units[1])];
  let best: Grid | null = null;
  let least = Infinity;
  for (const b of along(extent.batch))
    for (const r of along(rowUnits))
      for (const c of along(columnUnits)) {
        if (b * r * c > most) break;
        const grid: Grid = {
          batch: divide(extent.batch, 1, b),
          rows: divide(extent.rows, units[0], r),
          columns: divide(extent.columns, units[1], c),
        };
        const cost = costOf(grid, extent);
        if (cost < least) [best, least] = [grid, cost];
      }
  return best!;
};
