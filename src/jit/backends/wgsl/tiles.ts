/**
 * A contraction in tiles: a workgroup keeps a block of each operand in shared memory, whatever view of memory it is read
 * from, and every invocation a block of sums in registers. Thin products over a long depth are cut along it as well:
 * their parts go to scratch memory, and another stage adds them up, in order.
 */

import type { Contraction } from "../../kernel.js";
import { positions } from "../../statements.js";
import { type Block, type Load, loadsOf, oneByOne, type Reading } from "./panel-loads.js";
import type { Thread } from "./thread.js";

/** Invocations along each side of a workgroup. */
export const side = 16;

/** Sums that an invocation keeps, rows by columns, and how deep the blocks in shared memory are. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface Extent {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export const extentOf = (c: Contraction): Extent => ({
  batch: positions(c.batch),
  rows: positions(c.rows),
  columns: positions(c.columns),
  depth: positions(c.depth),
});

/** Workgroups that keep a device busy. */
export const busy = 64;

const tilesOf = ({ batch, rows, columns }: Extent, t: Tile): number =>
  batch * Math.ceil(rows / (side * t.rows)) * Math.ceil(columns / (side * t.columns));

/** Sums along a side of a matrix that an invocation keeps, at most, so that a tile is no longer than the matrix. */
export const fits = (n: number): number => [8, 4, 2, 1].find((s) => s === 1 || side * (s / 2) < n)!;

/** The largest tile that leaves enough of them. */
export const tileOf = (e: Extent): Tile => {
  let rows = fits(e.rows);
  let columns = fits(e.columns);
  const tile = (): Tile => ({ rows, columns, depth: rows * columns >= 32 ? 8 : 16 });
  while (rows * columns > 4 && tilesOf(e, tile()) < busy) {
    if (rows >= columns) rows /= 2;
    else columns /= 2;
  }
  return tile();
};

/** Into how many parts the depth is cut. */
export const partsOf = (e: Extent, t: Tile): number => partsFrom(e, tilesOf(e, t));

/** The same where so many workgroups have tiles of their own. */
export const partsFrom = (e: Extent, tiles: number): number => {
  if (tiles >= busy || e.depth < 1024) return 1;
  return Math.max(1, Math.min(Math.floor(busy / tiles), Math.floor(e.depth / 256)));
};

export const workgroupsOf = (e: Extent, t: Tile, parts: number): number => tilesOf(e, t) * parts;

/** Parts of the depth end at multiples of this, the depth of the deepest blocks, so that all tiles add up the same parts. */
const deepest = 16;

/** Room between rows of a block in shared memory, so that invocations do not wait for one bank. */
export const pad = 1;

export const sharedOf = (t: Tile): Map<string, string> =>
  new Map([
    ["tile_a", `array<f32, ${t.depth * (side * t.rows + pad)}>`],
    ["tile_b", `array<f32, ${t.depth * (side * t.columns + pad)}>`],
  ]);

/** The shared memory that a tile needs. */
export const tileBytes = (t: Tile): number => 4 * t.depth * (side * t.rows + side * t.columns + 2 * pad);

/** Rows and columns of a block of sums. */
export interface BlockSides {
  readonly rows: number;
  readonly columns: number;
}

/** Where a workgroup works: its first row and column, and its part of the depth. */
export interface Place {
  readonly row: string;
  readonly column: string;
  readonly part: string;
  readonly from: string;
  readonly to: string;
}

/** The place of a workgroup, by its number, where each has so many rows and columns; the axes of the batch stand for its item. */
export const placeOf = (
  thread: Thread,
  c: Contraction,
  each: BlockSides,
  parts: number,
  number: string,
): Place => {
  const { writer } = thread;
  const e = extentOf(c);
  const across = Math.ceil(e.columns / each.columns);
  const down = Math.ceil(e.rows / each.rows);
  const column = writer.declare(`(${number} % ${across}) * ${each.columns}`);
  const row = writer.declare(`(${number} / ${across} % ${down}) * ${each.rows}`);
  const rest = writer.declare(`${number} / ${across * down}`);
  const part = parts === 1 ? "0" : writer.declare(`${rest} % ${parts}`);
  thread.digits(c.batch, parts === 1 ? rest : writer.declare(`${rest} / ${parts}`));
  const chunk = Math.ceil(e.depth / parts / deepest) * deepest;
  const from = parts === 1 ? "0" : writer.declare(`${part} * ${chunk}`);
  const to = parts === 1 ? String(e.depth) : writer.declare(`min(${from} + ${chunk}, ${e.depth})`);
  return { row, column, part, from, to };
};

