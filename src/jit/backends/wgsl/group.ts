/**
 * Statements as the invocations of one workgroup run them together: each nest is divided among them, reductions end in
 * a tree, and a barrier follows whatever writes memory. Loops of a program (scan, while) run this way without leaving
 * the device.
 */
import type { Axis } from "../../index-expression.js";
import type { Accumulator, Contraction, Statement, Value } from "../../kernel.js";
import { combined } from "./accumulate.js";
import { outerUpdates, positions, storesIn } from "../../statements.js";
import { independent, type Order, stepped } from "./conflicts.js";
import { type CallStatement, renderCounting, sortingOf } from "./sort.js";
import type { Thread } from "./thread.js";
import { renderTree } from "./tree.js";
import { fromWord, toWord } from "./types.js";

type Nest = Extract<Statement, { readonly _tag: "Nest" }>;

/** Iterations of nests inside statements: what one invocation would do alone. */
export const innerSize = (body: readonly Statement[]): number =>
  body.reduce((n, s) => {
    if (s._tag === "Nest") return n + positions(s.axes) * Math.max(1, innerSize(s.body));
    if (s._tag === "Guard") return n + innerSize(s.body);
    if (s._tag === "Contract") {
      const { batch, rows, columns, depth } = s.contraction;
      return n + positions([...batch, ...rows, ...columns, ...depth]);
    }
    return n;
  }, 0);

/** Whether statements read an accumulator that is still being updated: a running sum. */
export const isRunning = (body: readonly Statement[], of: readonly Accumulator[]): boolean =>
  body.some((s) => {
    if (s._tag === "Nest" || s._tag === "Guard") return isRunning(s.body, of);
    if (s._tag !== "Let" || s.value.definition._tag !== "Accumulated") return false;
    return of.includes(s.value.definition.accumulator);
  });

/** A workgroup takes a nest together, iteration by iteration, if it has few and each is long. */
export const together = (nest: Nest, few: number): boolean =>
  !nest.sequential &&
  positions(nest.axes) < few &&
  innerSize(nest.body) >= 64 &&
  outerUpdates(nest.body).length === 0 &&
  independent(nest.axes, nest.body).serial.every((a) => a.size === 1);

export class Group {
  /** Arrays and flags that the invocations share. */
  readonly shared: Map<string, string> = new Map();

  constructor(
    private readonly thread: Thread,
    readonly size: number,
    /** Neighbours that are in one subgroup, at least. */
    readonly subgroup: number,
  ) {}

