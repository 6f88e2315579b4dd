/** Values: each is computed at the outermost loop that it depends on, as a scalar or as a vector for each copy. */
import { FluxionError } from "../../../ir/errors.js";
import type { Value } from "../../kernel.js";
import type { Addresses } from "./addresses.js";
import type { Frame, Vectors } from "./frame.js";
import { functionName, machineIn, typeIn } from "./apart.js";
import { typeOf } from "./lanes.js";
import type { Memory } from "./memory.js";
import { code, type FunctionBuilder, type ModuleBuilder } from "./module.js";
import { op } from "./opcodes.js";
import { type Coded, ScalarMachine, scalarType, wrapped } from "./scalar.js";
import { VectorMachine } from "./vector.js";
import type { Sums } from "./sums.js";

/** A value by its formula, and where that does not hold. */
interface Checked {
  readonly m: ScalarMachine | VectorMachine;
  readonly args: readonly Coded[];
  readonly local: number;
  readonly outside: Coded;
}

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
      writer.remember(v.id, { vectors: writer.at(level, () => this.copiesOf(v)) }, level);
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
        const checked: Checked[] = [];
        const out = this.formula(v, machine, args, checked) ?? this.called(this.frame.calls, v, args);
        this.correct(v, checked);
        return { ...out, dtype, code: wrapped(dtype, out.code) };
      }
      case "Accumulated":
        return machine.cast(this.sums.scalar(d.accumulator), v.dtype);
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  /** Every copy of a vector. */
  private copiesOf(v: Value): Coded[] {
    const out: Coded[] = [];
    const checked: Checked[] = [];
    this.frame.eachCopy((own) => out.push(own.machine.share(this.vectorOf(v, own, checked))));
    this.correct(v, checked);
    return out;
  }

  private vectorOf(v: Value, own: Vectors, checked: Checked[]): Coded {
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
        const each = (xs: readonly Coded[]): Coded => this.called(this.frame.calls, v, xs);
        const out = this.formula(v, m, args, checked) ?? m.laneByLane(dtype, args, each);
        return m.narrow({ ...out, dtype });
      }
      case "Accumulated":
        return m.cast(this.sums.vector(d.accumulator, own), v.dtype);
      default:
        throw new FluxionError("jit", `expected a definition, got ${d._tag}`);
    }
  }

  /** What a primitive's formula gives; where it does not hold, that is still to be corrected. */
  private formula(
    v: Value,
    m: ScalarMachine | VectorMachine,
    args: readonly Coded[],
    checked: Checked[],
  ): Coded | null {
    const d = v.definition;
    if (d._tag !== "Compute") return null;
    const { formula, beyond } = d.lower;
    if (formula === undefined) return null;
    if (d.lower.apart === true) return this.apart(v, m, args);
    if (beyond === undefined) return formula(m, args, d.operand, d.attrs as never);
    const shared = args.map(m.share);
    const value = formula(m, shared, d.operand, d.attrs as never);
    const outside = beyond(m, shared, d.operand, d.attrs as never);
    if (value === null || outside === null) return value;
    const { writer } = this.frame;
    const dtype = typeOf(v);
    const local = writer.local(m instanceof VectorMachine ? "v128" : scalarType(dtype));
    writer.emit(value.code, code.set(local));
    checked.push({ m, args: shared, local, outside: m.share(outside) });
    return { dtype, code: code.get(local) };
  }

  /** The call of a function that is a formula and nothing else; null where the machine lacks what the formula needs. */
  private apart(v: Value, m: ScalarMachine | VectorMachine, args: readonly Coded[]): Coded | null {
    const d = v.definition;
    if (d._tag !== "Compute") return null;
    const dtype = typeOf(v);
    const there = this.frame.host.sharedFunction(functionName("formula", v, m, args), (module) => {
      const types = args.map((a) => typeIn(m, a.dtype));
      const f = module.function("formula", types, [typeIn(m, dtype)]);
      const own = machineIn(f, m, this.frame.host);
      const parameters = args.map((a, i): Coded => ({ dtype: a.dtype, code: code.get(i) }));
      const out = d.lower.formula!(own, parameters, d.operand, d.attrs as never);
      if (out === null) throw new FluxionError("jit", `expected a formula of ${d.name}, got none`);
      f.emit(out.code);
      return f;
    });
    return { dtype, code: args.map((a) => a.code).join("") + there.call };
  }

  /**
   * Asks another formula or the reference where the first does not hold, and only there. All copies are looked at
   * together: engines compute what a branch needs, one after the other, and only copies between two branches at the
   * same time.
   */
  private correct(v: Value, checked: readonly Checked[]): void {
    if (checked.length === 0) return;
    const { writer, host, calls } = this.frame;
    const [{ m, args }] = checked as [Checked];
    const vectors = m instanceof VectorMachine;
    const there = host.sharedFunction(functionName("beyond", v, m, args), (module) =>
      this.correction(module, v, m, args),
    );
    for (const c of there.function.calls) calls.add(c);
    const anywhere = checked.map((c) => c.outside.code).reduce((x, y) => x + y + op("v128.or"));
    writer.when(anywhere + (vectors ? op("v128.any_true") : ""), () => {
      for (const { args, local, outside } of checked) {
        const others = vectors ? code.get(local) + outside.code : "";
        writer.emit(args.map((a) => a.code).join("") + others, there.call, code.set(local));
      }
    });
  }

  /**
   * A function of the operands and, for vectors, of the formula's value and of where that does not hold. It stands by
   * itself: as part of loops that hardly ever need it, it takes registers from what they do all the time.
   */
  private correction(
    module: ModuleBuilder,
    v: Value,
    m: ScalarMachine | VectorMachine,
    args: readonly Coded[],
  ): FunctionBuilder {
    const dtype = typeOf(v);
    const vectors = m instanceof VectorMachine;
    const masks = vectors ? (["v128", "v128"] as const) : [];
    const parameters = [...args.map((a) => typeIn(m, a.dtype)), ...masks];
    const f = module.function("beyond", parameters, [typeIn(m, dtype)]);
    const own = vectors
      ? new VectorMachine(f.keep, m.lanes, this.frame.host.relaxed, (_, bytes) => bytes())
      : new ScalarMachine(f.keep);
    const there = this.otherwise(
      f,
      v,
      own,
      args.map((a, i) => ({ dtype: a.dtype, code: code.get(i) })),
    );
    const [value, outside] = [args.length, args.length + 1].map(code.get);
    const result = vectors
      ? own.select({ dtype: "bool", code: outside! }, there, { dtype, code: value! })
      : there;
    f.emit(result.code);
    return f;
  }

  /** What holds where the formula does not: another one, or the reference. */
  private otherwise(
    f: FunctionBuilder,
    v: Value,
    m: ScalarMachine | VectorMachine,
    args: readonly Coded[],
  ): Coded {
    const d = v.definition;
    const formula = d._tag === "Compute" ? d.lower.otherwise : undefined;
    const value =
      d._tag === "Compute" && formula !== undefined ? formula(m, args, d.operand, d.attrs as never) : null;
    if (value !== null) return value;
    const each = (xs: readonly Coded[]): Coded => this.called(f.calls, v, xs, "beyond its formula");
    return m instanceof VectorMachine ? m.laneByLane(typeOf(v), args, each) : each(args);
  }

  /** A function that no formula computes: the reference in JavaScript. */
  private called(calls: Set<string>, v: Value, args: readonly Coded[], where = ""): Coded {
    const d = v.definition;
    if (d._tag !== "Compute") throw new FluxionError("jit", "expected a computed value");
    calls.add(where === "" ? d.name : `${d.name} (${where})`);
    const f = d.lower.scalar(d.operand, d.attrs as never);
    const call = this.frame.host.scalarFunction(f, args.length, v.dtype);
    const doubles = args.map((a) => this.frame.machine.cast(a, "float64").code);
    return { dtype: v.dtype, code: doubles.join("") + call };
  }
}