/** How a workgroup keeps blocks of both operands in shared memory: from one position in depth to the next are `strides`. */
interface Shared extends Pick<Block, "deep" | "element" | "holdsVectors"> {
  readonly readings: readonly [a: Reading, b: Reading];
  readonly strides: readonly [a: number, b: number];
}

/** What fills both blocks of a workgroup's place. */
export const loadsOfBoth = (
  thread: Thread,
  c: Contraction,
  sides: BlockSides,
  { row, column }: Place,
  { readings, strides, ...common }: Shared,
): Load[] => {
  const e = extentOf(c);
  const a = { name: "tile_a", panel: c.a, axes: c.rows, total: e.rows, lines: sides.rows, first: row };
  const b = {
    name: "tile_b",
    panel: c.b,
    axes: c.columns,
    total: e.columns,
    lines: sides.columns,
    first: column,
  };
  return [a, b].flatMap((own, i) =>
    loadsOf(thread, { ...common, ...own, reading: readings[i]!, stride: strides[i]! }, c.depth),
  );
};

/** Goes through the depth block by block; `multiply` adds the products of what is in shared memory. */
export const overDepth = (
  { writer }: Thread,
  { from, to }: Place,
  deep: number,
  loads: readonly Load[],
  multiply: () => void,
): void => {
  writer.block(`for (var p0 = ${from}; p0 < ${to}; p0 += ${deep}) {`, () => {
    for (const load of loads) load("p0", to);
    writer.line("workgroupBarrier();");
    multiply();
    writer.line("workgroupBarrier();");
  });
};

/**
 * Renders the tile of a workgroup, whose number is `number`. `finish` renders what becomes of a sum, by its name; the
 * axes of rows, columns and batch stand for its element there.
 */
export const renderTile = (
  thread: Thread,
  c: Contraction,
  t: Tile,
  parts: number,
  number: string,
  finish: (sum: string, part: string) => void,
): void => {
  const { writer } = thread;
  const sides = { rows: side * t.rows, columns: side * t.columns };
  const place = placeOf(thread, c, sides, parts, number);
  const { row, column, part } = place;
  const x = writer.declare(`i32(lid) % ${side}`);
  const y = writer.declare(`i32(lid) / ${side}`);

  const [wa, wb] = [sides.rows + pad, sides.columns + pad];
  const loads = loadsOfBoth(thread, c, sides, place, {
    deep: t.depth,
    element: (value) => value,
    holdsVectors: false,
    readings: [oneByOne, oneByOne],
    strides: [wa, wb],
  });
  const sums = Array.from({ length: t.rows * t.columns }, (_, i) => `s${i}`);
  for (const s of sums) writer.line(`var ${s} = 0.0f;`);
  overDepth(thread, place, t.depth, loads, () => {
    writer.block(`for (var k = 0; k < ${t.depth}; k++) {`, () => {
      for (let i = 0; i < t.rows; i++) writer.line(`let x${i} = tile_a[k * ${wa} + ${y} + ${side * i}];`);
      for (let j = 0; j < t.columns; j++) {
        writer.line(`let y${j} = tile_b[k * ${wb} + ${x} + ${side * j}];`);
        for (let i = 0; i < t.rows; i++) {
          const s = sums[i * t.columns + j]!;
          writer.line(`${s} = fma(x${i}, y${j}, ${s});`);
        }
      }
    });
  });

  const at = { row: `${row} + ${y} + i * ${side}`, column: `${column} + ${x} + j * ${side}` };
  finishSums(thread, c, t, sums, at, (sum) => {
    finish(sum, part);
  });
};

/** What follows from an invocation's sums, written once for all; `at` is where sum (i, j) belongs. */
export const finishSums = (
  thread: Thread,
  c: Contraction,
  t: BlockSides,
  sums: readonly string[],
  at: { readonly row: string; readonly column: string },
  finish: (sum: string) => void,
): void => {
  const { writer } = thread;
  const e = extentOf(c);
  const all = writer.fresh("all");
  writer.line(`var ${all} = array<f32, ${sums.length}>(${sums.join(", ")});`);
  writer.block(`for (var i = 0; i < ${t.rows}; i++) {`, () => {
    const r = writer.declare(at.row);
    writer.line(`if (${r} >= ${e.rows}) { break; }`);
    thread.digits(c.rows, r);
    writer.block(`for (var j = 0; j < ${t.columns}; j++) {`, () => {
      const k = writer.declare(at.column);
      writer.line(`if (${k} >= ${e.columns}) { break; }`);
      thread.digits(c.columns, k);
      finish(`${all}[i * ${t.columns} + j]`);
    });
  });
};
