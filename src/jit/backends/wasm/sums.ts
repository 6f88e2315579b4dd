/**
 * Accumulators: one local each, or vectors whose lanes one loop adds up in the end. Sums and products of float32 are
 * kept in float64, in two vectors. Where a loop is long, the copies of one turn are added up in float32 first, as a
 * tree: three roundings that do not pile up, for a quarter of the conversions. Where lanes are sums of their own, eight rows
 * of a long loop are added up in float32 first.
 */
import { sizeOf } from "../../../ir/aval.js";
import { type DType, isFloat } from "../../../ir/dtype.js";
import type { Index } from "../../index-expression.js";
import type { Accumulator, Statement, Value } from "../../kernel.js";
import { outerUpdates } from "../../statements.js";
import { isArgument } from "../js/text.js";
import type { Addresses } from "./addresses.js";
import type { Bytes } from "./bytes.js";
import { addExtreme, type Extreme, extremeOf, isExtreme, startExtreme } from "./extremes.js";
import type { Entry, Frame, Vectors } from "./frame.js";
import { isTree } from "./lanes.js";
import { code } from "./module.js";
import { op, shuffle } from "./opcodes.js";
import { combiner, identity, isWide } from "./reductions.js";
import { type Coded, scalarType } from "./scalar.js";
import { lane as laneOf, type Lanes, type VectorMachine } from "./vector.js";
import { isShortRow, rowsInTurn } from "./turns.js";
import type { Block } from "./writer.js";

/** The locals of an accumulator. */
interface Sum {
  readonly accumulator: Accumulator;
  readonly level: number;
  readonly locals: readonly number[];
  readonly position: number | null;
  /** In place of locals, where it is kept in parts. */
  readonly extreme: Extreme | null;
}

type Update = Extract<Statement, { _tag: "Update" }>;
type Nest = Extract<Statement, { _tag: "Nest" }>;

export class Sums {
  private readonly sums = new Map<number, Sum>();
  /** Sums of lanes that one loop adds up, by copy. */
  private readonly partial = new Map<number, readonly Sum[]>();
  /** The block in which an accumulator was last updated. */
  private readonly updating = new Map<number, Block<Entry>>();

  /** In a turn of several rows, what they give so far: a float32 vector for each sum. */
  private turn: Map<Sum, number> | null = null;

  constructor(
    private readonly frame: Frame,
    private readonly addresses: Addresses,
  ) {}

