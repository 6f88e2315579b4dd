/**
 * Guards: a value where conditions hold, another elsewhere. Lanes go together where all are inside, else one by one.
 */
import type { Condition } from "../../../ir/lowering.js";
import { type Axis, type Index, mentions } from "../../index-expression.js";
import type { Statement } from "../../kernel.js";
import type { Addresses } from "./addresses.js";
import type { Bytes } from "./bytes.js";
import type { Frame } from "./frame.js";
import { strideOf } from "./lanes.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import { type Coded, scalarType } from "./scalar.js";
import { fromLanes, type Lanes } from "./vector.js";

type Guard = Extract<Statement, { _tag: "Guard" }>;

/** Whether no lane can be inside between two that are outside: at most one range moves, and it is as wide as the vector. */
const isWide = (conditions: readonly Condition<Index>[], axis: Axis, lanes: Lanes): boolean => {
  const moving = conditions.filter((c) => strideOf(c.value, axis) !== 0);
  const step = (c: Condition<Index>): number => Math.abs(strideOf(c.value, axis)!);
  return moving.length <= 1 && moving.every((c) => c.hi - c.lo >= (lanes - 1) * step(c));
};

export class Guards {
  constructor(
    private readonly frame: Frame,
    private readonly addresses: Addresses,
  ) {}

  render(s: Guard): void {
    const dtype = s.result.dtype;
    const varying = s.conditions.some((c) => this.frame.indexVaries(c.value));
    if (this.frame.vectors === null || this.frame.vectors.lane !== null) return this.scalarGuard(s);
    if (!varying && !this.bodyVaries(s)) return this.scalarGuard(s);
    const locals = Array.from({ length: this.frame.vectors.copies }, () => this.frame.writer.local("v128"));
    const { machine } = this.frame.vectors;
    locals.forEach((l) => this.frame.writer.emit(machine.constant(dtype, s.fill).code, code.set(l)));
    const together = (copies: readonly number[]): void => {
      this.frame.statements(s.body);
      for (const c of copies) {
        this.frame.vectors!.copy = c;
        this.frame.writer.emit(this.frame.vector(s.value).code, code.set(locals[c]!));
      }
      this.frame.vectors!.copy = 0;
    };
    if (!varying)
      this.frame.writer.when(this.addresses.conditions(s.conditions), () =>
        together(locals.map((_, c) => c)),
      );
    else this.oneByOne(s, locals, together);
    this.frame.writer.remember(s.result.id, { vectors: locals.map((l) => ({ dtype, code: code.get(l) })) });
  }

  /** All lanes together where all are inside, else one by one. Plans give guarded loops one copy. */
  private oneByOne(s: Guard, locals: readonly number[], together: (copies: readonly number[]) => void): void {
    const { lanes, axis } = this.frame.vectors!;
    const { dtype } = s.result;
    const oneByOne = (): void => {
      const scalars: Coded[] = [];
      this.frame.eachLane(() => {
        const local = this.frame.writer.local(scalarType(dtype));
        this.frame.writer.emit(this.frame.machine.constant(dtype, s.fill).code, code.set(local));
        this.frame.writer.when(this.addresses.conditions(s.conditions), () => {
          this.frame.statements(s.body);
          this.frame.writer.emit(this.frame.scalar(s.value).code, code.set(local));
        });
        scalars.push({ dtype, code: code.get(local) });
      });
      this.frame.writer.emit(fromLanes(lanes, scalars).code, code.set(locals[0]!));
    };
    const convex = s.conditions.every((c) => c.multiple === undefined && strideOf(c.value, axis) !== null);
    if (!convex || this.frame.vectors!.copies > 1) return oneByOne();
    const ends = [0, lanes - 1].map((i) => {
      this.frame.vectors!.lane = i;
      const test = this.addresses.conditions(s.conditions);
      this.frame.vectors!.lane = null;
      return test;
    });
    const [first, last] = ends.map((e) => this.frame.writer.keep("i32", e)) as [Bytes, Bytes];
    const some = isWide(s.conditions, axis, lanes)
      ? (): void => this.frame.writer.when(first + last + op("i32.or"), oneByOne)
      : oneByOne;
    this.frame.writer.when(first + last + op("i32.and"), () => together([0]), some);
  }

  private bodyVaries(s: Guard): boolean {
    const { axis } = this.frame.vectors!;
    const visit = (body: readonly Statement[]): boolean =>
      body.some((t) => {
        if (t._tag === "Let") {
          const d = t.value.definition;
          if (d._tag === "Load" || d._tag === "FromIndex")
            return this.frame.indexVaries(d.index) || mentions(d.index, new Set([axis]));
          return d._tag === "Compute" && d.args.some((a) => this.frame.varies(a));
        }
        if (t._tag === "Guard")
          return visit(t.body) || t.conditions.some((c) => this.frame.indexVaries(c.value));
        return t._tag === "Nest" ? visit(t.body) : false;
      });
    return this.frame.varies(s.value) || visit(s.body);
  }

  private scalarGuard(s: Guard): void {
    const { dtype } = s.result;
    const local = this.frame.writer.local(scalarType(dtype));
    this.frame.writer.emit(this.frame.machine.constant(dtype, s.fill).code, code.set(local));
    this.frame.writer.when(this.addresses.conditions(s.conditions), () => {
      this.frame.statements(s.body);
      this.frame.writer.emit(this.frame.scalar(s.value).code, code.set(local));
    });
    this.frame.writer.remember(s.result.id, { scalar: { dtype, code: code.get(local) } });
  }
}
