/**
 * A contraction as WebAssembly: both operands are packed into panels that fit the caches, tiles of them are multiplied
 * in registers, and an epilogue writes each element (K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008).
 */
import type { Axis } from "../../index-expression.js";
import type { Contraction, Panel } from "../../kernel.js";
import { plus, smaller } from "./arithmetic.js";
import { columnBlock, rowBlock } from "./blocking.js";
import type { Bytes } from "./bytes.js";
import { type Area, type ContractParts, inParts, whole } from "./contract-parts.js";
import { divideDepth, over } from "./depth.js";
import type { Frame } from "./frame.js";
import { partsIn } from "./grid.js";
import { holdAll, strideOf } from "./lanes.js";
import { areNeighbours, flatten } from "./lines.js";
import { heightFor, microKernel, nameOfTile, tileVectors } from "./micro.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import { pack, packedLength } from "./packing.js";
import { finishTile, inlinedTile, type Line, type Shape, type Side } from "./tiles.js";
import type { Lanes } from "./vector.js";

/** Depth up to which tiles are inlined, and the length of an epilogue: it is written once for each of their rows. */
const shallow = 160;
const shortEpilogue = 24;

/** Whether the epilogue stores whole vectors along these axes. */
const storesAlong = (c: Contraction, axes: readonly Axis[], lanes: Lanes): boolean =>
  c.epilogue.some((s) => s._tag === "Store" && areNeighbours(s.index, axes, lanes));

/**
 * Row axes in an order that keeps the rows of a tile far from each other in memory, where they are added to what is
 * there: processors wait when a vector is loaded that overlaps one just stored.
 */
const apart = (c: Contraction, axes: readonly Axis[]): readonly Axis[] => {
  const store = c.epilogue.find((s) => s._tag === "Store" && s.mode !== "set");
  if (store?._tag !== "Store") return axes;
  const stride = (a: Axis): number => strideOf(store.index, a) ?? 0;
  return [...axes].sort((a, b) => stride(a) - stride(b));
};

/** Whether tiles stay in registers until they are written. */
const isInlined = ({ c, depth, lanes }: Shape): boolean =>
  depth.single &&
  depth.below <= shallow &&
  c.epilogue.length <= shortEpilogue &&
  c.epilogue.every((s) => s._tag === "Let" || s._tag === "Store") &&
  holdAll(lanes, c.epilogue);

export interface Rendered {
  /** Float64 elements of the scratch arrays. */
  readonly scratch: readonly number[];
  /** The same where one part is computed at a time. */
  readonly partScratch: readonly number[];
  /** How many parts there are. */
  readonly parts: number;
}

