/**
 * Contractions whose results are written four columns at a time, so that memory can be read as vectors: the tiles and blocks
 * of `tiles.ts`, with vectors of sums. Each sum adds the same products in the same order.
 */
import type { Axis } from "../../index-expression.js";
import type { Contraction, Panel } from "../../kernel.js";
import { grouped, type Lanes, lanesAlong, surveyed, width } from "./lanes.js";
import { type Block, loadsOf, oneByOne, type Reading, readingOf } from "./panel-loads.js";
import type { Crew } from "./site.js";
import type { Thread } from "./thread.js";
import { type BlockSides, extentOf, pad, placeOf, side, type Tile } from "./tiles.js";

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
  const e = extentOf(c);
  const sides = { rows: side * t.rows, columns: side * t.columns };
  const { row, column, part, from, to } = placeOf(thread, c, sides, parts, number);
  const x = writer.declare(`i32(lid) % ${side}`);
  const y = writer.declare(`i32(lid) / ${side}`);

  const [wa, wb] = [strideOf(v.a, sides.rows), strideOf(v.b, sides.columns)];
  const common = { deep: t.depth, element: (value: string): string => value, holdsVectors: true };
  const a = { name: "tile_a", panel: c.a, reading: v.a, axes: c.rows, total: e.rows, lines: sides.rows };
  const b = {
    name: "tile_b",
    panel: c.b,
    reading: v.b,
    axes: c.columns,
    total: e.columns,
    lines: sides.columns,
  };
  const blocks: Block[] = [
    { ...common, ...a, stride: wa, first: row },
    { ...common, ...b, stride: wb, first: column },
  ];
  const loads = blocks.flatMap((block) => loadsOf(thread, block, c.depth));

  const sums = declareSums(thread, t);
  writer.block(`for (var p0 = ${from}; p0 < ${to}; p0 += ${t.depth}) {`, () => {
    for (const load of loads) load("p0", to);
    writer.line("workgroupBarrier();");
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
    writer.line("workgroupBarrier();");
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

/** Lines of an operand that an invocation reads, each by itself or in groups of four, as axes and their names. */
interface Lines {
  readonly axes: readonly Axis[];
  readonly names: readonly (readonly string[])[];
}

const linesOf = (
  thread: Thread,
  reading: Reading,
  axes: readonly Axis[],
  first: string,
  count: number,
  total: number,
): Lines => {
  const each = reading.lines === null ? 1 : width;
  const own = reading.lines === null ? axes : grouped(axes, reading.lines);
  const start = reading.lines === null ? first : thread.writer.declare(`${first} >> 2u`);
  // Beyond the edge the last line is read again: nobody asks for its sums.
  const names = upTo(count / each).map((i) =>
    thread.digitNames(own, thread.writer.declare(`min(${start} + ${i}, ${total / each - 1})`)),
  );
  return { axes: own, names };
};

/** As `renderBlock` does. */
export const renderVectorBlock = (
  thread: Thread,
  c: Contraction,
  t: BlockSides,
  v: Vectors,
  number: string,
): void => {
  const { writer } = thread;
  const e = extentOf(c);
  const across = Math.ceil(e.columns / t.columns);
  const down = Math.ceil(e.rows / t.rows);
  const column = writer.declare(`(${number} % ${across}) * ${t.columns}`);
  const row = writer.declare(`(${number} / ${across} % ${down}) * ${t.rows}`);
  thread.digits(c.batch, writer.declare(`${number} / ${across * down}`));
  const rows = linesOf(thread, v.a, c.rows, row, t.rows, e.rows);
  const columns = linesOf(thread, v.b, c.columns, column, t.columns, e.columns);
  const sums = declareSums(thread, t);

  const load = (name: string, panel: Panel, lines: Lines, i: number, lanes: Lanes | null): void => {
    writer.line(`var ${name} = ${lanes === null ? "0.0f" : zeros};`);
    writer.block("{", () => {
      lines.axes.forEach((axis, k) => {
        thread.indices.name(axis, lines.names[i]![k]!);
      });
      thread.across(lanes, () => {
        thread.statements(panel.body);
      });
      writer.line(`${name} = ${lanes === null ? thread.use(panel.value) : thread.useWide(panel.value)};`);
    });
  };
  const loadAll = (prefix: string, panel: Panel, lines: Lines, lanes: Lanes | null): void => {
    lines.names.forEach((_, i) => {
      load(`${prefix}${i}`, panel, lines, i, lanes);
    });
  };
  /** A line's number at position `q` of a group in depth. */
  const of = (prefix: string, reading: Reading, i: number, q: number): string => {
    if (reading.depth !== null) return `${prefix}${i}[${q}]`;
    return reading.lines === null ? `${prefix}${i}` : `${prefix}${Math.floor(i / width)}[${i % width}]`;
  };
  const step = (q: number): void => {
    if (v.a.depth === null) loadAll("x", c.a, rows, v.a.lines);
    if (v.b.depth === null) loadAll("y", c.b, columns, v.b.lines);
    multiply(
      thread,
      t,
      (i) => of("x", v.a, i, q),
      (j) =>
        v.b.lines === null ? vectorText(upTo(width).map((k) => of("y", v.b, width * j + k, q))) : `y${j}`,
    );
  };
  const deep = v.a.depth ?? v.b.depth;
  if (deep === null)
    thread.loops(c.depth, () => {
      step(0);
    });
  else
    thread.loops(grouped(c.depth, deep), () => {
      if (v.a.depth !== null) loadAll("x", c.a, rows, v.a.depth);
      if (v.b.depth !== null) loadAll("y", c.b, columns, v.b.depth);
      for (const q of upTo(width))
        writer.block("{", () => {
          thread.indices.name(
            deep.axis,
            writer.declare(`${thread.indices.nameOf(deep.group)} * ${width} + ${q}`),
          );
          step(q);
        });
    });
  finishVectors(thread, c, t, v, sums, { row: `${row} + i`, columns: `(${column} >> 2u) + j` }, (sum) => {
    thread.epilogue(c, sum, true);
  });
};
