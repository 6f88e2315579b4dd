/**
 * A contraction as WebAssembly: both operands are packed into panels that fit the caches, tiles of them are multiplied
 * in registers, and an epilogue writes each element (K. Goto and R. van de Geijn, "Anatomy of high-performance matrix
 * multiplication", 2008). Packing reads any affine view: convolution's windows need no copy.
 */
import { range } from "../../../ir/aval.js";
import type { Axis, Index } from "../../index-expression.js";
import type { Contraction, Panel } from "../../kernel.js";
import { plus, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import type { Frame } from "./frame.js";
import { areNeighbours, flatten, Lines } from "./lines.js";
import { microKernel, tileRows, tileVectors } from "./micro.js";
import { holdAll, strideOf } from "./lanes.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import { transposed } from "./transpose.js";
import type { Lanes } from "./vector.js";

/** Depth of a block: two panels of it fit the first-level cache. */
const depthLimit = 384;
/** Rows and columns of a block: it stays in the second-level cache. */
const rowBlock = 128;
const columnBlock = 256;

/** One operand's free axes and how its elements are computed. */
interface Side {
  readonly axes: readonly Axis[];
  readonly panel: Panel;
  readonly size: number;
}

/** Depth: whole loops, then one axis in blocks, then loops inside a block. */
interface Depth {
  readonly outer: readonly Axis[];
  readonly blocked: Axis | null;
  /** Positions of the blocked axis in a block. */
  readonly step: number;
  readonly inner: readonly Axis[];
  /** Elements of the inner axes together. */
  readonly below: number;
  readonly single: boolean;
}

const divideDepth = (axes: readonly Axis[]): Depth => {
  const real = axes.filter((a) => a.size > 1);
  let below = 1;
  let i = real.length;
  while (i > 0 && below * real[i - 1]!.size <= depthLimit) below *= real[--i]!.size;
  if (i === 0) return { outer: [], blocked: null, step: 1, inner: real, below, single: true };
  const blocked = real[i - 1]!;
  const most = Math.max(1, Math.floor(depthLimit / below));
  const step = Math.ceil(blocked.size / Math.ceil(blocked.size / most));
  return { outer: real.slice(0, i - 1), blocked, step, inner: real.slice(i), below, single: false };
};

/** Whether the epilogue stores whole vectors along these axes. */
const storesAlong = (c: Contraction, axes: readonly Axis[], lanes: Lanes): boolean =>
  c.epilogue.some((s) => s._tag === "Store" && areNeighbours(s.index, axes, lanes));

const loadsOf = (s: Side): Index[] =>
  s.panel.body.flatMap((t) =>
    t._tag === "Let" && t.value.definition._tag === "Load" ? [t.value.definition.index] : [],
  );

/** Whether packing reads along the depth's last axis, and not along the lines. */
const isAlongDepth = (s: Side, axis: Axis, lanes: Lanes): boolean => {
  const loads = loadsOf(s);
  const along = loads.filter((x) => strideOf(x, axis) === 1).length;
  const across = loads.filter((x) => areNeighbours(x, s.axes, lanes)).length;
  return along > across;
};

/** Renders a contraction at the renderer's present place; the float64 elements of its scratch arrays. */
export const renderContract = (
  c: Contraction,
  r: Frame,
  scratch: readonly [number, number, number],
): readonly number[] => {
  const w = r.writer;
  const lanes: Lanes = c.dtype === "float32" ? 4 : 2;
  const bytes = 16 / lanes;
  const width = lanes * tileVectors;
  const tileBytes = 16 * tileRows * tileVectors;
  const side = (axes: readonly Axis[], panel: Panel): Side => ({ axes, panel, size: flatten(axes) });
  const [rowSide, columnSide] = [side(c.rows, c.a), side(c.columns, c.b)];
  const swap = !storesAlong(c, c.columns, lanes) && storesAlong(c, c.rows, lanes);
  const [rows, columns] = swap ? [columnSide, rowSide] : [rowSide, columnSide];
  const depth = divideDepth(c.depth);
  const most = depth.below * depth.step;
  const packedRows: Bytes = code.get(scratch[0]);
  const packedColumns: Bytes = code.get(scratch[1]);
  const tiles: Bytes = code.get(scratch[2]);
  const multiply = r.host.sharedFunction(`tile${lanes}`, microKernel(lanes, r.host.relaxed));
  const tilesAcross = Math.ceil(Math.min(columns.size, columnBlock) / width);

  /** Loops over some axes, outermost first. */
  const over = (axes: readonly Axis[], body: () => void): void => {
    const [axis, ...rest] = axes;
    if (axis === undefined) return body();
    if (axis.size === 1) return over(rest, body);
    w.loop("open", 0, axis.size, 1, (counter) => r.bound(axis, counter, () => over(rest, body)));
  };

  /** The elements of one block's depth, the last axis in steps; `start` is the block's first position. */
  const inBlock = (start: Bytes | null, body: (last: Axis | null, from: Bytes, to: Bytes) => void): void => {
    const { blocked, inner } = depth;
    const last = inner.at(-1) ?? null;
    if (blocked === null || start === null) {
      const whole = last === null ? 1 : last.size;
      return over(inner.slice(0, -1), () => body(last, code.i32(0), code.i32(whole)));
    }
    const end = w.keep("i32", smaller(plus(start, depth.step), code.i32(blocked.size)));
    if (last === null) return body(blocked, start, end);
    w.loop("open", start, end, 1, (counter) =>
      r.bound(blocked, counter, () =>
        over(inner.slice(0, -1), () => body(last, code.i32(0), code.i32(last.size))),
      ),
    );
  };

  /** Packs the lines of one side from `from` on: panels of `n` lines, each depth by depth. */
  const pack = (s: Side, n: number, into: Bytes, from: Bytes, to: Bytes, start: Bytes | null): void => {
    const next = w.local("i32");
    w.emit(into, code.set(next));
    // Values of other widths (bits of random numbers in a float64 contraction) are computed one by one.
    const together = holdAll(lanes, s.panel.body);
    const advance = (depths: number): void =>
      w.emit(plus(code.get(next), depths * n * bytes), code.set(next));
    w.loop("open", from, to, n, (line) => {
      const last = s.size - 1;
      const flat = (lane: number): Bytes =>
        s.size % n === 0 ? plus(code.get(line), lane) : smaller(plus(code.get(line), lane), code.i32(last));
      const lines = new Lines(w, s.axes, w.level, flat);
      const oneDepth = (): void =>
        r.withLines([lines], { lines, lanes, copies: n / lanes }, () => {
          const vectors = together ? r.vectorsOf(s.panel) : r.gathered(s.panel);
          vectors.forEach((v, copy) => w.emit(code.get(next), v, code.load("v128.store", 16 * copy)));
          advance(1);
        });
      /** As many depths as lanes: vectors along the depth, turned into vectors along the lines. */
      const severalDepths = (axis: Axis): void =>
        r.withLanes(axis, lanes, [lines], () => {
          for (let group = 0; group < n / lanes; group++) {
            const vectors = range(lanes).map((l) => {
              lines.current = group * lanes + l;
              return r.apart(() => {
                r.statements(s.panel.body);
                return w.keep("v128", r.vector(s.panel.value).code);
              });
            });
            transposed(lanes, vectors, w.keep).forEach((v, d) =>
              w.emit(code.get(next), v, code.load("v128.store", 16 * group + d * n * bytes)),
            );
          }
          lines.current = 0;
          advance(lanes);
        });
      inBlock(start, (axis, first, end) => {
        if (axis === null) return oneDepth();
        const one = (begin: Bytes): void =>
          w.loop("open", begin, end, 1, (counter) => r.bound(axis, counter, oneDepth));
        if (!together || !isAlongDepth(s, axis, lanes) || axis.size < lanes) return one(first);
        const length = [...end, ...first, ...op("i32.sub")];
        const whole = w.keep("i32", [
          ...length,
          ...code.i32(-lanes),
          ...op("i32.and"),
          ...first,
          ...op("i32.add"),
        ]);
        const many = (): void =>
          w.loop("open", first, whole, lanes, (counter) => r.bound(axis, counter, () => severalDepths(axis)));
        w.when([...first, ...whole, ...op("i32.lt_s")], many);
        if (depth.blocked !== axis && axis.size % lanes === 0) return;
        w.when([...whole, ...end, ...op("i32.lt_s")], () => one(whole));
      });
    });
  };

  /** Every element of the tile at (i, j), whose sums are at `at`, through the epilogue. */
  const finish = (i: Bytes, j: Bytes, at: Bytes): void => {
    const rowsLeft = w.keep(
      "i32",
      smaller(code.i32(tileRows), [...code.i32(rows.size), ...i, ...op("i32.sub")]),
    );
    w.loop("open", 0, rowsLeft, 1, (row) => {
      const here = w.keep("i32", [
        ...code.get(row),
        ...code.i32(bytes * width),
        ...op("i32.mul"),
        ...at,
        ...op("i32.add"),
      ]);
      const rowLine = new Lines(w, rows.axes, w.level, () => [...i, ...code.get(row), ...op("i32.add")]);
      const whole = (): void => {
        const lines = new Lines(w, columns.axes, w.level, (lane) => plus(j, lane));
        r.withLines([rowLine, lines], { lines, lanes, copies: tileVectors }, () => {
          const sums = Array.from({ length: tileVectors }, (_, v) => ({
            dtype: c.dtype,
            code: w.keep("v128", [...here, ...code.load("v128.load", 16 * v)]),
          }));
          r.bindVectors(c.sum, sums);
          r.statements(c.epilogue);
        });
      };
      const part = (): void => {
        const left = w.keep(
          "i32",
          smaller(code.i32(width), [...code.i32(columns.size), ...j, ...op("i32.sub")]),
        );
        w.loop("open", 0, left, 1, (column) => {
          const lines = new Lines(w, columns.axes, w.level, () => [
            ...j,
            ...code.get(column),
            ...op("i32.add"),
          ]);
          r.withLines([rowLine, lines], null, () => {
            const load = lanes === 4 ? "f32.load" : "f64.load";
            const element = [
              ...code.get(column),
              ...code.i32(bytes),
              ...op("i32.mul"),
              ...here,
              ...op("i32.add"),
            ];
            r.bind(c.sum, {
              dtype: c.dtype,
              code: w.keep(lanes === 4 ? "f32" : "f64", [...element, ...code.load(load, 0)]),
            });
            r.statements(c.epilogue);
          });
        });
      };
      if (!holdAll(lanes, c.epilogue)) return part();
      if (columns.size % width === 0) return whole();
      w.when([...plus(j, width), ...code.i32(columns.size), ...op("i32.le_s")], whole, part);
    });
  };

  /** Where the sums of tile (i, j) of a column block are, when they are kept between blocks of depth. */
  const kept = (i: Bytes, j: Bytes, j0: Bytes): Bytes => {
    const row = [...i, ...code.i32(tileRows), ...op("i32.div_u"), ...code.i32(tilesAcross), ...op("i32.mul")];
    const column = [...j, ...j0, ...op("i32.sub"), ...code.i32(width), ...op("i32.div_u")];
    return [
      ...row,
      ...column,
      ...op("i32.add"),
      ...code.i32(tileBytes),
      ...op("i32.mul"),
      ...tiles,
      ...op("i32.add"),
    ];
  };

  const eachTile = (
    rowsFrom: Bytes,
    rowsTo: Bytes,
    columnsFrom: Bytes,
    columnsTo: Bytes,
    body: (i: Bytes, j: Bytes) => void,
  ): void =>
    w.loop("open", columnsFrom, columnsTo, width, (j) =>
      w.loop("open", rowsFrom, rowsTo, tileRows, (i) => body(code.get(i), code.get(j))),
    );

  const block = (j0: Bytes, j1: Bytes, start: Bytes | null, more: Bytes): void => {
    const { blocked } = depth;
    const count =
      blocked === null || start === null
        ? code.i32(depth.below)
        : w.keep("i32", [
            ...smaller(code.i32(depth.step), [...code.i32(blocked.size), ...start, ...op("i32.sub")]),
            ...code.i32(depth.below),
            ...op("i32.mul"),
          ]);
    pack(columns, width, packedColumns, j0, j1, start);
    w.loop("open", 0, rows.size, rowBlock, (i0) => {
      const from = code.get(i0);
      const to = w.keep("i32", smaller(plus(from, rowBlock), code.i32(rows.size)));
      pack(rows, tileRows, packedRows, from, to, start);
      eachTile(from, to, j0, j1, (i, j) => {
        const panel = (base: Bytes, line: Bytes, first: Bytes): Bytes => [
          ...line,
          ...first,
          ...op("i32.sub"),
          ...count,
          ...op("i32.mul"),
          ...code.i32(bytes),
          ...op("i32.mul"),
          ...base,
          ...op("i32.add"),
        ];
        const at = depth.single ? tiles : w.keep("i32", kept(i, j, j0));
        w.emit(panel(packedRows, i, from), panel(packedColumns, j, j0), at, count, more, multiply);
        if (depth.single) finish(i, j, at);
      });
    });
  };

  over(c.batch, () =>
    w.loop("open", 0, columns.size, columnBlock, (counter) => {
      const j0 = code.get(counter);
      const j1 = w.keep("i32", smaller(plus(j0, columnBlock), code.i32(columns.size)));
      if (depth.single) return block(j0, j1, null, code.i32(0));
      const more = w.local("i32");
      w.emit(code.i32(0), code.set(more));
      over(depth.outer, () =>
        w.loop("open", 0, depth.blocked!.size, depth.step, (start) => {
          block(j0, j1, code.get(start), code.get(more));
          w.emit(code.i32(1), code.set(more));
        }),
      );
      eachTile(code.i32(0), code.i32(rows.size), j0, j1, (i, j) =>
        finish(i, j, w.keep("i32", kept(i, j, j0))),
      );
    }),
  );

  const round = (n: number, to: number): number => Math.ceil(n / to) * to;
  const rowPanel = round(Math.min(rows.size, rowBlock), tileRows) * most;
  const columnPanel = round(Math.min(columns.size, columnBlock), width) * most;
  const sums = depth.single ? tileBytes / bytes : round(rows.size, tileRows) * tilesAcross * width;
  return [rowPanel, columnPanel, sums].map((n) => Math.ceil((n * bytes) / 8));
};
