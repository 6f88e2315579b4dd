/** Lines of an operand in an invocation's registers, read at one position in depth after the other. */
import {
  addIndex,
  type Axis,
  constantIndex,
  type Index,
  scaleIndex,
  substituteAxes,
} from "../../index-expression.js";
import type { Panel } from "../../kernel.js";
import { allOf } from "../../statements.js";
import { grouped, inLanes, type Lanes, width } from "./lanes.js";
import type { Reading } from "./panel-loads.js";
import type { Thread } from "./thread.js";

/** Lines from a first one on, rows or columns of an operand. */
export interface Lines {
  readonly axes: readonly Axis[];
  readonly first: string;
  readonly count: number;
  /** Lines of the whole operand. */
  readonly total: number;
}

/** An address as what depends on the line and what depends on the depth. */
interface Address {
  readonly index: Index;
  readonly buffer: number;
  readonly line: Index;
  readonly depth: Index;
}

/** Whether no other axes and no computed numbers are in an index. */
const isOf = (x: Index, axes: ReadonlySet<Axis>): boolean =>
  x.terms.every(({ atom }) => {
    if (atom._tag === "Axis") return axes.has(atom.axis);
    return atom._tag !== "Value" && isOf(atom.of, axes);
  });

const addressesOf = (panel: Panel, depth: readonly Axis[], lanes: Lanes | null): Address[] => {
  const axes = new Set(depth);
  return allOf(panel.body).flatMap((s): Address[] => {
    if (s._tag !== "Let" || s.value.definition._tag !== "Load") return [];
    const { index, buffer } = s.value.definition;
    const zero = (of: ReadonlySet<Axis>, x: Index): Index =>
      substituteAxes(x, (a) => (of.has(a) ? constantIndex(0) : null));
    const first = lanes === null ? index : zero(new Set([lanes.lane]), inLanes(index, lanes));
    const line = zero(axes, first);
    const rest = addIndex(first, scaleIndex(line, -1));
    return isOf(rest, axes) ? [{ index, buffer, line, depth: rest }] : [];
  });
};

export class PanelReader {
  private readonly names: readonly (readonly string[])[];
  private readonly axes: readonly Axis[];
  private readonly lanes: Lanes | null;
  private readonly addresses: readonly Address[];
  /** Where each line begins, for each address. */
  private readonly starts: readonly (readonly string[])[];

  /** Registers are called `prefix` and a number. */
  constructor(
    private readonly thread: Thread,
    private readonly prefix: string,
    private readonly panel: Panel,
    private readonly reading: Reading,
    { axes, first, count, total }: Lines,
    depth: readonly Axis[],
  ) {
    const { writer, indices } = thread;
    const each = reading.lines === null ? 1 : width;
    const start = reading.lines === null ? first : writer.declare(`${first} >> 2u`);
    this.lanes = reading.lines ?? reading.depth;
    this.axes = reading.lines === null ? axes : grouped(axes, reading.lines);
    // Beyond the edge the last line is read again: nobody asks for its sums.
    this.names = Array.from({ length: count / each }, (_, i) =>
      thread.digitNames(this.axes, writer.declare(`min(${start} + ${i}, ${total / each - 1})`)),
    );
    this.addresses = addressesOf(
      panel,
      reading.depth === null ? depth : grouped(depth, reading.depth),
      this.lanes,
    );
    // Compilers of processors that play graphics cards leave in a loop what does not change there.
    this.starts = this.names.map((_, i) => {
      this.nameLine(i);
      return this.addresses.map(({ buffer, line }) => writer.declare(`b${buffer} + ${indices.text(line)}`));
    });
  }

  private nameLine(i: number): void {
    this.axes.forEach((axis, k) => {
      this.thread.indices.name(axis, this.names[i]![k]!);
    });
  }

  /** Reads all lines at the position in depth, or the group of four of them, that has been named. */
  load(): void {
    const { thread, lanes, panel, prefix } = this;
    const { writer, indices, addresses } = thread;
    const along = this.addresses.map(({ depth }) => writer.declare(indices.text(depth)));
    this.starts.forEach((starts, i) => {
      writer.line(`var ${prefix}${i} = ${lanes === null ? "0.0f" : "vec4<f32>(0.0f)"};`);
      writer.block("{", () => {
        this.nameLine(i);
        this.addresses.forEach(({ index }, k) => {
          addresses.set(index, `${starts[k]!} + ${along[k]!}`);
        });
        thread.across(lanes, () => {
          thread.statements(panel.body);
        });
        addresses.clear();
        writer.line(
          `${prefix}${i} = ${lanes === null ? thread.use(panel.value) : thread.useWide(panel.value)};`,
        );
      });
    });
  }

  /** A line's number, at position `q` of a group in depth where it has been read by such. */
  of(i: number, q: number): string {
    const { prefix, reading } = this;
    if (reading.depth !== null) return `${prefix}${i}[${q}]`;
    return reading.lines === null ? `${prefix}${i}` : `${prefix}${Math.floor(i / width)}[${i % width}]`;
  }

  /** Those of four lines, from line 4 · j on. */
  fourOf(j: number, q: number): string {
    if (this.reading.lines !== null) return `${this.prefix}${j}`;
    const each = Array.from({ length: width }, (_, k) => this.of(width * j + k, q));
    return `vec4<f32>(${each.join(", ")})`;
  }
}
