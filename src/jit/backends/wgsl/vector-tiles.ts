/**
 * Contractions whose results are written four columns at a time, so that memory can be read as vectors: the tiles and blocks
 * of `tiles.ts` and `blocks.ts`, with vectors of sums. Each sum adds the same products in the same order.
 */
import type { Contraction } from "../../kernel.js";
import { grouped, type Lanes, lanesAlong, surveyed, width } from "./lanes.js";
import { oneByOne, type Reading, readingOf } from "./panel-loads.js";
import { PanelReader } from "./panel-reader.js";
import type { Crew } from "./site.js";
import type { Thread } from "./thread.js";
import { blockPlaceOf, depthLoops, inFours } from "./blocks.js";
import { type BlockSides, extentOf, loadsOfBoth, overDepth, pad, placeOf, side, type Tile } from "./tiles.js";

/** How a contraction is read and written in vectors. */
export interface Vectors {
  /** The lanes of results, and of sums. */
  readonly columns: Lanes;
  readonly a: Reading;
  readonly b: Reading;
  /** Whether what follows from the sums can be computed in lanes. */
  readonly epilogue: boolean;
}

const isRead = (r: Reading): boolean => r.lines !== null || r.depth !== null;

/** Null where a contraction has to go word by word, or gains nothing. */
export const vectorsOf = (crew: Crew, c: Contraction, sides: BlockSides): Vectors | null => {
  if (!crew.vectors || sides.columns % width !== 0) return null;
  const columns = lanesAlong(c.columns);
  if (columns === null) return null;
  const found = readingOf(c.a, c.rows, c.depth);
  const a = found.lines !== null && sides.rows % width !== 0 ? oneByOne : found;
  const b = readingOf(c.b, c.columns, c.depth);
  // Reading one word of a vector costs nothing on graphics cards; processors that play them compute an address more.
  if (crew.shares ? !isRead(a) && !isRead(b) : !isRead(a) || !isRead(b)) return null;
  const accesses = surveyed(c.epilogue, columns, new Set([c.sum.id]));
  return { columns, a, b, epilogue: accesses !== null && accesses.each === 0 };
};

const zeros = "vec4<f32>(0.0f)";

/** Four numbers as a vector. */
const vectorText = (texts: readonly string[]): string => `vec4<f32>(${texts.join(", ")})`;

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Adds products to vectors of sums: `x(i)` is a row's number, `y(j)` the numbers of four columns. */
const multiply = (
  thread: Thread,
  { rows, columns }: BlockSides,
  x: (i: number) => string,
  y: (j: number) => string,
): void => {
  const across = columns / width;
  for (let j = 0; j < across; j++) {
    const four = thread.writer.declare(y(j));
    for (let i = 0; i < rows; i++) {
      const s = `s${i * across + j}`;
      thread.writer.line(`${s} = fma(vec4<f32>(${x(i)}), ${four}, ${s});`);
    }
  }
};

const declareSums = (thread: Thread, { rows, columns }: BlockSides): string[] => {
  const sums = upTo((rows * columns) / width).map((i) => `s${i}`);
  for (const s of sums) thread.writer.line(`var ${s} = ${zeros};`);
  return sums;
};

// ---- tiles

/** From one position in depth to the next in a tile's array of so many lines. */
const strideOf = (reading: Reading, lines: number): number => (reading.lines === null ? lines + pad : lines);

/** The types of the shared arrays of a tile. */
export const vectorShared = (t: Tile, v: Vectors): Map<string, string> => {
  const type = (reading: Reading, lines: number): string => {
    const length = t.depth * strideOf(reading, lines);
    return reading.lines === null ? `array<f32, ${length}>` : `array<vec4<f32>, ${length / width}>`;
  };
  return new Map([
    ["tile_a", type(v.a, side * t.rows)],
    ["tile_b", type(v.b, side * t.columns)],
  ]);
};

