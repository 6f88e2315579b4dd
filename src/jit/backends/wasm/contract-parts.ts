/** A contraction in parts: which rows, columns and positions of its batch each of them has. */
import type { Axis } from "../../index-expression.js";
import type { Contraction } from "../../kernel.js";
import { plus, scaled, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import { over } from "./depth.js";
import type { Frame } from "./frame.js";
import { type Grid, gridOf, partsIn } from "./grid.js";
import { flatten } from "./lines.js";
import { tileVectors } from "./micro.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import type { Shape } from "./tiles.js";

/** From one position up to another. */
export type Range = readonly [from: Bytes, to: Bytes];

/** The rows and columns that are computed. */
export interface Area {
  readonly rows: Range;
  readonly columns: Range;
}

/** Which parts of a contraction a call computes: from one up to another, by the locals that hold them. */
export interface ContractParts {
  readonly from: number;
  readonly to: number;
  /** How many there may be. */
  readonly most: number;
  /** Elements are added to what is there: only the batch may be divided. */
  readonly adds: boolean;
}

export const whole = (size: number): Range => [code.i32(0), code.i32(size)];

/** The axis of the batch that parts divide: the first one. */
const dividedAxis = (c: Contraction): Axis | null => {
  const [first] = c.batch;
  return first === undefined || first.size === 1 ? null : first;
};

/** Loops over the batch, its divided axis within a range. */
const overBatch = (r: Frame, c: Contraction, range: Range, body: () => void): void => {
  const axis = dividedAxis(c);
  if (axis === null) return body();
  const rest = c.batch.filter((a) => a !== axis);
  r.writer.loop("open", range[0], range[1], 1, (counter) =>
    r.bound(axis, counter, () => over(r, rest, body)),
  );
};

const quotient = (x: Bytes, n: number): Bytes => (n === 1 ? x : x + code.i32(n) + op("i32.div_u"));
const remainder = (x: Bytes, n: number): Bytes => (n === 1 ? code.i32(0) : x + code.i32(n) + op("i32.rem_u"));

/**
 * Computes the parts that a call names; which there are. All of them together are one area: nothing is packed twice
 * then.
 */
export const inParts = (
  { r, c, rows, columns, lanes, height }: Shape,
  { from, to, most, adds }: ContractParts,
  compute: (area: Area) => void,
): Grid => {
  const w = r.writer;
  const batch = dividedAxis(c)?.size ?? 1;
  const extent = { batch, rows: rows.size, columns: columns.size, depth: flatten(c.depth) };
  const grid = gridOf(extent, [height, lanes * tileVectors], most, adds);
  const parts = partsIn(grid);
  const last = w.local("i32");
  const wholly = w.local("i32");
  w.emit(code.get(to), code.get(from), op("i32.sub"), code.i32(parts), op("i32.eq"), code.set(wholly));
  w.emit(plus(code.get(from), 1), code.get(to), code.get(wholly), op("select"), code.set(last));
  w.loop("open", code.get(from), code.get(last), 1, (counter) => {
    const part = code.get(counter);
    const areas = rangesOf(part, grid, extent, w.keep, code.get(wholly));
    overBatch(r, c, areas.batch, () => compute(areas));
  });
  return grid;
};

const rangesOf = (
  part: Bytes,
  grid: Grid,
  size: { readonly batch: number; readonly rows: number; readonly columns: number },
  keep: Frame["writer"]["keep"],
  wholly: Bytes,
): Area & { readonly batch: Range } => {
  const range = (at: Bytes, { step, parts }: Grid["rows"], end: number): Range => {
    if (parts === 1) return whole(end);
    const first = keep("i32", code.i32(0) + scaled(at, step) + wholly + op("select"));
    const upTo = smaller(plus(scaled(at, step), step), code.i32(end));
    return [first, keep("i32", code.i32(end) + upTo + wholly + op("select"))];
  };
  const across = grid.rows.parts * grid.columns.parts;
  return {
    batch: range(quotient(part, across), grid.batch, size.batch),
    rows: range(remainder(quotient(part, grid.columns.parts), grid.rows.parts), grid.rows, size.rows),
    columns: range(remainder(part, grid.columns.parts), grid.columns, size.columns),
  };
};
