/**
 * A contraction without shared memory, as processors that play graphics cards do best: a block of sums for each invocation,
 * which reads what it needs of both operands.
 */
import type { Contraction, Panel } from "../../kernel.js";
import { positions } from "../../statements.js";
import { grouped, type Lanes, lanesAlong, width } from "./lanes.js";
import { oneByOne } from "./panel-loads.js";
import { type Lines, PanelReader } from "./panel-reader.js";
import type { Thread } from "./thread.js";
import { type BlockSides, type Extent, extentOf, finishSums, type Place } from "./tiles.js";

/** Invocations that have a block each. */
export const blocksOf = (e: Extent, t: BlockSides): number =>
  e.batch * Math.ceil(e.rows / t.rows) * Math.ceil(e.columns / t.columns);

/** Positions in depth that are written out one after the other, at most. */
const mostUnrolled = 12;
/** Statements of operands that are worth it: others are long by themselves. */
const shortBody = 6;

/**
 * Loops over the depth, of which the innermost positions are written out: a processor that plays a graphics card moves every
 * sum from one turn of a loop to the next through memory.
 */
export const depthLoops = (thread: Thread, c: Contraction, body: () => void): void => {
  const { depth } = c;
  if (c.a.body.length + c.b.body.length > shortBody) return thread.loops(depth, body);
  const { writer } = thread;
  let from = depth.length;
  while (from > 0 && positions(depth.slice(from - 1)) <= mostUnrolled) from--;
  const inner = depth.slice(from);
  if (positions(inner) > 1)
    return thread.loops(depth.slice(0, from), () => {
      for (let p = 0; p < positions(inner); p++)
        writer.block("{", () => {
          thread.digits(inner, String(p));
          body();
        });
    });
  const four = lanesAlong(depth);
  if (four === null) return thread.loops(depth, body);
  thread.loops(grouped(depth, four), () => {
    inFours(thread, four, body);
  });
};

/** The four positions of a group that has been named, one after the other. */
export const inFours = (thread: Thread, { axis, group }: Lanes, body: (q: number) => void): void => {
  for (let q = 0; q < width; q++)
    thread.writer.block("{", () => {
      thread.indices.name(axis, thread.writer.declare(`${thread.indices.nameOf(group)} * ${width} + ${q}`));
      body(q);
    });
};

/** The first row and column of an invocation's block of sums, by its number; the axes of the batch stand for its item. */
export const blockPlaceOf = (
  thread: Thread,
  c: Contraction,
  t: BlockSides,
  number: string,
): Pick<Place, "row" | "column"> => {
  const { writer } = thread;
  const e = extentOf(c);
  const across = Math.ceil(e.columns / t.columns);
  const down = Math.ceil(e.rows / t.rows);
  const column = writer.declare(`(${number} % ${across}) * ${t.columns}`);
  const row = writer.declare(`(${number} / ${across} % ${down}) * ${t.rows}`);
  thread.digits(c.batch, writer.declare(`${number} / ${across * down}`));
  return { row, column };
};

/** Renders the block of an invocation, and what becomes of its sums. */
export const renderBlock = (thread: Thread, c: Contraction, t: BlockSides, number: string): void => {
  const { writer } = thread;
  const e = extentOf(c);
  const { row, column } = blockPlaceOf(thread, c, t, number);
  const reader = (prefix: string, panel: Panel, lines: Lines): PanelReader =>
    new PanelReader(thread, prefix, panel, oneByOne, lines, c.depth);
  const rows = reader("x", c.a, { axes: c.rows, first: row, count: t.rows, total: e.rows });
  const columns = reader("y", c.b, { axes: c.columns, first: column, count: t.columns, total: e.columns });
  const sums = Array.from({ length: t.rows * t.columns }, (_, i) => `s${i}`);
  for (const s of sums) writer.line(`var ${s} = 0.0f;`);
  depthLoops(thread, c, () => {
    rows.load();
    columns.load();
    sums.forEach((s, i) => {
      const [x, y] = [rows.of(Math.floor(i / t.columns), 0), columns.of(i % t.columns, 0)];
      writer.line(`${s} = fma(${x}, ${y}, ${s});`);
    });
  });
  finishSums(thread, c, t, sums, { row: `${row} + i`, column: `${column} + j` }, (sum) => {
    thread.epilogue(c, sum);
  });
};
