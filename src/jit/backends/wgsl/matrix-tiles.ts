/**
 * A contraction in tiles of subgroup matrices: a workgroup keeps a block of each operand in shared memory, as the tiles of
 * `tiles.ts` do, and each of its subgroups holds several matrices of sums. Finished sums go through shared memory, one
 * matrix of each subgroup at a time, so that every invocation knows which elements it goes on with.
 */
import type { Contraction } from "../../kernel.js";
import {
  bytesOf,
  elementText,
  leftText,
  type MatrixShape,
  multiplyText,
  rightText,
  storeText,
  sumsText,
} from "./matrix.js";
import { grouped, width } from "./lanes.js";
import { oneByOne } from "./panel-loads.js";
import { groupSize } from "./shader.js";
import type { Thread } from "./thread.js";
import {
  type BlockSides,
  busy,
  type Extent,
  extentOf,
  loadsOfBoth,
  overDepth,
  partsFrom,
  placeOf,
} from "./tiles.js";
import type { Vectors } from "./vector-tiles.js";

/** Matrices of sums that a subgroup holds, rows by columns of them, and how deep the blocks in shared memory are. */
export interface MatrixTile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** A tile in full: of which matrices, and how many subgroups there are below and beside each other. */
export interface MatrixLayout extends MatrixTile {
  readonly shape: MatrixShape;
  readonly subgroup: number;
  readonly down: number;
  readonly across: number;
}

/** At least a number, a power of 2. */
const upTo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** As square as may be, but no longer than the matrix. */
export const layoutOf = (e: Extent, t: MatrixTile, shape: MatrixShape, subgroup: number): MatrixLayout => {
  const all = groupSize / subgroup;
  const lines = (total: number, each: number): number => upTo(Math.ceil(total / each));
  const most = Math.min(2 ** Math.floor(Math.log2(all) / 2), lines(e.rows, t.rows * shape.rows));
  const across = Math.min(all / most, lines(e.columns, t.columns * shape.columns));
  return { ...t, shape, subgroup, down: all / across, across };
};

/** Rows and columns of a workgroup. */
export const sidesOf = ({ shape, rows, columns, down, across }: MatrixLayout): BlockSides => ({
  rows: down * rows * shape.rows,
  columns: across * columns * shape.columns,
});

/** Matrices are loaded from multiples of so many bytes; as much room between the lines of a block spreads them over banks. */
const alignment = 16;

const stridesOf = (l: MatrixLayout): { readonly a: number; readonly b: number } => {
  const pad = alignment / bytesOf(l.shape);
  const { rows, columns } = sidesOf(l);
  return { a: rows + pad, b: columns + pad };
};

/** Where subgroups put a matrix of sums each. */
const sumsLength = ({ shape, subgroup }: MatrixLayout): number =>
  (groupSize / subgroup) * shape.rows * shape.columns;

export const matrixShared = (l: MatrixLayout): Map<string, string> => {
  const { a, b } = stridesOf(l);
  return new Map([
    ["tile_a", `array<${l.shape.component}, ${l.depth * a}>`],
    ["tile_b", `array<${l.shape.component}, ${l.depth * b}>`],
    ["tile_sums", `array<f32, ${sumsLength(l)}>`],
  ]);
};

export const matrixBytes = (l: MatrixLayout): number => {
  const { a, b } = stridesOf(l);
  return bytesOf(l.shape) * l.depth * (a + b) + 4 * sumsLength(l);
};

const tilesOf = (e: Extent, l: MatrixLayout): number => {
  const { rows, columns } = sidesOf(l);
  return e.batch * Math.ceil(e.rows / rows) * Math.ceil(e.columns / columns);
};

export const matrixGroups = (e: Extent, l: MatrixLayout, parts: number): number => tilesOf(e, l) * parts;

export const matrixParts = (e: Extent, l: MatrixLayout): number => partsFrom(e, tilesOf(e, l));

/** Whether there are enough of such tiles to keep a device busy. */
export const keepsBusy = (e: Extent, l: MatrixLayout): boolean => tilesOf(e, l) >= busy;

