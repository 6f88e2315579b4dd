/** Blocks of a contraction's operands in memory that a workgroup shares, filled from whatever view they are read through. */
import type { Axis, Index } from "../../index-expression.js";
import { forEachIndex, type Panel } from "../../kernel.js";
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

/** A block of an operand: so many lines, rows or columns, of a depth, line by line beside each other. */
export interface Block {
  /** The array that holds it. */
  readonly name: string;
  readonly panel: Panel;
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
}

/**
 * What fills a block from a position in depth on, with zeros from `end` on: for each of an invocation's elements, what does
 * not depend on the depth is computed before.
 */
export const loadsOf = (
  thread: Thread,
  b: Block,
  depth: readonly Axis[],
): ((p0: string, end: string) => void)[] => {
  const { writer } = thread;
  const { deep } = b;
  const count = (b.lines * deep) / groupSize;
  const alongDepth = isDeep(b.panel, depth);
  const loads: ((p0: string, end: string) => void)[] = [];
  for (let r = 0; r < Math.ceil(count); r++) {
    const id = writer.declare(`i32(lid) + ${r * groupSize}`);
    const line = writer.declare(alongDepth ? `${id} / ${deep}` : `${id} % ${b.lines}`);
    const k = writer.declare(alongDepth ? `${id} % ${deep}` : `${id} / ${b.lines}`);
    // Beyond the edge the last line is read again: nobody asks for its sums.
    const names = thread.digitNames(b.axes, writer.declare(`min(${b.first} + ${line}, ${b.total - 1})`));
    loads.push((p0, end) => {
      const fill = (): void => {
        const p = writer.declare(`${p0} + ${k}`);
        writer.line(`var value = 0.0f;`);
        writer.block(`if (${p} < ${end}) {`, () => {
          names.forEach((name, i) => {
            thread.indices.name(b.axes[i]!, name);
          });
          thread.digits(depth, p);
          thread.statements(b.panel.body);
          writer.line(`value = ${thread.use(b.panel.value)};`);
        });
        writer.line(`${b.name}[${k} * ${b.stride} + ${line}] = ${b.element("value")};`);
      };
      if ((r + 1) * groupSize <= b.lines * deep) writer.block("{", fill);
      else writer.block(`if (${id} < ${b.lines * deep}) {`, fill);
    });
  }
  return loads;
};