  /** Something that may be written was read since the last barrier: nobody may write it before all have. */
  private reading = false;

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    const { writer } = this.thread;
    if (s._tag === "Let" || s._tag === "Guard") this.reading ||= this.readsWritten(s);
    else if (this.reading && s._tag !== "Accumulate" && s._tag !== "Update") {
      writer.line("workgroupBarrier();");
      this.reading = false;
    }
    switch (s._tag) {
      case "Nest":
        if (s.sequential || together(s, this.size / 4))
          return this.thread.loops(s.axes, () => {
            this.again(s.body);
          });
        return this.nest(s.axes, s.body);
      case "Contract":
        return this.contract(s.contraction);
      case "Store":
        writer.block("if (lid == 0u) {", () => {
          this.thread.statements([s]);
        });
        return this.barrier();
      case "While":
        return writer.block("loop {", () => {
          this.again(s.test);
          writer.line(`if (${this.uniform(s.value, "u32")} == 0u) { break; }`);
          this.statements(s.body);
        });
      case "Branch": {
        const index = this.uniform(s.index, "i32");
        s.branches.forEach((body, k) => {
          writer.block(`if (${index} == ${k}) {`, () => {
            this.statements(body);
          });
        });
        return;
      }
      case "Call":
        return this.sort(s);
      default:
        return this.thread.statements([s]);
    }
  }

  /** The body of a loop: the last step may have ended with reading. */
  private again(body: readonly Statement[]): void {
    this.reading = true;
    this.statements(body);
    this.reading = true;
  }

  private readsWritten(s: Statement): boolean {
    if (s._tag === "Guard") return s.body.some((t) => this.readsWritten(t));
    if (s._tag !== "Let" || s.value.definition._tag !== "Load") return false;
    return this.thread.buffers[s.value.definition.buffer]!.written;
  }

  // ---- work that is divided

  private nest(axes: readonly Axis[], body: readonly Statement[]): void {
    const sums = outerUpdates(body);
    if (sums.length > 0) {
      if (isRunning(body, sums)) return this.alone(axes, body);
      this.divided(axes, () => {
        this.thread.statements(body);
      });
      this.reduce(sums);
      if (storesIn(body).length > 0) this.barrier();
      return;
    }
    this.ordered(independentOrSteps(axes, body), () => {
      this.thread.statements(body);
    });
  }

  private contract(c: Contraction): void {
    const axes = [...c.batch, ...c.rows, ...c.columns];
    this.ordered(independentOrSteps(axes, c.epilogue), () => {
      this.thread.element(c);
    });
  }

  private sort(s: CallStatement): void {
    const { outer, inner, length } = sortingOf(s);
    const total = outer * inner * length;
    if (total === 0) return;
    const { writer, buffers } = this.thread;
    const f = writer.fresh("f");
    writer.block(`for (var ${f} = i32(lid); ${f} < ${total}; ${f} += ${this.size}) {`, () => {
      renderCounting(s, buffers, this.thread, f);
    });
    this.barrier();
  }

  /** One invocation does it, in order. */
  private alone(axes: readonly Axis[], body: readonly Statement[]): void {
    this.thread.writer.block("if (lid == 0u) {", () => {
      this.thread.loops(axes, () => {
        this.thread.statements(body);
      });
    });
    this.barrier();
  }

  private ordered({ order, steps }: Plan, body: () => void): void {
    const inside = (): void => {
      this.divided(order.parallel, () => {
        if (steps) body();
        else this.thread.loops(order.serial, body);
      });
      this.barrier();
    };
    if (steps) this.thread.loops(order.serial, inside);
    else inside();
  }

  /** Positions on axes, one invocation each, over and over. */
  private divided(axes: readonly Axis[], body: () => void): void {
    const { writer } = this.thread;
    const total = positions(axes);
    if (total === 0) return;
    if (total === 1) {
      for (const a of axes) this.thread.indices.name(a, "0");
      return writer.block("if (lid == 0u) {", body);
    }
    const f = writer.fresh("f");
    writer.block(`for (var ${f} = i32(lid); ${f} < ${total}; ${f} += ${this.size}) {`, () => {
      this.thread.digits(axes, f);
      body();
    });
  }

  /** One of several parts of a reduction: its result goes to scratch memory. */
  part(axes: readonly Axis[], body: readonly Statement[], number: string, parts: number): void {
    const { writer } = this.thread;
    const total = positions(axes);
    const chunk = Math.ceil(total / parts);
    const from = writer.declare(`${number} * ${chunk}`);
    const to = writer.declare(`min(${from} + ${chunk}, ${total})`);
    const f = writer.fresh("f");
    writer.block(`for (var ${f} = ${from} + i32(lid); ${f} < ${to}; ${f} += ${this.size}) {`, () => {
      this.thread.digits(axes, f);
      this.thread.statements(body);
    });
    const sums = outerUpdates(body);
    this.reduce(sums);
    sums.forEach((a, k) => {
      const word = toWord(a.dtype, `a${a.id}`);
      writer.line(`if (lid == 0u) { heap[scratch + ${k * parts} + ${number}] = ${word}; }`);
    });
  }

  /** The parts of reductions as the whole. */
  gather(accumulators: readonly Accumulator[], parts: number): void {
    const { writer } = this.thread;
    accumulators.forEach((a, k) => {
      writer.block(`for (var part = i32(lid); part < ${parts}; part += ${this.size}) {`, () => {
        const x = fromWord(a.dtype, `heap[scratch + ${k * parts} + part]`);
        writer.line(`a${a.id} = ${combined(a.op, a.dtype, `a${a.id}`, x)};`);
      });
    });
    this.reduce(accumulators);
  }

  // ---- what the invocations tell each other

  private barrier(): void {
    this.thread.writer.line("storageBarrier(); workgroupBarrier();");
  }

  /** A value that all agree on, as branches around barriers must. */
  private uniform(v: Value, type: "u32" | "i32"): string {
    const { writer } = this.thread;
    const name = `same_${type}`;
    this.shared.set(name, type);
    writer.line(`if (lid == 0u) { ${name} = ${type}(${this.thread.use(v)}); }`);
    return writer.declare(`workgroupUniformLoad(&${name})`);
  }

  /** The invocations' parts of accumulators become the whole, in all of them. */
  private reduce(accumulators: readonly Accumulator[]): void {
    renderTree(this.thread, this.shared, this, accumulators);
  }
}

/** How a nest is divided: steps with barriers between them, or each invocation on its own. */
export interface Plan {
  readonly order: Order;
  readonly steps: boolean;
}

export const independentOrSteps = (axes: readonly Axis[], body: readonly Statement[]): Plan => {
  const order = independent(axes, body);
  if (order.serial.every((a) => a.size === 1)) return { order, steps: false };
  const byStep = stepped(axes, body);
  return byStep === null ? { order, steps: false } : { order: byStep, steps: true };
};