/** As `renderTile` does. */
export const renderMatrixTile = (
  thread: Thread,
  c: Contraction,
  l: MatrixLayout,
  parts: number,
  number: string,
  vectors: Vectors | null,
  finish: (sum: string, part: string) => void,
): void => {
  const { writer } = thread;
  const { shape } = l;
  const sides = sidesOf(l);
  const strides = stridesOf(l);
  const place = placeOf(thread, c, sides, parts, number);
  const { row, column, part } = place;
  // Where the subgroup's matrices are in the block.
  const below = writer.declare(`i32(sid) / ${l.across} * ${l.rows * shape.rows}`);
  const beside = writer.declare(`i32(sid) % ${l.across} * ${l.columns * shape.columns}`);

  const loads = loadsOfBoth(thread, c, sides, place, {
    deep: l.depth,
    element: elementText(shape),
    holdsVectors: false,
    readings: [vectors?.a ?? oneByOne, vectors?.b ?? oneByOne],
    strides: [strides.a, strides.b],
  });

  const sums = Array.from({ length: l.rows * l.columns }, (_, i) => `s${i}`);
  for (const s of sums) writer.line(`var ${s} = ${sumsText(shape)};`);
  overDepth(thread, place, l.depth, loads, () => {
    writer.block(`for (var k = 0; k < ${l.depth}; k += ${shape.depth}) {`, () => {
      for (let i = 0; i < l.rows; i++) {
        const at = `k * ${strides.a} + ${below} + ${i * shape.rows}`;
        writer.line(`let x${i} = ${leftText(shape, "tile_a", at, strides.a)};`);
      }
      for (let j = 0; j < l.columns; j++) {
        const at = `k * ${strides.b} + ${beside} + ${j * shape.columns}`;
        writer.line(`let y${j} = ${rightText(shape, "tile_b", at, strides.b)};`);
        for (let i = 0; i < l.rows; i++)
          writer.line(multiplyText(`x${i}`, `y${j}`, sums[i * l.columns + j]!));
      }
    });
  });

  finishMatrices(
    thread,
    c,
    l,
    vectors,
    sums,
    { row: `${row} + ${below}`, column: `${column} + ${beside}` },
    (sum) => {
      finish(sum, part);
    },
  );
};

/** What follows from the sums, written once for all matrices; `at` is where the subgroup's first one belongs. */
const finishMatrices = (
  thread: Thread,
  c: Contraction,
  l: MatrixLayout,
  vectors: Vectors | null,
  sums: readonly string[],
  at: { readonly row: string; readonly column: string },
  finish: (sum: string) => void,
): void => {
  const { writer } = thread;
  const { shape } = l;
  const e = extentOf(c);
  const elements = shape.rows * shape.columns;
  const mine = writer.declare(`i32(sid) * ${elements}`);
  writer.block(`for (var m = 0; m < ${sums.length}; m++) {`, () => {
    writer.block("switch m {", () => {
      sums.forEach((s, i) => {
        const label = i === sums.length - 1 ? "default" : `case ${i}`;
        writer.line(`${label}: { ${storeText(shape, "tile_sums", mine, s)} }`);
      });
    });
    writer.line("workgroupBarrier();");
    // Elements one by one, or in groups of four columns.
    const each = vectors === null ? 1 : width;
    const columns = vectors === null ? c.columns : grouped(c.columns, vectors.columns);
    const wide = shape.columns / each;
    writer.block(`for (var q = i32(lane); q < ${elements / each}; q += ${l.subgroup}) {`, () => {
      const r = writer.declare(`${at.row} + m / ${l.columns} * ${shape.rows} + q / ${wide}`);
      const k = writer.declare(
        `(${at.column} + m % ${l.columns} * ${shape.columns}) / ${each} + q % ${wide}`,
      );
      writer.block(`if (${r} < ${e.rows} && ${k} < ${e.columns / each}) {`, () => {
        thread.digits(c.rows, r);
        thread.digits(columns, k);
        const first = `${mine} + q * ${each}`;
        const four = Array.from({ length: width }, (_, i) => `tile_sums[${first} + ${i}]`);
        thread.across(vectors?.columns ?? null, () => {
          finish(vectors === null ? `tile_sums[${first}]` : `vec4<f32>(${four.join(", ")})`);
        });
      });
    });
    writer.line("workgroupBarrier();");
  });
};
