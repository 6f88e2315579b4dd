/** Statements as one invocation runs them, one after the other. */
import { FluxionError } from "../../../ir/errors.js";
import type { Axis } from "../../index-expression.js";
import type { Formula } from "../../../ir/machine.js";
import type { Accumulator, BufferUse, Contraction, Definition, Statement, Value } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { better, combined, identity, variableType } from "./accumulate.js";
import { Indices } from "./indices.js";
import { type Text, WgslMachine } from "./machine.js";
import { literalText, loaded, stored } from "./types.js";
import { Unrenderable } from "./unrenderable.js";
import { Writer } from "./writer.js";

type Case<Tag extends Statement["_tag"]> = Extract<Statement, { readonly _tag: Tag }>;

export class Thread {
  readonly writer: Writer = new Writer();
  readonly indices: Indices = new Indices();
  readonly machine: WgslMachine = new WgslMachine(this.writer);

  constructor(readonly buffers: readonly BufferUse[]) {}

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    switch (s._tag) {
      case "Let":
        return this.define(s.value);
      case "Nest":
        return this.loops(s.axes, () => {
          this.statements(s.body);
        });
      case "Accumulate":
        return this.declare(s.accumulator);
      case "Update":
        return this.update(s);
      case "Store":
        return this.store(s);
      case "Guard":
        return this.guard(s);
      case "Contract":
        return this.contract(s.contraction);
      case "While":
        return this.writer.block("loop {", () => {
          this.statements(s.test);
          this.writer.line(`if (!${this.use(s.value)}) { break; }`);
          this.statements(s.body);
        });
      case "Branch":
        return s.branches.forEach((body, k) => {
          this.writer.block(`if (${this.use(s.index)} == ${k}) {`, () => {
            this.statements(body);
          });
        });
      case "Call":
        throw new Unrenderable(`${s.name} is a routine of the CPU`);
    }
  }

  // ---- control

  /** A loop for each axis, around a body. */
  loops(axes: readonly Axis[], body: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) return body();
    const i = `j${axis.id}`; // not i: i32 is a type
    this.indices.name(axis, i);
    this.writer.block(`for (var ${i} = 0; ${i} < ${axis.size}; ${i}++) {`, () => {
      this.loops(rest, body);
    });
  }

  /** Axes as the digits of a flat index, the last one fastest. */
  digits(axes: readonly Axis[], flat: string): void {
    this.digitNames(axes, flat).forEach((name, i) => {
      this.indices.name(axes[i]!, name);
    });
  }

  /** The names of those digits. */
  digitNames(axes: readonly Axis[], flat: string): string[] {
    let rest = flat;
    const names = axes.map(() => "0");
    const real = axes.map((_, i) => i).filter((i) => axes[i]!.size !== 1);
    [...real].reverse().forEach((i, k) => {
      const last = k === real.length - 1;
      names[i] = last ? rest : this.writer.declare(`${rest} % ${axes[i]!.size}`);
      if (!last) rest = this.writer.declare(`${rest} / ${axes[i]!.size}`);
    });
    return names;
  }

  private guard(s: Case<"Guard">): void {
    const name = `v${s.result.id}`;
    this.writer.line(`var ${name} = ${literalText(s.result.dtype, s.fill)};`);
    this.writer.block(`if (${this.indices.conditions(s.conditions)}) {`, () => {
      this.statements(s.body);
      this.writer.line(`${name} = ${this.use(s.value)};`);
    });
  }

  /** A contraction without tiles: a loop over its depth for every element. */
  private contract(c: Contraction): void {
    this.loops([...c.batch, ...c.rows, ...c.columns], () => {
      this.element(c);
    });
  }

  /** One element of a contraction and its epilogue. */
  element(c: Contraction): void {
    const sum = `v${c.sum.id}`;
    const total = this.writer.fresh("s");
    this.writer.line(`var ${total} = 0.0f;`);
    this.loops(c.depth, () => {
      this.statements(c.a.body);
      this.statements(c.b.body);
      this.writer.line(`${total} = fma(${this.use(c.a.value)}, ${this.use(c.b.value)}, ${total});`);
    });
    this.writer.line(`let ${sum} = ${total};`);
    this.statements(c.epilogue);
  }

  /** What follows from the sum of an element. */
  epilogue(c: Contraction, sum: string): void {
    this.writer.line(`let v${c.sum.id} = ${sum};`);
    this.statements(c.epilogue);
  }

  // ---- accumulators

  declare(a: Accumulator): void {
    this.writer.line(`var a${a.id}: ${variableType(a)} = ${identity(a.op, a.dtype)};`);
    if (isArgument(a.op)) this.writer.line(`var p${a.id} = 0x7fffffff;`);
  }

  private update({ accumulator: a, value, position }: Case<"Update">): void {
    const v = this.use(value);
    if (!isArgument(a.op)) {
      this.writer.line(`a${a.id} = ${combined(a.op, a.dtype, `a${a.id}`, v)};`);
      return;
    }
    const x = a.dtype === "bool" ? `u32(${v})` : v;
    const at = this.indices.text(position!);
    // The first candidate is taken whatever it is: it may equal the identity.
    const take = `p${a.id} == 0x7fffffff || ${better(a, x, `a${a.id}`, null)}`;
    this.writer.line(`if (${take}) { a${a.id} = ${x}; p${a.id} = ${at}; }`);
  }

  // ---- values

  /** A value as text. */
  use(v: Value): string {
    return v.definition._tag === "Constant" ? literalText(v.dtype, v.definition.value) : `v${v.id}`;
  }

  private text(v: Value): Text {
    if (v.definition._tag === "Constant") return this.machine.constant(v.dtype, v.definition.value);
    return { dtype: v.dtype, text: `v${v.id}` };
  }

  private define(v: Value): void {
    const d = v.definition;
    if (d._tag === "Constant" || d._tag === "Guarded") return;
    this.writer.line(`let v${v.id} = ${this.definition(v)};`);
  }

  private definition(v: Value): string {
    const d = v.definition;
    switch (d._tag) {
      case "FromIndex":
        return this.machine.cast({ dtype: "int32", text: `(${this.indices.text(d.index)})` }, v.dtype).text;
      case "Load":
        return loaded(this.buffers[d.buffer]!.dtype, `b${d.buffer} + ${this.indices.text(d.index)}`);
      case "Compute": {
        return this.computed(d);
      }
      case "Accumulated": {
        const { accumulator: a } = d;
        if (isArgument(a.op)) return this.machine.cast({ dtype: "int32", text: `p${a.id}` }, v.dtype).text;
        return this.machine.cast({ dtype: a.dtype, text: `a${a.id}` }, v.dtype).text;
      }
      default:
        throw new FluxionError("webgpu", `expected a definition, got ${d._tag}`);
    }
  }

  /** A formula; where it does not hold, the other one, behind a branch. */
  private computed(d: Extract<Definition, { readonly _tag: "Compute" }>): string {
    const { machine, writer } = this;
    const args = d.args.map((a) => this.text(a));
    const apply = (formula: Formula<never> | undefined): Text | null =>
      formula?.(machine, args, d.operand, d.attrs as never) ?? null;
    const usual = apply(d.lower.formula);
    if (usual === null) throw new Unrenderable(`${d.name} of ${d.operand} has no formula`);
    const { beyond, otherwise } = d.lower as { beyond?: Formula<never>; otherwise?: Formula<never> };
    const outside = apply(beyond);
    if (outside === null) return usual.text;
    const name = writer.fresh("r");
    writer.line(`var ${name} = ${usual.text};`);
    writer.block(`if (${outside.text}) {`, () => {
      const exact = apply(otherwise);
      if (exact === null) throw new Unrenderable(`${d.name} of ${d.operand} has no formula for all numbers`);
      writer.line(`${name} = ${exact.text};`);
    });
    return name;
  }

  private store(s: Case<"Store">): void {
    const { dtype } = this.buffers[s.buffer]!;
    const put = (): void => {
      const address = this.writer.declare(`b${s.buffer} + ${this.indices.text(s.index)}`);
      const value = this.use(s.value);
      const old = loaded(dtype, address);
      const mode = s.mode === "add" ? "sum" : s.mode === "mul" ? "prod" : s.mode;
      const now = mode === "set" ? value : combined(mode, dtype, old, value);
      this.writer.line(stored(dtype, address, now));
    };
    if (s.conditions.length === 0) put();
    else this.writer.block(`if (${this.indices.conditions(s.conditions)}) {`, put);
  }
}