/** Renders a contraction at the renderer's present place: all of it, or the parts that a call names. */
export const renderContract = (
  c: Contraction,
  r: Frame,
  scratch: readonly [number, number, number],
  only: ContractParts | null = null,
): Rendered => {
  const w = r.writer;
  const lanes: Lanes = c.dtype === "float32" ? 4 : 2;
  const bytes = 16 / lanes;
  const width = lanes * tileVectors;
  const side = (axes: readonly Axis[], panel: Panel): Side => ({ axes, panel, size: flatten(axes) });
  const [rowSide, columnSide] = [side(c.rows, c.a), side(c.columns, c.b)];
  const swap = !storesAlong(c, c.columns, lanes) && storesAlong(c, c.rows, lanes);
  const [firstSide, columns] = swap ? [columnSide, rowSide] : [rowSide, columnSide];
  const rows = { ...firstSide, axes: apart(c, firstSide.axes) };
  const depth = divideDepth(c.depth);
  const height = heightFor(rows.size, lanes);
  const tileBytes = 16 * height * tileVectors;
  const rowsAtOnce = rowBlock - (rowBlock % height);
  const shape: Shape = { r, c, rows, columns, depth, lanes, height };
  const inlined = isInlined(shape) && columns.size >= width;
  const most = depth.below * depth.step;
  const packedRows: Bytes = code.get(scratch[0]);
  const packedColumns: Bytes = code.get(scratch[1]);
  const tiles: Bytes = code.get(scratch[2]);
  const { call: multiply } = r.host.sharedFunction(
    nameOfTile(lanes, height),
    microKernel(lanes, height, r.host.relaxed),
  );
  const tilesAcross = Math.ceil(Math.min(columns.size, columnBlock) / width);

  /** Where the sums of tile (i, j) of a column block are, when they are kept between blocks of depth. */
  const kept = ({ at: i }: Line, { at: j }: Line, i0: Bytes, j0: Bytes): Bytes => {
    const first = i + i0 + op("i32.sub");
    const row = first + code.i32(height) + op("i32.div_u") + code.i32(tilesAcross) + op("i32.mul");
    const column = j + j0 + op("i32.sub") + code.i32(width) + op("i32.div_u");
    return row + column + op("i32.add") + code.i32(tileBytes) + op("i32.mul") + tiles + op("i32.add");
  };

  const eachTile = (
    rowsFrom: Bytes,
    rowsTo: Bytes,
    columnsFrom: Bytes,
    columnsTo: Bytes,
    body: (i: Line, j: Line) => void,
  ): void => {
    const line = (local: number): Line => ({ at: code.get(local), level: w.level });
    // Rows outside: what their addresses cost is paid once for all columns of the block.
    if (inlined)
      w.loop("open", rowsFrom, rowsTo, height, (row) => {
        const i = line(row);
        w.loop("open", columnsFrom, columnsTo, width, (column) => body(i, line(column)));
      });
    else
      w.loop("open", columnsFrom, columnsTo, width, (column) => {
        const j = line(column);
        w.loop("open", rowsFrom, rowsTo, height, (row) => body(line(row), j));
      });
  };

  const block = (area: Area, j0: Bytes, j1: Bytes, start: Bytes | null, more: Bytes): void => {
    const { blocked } = depth;
    const count =
      blocked === null || start === null
        ? code.i32(depth.below)
        : w.keep(
            "i32",
            smaller(code.i32(depth.step), code.i32(blocked.size) + start + op("i32.sub")) +
              code.i32(depth.below) +
              op("i32.mul"),
          );
    pack(shape, columns, width, packedColumns, j0, j1, start);
    w.loop("open", area.rows[0], area.rows[1], rowsAtOnce, (i0) => {
      const from = code.get(i0);
      const to = w.keep("i32", smaller(plus(from, rowsAtOnce), area.rows[1]));
      pack(shape, rows, height, packedRows, from, to, start);
      eachTile(from, to, j0, j1, (i, j) => {
        const panel = (base: Bytes, line: Bytes, first: Bytes): Bytes =>
          line +
          first +
          op("i32.sub") +
          count +
          op("i32.mul") +
          code.i32(bytes) +
          op("i32.mul") +
          base +
          op("i32.add");
        const [a, b] = [panel(packedRows, i.at, from), panel(packedColumns, j.at, j0)];
        const throughMemory = (): void => {
          const at = depth.single ? tiles : w.keep("i32", kept(i, j, area.rows[0], j0));
          w.emit(a, b, at, count, more, multiply);
          if (depth.single) finishTile(shape, i, j, at);
        };
        if (!inlined) return throughMemory();
        const within = (at: Bytes, step: number, size: number): Bytes =>
          plus(at, step) + code.i32(size) + op("i32.le_s");
        const rest = rows.size % height;
        const tile = (n: number): void => inlinedTile(shape, n, i, j, a, b);
        const inRegisters = (): void => {
          if (rest === 0) tile(height);
          else if (rows.size < height) tile(rest);
          else
            w.when(
              within(i.at, height, rows.size),
              () => tile(height),
              () => tile(rest),
            );
        };
        if (columns.size % width === 0) inRegisters();
        else w.when(within(j.at, width, columns.size), inRegisters, throughMemory);
      });
    });
  };

  const compute = (area: Area): void =>
    w.loop("open", area.columns[0], area.columns[1], columnBlock, (counter) => {
      const j0 = code.get(counter);
      const j1 = w.keep("i32", smaller(plus(j0, columnBlock), area.columns[1]));
      if (depth.single) return block(area, j0, j1, null, code.i32(0));
      const more = w.local("i32");
      w.emit(code.i32(0), code.set(more));
      over(r, depth.outer, () =>
        w.loop("open", 0, depth.blocked!.size, depth.step, (start) => {
          block(area, j0, j1, code.get(start), code.get(more));
          w.emit(code.i32(1), code.set(more));
        }),
      );
      eachTile(area.rows[0], area.rows[1], j0, j1, (i, j) =>
        finishTile(shape, i, j, w.keep("i32", kept(i, j, area.rows[0], j0))),
      );
    });

  const everything: Area = { rows: whole(rows.size), columns: whole(columns.size) };
  const grid = only === null ? null : inParts(shape, only, compute);
  if (only === null) over(r, c.batch, () => compute(everything));

  const round = (n: number, to: number): number => Math.ceil(n / to) * to;
  const rowPanel = packedLength(Math.min(rows.size, rowsAtOnce), height, most, lanes);
  const columnPanel = packedLength(Math.min(columns.size, columnBlock), width, most, lanes);
  const sums = (lines: number): number =>
    depth.single ? tileBytes / bytes : round(lines, height) * tilesAcross * width;
  const sizes = (lines: number): readonly number[] =>
    [rowPanel, columnPanel, sums(lines)].map((n) => Math.ceil((n * bytes) / 8));
  return {
    scratch: sizes(rows.size),
    partScratch: sizes(grid?.rows.step ?? rows.size),
    parts: grid === null ? 1 : partsIn(grid),
  };
};