/** As `renderTile` does; `finish` is given a vector of sums. */
export const renderVectorTile = (
  thread: Thread,
  c: Contraction,
  t: Tile,
  v: Vectors,
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

  const [wa, wb] = [strideOf(v.a, sides.rows), strideOf(v.b, sides.columns)];
  const loads = loadsOfBoth(thread, c, sides, place, {
    deep: t.depth,
    element: (value) => value,
    holdsVectors: true,
    readings: [v.a, v.b],
    strides: [wa, wb],
  });
  const sums = declareSums(thread, t);
  overDepth(thread, place, t.depth, loads, () => {
    writer.block(`for (var k = 0; k < ${t.depth}; k++) {`, () => {
      const rowOf = (i: number): string => {
        if (v.a.lines === null) return writer.declare(`tile_a[k * ${wa} + ${y} + ${side * i}]`);
        return `x${Math.floor(i / width)}[${i % width}]`;
      };
      if (v.a.lines !== null)
        for (let i = 0; i < t.rows / width; i++)
          writer.line(`let x${i} = tile_a[k * ${wa / width} + ${y} + ${side * i}];`);
      const rows = upTo(t.rows).map(rowOf);
      multiply(
        thread,
        t,
        (i) => rows[i]!,
        (j) =>
          v.b.lines === null
            ? vectorText(upTo(width).map((q) => `tile_b[k * ${wb} + (${x} + ${side * j}) * ${width} + ${q}]`))
            : `tile_b[k * ${wb / width} + ${x} + ${side * j}]`,
      );
    });
  });

  const at = {
    row:
      v.a.lines === null
        ? `${row} + ${y} + i * ${side}`
        : `${row} + (${y} + i / ${width} * ${side}) * ${width} + i % ${width}`,
    columns: `(${column} >> 2u) + ${x} + j * ${side}`,
  };
  finishVectors(thread, c, t, v, sums, at, (sum) => {
    finish(sum, part);
  });
};

/** What follows from an invocation's sums, written once for all; `at` is where vector (i, j) belongs, in groups of columns. */
const finishVectors = (
  thread: Thread,
  c: Contraction,
  t: BlockSides,
  { columns }: Vectors,
  sums: readonly string[],
  at: { readonly row: string; readonly columns: string },
  finish: (sum: string) => void,
): void => {
  const { writer } = thread;
  const e = extentOf(c);
  const all = writer.fresh("all");
  writer.line(`var ${all} = array<vec4<f32>, ${sums.length}>(${sums.join(", ")});`);
  writer.block(`for (var i = 0; i < ${t.rows}; i++) {`, () => {
    const r = writer.declare(at.row);
    writer.line(`if (${r} >= ${e.rows}) { break; }`);
    thread.digits(c.rows, r);
    writer.block(`for (var j = 0; j < ${t.columns / width}; j++) {`, () => {
      const k = writer.declare(at.columns);
      writer.line(`if (${k} >= ${e.columns / width}) { break; }`);
      thread.digits(grouped(c.columns, columns), k);
      thread.across(columns, () => {
        finish(`${all}[i * ${t.columns / width} + j]`);
      });
    });
  });
};

// ---- blocks

/** As `renderBlock` does. */
export const renderVectorBlock = (
  thread: Thread,
  c: Contraction,
  t: BlockSides,
  v: Vectors,
  number: string,
): void => {
  const e = extentOf(c);
  const { row, column } = blockPlaceOf(thread, c, t, number);
  const lines = { axes: c.rows, first: row, count: t.rows, total: e.rows };
  const rows = new PanelReader(thread, "x", c.a, v.a, lines, c.depth);
  const wide = { axes: c.columns, first: column, count: t.columns, total: e.columns };
  const columns = new PanelReader(thread, "y", c.b, v.b, wide, c.depth);
  const sums = declareSums(thread, t);
  const step = (q: number): void => {
    if (v.a.depth === null) rows.load();
    if (v.b.depth === null) columns.load();
    multiply(
      thread,
      t,
      (i) => rows.of(i, q),
      (j) => columns.fourOf(j, q),
    );
  };
  const deep = v.a.depth ?? v.b.depth;
  if (deep === null)
    depthLoops(thread, c, () => {
      step(0);
    });
  else
    thread.loops(grouped(c.depth, deep), () => {
      if (v.a.depth !== null) rows.load();
      if (v.b.depth !== null) columns.load();
      inFours(thread, deep, step);
    });
  finishVectors(thread, c, t, v, sums, { row: `${row} + i`, columns: `(${column} >> 2u) + j` }, (sum) => {
    thread.epilogue(c, sum, true);
  });
};