  declare(a: Accumulator): void {
    const v = this.frame.vectors;
    const together = v !== null && v.lane === null;
    const sums = Array.from({ length: together ? v.copies : 1 }, () =>
      together ? this.vectorSum(a, v.machine, this.frame.writer.level) : this.scalarSum(a),
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
    const local = this.frame.writer.local(type);
    const start = this.frame.machine.constant(isWide(accumulator) ? "float64" : dtype, identity(name, dtype));
    this.frame.writer.emit(start.code, code.set(local));
    const position = isArgument(name) ? this.frame.writer.local("i32") : null;
    if (position !== null) this.frame.writer.emit(code.i32(0), code.set(position));
    return { accumulator, level: this.frame.writer.level, locals: [local], position, extreme: null };
  }

  private vectorSum(accumulator: Accumulator, machine: VectorMachine, level: number): Sum {
    const { op: name, dtype } = accumulator;
    if (isExtreme(accumulator)) {
      const extreme = startExtreme(this.frame.writer, accumulator, machine);
      return { accumulator, level, locals: [], position: null, extreme };
    }
    const wide = isWide(accumulator) && machine.lanes === 4;
    const locals = Array.from({ length: wide ? 2 : 1 }, () => this.frame.writer.local("v128"));
    const start = wide
      ? code.f64x2(identity(name, dtype))
      : machine.constant(dtype, identity(name, dtype)).code;
    for (const l of locals) this.frame.writer.emit(start, code.set(l));
    const position = isArgument(name) ? this.frame.writer.local("v128") : null;
    if (position !== null) this.frame.writer.emit(code.i32x4(0), code.set(position));
    return { accumulator, level, locals, position, extreme: null };
  }

  /** Vector sums for the accumulators that the body updates but does not declare. */
  openPartial(
    body: readonly Statement[],
    size: number,
    copies: number,
    machine: VectorMachine,
  ): Accumulator[] {
    const outside = outerUpdates(body);
    for (const a of outside)
      this.partial.set(
        a.id,
        Array.from({ length: isTree(a, size) ? 1 : copies }, () =>
          this.vectorSum(a, machine, this.frame.writer.level),
        ),
      );
    return outside;
  }

  /** Adds the vector sums up, into the scalar ones. */
  closePartial(outside: readonly Accumulator[], lanes: Lanes, machine: VectorMachine): void {
    for (const a of outside) {
      const [first, ...others] = this.partial.get(a.id)!;
      this.partial.delete(a.id);
      const wide = first!.locals.length === 2;
      const dtype: DType = wide ? "float64" : a.dtype;
      const combine = (x: Bytes, y: Bytes): Bytes =>
        wide
          ? x + y + op(a.op === "sum" ? "f64x2.add" : "f64x2.mul")
          : machine.binary(combiner(a.op), { dtype, code: x }, { dtype, code: y }).code;
      const all = [first!, ...others].flatMap((s): Bytes[] =>
        s.extreme === null
          ? s.locals.map((l) => code.get(l))
          : [this.frame.writer.keep("v128", extremeOf(s.extreme, a, machine).code)],
      );
      const total = this.frame.writer.keep("v128", all.reduce(combine));
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
    this.frame.writer.emit(this.frame.machine.binary(combiner(a.op), now, x).code, code.set(locals[0]!));
  }

  update(s: Update): void {
    const a = s.accumulator;
    this.updating.set(a.id, this.frame.writer.current);
    const together = this.partial.get(a.id);
    if (together === undefined || this.frame.vectors === null || this.frame.vectors.lane !== null) {
      const x = this.frame.scalar(s.value);
      const sum = this.sums.get(a.id)!;
      if (sum.position === null) this.addScalar(sum, isWide(a) ? this.frame.machine.cast(x, "float64") : x);
      else this.argument(sum, x, s.position!);
      return;
    }
    if (together.length < this.frame.vectors.copies) return this.addTree(together[0]!, s.value);
    this.frame.eachCopy((v, c) => {
      const sum = together[c]!;
      const x = v.machine.share(this.frame.vector(s.value));
      if (sum.position !== null) return this.vectorArgument(sum, x, s.position!, v);
      if (sum.extreme !== null) return addExtreme(this.frame.writer, sum.extreme, a, v.machine, x);
      if (this.turn !== null) return this.addToTurn(this.turn, sum, x);
      const [local, high] = sum.locals as [number, number?];
      if (high !== undefined) return this.addWide(sum, x);
      const now: Coded = { dtype: a.dtype, code: code.get(local) };
      this.frame.writer.emit(v.machine.binary(combiner(a.op), now, x).code, code.set(local));
    });
  }

  // ---- rows, several in one turn

  /** Whether a nest does nothing but add so many cheap rows to vector sums of float32 that they go in turns. */
  takeTurns({ axes, body, sequential }: Nest): boolean {
    const v = this.frame.vectors;
    if (v === null || v.lane !== null || sequential || !isShortRow(body)) return false;
    const isSum = (a: Accumulator): boolean =>
      isTree(a, sizeOf(axes.map((x) => x.size))) && this.partial.get(a.id)?.length === v.copies;
    const fits = (s: Statement): boolean => s._tag !== "Update" || isSum(s.accumulator);
    return axes.at(-1)!.size >= rowsInTurn && body.every(fits);
  }

  /** Adds up in float32 what `body` adds to vector sums, then that to the sums. */
  inTurn(body: () => void): void {
    const turn = (this.turn = new Map<Sum, number>());
    body();
    this.turn = null;
    for (const [sum, local] of turn) this.addWide(sum, { dtype: "float32", code: code.get(local) });
  }

  private addToTurn(turn: Map<Sum, number>, sum: Sum, x: Coded): void {
    const have = turn.get(sum);
    const local = have ?? this.frame.writer.local("v128");
    turn.set(sum, local);
    const now: readonly Bytes[] = have === undefined ? [x.code] : [code.get(local), x.code, op("f32x4.add")];
    this.frame.writer.emit(...now, code.set(local));
  }

  /** Adds the copies of a value up, then their sum to the accumulator. */
  private addTree(sum: Sum, value: Value): void {
    let level: Bytes[] = [];
    this.frame.eachCopy(() => level.push(this.frame.vector(value).code));
    while (level.length > 1)
      level = level.flatMap((x, i) =>
        i % 2 === 1 ? [] : [x + (level[i + 1] ?? code.f32x4(0)) + op("f32x4.add")],
      );
    this.addWide(sum, this.frame.vectors!.machine.share({ dtype: "float32", code: level[0]! }));
  }

  /** Adds four float32 to the two vectors of a float64 accumulator, or multiplies them. */
  private addWide({ accumulator: a, locals }: Sum, x: Coded): void {
    const [low, high] = locals as [number, number];
    const add = op(a.op === "sum" ? "f64x2.add" : "f64x2.mul");
    const promote = op("f64x2.promote_low_f32x4");
    const upper = shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
    this.frame.writer.emit(code.get(low), x.code, promote, add, code.set(low));
    this.frame.writer.emit(code.get(high), x.code, x.code, upper, promote, add, code.set(high));
  }

  /** x, and where it is, if it is better than the best so far; NaN is best of all. */
  private argument(s: Sum, x: Coded, position: Index): void {
    const { accumulator: a, locals } = s;
    const m = this.frame.machine;
    const value = m.share(x);
    const best: Coded = { dtype: a.dtype, code: code.get(locals[0]!) };
    let better = m.compare(a.op === "argmax" ? "gt" : "lt", value, best);
    if (isFloat(a.dtype))
      better = m.binary(
        "or",
        better,
        m.binary("and", m.compare("ne", value, value), m.compare("eq", best, best)),
      );
    const at = this.frame.writer.keep("i32", this.addresses.index(position));
    this.frame.writer.emit(
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
    const at: Coded = { dtype: "int32", code: this.addresses.index(position) + op("i32x4.splat") };
    const was: Coded = { dtype: "int32", code: code.get(s.position!) };
    this.frame.writer.emit(m.select(test, at, was).code, code.set(s.position!));
    this.frame.writer.emit(m.select(test, x, best).code, code.set(locals[0]!));
  }

  // ---- reading them

  /** Whether its values are vectors. */
  isPartial(a: Accumulator): boolean {
    return this.partial.has(a.id);
  }

  /** The outermost block where its value can stand: inside the loop that still updates it (a running sum), there. */
  levelOf(a: Accumulator): number {
    const { writer } = this.frame;
    const updated = this.updating.get(a.id);
    const running = updated !== undefined && writer.isOpen(updated);
    return running ? writer.level : Math.min(writer.level, this.sums.get(a.id)?.level ?? writer.level);
  }

  /** Its value as a scalar: of its own dtype, float64 for sums of floats, int32 for positions. */
  scalar(a: Accumulator): Coded {
    const s = this.sums.get(a.id)!;
    if (s.position !== null) return { dtype: "int32", code: code.get(s.position) };
    const held: DType = isWide(a) ? "float64" : a.dtype;
    return { dtype: held, code: this.frame.writer.keep(scalarType(held), code.get(s.locals[0]!)) };
  }

  /** Its value as a vector of the copy; sums of float32 are float32 again. */
  vector(a: Accumulator, own: Vectors): Coded {
    const s = this.partial.get(a.id)![own.copy]!;
    if (s.position !== null) return { dtype: "int32", code: code.get(s.position) };
    if (s.extreme !== null) return own.machine.share(extremeOf(s.extreme, a, own.machine));
    const [low, high] = s.locals as [number, number?];
    if (high === undefined) return { dtype: a.dtype, code: this.frame.writer.keep("v128", code.get(low)) };
    const demote = op("f32x4.demote_f64x2_zero");
    const join = shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
    return { dtype: "float32", code: code.get(low) + demote + code.get(high) + demote + join };
  }
}
