/** What happens to the sums of a tile: the epilogue, for each of its elements. */
import { range } from "../../../ir/aval.js";
import type { Axis } from "../../index-expression.js";
import type { Contraction, Panel } from "../../kernel.js";
import { plus, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import type { Depth } from "./depth.js";
import type { Frame } from "./frame.js";
import { holdAll } from "./lanes.js";
import { Lines } from "./lines.js";
import { type Height, productStep, tileVectors } from "./micro.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import type { Lanes } from "./vector.js";

/** One operand's free axes and how its elements are computed. */
export interface Side {
  readonly axes: readonly Axis[];
  readonly panel: Panel;
  readonly size: number;
}

/** The first row or column of a tile, and the block in which it is known. */
export interface Line {
  readonly at: Bytes;
  readonly level: number;
}

/** A contraction, as it is rendered. */
export interface Shape {
  readonly r: Frame;
  readonly c: Contraction;
  readonly rows: Side;
  readonly columns: Side;
  readonly depth: Depth;
  readonly lanes: Lanes;
  /** The rows of a tile. */
  readonly height: Height;
}

/** Every element of the tile at (i, j), whose sums are at `at`, through the epilogue. */
export const finishTile = (
  { r, c, rows, columns, lanes, height }: Shape,
  { at: i }: Line,
  { at: j }: Line,
  at: Bytes,
): void => {
  const w = r.writer;
  const bytes = 16 / lanes;
  const width = lanes * tileVectors;
  const rowsLeft = w.keep("i32", smaller(code.i32(height), code.i32(rows.size) + i + op("i32.sub")));
  w.loop("open", 0, rowsLeft, 1, (row) => {
    const here = w.keep("i32", code.get(row) + code.i32(bytes * width) + op("i32.mul") + at + op("i32.add"));
    const rowLine = new Lines(w, rows.axes, w.level, () => i + code.get(row) + op("i32.add"));
    const whole = (): void => {
      const lines = new Lines(w, columns.axes, w.level, (lane) => plus(j, lane));
      r.withLines([rowLine, lines], { lines, lanes, copies: tileVectors }, () => {
        const sums = Array.from({ length: tileVectors }, (_, v) => ({
          dtype: c.dtype,
          code: w.keep("v128", here + code.load("v128.load", 16 * v)),
        }));
        r.bindVectors(c.sum, sums);
        r.statements(c.epilogue);
      });
    };
    const part = (): void => {
      const left = w.keep("i32", smaller(code.i32(width), code.i32(columns.size) + j + op("i32.sub")));
      w.loop("open", 0, left, 1, (column) => {
        const lines = new Lines(w, columns.axes, w.level, () => j + code.get(column) + op("i32.add"));
        r.withLines([rowLine, lines], null, () => {
          const load = lanes === 4 ? "f32.load" : "f64.load";
          const element = code.get(column) + code.i32(bytes) + op("i32.mul") + here + op("i32.add");
          r.bind(c.sum, {
            dtype: c.dtype,
            code: w.keep(lanes === 4 ? "f32" : "f64", element + code.load(load, 0)),
          });
          r.statements(c.epilogue);
        });
      });
    };
    if (!holdAll(lanes, c.epilogue)) return part();
    if (columns.size % width === 0) return whole();
    w.when(plus(j, width) + code.i32(columns.size) + op("i32.le_s"), whole, part);
  });
};

/** Steps of depth in one turn of the loop. */
const turn = 4;

/**
 * A tile of so many rows that stays in registers from its first product to the epilogue: for shallow depths, where
 * calls and a way through memory would cost as much as the products. `a` and `b` are the addresses of its panels.
 */
export const inlinedTile = (
  { r, c, rows, columns, depth, lanes, height }: Shape,
  n: number,
  i: Line,
  j: Line,
  a: Bytes,
  b: Bytes,
): void => {
  const w = r.writer;
  const locals = range(n * tileVectors).map(() => w.local("v128"));
  const registers = { row: w.local("v128"), columns: range(tileVectors).map(() => w.local("v128")) };
  const [pa, pb, left] = [w.local("i32"), w.local("i32"), w.local("i32")];
  const [stepA, stepB] = [(16 / lanes) * height, 16 * tileVectors];
  const step = productStep(lanes, r.host.relaxed, locals, registers, pa, pb);
  w.emit(a, code.set(pa), b, code.set(pb));
  for (const l of locals) w.emit(code.i32x4(0), code.set(l));
  // Every step has its own way out: engines then keep the sums in registers.
  w.emit(code.i32(depth.below), code.set(left), code.block, code.loop);
  for (let k = 0; k < turn; k++) {
    w.emit(step, plus(code.get(pa), stepA), code.set(pa), plus(code.get(pb), stepB), code.set(pb));
    w.emit(code.get(left), code.i32(1), op("i32.sub"), code.tee(left));
    if (k < turn - 1) w.emit(op("i32.eqz"), code.branchIf(1));
    else w.emit(code.branchIf(0));
  }
  w.emit(code.end, code.end);
  const lines = new Lines(w, columns.axes, j.level, (lane) => plus(j.at, lane));
  for (let row = 0; row < n; row++) {
    const rowLine = new Lines(w, rows.axes, i.level, () => plus(i.at, row));
    r.withLines([rowLine, lines], { lines, lanes, copies: tileVectors }, () =>
      r.apart(() => {
        const sums = locals.slice(row * tileVectors, (row + 1) * tileVectors);
        r.bindVectors(
          c.sum,
          sums.map((l) => ({ dtype: c.dtype, code: code.get(l) })),
        );
        r.statements(c.epilogue);
      }),
    );
  }
};
