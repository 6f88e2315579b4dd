/**
 * The loop IR as a WebAssembly function. Every value is placed at the outermost loop that it depends on. Inside a loop
 * that runs several elements at a time (see `lanes.ts`) what depends on its axis is a vector, for each of its copies;
 * everything else stays scalar and is spread where a vector needs it.
 */
import type { Axis } from "../../index-expression.js";
import type { BufferUse, Contraction, Statement } from "../../kernel.js";
import { Addresses } from "./addresses.js";
import { scaled, smaller } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import type { Range } from "./contract-parts.js";
import { Definitions } from "./definitions.js";
import { Frame } from "./frame.js";
import type { NestDivision } from "./division.js";
import { Guards } from "./guards.js";
import type { CallStatement, Host } from "./host.js";
import { type Plan, planOf } from "./lanes.js";
import { Memory } from "./memory.js";
import { code, type FunctionBuilder } from "./module.js";
import { op } from "./opcodes.js";
import { Sums } from "./sums.js";
import { rowsInTurn } from "./turns.js";
import type { Lanes } from "./vector.js";

/** The parts of a nest that a call computes: from one up to another, by the locals that hold them. */
export interface NestParts {
  readonly division: NestDivision;
  readonly from: number;
  readonly to: number;
}

export class Renderer {
  readonly frame: Frame;
  private readonly addresses: Addresses;
  private readonly memory: Memory;
  private readonly sums: Sums;
  private readonly definitions: Definitions;
  private readonly guards: Guards;

