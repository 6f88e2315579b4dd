/**
 * Packing: the lines of one side of a contraction, as many at a time as a tile has, depth by depth. It reads any affine
 * view: convolution's windows need no copy.
 */
import { range } from "../../../ir/aval.js";
import type { Axis, Index } from "../../index-expression.js";
import { plus, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import { inBlock } from "./depth.js";
import { holdAll, strideOf } from "./lanes.js";
import { areNeighbours, Lines } from "./lines.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import type { Shape, Side } from "./tiles.js";
import { transposed } from "./transpose.js";
import type { Lanes } from "./vector.js";

const loadsOf = (s: Side): Index[] =>
  s.panel.body.flatMap((t) =>
    t._tag === "Let" && t.value.definition._tag === "Load" ? [t.value.definition.index] : [],
  );

/** Whether packing reads along the depth's last axis, and not along the lines. */
const isAlongDepth = (s: Side, axis: Axis, lanes: Lanes, aligned: boolean): boolean => {
  const loads = loadsOf(s);
  const along = loads.filter((x) => strideOf(x, axis) === 1).length;
  const across = loads.filter((x) => areNeighbours(x, s.axes, lanes, aligned)).length;
  return along > across;
};

/** Elements of panels of `n` lines each, and what the last vector is too long. */
export const packedLength = (lines: number, n: number, depth: number, lanes: Lanes): number =>
  Math.ceil(lines / n) * n * depth + (n % lanes === 0 ? 0 : lanes);

/**
 * Packs the lines of one side from `from` on: panels of `n` lines, each depth by depth. Vectors are stored whole: where
 * they do not make up `n`, what is too much is overwritten by the next, but the last vector's (see `packedLength`).
 */
export const pack = (
  { r, lanes, depth }: Shape,
  s: Side,
  n: number,
  into: Bytes,
  from: Bytes,
  to: Bytes,
  start: Bytes | null,
): void => {
  const w = r.writer;
  const bytes = 16 / lanes;
  const aligned = n % lanes === 0;
  const copies = Math.ceil(n / lanes);
  const next = w.local("i32");
  w.emit(into, code.set(next));
  // Values of other widths (bits of random numbers in a float64 contraction) are computed one by one.
  const together = holdAll(lanes, s.panel.body);
  const advance = (depths: number): void => w.emit(plus(code.get(next), depths * n * bytes), code.set(next));
  w.loop("open", from, to, n, (line) => {
    const last = s.size - 1;
    const flat = (lane: number): Bytes =>
      s.size % n === 0 && aligned
        ? plus(code.get(line), lane)
        : smaller(plus(code.get(line), lane), code.i32(last));
    const lines = new Lines(w, s.axes, w.level, flat, aligned);
    const oneDepth = (): void =>
      r.withLines([lines], { lines, lanes, copies }, () => {
        const vectors = together ? r.vectorsOf(s.panel) : r.gathered(s.panel);
        vectors.forEach((v, copy) => w.emit(code.get(next), v, code.load("v128.store", 16 * copy)));
        advance(1);
      });
    /** As many depths as lanes: vectors along the depth, turned into vectors along the lines. */
    const severalDepths = (axis: Axis): void =>
      r.withLanes(axis, lanes, [lines], () => {
        for (let group = 0; group < copies; group++) {
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
    inBlock(r, depth, start, (axis, first, end) => {
      if (axis === null) return oneDepth();
      const one = (begin: Bytes): void =>
        w.loop("open", begin, end, 1, (counter) => r.bound(axis, counter, oneDepth));
      if (!together || !isAlongDepth(s, axis, lanes, aligned) || axis.size < lanes) return one(first);
      const length = end + first + op("i32.sub");
      const whole = w.keep("i32", length + code.i32(-lanes) + op("i32.and") + first + op("i32.add"));
      const many = (): void =>
        w.loop("open", first, whole, lanes, (counter) => r.bound(axis, counter, () => severalDepths(axis)));
      w.when(first + whole + op("i32.lt_s"), many);
      if (depth.blocked !== axis && axis.size % lanes === 0) return;
      w.when(whole + end + op("i32.lt_s"), () => one(whole));
    });
  });
};
