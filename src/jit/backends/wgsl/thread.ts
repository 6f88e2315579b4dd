/** Statements as one invocation runs them, one after the other. */
import { FluxionError } from "../../../ir/errors.js";
import type { Axis, Index } from "../../index-expression.js";
import type { Formula } from "../../../ir/machine.js";
import type { Accumulator, BufferUse, Contraction, Definition, Statement, Value } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { better, combined, identity, variableType } from "./accumulate.js";
import { Indices } from "./indices.js";
import type { Lanes } from "./lanes.js";
import { LaneIndices } from "./lane-indices.js";
import { WgslMachine } from "./machine.js";
import { broadcast, type Text } from "./text.js";
import { loadedFour, stored, storedFour, type View, words } from "./memory.js";
import { typeOf, widened } from "./types.js";
import { Unrenderable } from "./unrenderable.js";
import { Writer } from "./writer.js";

type Case<Tag extends Statement["_tag"]> = Extract<Statement, { readonly _tag: Tag }>;

export class Thread {
  readonly writer: Writer = new Writer();
  readonly indices: Indices = new Indices();
  readonly machine: WgslMachine = new WgslMachine(this.writer);

  readonly places: LaneIndices = new LaneIndices(this.indices);
  /** Where elements at an index are, in the first lane, where that has been computed before. */
  readonly addresses: Map<Index, string> = new Map();
  /** Values that are four, one for each lane. */
  private readonly wide = new Set<number>();

  constructor(
    readonly buffers: readonly BufferUse[],
    readonly view: View = words,
  ) {}

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
    const { dtype } = s.result;
    const name = `v${s.result.id}`;
    const declare = this.writer.room();
    this.writer.block(`if (${this.places.conditions(s.conditions)}) {`, () => {
      this.statements(s.body);
      this.writer.line(`${name} = ${this.use(s.value)};`);
    });
    const wide = this.text(s.value).wide === true;
    const fill = this.machine.constant(dtype, s.fill);
    declare(`var ${name} = ${(wide ? broadcast(fill) : fill).text};`);
    this.note(s.result, wide);
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

  /** What follows from the sum of an element, or of four. */
  epilogue(c: Contraction, sum: string, wide = false): void {
    this.give(c.sum, { dtype: c.sum.dtype, text: sum, wide });
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
    return this.text(v).text;
  }

  /** A value in all lanes. */
  useWide(v: Value): string {
    return broadcast(this.text(v)).text;
  }

  private text(v: Value): Text {
    if (v.definition._tag === "Constant") return this.machine.constant(v.dtype, v.definition.value);
    return { dtype: v.dtype, text: `v${v.id}`, wide: this.wide.has(v.id) };
  }

  private note(v: Value, wide: boolean): void {
    if (wide) this.wide.add(v.id);
    else this.wide.delete(v.id);
  }

  private define(v: Value): void {
    const d = v.definition;
    if (d._tag === "Constant" || d._tag === "Guarded") return;
    this.give(v, this.definition(v));
  }

  /** Names a value. */
  private give(v: Value, { text, wide }: Text): void {
    this.writer.line(`let v${v.id} = ${text};`);
    this.note(v, wide === true);
  }

  private definition(v: Value): Text {
    const d = v.definition;
    switch (d._tag) {
      case "FromIndex":
        return this.machine.cast(this.position(d.index), v.dtype);
      case "Load":
        return this.load(d);
      case "Compute": {
        return this.computed(d);
      }
      case "Accumulated": {
        const { accumulator: a } = d;
        if (isArgument(a.op)) return this.machine.cast({ dtype: "int32", text: `p${a.id}` }, v.dtype);
        return this.machine.cast({ dtype: a.dtype, text: `a${a.id}` }, v.dtype);
      }
      default:
        throw new FluxionError("webgpu", `expected a definition, got ${d._tag}`);
    }
  }

  // ---- in lanes

  /** Renders what is done at four positions of an axis at once, those of the group that has been named. */
  across(lanes: Lanes | null, body: () => void): void {
    const outer = this.places.lanes;
    const enter = (now: Lanes | null): void => {
      this.places.lanes = now;
      this.machine.inLanes = now !== null;
    };
    enter(lanes);
    body();
    enter(outer);
  }

  private position(x: Index): Text {
    const texts = this.places.texts(x);
    if (texts.length === 1) return { dtype: "int32", text: `(${texts[0]!})` };
    return { dtype: "int32", text: `vec4<i32>(${texts.join(", ")})`, wide: true };
  }

  private load({ buffer, index }: Extract<Definition, { readonly _tag: "Load" }>): Text {
    const { dtype } = this.buffers[buffer]!;
    const known = this.addresses.get(index);
    const texts = this.places.texts(index).map((t, k) => (k === 0 && known) || `b${buffer} + ${t}`);
    if (texts.length === 1) return { dtype, text: this.view.load(dtype, texts[0]!) };
    const text = this.places.areNeighbours(index)
      ? loadedFour(dtype, texts[0]!)
      : `${widened(typeOf(dtype), true)}(${texts.map((t) => this.view.load(dtype, t)).join(", ")})`;
    return { dtype, text, wide: true };
  }

  /** A formula; where it does not hold, the other one, behind a branch. */
  private computed(d: Extract<Definition, { readonly _tag: "Compute" }>): Text {
    const { machine, writer } = this;
    const args = d.args.map((a) => this.text(a));
    const apply = (formula: Formula<never> | undefined): Text | null =>
      formula?.(machine, args, d.operand, d.attrs as never) ?? null;
    const usual = apply(d.lower.formula);
    if (usual === null) throw new Unrenderable(`${d.name} of ${d.operand} has no formula`);
    const { beyond, otherwise } = d.lower as { beyond?: Formula<never>; otherwise?: Formula<never> };
    const outside = apply(beyond);
    if (outside === null) return usual;
    const wide = usual.wide === true || outside.wide === true;
    const name = writer.fresh("r");
    writer.line(`var ${name} = ${(wide ? broadcast(usual) : usual).text};`);
    const lanes = wide ? writer.declare(broadcast(outside).text) : outside.text;
    writer.block(`if (${wide ? `any(${lanes})` : lanes}) {`, () => {
      const exact = apply(otherwise);
      if (exact === null) throw new Unrenderable(`${d.name} of ${d.operand} has no formula for all numbers`);
      writer.line(`${name} = ${wide ? `select(${name}, ${broadcast(exact).text}, ${lanes})` : exact.text};`);
    });
    return { dtype: usual.dtype, text: name, wide };
  }

  private store(s: Case<"Store">): void {
    const { dtype } = this.buffers[s.buffer]!;
    const put = (): void => {
      const address = this.writer.declare(`b${s.buffer} + ${this.places.first(s.index)}`);
      if (this.view !== words) return this.writer.line(storedFour(dtype, address, this.useWide(s.value)));
      const value = this.use(s.value);
      const old = this.view.load(dtype, address);
      const mode = s.mode === "add" ? "sum" : s.mode === "mul" ? "prod" : s.mode;
      const now = mode === "set" ? value : combined(mode, dtype, old, value);
      this.writer.line(stored(dtype, address, now));
    };
    if (s.conditions.length === 0) put();
    else this.writer.block(`if (${this.places.conditions(s.conditions)}) {`, put);
  }
}