  constructor(
    builder: FunctionBuilder,
    buffers: readonly BufferUse[],
    host: Host,
    private readonly contract: (c: Contraction, f: Frame) => void,
    firstBuffer: number,
    private readonly only: NestParts | null = null,
    /** Statements that are calls of functions of their own. */
    private readonly calls: ReadonlyMap<Statement, (f: Frame) => void> = new Map(),
  ) {
    const frame = new Frame(builder, buffers, host, firstBuffer);
    frame.statements = (body) => this.statements(body);
    this.frame = frame;
    this.addresses = new Addresses(frame);
    this.memory = new Memory(frame, this.addresses);
    this.sums = new Sums(frame, this.addresses);
    this.definitions = new Definitions(frame, this.addresses, this.memory, this.sums);
    this.guards = new Guards(frame, this.addresses);
  }

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    const { frame } = this;
    const apart = this.calls.get(s);
    if (apart !== undefined) return apart(frame);
    switch (s._tag) {
      case "Let":
        return this.definitions.define(s.value);
      case "Nest":
        return this.nest(s);
      case "Accumulate":
        return this.sums.declare(s.accumulator);
      case "Update":
        return this.sums.update(s);
      case "Store":
        return this.memory.store(s);
      case "Guard":
        return this.guards.render(s);
      case "Contract":
        return this.contract(s.contraction, frame);
      case "While":
        return frame.writer.repeat(
          () => {
            this.statements(s.test);
            return frame.scalar(s.value).code;
          },
          () => this.statements(s.body),
        );
      case "Branch":
        s.branches.forEach((body, k) => {
          const { machine, writer } = frame;
          const here = machine.compare("eq", frame.scalar(s.index), machine.constant("int32", k));
          writer.when(here.code, () => this.statements(body));
        });
        return;
      case "Call":
        return this.call(s);
    }
  }

  private call(s: CallStatement): void {
    const { frame } = this;
    const call = frame.host.routine(s, frame.buffers);
    const args = s.args.map((a) => this.addresses.of(a.buffer, a.from));
    frame.writer.emit(...args.map((a) => a.code + code.i32(a.offset) + op("i32.add")), call);
    frame.calls.add(s.name);
  }

  private nest(s: Extract<Statement, { _tag: "Nest" }>): void {
    const { frame } = this;
    const plan = frame.vectors === null ? this.planOf(s) : null;
    if (s.axes.some((a) => a.size === 0)) return;
    const open = (axes: readonly Axis[]): void => {
      const [axis, ...rest] = axes;
      if (axis === undefined) return this.statements(s.body);
      if (rest.length === 0 && plan !== null) return this.lanes(axis, plan.lanes, plan.copies, s.body);
      if (rest.length === 0 && this.sums.takeTurns(s)) return this.turns(axis, s.body);
      const [from, to] = this.partOf(axis)?.range ?? [0, axis.size];
      frame.writer.loop(s.sequential ? "sequential" : "open", from, to, 1, (counter) =>
        frame.bound(axis, counter, () => open(rest)),
      );
    };
    open(s.axes);
  }

  /** A loop that adds rows to sums in vectors, several rows in one turn. */
  private turns(axis: Axis, body: readonly Statement[]): void {
    const { frame } = this;
    const { writer } = frame;
    const rest = axis.size % rowsInTurn;
    const row = (local: number): void => frame.bound(axis, local, () => this.statements(body));
    writer.loop("open", 0, axis.size - rest, rowsInTurn, (counter) =>
      this.sums.inTurn(() => {
        for (let i = 0; i < rowsInTurn; i++) {
          const local = writer.local("i32");
          writer.emit(code.get(counter), code.i32(i), op("i32.add"), code.set(local));
          frame.apart(() => row(local));
        }
      }),
    );
    if (rest > 0) writer.loop("open", axis.size - rest, axis.size, 1, row);
  }

  /** The vectors of a nest; none where a part does not hold whole turns of its loop. */
  private planOf(s: Extract<Statement, { _tag: "Nest" }>): Plan | null {
    const plan = planOf(s);
    const division = this.only?.division;
    if (plan === null || division === undefined || division.axis !== s.axes.at(-1)) return plan;
    return division.step % (plan.lanes * plan.copies) === 0 ? plan : null;
  }

  /** The positions of the axis that this call is for, where parts divide it, and whether they reach its end. */
  private partOf(axis: Axis): { readonly range: Range; readonly isLast: Bytes } | null {
    if (this.only?.division.axis !== axis) return null;
    const { keep } = this.frame.writer;
    const { step, parts } = this.only.division;
    const [from, to] = [code.get(this.only.from), code.get(this.only.to)];
    const isLast = keep("i32", to + code.i32(parts) + op("i32.eq"));
    const end = code.i32(axis.size) + scaled(to, step) + isLast + op("select");
    return { range: [keep("i32", scaled(from, step)), keep("i32", end)], isLast };
  }

  /** A loop in vectors: several copies at a time, then single vectors, then what is left one by one. */
  private lanes(axis: Axis, lanes: Lanes, copies: number, body: readonly Statement[]): void {
    const { frame } = this;
    const machine = frame.vectorMachine(lanes);
    const whole = axis.size - (axis.size % lanes);
    const main = axis.size - (axis.size % (lanes * copies));
    const part = this.partOf(axis);
    const outside = this.sums.openPartial(body, axis.size, copies, machine);
    const run = (from: number | Bytes, to: number | Bytes, step: number): void => {
      if (to === from) return;
      frame.writer.loop("open", from, to, step, (counter) =>
        frame.bound(axis, counter, () => this.statements(body)),
      );
    };
    const rest = (): void => {
      frame.inVectors(axis, lanes, 1, () => run(main, whole, lanes));
      this.sums.closePartial(outside, lanes, machine);
      run(whole, axis.size, 1);
    };
    const [from, to]: Range = part?.range ?? [code.i32(0), code.i32(main)];
    if (main > 0)
      frame.inVectors(axis, lanes, copies, () =>
        run(from, part === null ? to : smaller(to, code.i32(main)), copies * lanes),
      );
    if (part === null) rest();
    else if (main < axis.size) frame.writer.when(part.isLast, rest);
  }
}
