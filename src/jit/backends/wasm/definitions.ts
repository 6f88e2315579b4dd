/** Values: each is computed at the outermost loop that it depends on, as a scalar or as a vector for each copy. */
import { FluxionError } from "../../../ir/errors.js";
import type { Value } from "../../kernel.js";
import type { Addresses } from "./addresses.js";
import type { Frame, Vectors } from "./frame.js";
import { typeOf } from "./lanes.js";
import type { Memory } from "./memory.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import { type Coded, type ScalarMachine, scalarType, wrapped } from "./scalar.js";
import { VectorMachine } from "./vector.js";
import type { Sums } from "./sums.js";

export class Definitions {
  constructor(
    private readonly frame: Frame,
    private readonly addresses: Addresses,
    private readonly memory: Memory,
    private readonly sums: Sums,
  ) {}

  define(v: Value): void {
    const { vectors, writer } = this.frame;
    const d = v.definition;
    if (vectors !== null && vectors.lane === null && this.varies(v)) {
      const level = d._tag === "Accumulated" ? writer.level : this.levelOf(v);
      const out: Coded[] = [];
      writer.at(level, () =>
        this.frame.eachCopy((own) => out.push(own.machine.share(this.vectorOf(v, own)))),
      );
      writer.remember(v.id, { vectors: out }, level);
      return;
    }
    if (d._tag === "Constant" || d._tag === "Guarded") return;
    const level = this.levelOf(v);
    const scalar = writer.at(level, () => this.frame.machine.share(this.scalarOf(v)));
    this.frame.forgetSpread(v); // of another time that it was rendered
    writer.remember(v.id, { scalar }, Math.min(level, writer.level));
  }

  private varies(v: Value): boolean {
    const d = v.definition;
    switch (d._tag) {
      case "FromIndex":
      case "Load":
        return this.frame.indexVaries(d.index);
      case "Compute":
        return d.args.some((a) => this.frame.varies(a));
      case "Accumulated":
        return this.sums.isPartial(d.accumulator);
      default:
        return false;
    }
  }

  /** The outermost block where a value can stand. */
  private levelOf(v: Value): number {
    const d = v.definition;
    const now = this.frame.writer.level;
    switch (d._tag) {
      case "FromIndex":
        return Math.min(now, this.addresses.levelOf(d.index));
      case "Load": {
        const floor = this.loadFloor(this.frame.buffers[d.buffer]!.written);
        return Math.min(now, Math.max(this.addresses.levelOf(d.index), floor));
      }
      case "Compute":
        return Math.min(now, Math.max(0, ...d.args.map((a) => this.valueLevel(a))));
      case "Accumulated":
        return this.sums.levelOf(d.accumulator);
      default:
        return now;
    }
  }

  private valueLevel(v: Value): number {
    if (v.definition._tag === "Constant") return 0;
    const { writer } = this.frame;
    return writer.find(v.id)?.level ?? writer.level;
  }

  /** The outermost block that a load may move to. */
  private loadFloor(written: boolean): number {
    const { writer } = this.frame;
    for (let l = writer.level; l > 0; l--) {
      const kind = writer.kindOf(l);
      if (kind === "guard" || (kind === "sequential" && written)) return l;
    }
    return 0;
  }

  private scalarOf(v: Value): Coded {
    const d = v.definition;
    const { machine } = this.frame;
    switch (d._tag) {
      case "FromIndex":
        return machine.cast({ dtype: "int32", code: this.addresses.index(d.index) }, v.dtype);
      case "Load":
        return this.memory.scalar(d.buffer, d.index);
      case "Compute": {
        const args = d.args.map((a) => this.frame.scalar(a));
        const dtype = typeOf(v);
        const out = this.formula(v, machine, args) ?? this.called(v, args);
        return { ...out, dtype, code: wrapped(dtype, out.code) };
      }
      case "Accumulated":
        return machine.cast(this.sums.scalar(d.accumulator), v.dtype);
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  private vectorOf(v: Value, own: Vectors): Coded {
    const d = v.definition;
    const m = own.machine;
    switch (d._tag) {
      case "FromIndex":
        return this.frame.byLane(own, () =>
          this.frame.machine.cast({ dtype: "int32", code: this.addresses.index(d.index) }, v.dtype),
        );
      case "Load":
        return this.memory.vector(d.buffer, d.index, own);
      case "Compute": {
        const args = d.args.map((a) => this.frame.vector(a));
        const dtype = typeOf(v);
        const each = (xs: readonly Coded[]): Coded => this.called(v, xs);
        const out = this.formula(v, m, args) ?? m.laneByLane(dtype, args, each);
        return m.narrow({ ...out, dtype });
      }
      case "Accumulated":
        return m.cast(this.sums.vector(d.accumulator, own), v.dtype);
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  /** What a primitive's formula gives; where it does not hold, another one or the reference is asked, and only there. */
  private formula(v: Value, m: ScalarMachine | VectorMachine, args: readonly Coded[]): Coded | null {
    const d = v.definition;
    if (d._tag !== "Compute") return null;
    const { formula, beyond } = d.lower;
    if (formula === undefined) return null;
    if (beyond === undefined) return formula(m, args, d.operand, d.attrs as never);
    const shared = args.map(m.share);
    const value = formula(m, shared, d.operand, d.attrs as never);
    const outside = beyond(m, shared, d.operand, d.attrs as never);
    return value === null || outside === null ? value : this.corrected(v, m, shared, value, m.share(outside));
  }

  private corrected(
    v: Value,
    m: ScalarMachine | VectorMachine,
    args: readonly Coded[],
    value: Coded,
    outside: Coded,
  ): Coded {
    const { writer } = this.frame;
    const dtype = typeOf(v);
    const vectors = m instanceof VectorMachine;
    const local = writer.local(vectors ? "v128" : scalarType(dtype));
    const now: Coded = { dtype, code: code.get(local) };
    writer.emit(value.code, code.set(local));
    writer.when(outside.code + (vectors ? op("v128.any_true") : ""), () => {
      const there = this.otherwise(v, m, args);
      writer.emit((vectors ? m.select(outside, there, now) : there).code, code.set(local));
    });
    return now;
  }

  /** What holds where the formula does not: another one, or the reference. */
  private otherwise(v: Value, m: ScalarMachine | VectorMachine, args: readonly Coded[]): Coded {
    const d = v.definition;
    const formula = d._tag === "Compute" && !d.lower.rough ? d.lower.otherwise : undefined;
    const value =
      d._tag === "Compute" && formula !== undefined ? formula(m, args, d.operand, d.attrs as never) : null;
    if (value !== null) return value;
    const each = (xs: readonly Coded[]): Coded => this.called(v, xs, "beyond its formula");
    return m instanceof VectorMachine ? m.laneByLane(typeOf(v), args, each) : each(args);
  }

  /** A function that no formula computes: the reference in JavaScript. */
  private called(v: Value, args: readonly Coded[], where = ""): Coded {
    const d = v.definition;
    if (d._tag !== "Compute") throw new FluxionError("jit", "expected a computed value");
    this.frame.calls.add(where === "" ? d.name : `${d.name} (${where})`);
    const f = d.lower.scalar(d.operand, d.attrs as never);
    const call = this.frame.host.scalarFunction(f, args.length, v.dtype);
    const doubles = args.map((a) => this.frame.machine.cast(a, "float64").code);
    return { dtype: v.dtype, code: doubles.join("") + call };
  }
}
