/**
 * The loop IR as a WebAssembly function. Every value is placed at the outermost loop that it depends on. Inside a loop
 * that runs several elements at a time (see `lanes.ts`) what depends on its axis is a vector, for each of its copies;
 * everything else stays scalar and is spread where a vector needs it.
 */
import { bytesPerElement, type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import type { Condition, ReduceOp, ScatterMode } from "../../../ir/lowering.js";
import type { MachineBinary } from "../../../ir/machine.js";
import { type Axis, bounds, type Index, mentions } from "../../index-expression.js";
import type { Accumulator, BufferUse, Contraction, Panel, Statement, Value } from "../../kernel.js";
import { isArgument, wrapText } from "../js/text.js";
import type { Bytes } from "./bytes.js";
import type { Lines } from "./lines.js";
import { planOf, strideOf, typeOf } from "./lanes.js";
import { divided, scaled } from "./arithmetic.js";
import { code, type FunctionBuilder, type ModuleBuilder } from "./module.js";
import { type MemoryOp, op, shuffle, storeLane32 } from "./opcodes.js";
import { type Coded, ScalarMachine, scalarType, wrapped } from "./scalar.js";
import { fromLanes, lane as laneOf, type Lanes, splat, VectorMachine } from "./vector.js";
import { type Block, Writer } from "./writer.js";

/** What the module around a function gives to it. */
export interface Host {
  readonly relaxed: boolean;
  /** The address of a constant vector in memory, or null where there is no more room. */
  readonly constant: (bytes: Bytes) => number | null;
  /** The call of a JavaScript function of float64 numbers. */
  readonly scalarFunction: (
    key: string,
    arity: number,
    result: DType,
    make: () => (...args: number[]) => number,
  ) => number[];
  readonly sharedFunction: SharedFunction;
  /** The call of a library routine on parts of buffers, by their addresses. */
  readonly routine: (s: Extract<Statement, { _tag: "Call" }>, buffers: readonly BufferUse[]) => number[];
}

/** Functions of a module that several kernels call, made once. */
export type SharedFunction = (name: string, make: (module: ModuleBuilder) => FunctionBuilder) => number[];

/** The loop that runs several elements at a time. */
interface Vectors {
  readonly axis: Axis;
  readonly lanes: Lanes;
  readonly copies: number;
  readonly machine: VectorMachine;
  /** Where lanes are not positions of a loop but of these lines. */
  readonly lines?: Lines;
  /** The copy that is being written, and its lane where elements go one by one. */
  copy: number;
  lane: number | null;
}

/** Lines whose positions are lanes. */
export interface Together {
  readonly lines: Lines;
  readonly lanes: Lanes;
  readonly copies: number;
}

/** The axis of vectors whose lanes are no loop's. */
const nowhere: Axis = { id: -1, size: 1 };

interface Entry {
  readonly scalar?: Coded;
  readonly vectors?: readonly Coded[];
}

/** The locals of an accumulator; float32 sums are float64, in two vectors. */
interface Sum {
  readonly accumulator: Accumulator;
  readonly level: number;
  readonly locals: readonly number[];
  readonly position: number | null;
}

export class Renderer {
  readonly writer: Writer<Entry>;
  private readonly machine: ScalarMachine;
  private vectors: Vectors | null = null;
  /** Axes that are not loops: positions along them are computed where they are needed (see `lines.ts`). */
  private lines: readonly Lines[] = [];
  private readonly axes = new Map<number, { readonly level: number; readonly local: number }>();
  private sums = new Map<number, Sum>();
  /** Sums of lanes that one loop adds up, by copy. */
  private partial = new Map<number, readonly Sum[]>();
  /** The block in which an accumulator was last updated. */
  private readonly updating = new Map<number, Block<Entry>>();
  /** What this function had to leave to JavaScript, by name. */
  readonly calls: Set<string> = new Set();
  /** The widest vectors of any loop. */
  widest = 1;

  constructor(
    builder: FunctionBuilder,
    readonly buffers: readonly BufferUse[],
    readonly host: Host,
    private readonly contract: (c: Contraction, r: Renderer) => void,
  ) {
    this.writer = new Writer(builder);
    this.machine = new ScalarMachine(this.writer.keep);
  }

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    switch (s._tag) {
      case "Let":
        return this.define(s.value);
      case "Nest":
        return this.nest(s);
      case "Accumulate":
        return this.declare(s.accumulator);
      case "Update":
        return this.update(s);
      case "Store":
        return this.store(s);
      case "Guard":
        return this.guard(s);
      case "Contract":
        return this.contract(s.contraction, this);
      case "While":
        return this.writer.repeat(
          () => {
            this.statements(s.test);
            return this.scalar(s.value).code;
          },
          () => this.statements(s.body),
        );
      case "Branch":
        s.branches.forEach((body, k) => {
          const here = this.machine.compare("eq", this.scalar(s.index), this.machine.constant("int32", k));
          this.writer.when(here.code, () => this.statements(body));
        });
        return;
      case "Call": {
        const call = this.host.routine(s, this.buffers);
        const args = s.args.map((a) => this.address(a.buffer, a.from));
        this.writer.emit(...args.map((a) => [...a.code, ...code.i32(a.offset), ...op("i32.add")]), call);
        this.calls.add(s.name);
      }
    }
  }

  // ---- loops

  /** Renders statements once more: what they define here is forgotten afterwards. */
  apart<T>(body: () => T): T {
    const { entries } = this.writer.current;
    const before = new Map(entries);
    const out = body();
    for (const key of entries.keys()) if (typeof key === "number" && !before.has(key)) entries.delete(key);
    return out;
  }

  /** Renders with lanes along an axis, whose first position a local holds, and some axes as lines. */
  withLanes(axis: Axis, lanes: Lanes, lines: readonly Lines[], body: () => void): void {
    const before = [this.lines, this.vectors] as const;
    this.lines = lines;
    this.widest = Math.max(this.widest, lanes);
    this.vectors = { axis, lanes, copies: 1, machine: this.vectorMachine(lanes), copy: 0, lane: null };
    body();
    [this.lines, this.vectors] = before;
  }

  /** Renders with some axes as lines; those of `together` are lanes of vectors. */
  withLines(lines: readonly Lines[], together: Together | null, body: () => void): void {
    const before = [this.lines, this.vectors] as const;
    this.lines = lines;
    if (together !== null) {
      this.widest = Math.max(this.widest, together.lanes);
      this.vectors = {
        ...together,
        axis: nowhere,
        machine: this.vectorMachine(together.lanes),
        copy: 0,
        lane: null,
      };
    }
    body();
    [this.lines, this.vectors] = before;
  }

  private vectorMachine(lanes: Lanes): VectorMachine {
    const pool = (bytes: Bytes): Bytes => this.constantVector(bytes);
    return new VectorMachine(this.writer.keep, lanes, this.host.relaxed, pool);
  }

  /** Runs `body` with an axis at the position that a local holds. */
  bound<T>(axis: Axis, local: number, body: () => T): T {
    this.axes.set(axis.id, { level: this.writer.level, local });
    return body();
  }

  private nest(s: Extract<Statement, { _tag: "Nest" }>): void {
    const plan = this.vectors === null ? planOf(s) : null;
    if (s.axes.some((a) => a.size === 0)) return;
    const open = (axes: readonly Axis[]): void => {
      const [axis, ...rest] = axes;
      if (axis === undefined) return this.statements(s.body);
      if (rest.length === 0 && plan !== null) return this.lanes(axis, plan.lanes, plan.copies, s.body);
      this.writer.loop(s.sequential ? "sequential" : "open", 0, axis.size, 1, (counter) =>
        this.bound(axis, counter, () => open(rest)),
      );
    };
    open(s.axes);
  }

  /** A loop in vectors: several copies at a time, then single vectors, then what is left one by one. */
  private lanes(axis: Axis, lanes: Lanes, copies: number, body: readonly Statement[]): void {
    this.widest = Math.max(this.widest, lanes);
    const machine = this.vectorMachine(lanes);
    const whole = axis.size - (axis.size % lanes);
    const main = axis.size - (axis.size % (lanes * copies));
    const outside = this.openPartial(body, copies, machine);
    const run = (from: number, to: number, n: number): void => {
      if (to === from) return;
      this.vectors = { axis, lanes, copies: n, machine, copy: 0, lane: null };
      this.writer.loop("open", from, to, lanes * n, (counter) =>
        this.bound(axis, counter, () => this.statements(body)),
      );
      this.vectors = null;
    };
    run(0, main, copies);
    run(main, whole, 1);
    this.closePartial(outside, lanes, machine);
    if (whole < axis.size)
      this.writer.loop("open", whole, axis.size, 1, (counter) =>
        this.bound(axis, counter, () => this.statements(body)),
      );
  }

  private constantVector(bytes: Bytes): Bytes {
    const key = `constant ${String(bytes)}`;
    const have = this.writer.find(key);
    if (have !== null) return have.entry.scalar!.code;
    const at = this.host.constant(bytes.slice(2));
    if (at === null) return bytes;
    const value = this.writer.at(0, () =>
      this.writer.keep("v128", [...code.i32(0), ...code.load("v128.load", at)]),
    );
    this.writer.remember(key, { scalar: { dtype: "float32", code: value } }, 0);
    return value;
  }

  /** Every copy, one after the other. */
  eachCopy(body: (v: Vectors, copy: number) => void): void {
    const v = this.vectors!;
    for (let c = 0; c < v.copies; c++) {
      v.copy = c;
      body(v, c);
    }
    v.copy = 0;
  }

  /** What a panel gives, as a vector for each copy. */
  vectorsOf(p: Panel): Bytes[] {
    this.statements(p.body);
    const out: Bytes[] = [];
    this.eachCopy(() => out.push(this.vector(p.value).code));
    return out;
  }

  /** The same, but every lane is computed by itself. */
  gathered(p: Panel): Bytes[] {
    const out: Bytes[] = [];
    this.eachCopy((own) => {
      const lanes: Coded[] = [];
      this.eachLane(() => {
        this.apart(() => {
          this.statements(p.body);
          lanes.push(this.machine.share(this.scalar(p.value)));
        });
      });
      out.push(this.writer.keep("v128", fromLanes(own.lanes, lanes).code));
    });
    return out;
  }

  /** Every lane of the present copy, as scalars. */
  private eachLane(body: (i: number) => void): void {
    const v = this.vectors!;
    for (let i = 0; i < v.lanes; i++) {
      v.lane = i;
      body(i);
    }
    v.lane = null;
  }

  /** Whether a value differs between lanes. */
  private varies(v: Value): boolean {
    if (this.vectors === null || v.definition._tag === "Constant") return false;
    return this.writer.find(v.id)?.entry.vectors !== undefined;
  }

  private indexVaries(x: Index): boolean {
    const { vectors } = this;
    if (vectors === null) return false;
    return x.terms.some(({ atom }) => {
      if (atom._tag === "Value") return this.writer.find(atom.value)?.entry.vectors !== undefined;
      if (atom._tag === "Axis")
        return atom.axis.id === vectors.axis.id || vectors.lines?.has(atom.axis) === true;
      return this.indexVaries(atom.of);
    });
  }

  // ---- guards

  private guard(s: Extract<Statement, { _tag: "Guard" }>): void {
    const dtype = s.result.dtype;
    const varying = s.conditions.some((c) => this.indexVaries(c.value));
    if (this.vectors === null || this.vectors.lane !== null) return this.scalarGuard(s);
    if (!varying && !this.bodyVaries(s)) return this.scalarGuard(s);
    const locals = Array.from({ length: this.vectors.copies }, () => this.writer.local("v128"));
    const { machine } = this.vectors;
    locals.forEach((l) => this.writer.emit(machine.constant(dtype, s.fill).code, code.set(l)));
    const together = (copies: readonly number[]): void => {
      this.statements(s.body);
      for (const c of copies) {
        this.vectors!.copy = c;
        this.writer.emit(this.vector(s.value).code, code.set(locals[c]!));
      }
      this.vectors!.copy = 0;
    };
    if (!varying) this.writer.when(this.conditions(s.conditions), () => together(locals.map((_, c) => c)));
    else this.oneByOne(s, locals, together);
    this.writer.remember(s.result.id, { vectors: locals.map((l) => ({ dtype, code: code.get(l) })) });
  }

  /** All lanes together where all are inside, else one by one. Plans give guarded loops one copy. */
  private oneByOne(
    s: Extract<Statement, { _tag: "Guard" }>,
    locals: readonly number[],
    together: (copies: readonly number[]) => void,
  ): void {
    const { lanes, axis } = this.vectors!;
    const { dtype } = s.result;
    const oneByOne = (): void => {
      const scalars: Coded[] = [];
      this.eachLane(() => {
        const local = this.writer.local(scalarType(dtype));
        this.writer.emit(this.machine.constant(dtype, s.fill).code, code.set(local));
        this.writer.when(this.conditions(s.conditions), () => {
          this.statements(s.body);
          this.writer.emit(this.scalar(s.value).code, code.set(local));
        });
        scalars.push({ dtype, code: code.get(local) });
      });
      this.writer.emit(fromLanes(lanes, scalars).code, code.set(locals[0]!));
    };
    const convex = s.conditions.every((c) => c.multiple === undefined && strideOf(c.value, axis) !== null);
    if (!convex || this.vectors!.copies > 1) return oneByOne();
    const ends = [0, lanes - 1].map((i) => {
      this.vectors!.lane = i;
      const test = this.conditions(s.conditions);
      this.vectors!.lane = null;
      return test;
    });
    this.writer.when([...ends.flat(), ...op("i32.and")], () => together([0]), oneByOne);
  }

  private bodyVaries(s: Extract<Statement, { _tag: "Guard" }>): boolean {
    const { axis } = this.vectors!;
    const visit = (body: readonly Statement[]): boolean =>
      body.some((t) => {
        if (t._tag === "Let") {
          const d = t.value.definition;
          if (d._tag === "Load" || d._tag === "FromIndex")
            return this.indexVaries(d.index) || mentions(d.index, new Set([axis]));
          return d._tag === "Compute" && d.args.some((a) => this.varies(a));
        }
        if (t._tag === "Guard") return visit(t.body) || t.conditions.some((c) => this.indexVaries(c.value));
        return t._tag === "Nest" ? visit(t.body) : false;
      });
    return this.varies(s.value) || visit(s.body);
  }

  private scalarGuard(s: Extract<Statement, { _tag: "Guard" }>): void {
    const { dtype } = s.result;
    const local = this.writer.local(scalarType(dtype));
    this.writer.emit(this.machine.constant(dtype, s.fill).code, code.set(local));
    this.writer.when(this.conditions(s.conditions), () => {
      this.statements(s.body);
      this.writer.emit(this.scalar(s.value).code, code.set(local));
    });
    this.writer.remember(s.result.id, { scalar: { dtype, code: code.get(local) } });
  }

  private conditions(conditions: readonly Condition<Index>[]): Bytes {
    const tests = conditions.flatMap((c): Bytes[] => {
      const [lo, hi] = bounds(c.value);
      const x = this.writer.keep("i32", this.index(c.value));
      const out: Bytes[] = [];
      if (lo < c.lo) out.push([...x, ...code.i32(c.lo), ...op("i32.ge_s")]);
      if (hi >= c.hi) out.push([...x, ...code.i32(c.hi), ...op("i32.lt_s")]);
      if (c.multiple !== undefined)
        out.push([...x, ...code.i32(c.multiple), ...op("i32.rem_s"), ...op("i32.eqz")]);
      return out;
    });
    if (tests.length === 0) return code.i32(1);
    return tests.reduce((all, t) => [...all, ...t, ...op("i32.and")]);
  }

  // ---- accumulators

  private declare(a: Accumulator): void {
    const v = this.vectors;
    const together = v !== null && v.lane === null;
    const sums = Array.from({ length: together ? v.copies : 1 }, () =>
      together ? this.vectorSum(a, v.machine, this.writer.level) : this.scalarSum(a),
    );
    if (together) {
      this.sums.delete(a.id);
      this.partial.set(a.id, sums);
    } else {
      this.partial.delete(a.id);
      this.sums.set(a.id, sums[0]!);
    }
  }

  private scalarSum(accumulator: Accumulator): Sum {
    const { op: name, dtype } = accumulator;
    const type = isWide(accumulator) ? "f64" : scalarType(dtype);
    const local = this.writer.local(type);
    const start = this.machine.constant(isWide(accumulator) ? "float64" : dtype, identity(name, dtype));
    this.writer.emit(start.code, code.set(local));
    const position = isArgument(name) ? this.writer.local("i32") : null;
    if (position !== null) this.writer.emit(code.i32(0), code.set(position));
    return { accumulator, level: this.writer.level, locals: [local], position };
  }

  private vectorSum(accumulator: Accumulator, machine: VectorMachine, level: number): Sum {
    const { op: name, dtype } = accumulator;
    const wide = isWide(accumulator) && machine.lanes === 4;
    const locals = Array.from({ length: wide ? 2 : 1 }, () => this.writer.local("v128"));
    const start = wide
      ? code.f64x2(identity(name, dtype))
      : machine.constant(dtype, identity(name, dtype)).code;
    for (const l of locals) this.writer.emit(start, code.set(l));
    const position = isArgument(name) ? this.writer.local("v128") : null;
    if (position !== null) this.writer.emit(code.i32x4(0), code.set(position));
    return { accumulator, level, locals, position };
  }

  /** Vector sums for the accumulators that the body updates but does not declare. */
  private openPartial(body: readonly Statement[], copies: number, machine: VectorMachine): Accumulator[] {
    const declared = new Set<Accumulator>();
    const updated = new Set<Accumulator>();
    const visit = (list: readonly Statement[]): void => {
      for (const s of list) {
        if (s._tag === "Accumulate") declared.add(s.accumulator);
        else if (s._tag === "Update") updated.add(s.accumulator);
        else if (s._tag === "Nest" || s._tag === "Guard") visit(s.body);
      }
    };
    visit(body);
    const outside = [...updated].filter((a) => !declared.has(a));
    for (const a of outside)
      this.partial.set(
        a.id,
        Array.from({ length: copies }, () => this.vectorSum(a, machine, this.writer.level)),
      );
    return outside;
  }

  /** Adds the vector sums up, into the scalar ones. */
  private closePartial(outside: readonly Accumulator[], lanes: Lanes, machine: VectorMachine): void {
    for (const a of outside) {
      const [first, ...others] = this.partial.get(a.id)!;
      this.partial.delete(a.id);
      const wide = first!.locals.length === 2;
      const dtype: DType = wide ? "float64" : a.dtype;
      const combine = (x: Bytes, y: Bytes): Bytes =>
        wide
          ? [...x, ...y, ...op(a.op === "sum" ? "f64x2.add" : "f64x2.mul")]
          : machine.binary(combiner(a.op), { dtype, code: x }, { dtype, code: y }).code;
      const all = [first!, ...others].flatMap((s) => s.locals.map((l): Bytes => code.get(l)));
      const total = this.writer.keep("v128", all.reduce(combine));
      const n = wide ? 2 : lanes;
      for (let i = 0; i < n; i++) {
        const part = laneOf(n, { dtype, code: total }, i);
        this.addScalar(this.sums.get(a.id)!, part);
      }
    }
  }

  /** Adds what is already of the accumulator's own type. */
  private addScalar(s: Sum, x: Coded): void {
    const { accumulator: a, locals } = s;
    const dtype: DType = isWide(a) ? "float64" : a.dtype;
    const now: Coded = { dtype, code: code.get(locals[0]!) };
    this.writer.emit(this.machine.binary(combiner(a.op), now, x).code, code.set(locals[0]!));
  }

  private update(s: Extract<Statement, { _tag: "Update" }>): void {
    const a = s.accumulator;
    this.updating.set(a.id, this.writer.current);
    const together = this.partial.get(a.id);
    if (together === undefined || this.vectors === null || this.vectors.lane !== null) {
      const x = this.scalar(s.value);
      const sum = this.sums.get(a.id)!;
      if (sum.position === null) this.addScalar(sum, isWide(a) ? this.machine.cast(x, "float64") : x);
      else this.argument(sum, x, s.position!);
      return;
    }
    this.eachCopy((v, c) => {
      const sum = together[c]!;
      const x = v.machine.share(this.vector(s.value));
      if (sum.position !== null) return this.vectorArgument(sum, x, s.position!, v);
      const [low, high] = sum.locals as [number, number?];
      if (high === undefined) {
        const now: Coded = { dtype: a.dtype, code: code.get(low) };
        this.writer.emit(v.machine.binary(combiner(a.op), now, x).code, code.set(low));
        return;
      }
      const add = op(a.op === "sum" ? "f64x2.add" : "f64x2.mul");
      const upper = shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
      this.writer.emit(code.get(low), x.code, op("f64x2.promote_low_f32x4"), add, code.set(low));
      this.writer.emit(
        code.get(high),
        x.code,
        x.code,
        upper,
        op("f64x2.promote_low_f32x4"),
        add,
        code.set(high),
      );
    });
  }

  /** x, and where it is, if it is better than the best so far; NaN is best of all. */
  private argument(s: Sum, x: Coded, position: Index): void {
    const { accumulator: a, locals } = s;
    const m = this.machine;
    const value = m.share(x);
    const best: Coded = { dtype: a.dtype, code: code.get(locals[0]!) };
    let better = m.compare(a.op === "argmax" ? "gt" : "lt", value, best);
    if (isFloat(a.dtype))
      better = m.binary(
        "or",
        better,
        m.binary("and", m.compare("ne", value, value), m.compare("eq", best, best)),
      );
    const at = this.writer.keep("i32", this.index(position));
    this.writer.emit(
      better.code,
      code.if,
      value.code,
      code.set(locals[0]!),
      at,
      code.set(s.position!),
      code.end,
    );
  }

  private vectorArgument(s: Sum, x: Coded, position: Index, v: Vectors): void {
    const { accumulator: a, locals } = s;
    const m = v.machine;
    const best: Coded = { dtype: a.dtype, code: code.get(locals[0]!) };
    let better = m.compare(a.op === "argmax" ? "gt" : "lt", x, best);
    if (isFloat(a.dtype))
      better = m.binary("or", better, m.binary("and", m.compare("ne", x, x), m.compare("eq", best, best)));
    const test = m.share(better);
    const at: Coded = { dtype: "int32", code: [...this.index(position), ...op("i32x4.splat")] };
    const was: Coded = { dtype: "int32", code: code.get(s.position!) };
    this.writer.emit(m.select(test, at, was).code, code.set(s.position!));
    this.writer.emit(m.select(test, x, best).code, code.set(locals[0]!));
  }

  // ---- values

  private define(v: Value): void {
    const { vectors } = this;
    const d = v.definition;
    if (vectors !== null && vectors.lane === null && this.definitionVaries(v)) {
      const level = d._tag === "Accumulated" ? this.writer.level : this.levelOf(v);
      const out: Coded[] = [];
      this.writer.at(level, () => this.eachCopy((own) => out.push(own.machine.share(this.vectorOf(v, own)))));
      this.writer.remember(v.id, { vectors: out }, level);
      return;
    }
    if (d._tag === "Constant" || d._tag === "Guarded") return;
    const level = this.levelOf(v);
    const scalar = this.writer.at(level, () => this.machine.share(this.scalarOf(v)));
    this.writer.remember(v.id, { scalar }, Math.min(level, this.writer.level));
  }

  private definitionVaries(v: Value): boolean {
    const d = v.definition;
    switch (d._tag) {
      case "FromIndex":
      case "Load":
        return this.indexVaries(d.index);
      case "Compute":
        return d.args.some((a) => this.varies(a));
      case "Accumulated":
        return this.partial.has(d.accumulator.id);
      default:
        return false;
    }
  }

  /** The outermost block where a value can stand. */
  private levelOf(v: Value): number {
    const d = v.definition;
    const now = this.writer.level;
    switch (d._tag) {
      case "FromIndex":
        return Math.min(now, this.indexLevel(d.index));
      case "Load":
        return Math.min(
          now,
          Math.max(this.indexLevel(d.index), this.loadFloor(this.buffers[d.buffer]!.written)),
        );
      case "Compute":
        return Math.min(now, Math.max(0, ...d.args.map((a) => this.valueLevel(a))));
      case "Accumulated": {
        // Inside the loop that still updates it (a running sum) the value belongs there.
        const updated = this.updating.get(d.accumulator.id);
        const running = updated !== undefined && this.writer.isOpen(updated);
        return running ? now : Math.min(now, this.sums.get(d.accumulator.id)?.level ?? now);
      }
      default:
        return now;
    }
  }

  private valueLevel(v: Value): number {
    if (v.definition._tag === "Constant") return 0;
    return this.writer.find(v.id)?.level ?? this.writer.level;
  }

  private loadFloor(written: boolean): number {
    for (let l = this.writer.level; l > 0; l--) {
      const kind = this.writer.kindOf(l);
      if (kind === "guard" || (kind === "sequential" && written)) return l;
    }
    return 0;
  }

  private indexLevel(x: Index): number {
    return x.terms.reduce((l, t) => {
      const own =
        t.atom._tag === "Axis"
          ? (this.axes.get(t.atom.axis.id)?.level ?? this.writer.level)
          : t.atom._tag === "Value"
            ? (this.writer.find(t.atom.value)?.level ?? this.writer.level)
            : this.indexLevel(t.atom.of);
      return Math.max(l, own);
    }, 0);
  }

  /** A value as a scalar; where elements go one by one, that of the present lane. */
  scalar(v: Value): Coded {
    if (v.definition._tag === "Constant") return this.machine.constant(v.dtype, v.definition.value);
    const { entry } = this.found(v.id);
    if (entry.vectors === undefined) return entry.scalar!;
    const own = this.vectors!;
    return laneOf(own.lanes, entry.vectors[own.copy]!, own.lane ?? 0);
  }

  /** A value as the vector of the present copy. */
  vector(v: Value): Coded {
    const own = this.vectors!;
    if (v.definition._tag === "Constant") return own.machine.constant(v.dtype, v.definition.value);
    const { entry, level } = this.found(v.id);
    if (entry.vectors !== undefined) return entry.vectors[own.copy]!;
    const key = `splat ${v.id}`;
    const have = this.writer.find(key);
    if (have !== null && have.level >= level) return have.entry.scalar!;
    const spread = this.writer.at(level, () => own.machine.share(splat(entry.scalar!)));
    this.writer.remember(key, { scalar: spread }, level);
    return spread;
  }

  private found(id: number): { readonly entry: Entry; readonly level: number } {
    const found = this.writer.find(id);
    if (found === null) throw new FluxionError("jit", `expected value ${id} to be defined`);
    return found;
  }

  /** Announces a value that is made by hand. */
  bind(v: Value, x: Coded): void {
    this.writer.remember(v.id, { scalar: x });
  }

  /** The same for the copies of a vector. */
  bindVectors(v: Value, xs: readonly Coded[]): void {
    this.writer.remember(v.id, { vectors: xs });
  }

  private scalarOf(v: Value): Coded {
    const d = v.definition;
    switch (d._tag) {
      case "FromIndex":
        return this.machine.cast({ dtype: "int32", code: this.index(d.index) }, v.dtype);
      case "Load":
        return this.loadScalar(d.buffer, d.index);
      case "Compute": {
        const args = d.args.map((a) => this.scalar(a));
        const dtype = typeOf(v);
        const out =
          d.lower.formula?.(this.machine, args, d.operand, d.attrs as never) ?? this.called(v, args);
        return { ...out, dtype, code: wrapped(dtype, out.code) };
      }
      case "Accumulated": {
        const s = this.sums.get(d.accumulator.id)!;
        if (s.position !== null)
          return this.machine.cast({ dtype: "int32", code: code.get(s.position) }, v.dtype);
        const held: DType = isWide(s.accumulator) ? "float64" : s.accumulator.dtype;
        const copy = this.writer.keep(scalarType(held), code.get(s.locals[0]!));
        return this.machine.cast({ dtype: held, code: copy }, v.dtype);
      }
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  private vectorOf(v: Value, own: Vectors): Coded {
    const d = v.definition;
    const m = own.machine;
    switch (d._tag) {
      case "FromIndex":
        return this.byLane(own, () =>
          this.machine.cast({ dtype: "int32", code: this.index(d.index) }, v.dtype),
        );
      case "Load":
        return this.loadVector(d.buffer, d.index, own);
      case "Compute": {
        const args = d.args.map((a) => this.vector(a));
        const dtype = typeOf(v);
        const out =
          d.lower.formula?.(m, args, d.operand, d.attrs as never) ??
          m.laneByLane(dtype, args, (xs) => this.called(v, xs));
        return m.narrow({ ...out, dtype });
      }
      case "Accumulated": {
        const s = this.partial.get(d.accumulator.id)![own.copy]!;
        if (s.position !== null) return m.cast({ dtype: "int32", code: code.get(s.position) }, v.dtype);
        const [low, high] = s.locals as [number, number?];
        if (high === undefined)
          return m.cast(
            { dtype: s.accumulator.dtype, code: this.writer.keep("v128", code.get(low)) },
            v.dtype,
          );
        const demote = op("f32x4.demote_f64x2_zero");
        const join = shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
        return { dtype: v.dtype, code: [...code.get(low), ...demote, ...code.get(high), ...demote, ...join] };
      }
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  /** A vector of what `scalar` gives for each lane. */
  private byLane(own: Vectors, scalar: () => Coded): Coded {
    const out: Coded[] = [];
    this.eachLane(() => out.push(this.machine.share(scalar())));
    return fromLanes(own.lanes, out);
  }

  /** A function that no instruction computes: JavaScript's. */
  private called(v: Value, args: readonly Coded[]): Coded {
    const d = v.definition;
    if (d._tag !== "Compute") throw new FluxionError("jit", "expected a computed value");
    this.calls.add(d.name);
    const names = args.map((_, i) => `x${i}`);
    const js = wrapText(v.dtype, d.lower.js(names, d.operand, d.attrs as never), d.name);
    const used = Object.entries(d.lower.functions).filter(([name]) => js.includes(`${name}(`));
    const bools = args.map((a, i) => (a.dtype === "bool" ? `x${i} = x${i} !== 0;` : "")).join("");
    const call = this.host.scalarFunction(`${bools}${js}`, args.length, v.dtype, () => {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- text of this library's own primitives
      const make = new Function(
        ...used.map(([name]) => name),
        `"use strict"; return function (${names.join(", ")}) { ${bools} return ${js}; };`,
      ) as (...f: unknown[]) => (...args: number[]) => number;
      return make(...used.map(([, f]) => f));
    });
    const doubles = args.map((a) => this.machine.cast(a, "float64").code);
    return { dtype: v.dtype, code: [...doubles.flat(), ...call] };
  }

  // ---- memory

  private loadScalar(buffer: number, index: Index): Coded {
    const { dtype } = this.buffers[buffer]!;
    const a = this.address(buffer, index);
    return { dtype, code: [...a.code, ...code.load(loadOp[dtype], a.offset)] };
  }

  private loadVector(buffer: number, index: Index, own: Vectors): Coded {
    const { dtype } = this.buffers[buffer]!;
    const narrow = bytesPerElement(dtype) === 1;
    if (!this.isContiguous(index, own) || (narrow && own.lanes === 2))
      return this.byLane(own, () => this.loadScalar(buffer, index));
    const a = this.address(buffer, index);
    if (!narrow) return { dtype, code: [...a.code, ...code.load("v128.load", a.offset)] };
    const four = [...a.code, ...code.load("v128.load32_zero", a.offset)];
    const sign = dtype === "int8" ? "s" : "u";
    const wide = [...four, ...op(`i16x8.extend_low_i8x16_${sign}`), ...op(`i32x4.extend_low_i16x8_${sign}`)];
    return dtype === "bool"
      ? { dtype, code: [...wide, ...code.i32x4(0), ...op("i32x4.ne")] }
      : { dtype, code: wide };
  }

  /** Whether neighbouring lanes are neighbours in memory. */
  private isContiguous(x: Index, own: Vectors): boolean {
    if (this.valueVaries(x)) return false;
    return own.lines === undefined ? strideOf(x, own.axis) === 1 : own.lines.isContiguous(x, own.lanes);
  }

  private valueVaries(x: Index): boolean {
    return x.terms.some(
      ({ atom }) => atom._tag === "Value" && this.writer.find(atom.value)?.entry.vectors !== undefined,
    );
  }

  private store(s: Extract<Statement, { _tag: "Store" }>): void {
    const v = this.vectors;
    if (v === null || v.lane !== null) return this.storeScalar(s);
    const varies =
      this.varies(s.value) ||
      this.indexVaries(s.index) ||
      s.conditions.some((c) => this.indexVaries(c.value));
    if (!varies) return this.storeScalar(s);
    this.eachCopy(() => {
      const { dtype } = this.buffers[s.buffer]!;
      const narrow = bytesPerElement(dtype) === 1;
      const together =
        this.isContiguous(s.index, v) &&
        !(narrow && v.lanes === 2) &&
        s.conditions.length === 0 &&
        (s.mode === "set" || !narrow);
      if (!together) this.eachLane(() => this.storeScalar(s));
      else this.storeVector(s, v);
    });
  }

  private storeVector(s: Extract<Statement, { _tag: "Store" }>, v: Vectors): void {
    const { dtype } = this.buffers[s.buffer]!;
    const a = this.address(s.buffer, s.index);
    let x = this.vector(s.value);
    if (s.mode !== "set") {
      const old: Coded = { dtype, code: [...a.code, ...code.load("v128.load", a.offset)] };
      x = v.machine.binary(modeOf(s.mode), old, x);
    }
    if (bytesPerElement(dtype) > 1)
      return this.writer.emit(a.code, x.code, code.load("v128.store", a.offset));
    const words =
      dtype === "bool"
        ? [...x.code, ...code.i32x4(1), ...op("v128.and")]
        : [...x.code, ...code.i32x4(255), ...op("v128.and")];
    const held = this.writer.keep("v128", words);
    const half = this.writer.keep("v128", [...held, ...held, ...op("i16x8.narrow_i32x4_u")]);
    this.writer.emit(a.code, half, half, op("i8x16.narrow_i16x8_u"), storeLane32(a.offset));
  }

  private storeScalar(s: Extract<Statement, { _tag: "Store" }>): void {
    const { dtype } = this.buffers[s.buffer]!;
    const write = (): void => {
      const a = this.address(s.buffer, s.index);
      let x = this.scalar(s.value);
      if (s.mode !== "set") {
        const at: DType = dtype === "bool" ? "uint8" : dtype;
        const old = {
          dtype: at,
          code: this.writer.keep(scalarType(at), [...a.code, ...code.load(loadOp[dtype], a.offset)]),
        };
        x = this.machine.binary(modeOf(s.mode), old, { ...x, dtype: at });
      }
      this.writer.emit(a.code, x.code, code.load(storeOp[dtype], a.offset));
    };
    if (s.conditions.length === 0) return write();
    this.writer.when(this.conditions(s.conditions), write);
  }

  // ---- addresses

  /** Where an element of a buffer is: code, and a constant to add. */
  address(buffer: number, index: Index): { readonly code: Bytes; readonly offset: number } {
    const size = bytesPerElement(this.buffers[buffer]!.dtype);
    return this.addressFrom(code.get(buffer), `b${buffer}`, size, index);
  }

  /** The same from any base address. */
  addressFrom(
    base: Bytes,
    name: string,
    size: number,
    index: Index,
  ): { readonly code: Bytes; readonly offset: number } {
    const { text, constant } = this.linear(index, size, { code: base, key: name });
    const [least] = bounds({ ...index, base: 0 });
    return least >= 0 && constant >= 0
      ? { code: text, offset: constant }
      : { code: [...text, ...code.i32(constant), ...op("i32.add")], offset: 0 };
  }

  /** An index as an i32. */
  index(x: Index): Bytes {
    const { text, constant } = this.linear(x, 1, null);
    if (text.length === 0) return code.i32(constant);
    return constant === 0 ? text : [...text, ...code.i32(constant), ...op("i32.add")];
  }

  /** The terms of an index times `scale`, those of outer loops computed there once; and what is constant. */
  private linear(
    x: Index,
    scale: number,
    base: { readonly code: Bytes; readonly key: string } | null,
  ): { readonly text: Bytes; readonly constant: number } {
    const { vectors } = this;
    let constant = x.base * scale;
    const groups = new Map<number, { readonly text: Bytes; readonly key: string }[]>();
    const parts = new Map<Lines, { readonly axis: Axis; readonly by: number }[]>();
    for (const { atom, by } of x.terms) {
      const times = by * scale;
      let level: number;
      let text: Bytes;
      let key = `${times}*${atom.key}`;
      const line = atom._tag === "Axis" ? this.lines.find((l) => l.has(atom.axis)) : undefined;
      if (line !== undefined && atom._tag === "Axis") {
        parts.set(line, [...(parts.get(line) ?? []), { axis: atom.axis, by: times }]);
        continue;
      }
      if (atom._tag === "Axis") {
        const at = this.axes.get(atom.axis.id);
        if (at === undefined) throw new FluxionError("jit", `expected a loop over axis ${atom.axis.id}`);
        level = at.level;
        text = code.get(at.local);
        key += `l${at.local}`;
        if (vectors !== null && atom.axis.id === vectors.axis.id)
          constant += times * (vectors.lanes * vectors.copy + (vectors.lane ?? 0));
      } else if (atom._tag === "Value") {
        const { entry, level: own } = this.found(atom.value);
        level = own;
        if (entry.vectors === undefined) text = entry.scalar!.code;
        else {
          text = laneOf(vectors!.lanes, entry.vectors[vectors!.copy]!, vectors!.lane ?? 0).code;
          level = this.writer.level;
        }
        key += String(text);
      } else {
        const inside: Index = atom.of;
        level = Math.min(this.writer.level, this.indexLevel(inside));
        const lower = bounds(inside)[0];
        const own = this.indexVaries(inside) ? this.writer.level : level;
        level = own;
        text = this.writer.at(own, () => divided(atom._tag, this.index(inside), atom.by, lower));
        key += String(text);
      }
      level = Math.min(level, this.writer.level);
      groups.set(level, [...(groups.get(level) ?? []), { text: scaled(text, times), key }]);
    }
    for (const [line, terms] of parts) {
      const own = vectors?.lines === line ? vectors.lanes * vectors.copy + (vectors.lane ?? 0) : line.current;
      const text = line.offset(terms, own);
      groups.set(line.level, [...(groups.get(line.level) ?? []), { text, key: String(text) }]);
    }
    const levels = [...groups.keys()].sort((a, b) => a - b);
    let text: Bytes = base?.code ?? [];
    let key = base?.key ?? "";
    for (const level of levels) {
      const terms = groups.get(level)!;
      key += terms.map((t) => `+${t.key}`).join("");
      const sum = terms.reduce<Bytes>(
        (all, t) => (all.length === 0 ? t.text : [...all, ...t.text, ...op("i32.add")]),
        text,
      );
      if (terms.length === 1 && text.length === 0 && terms[0]!.text.length <= 2) {
        text = sum;
        continue;
      }
      const have = this.writer.find(key);
      if (have !== null) text = have.entry.scalar!.code;
      else {
        text = this.writer.at(level, () => this.writer.keep("i32", sum));
        this.writer.remember(key, { scalar: { dtype: "int32", code: text } }, level);
      }
    }
    return { text, constant };
  }
}

/** Sums and products of float32 are kept in float64. */
const isWide = (a: Accumulator): boolean =>
  (a.op === "sum" || a.op === "prod") && (a.dtype === "float32" || a.dtype === "float64");

const identity = (name: ReduceOp, dtype: DType): number => {
  switch (name) {
    case "sum":
      return 0;
    case "prod":
      return 1;
    case "max":
      return lowest(dtype);
    case "min":
      return highest(dtype);
    case "argmax":
      return isFloat(dtype) ? -Infinity : lowest(dtype);
    case "argmin":
      return isFloat(dtype) ? Infinity : highest(dtype);
  }
};

const combiner = (name: ReduceOp): MachineBinary =>
  name === "sum" ? "add" : name === "prod" ? "mul" : name === "max" || name === "argmax" ? "max" : "min";

const modeOf = (mode: ScatterMode): MachineBinary => (mode === "set" ? "add" : mode);

const loadOp: Readonly<Record<DType, MemoryOp>> = {
  float32: "f32.load",
  float64: "f64.load",
  int32: "i32.load",
  uint32: "i32.load",
  int8: "i32.load8_s",
  uint8: "i32.load8_u",
  bool: "i32.load8_u",
};

const storeOp: Readonly<Record<DType, MemoryOp>> = {
  float32: "f32.store",
  float64: "f64.store",
  int32: "i32.store",
  uint32: "i32.store",
  int8: "i32.store8",
  uint8: "i32.store8",
  bool: "i32.store8",
};
