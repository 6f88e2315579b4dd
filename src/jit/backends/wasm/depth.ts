/** The depth of a contraction: what is summed over, divided into blocks whose panels fit the caches. */
import type { Axis } from "../../index-expression.js";
import { plus, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import type { Frame } from "./frame.js";
import { code } from "./module.js";

/** Depth of a block: two panels of it fit the first-level cache. */
const depthLimit = 384;

/** Depth: whole loops, then one axis in blocks, then loops inside a block. */
export interface Depth {
  readonly outer: readonly Axis[];
  readonly blocked: Axis | null;
  /** Positions of the blocked axis in a block. */
  readonly step: number;
  readonly inner: readonly Axis[];
  /** Elements of the inner axes together. */
  readonly below: number;
  readonly single: boolean;
}

export const divideDepth = (axes: readonly Axis[]): Depth => {
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

/** Loops over some axes, outermost first. */
export const over = (r: Frame, axes: readonly Axis[], body: () => void): void => {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body();
  if (axis.size === 1) return over(r, rest, body);
  r.writer.loop("open", 0, axis.size, 1, (counter) => r.bound(axis, counter, () => over(r, rest, body)));
};

/** The elements of one block's depth, the last axis in steps; `start` is the block's first position. */
export const inBlock = (
  r: Frame,
  { blocked, inner, step }: Depth,
  start: Bytes | null,
  body: (last: Axis | null, from: Bytes, to: Bytes) => void,
): void => {
  const w = r.writer;
  const last = inner.at(-1) ?? null;
  if (blocked === null || start === null) {
    const whole = last === null ? 1 : last.size;
    return over(r, inner.slice(0, -1), () => body(last, code.i32(0), code.i32(whole)));
  }
  const end = w.keep("i32", smaller(plus(start, step), code.i32(blocked.size)));
  if (last === null) return body(blocked, start, end);
  w.loop("open", start, end, 1, (counter) =>
    r.bound(blocked, counter, () =>
      over(r, inner.slice(0, -1), () => body(last, code.i32(0), code.i32(last.size))),
    ),
  );
};
