/** Blocks of a contraction's operands in memory that a workgroup shares, filled from whatever view they are read through. */
import type { Axis, Index } from "../../index-expression.js";
import { forEachIndex, type Panel } from "../../kernel.js";
import { grouped, type Lanes, lanesAlong, surveyed, width } from "./lanes.js";
import { groupSize } from "./shader.js";
import type { Thread } from "./thread.js";

/** Whether neighbours in depth are neighbours in memory, in what a panel reads. */
export const isDeep = (panel: Panel, depth: readonly Axis[]): boolean => {
  const last = depth.findLast((a) => a.size > 1);
  let deep = false;
  forEachIndex(panel.body, (x: Index) => {
    deep ||= x.terms.some(({ atom, by }) => atom._tag === "Axis" && atom.axis === last && Math.abs(by) === 1);
  });
  return deep;
};

/** How an operand is read: four lines, or four positions in depth, at a time; `lines` and `depth` are both null for neither. */
export interface Reading {
  readonly lines: Lanes | null;
  readonly depth: Lanes | null;
}

export const oneByOne: Reading = { lines: null, depth: null };

/** How an operand can be read in vectors. */
export const readingOf = (panel: Panel, lines: readonly Axis[], depth: readonly Axis[]): Reading => {
  const along = (axes: readonly Axis[]): Lanes | null => {
    const lanes = lanesAlong(axes);
    const accesses = lanes === null ? null : surveyed(panel.body, lanes);
    return accesses !== null && accesses.four > 0 && accesses.each === 0 ? lanes : null;
  };
  const found = along(lines);
  return { lines: found, depth: found === null ? along(depth) : null };
};

/** A block of an operand: so many lines, rows or columns, of a depth, line by line beside each other. */
export interface Block {
  /** The array that holds it. */
  readonly name: string;
  readonly panel: Panel;
  readonly reading: Reading;
  readonly axes: readonly Axis[];
  /** Lines of the whole operand. */
  readonly total: number;
  /** Lines of the block. */
  readonly lines: number;
  /** From one position in depth to the next. */
  readonly stride: number;
  readonly deep: number;
  /** The number of its first line. */
  readonly first: string;
  /** An element as the array holds it. */
  readonly element: (value: string) => string;
  /** Whether the array holds vectors of four lines. */
  readonly holdsVectors: boolean;
}

/** Fills an invocation's part of a block from a position in depth on. */
export type Load = (p0: string, end: string) => void;

/** Axes, and what they are called. */
const nameAll = (thread: Thread, axes: readonly Axis[], names: readonly string[]): void => {
  names.forEach((name, i) => {
    thread.indices.name(axes[i]!, name);
  });
};

/**
 * What fills a block from a position in depth on, with zeros from `end` on: for each of an invocation's elements, or vectors,
 * what does not depend on the depth is computed before.
 */
export const loadsOf = (thread: Thread, b: Block, depth: readonly Axis[]): Load[] => {
  const { writer } = thread;
  const { reading } = b;
  // What is numbered: lines, or groups of them; positions in depth, or groups of them.
  const lines = reading.lines === null ? b.lines : b.lines / width;
  const deep = reading.depth === null ? b.deep : b.deep / width;
  const axes = reading.lines === null ? b.axes : grouped(b.axes, reading.lines);
  const depthAxes = reading.depth === null ? depth : grouped(depth, reading.depth);
  const lanes = reading.lines ?? reading.depth;
  const alongDepth = reading.depth !== null || (reading.lines === null && isDeep(b.panel, depth));
  const zero = lanes === null ? "0.0f" : "vec4<f32>(0.0f)";
  const count = lines * deep;
  const loads: Load[] = [];
  for (let r = 0; r * groupSize < count; r++) {
    const id = writer.declare(`i32(lid) + ${r * groupSize}`);
    const line = writer.declare(alongDepth ? `${id} / ${deep}` : `${id} % ${lines}`);
    const k = writer.declare(alongDepth ? `${id} % ${deep}` : `${id} / ${lines}`);
    // Beyond the edge the last line is read again: nobody asks for its sums.
    const [first, last] =
      reading.lines === null ? [b.first, b.total - 1] : [`(${b.first} >> 2u)`, b.total / width - 1];
    const names = thread.digitNames(axes, writer.declare(`min(${first} + ${line}, ${last})`));
    loads.push((p0, end) => {
      const fill = (): void => {
        const p = writer.declare(`${p0} + ${k}${reading.depth === null ? "" : ` * ${width}`}`);
        writer.line(`var value = ${zero};`);
        writer.block(`if (${p} < ${end}) {`, () => {
          nameAll(thread, axes, names);
          thread.digits(depthAxes, reading.depth === null ? p : writer.declare(`${p} >> 2u`));
          thread.across(lanes, () => {
            thread.statements(b.panel.body);
          });
          writer.line(
            `value = ${lanes === null ? thread.use(b.panel.value) : thread.useWide(b.panel.value)};`,
          );
        });
        for (const [at, value] of placesOf(b, k, line)) writer.line(`${b.name}[${at}] = ${value};`);
      };
      if ((r + 1) * groupSize <= count) writer.block("{", fill);
      else writer.block(`if (${id} < ${count}) {`, fill);
    });
  }
  return loads;
};

/** Where in the array `value` belongs, or its elements: it is number `k` in depth and number `line` of the lines. */
const placesOf = (b: Block, k: string, line: string): (readonly [at: string, value: string])[] => {
  const each = Array.from({ length: width }, (_, c) => c);
  if (b.reading.depth !== null)
    return each.map((c) => [`(${k} * ${width} + ${c}) * ${b.stride} + ${line}`, b.element(`value[${c}]`)]);
  if (b.reading.lines === null) return [[`${k} * ${b.stride} + ${line}`, b.element("value")]];
  if (b.holdsVectors) return [[`${k} * ${b.stride / width} + ${line}`, "value"]];
  return each.map((c) => [`${k} * ${b.stride} + ${line} * ${width} + ${c}`, b.element(`value[${c}]`)]);
};
