/**
 * The loop IR as JavaScript. Every value is placed at the outermost loop that it depends on, address arithmetic
 * included; float32 is rounded at each step (`Math.fround`), so results equal the reference bit for bit.
 */
import { type DType, isFloat } from "../../../ir/dtype.js";
import type { Condition, ScalarFunction } from "../../../ir/lowering.js";
import { type Axis, bounds, type Index, type Term } from "../../index-expression.js";
import { initial, isArgument, literalText, storeText, sumText, wrapText } from "./text.js";
import type { Accumulator, Contraction, Routine, Statement, Value } from "../../kernel.js";

/** A block of text under construction: one for each open loop or guard. */
interface Block {
  readonly lines: string[];
  readonly hoisted: Map<string, string>;
  /**
   * No load is moved out of a guard: elsewhere it may be out of bounds. No load of what the kernel writes is moved out
   * of a sequential loop: the next iteration reads what this one wrote.
   */
  readonly kind: "open" | "guard" | "sequential";
}

/** Sums of at least so many terms are unrolled, by so much. */
const unrollFrom = 32;
const unroll = 4;

/** A loop body that only adds floats up. */
const isPlainSum = (body: readonly Statement[]): boolean =>
  body.every(
    (s) =>
      s._tag === "Let" || (s._tag === "Update" && s.accumulator.op === "sum" && isFloat(s.accumulator.dtype)),
  );

export class Renderer {
  readonly functions: Map<string, ScalarFunction> = new Map();
  private readonly blocks: Block[] = [{ lines: [], hoisted: new Map(), kind: "open" }];
  private readonly valueLevel = new Map<number, number>();
  private readonly axisLevel = new Map<number, number>();
  private readonly accumulatorLevel = new Map<number, number>();
  /** Other names of an axis or accumulator, in the copies of an unrolled loop. */
  private readonly axisText = new Map<number, string>();
  private readonly accumulatorText = new Map<number, string>();
  /** The block in which an accumulator was last updated. */
  private readonly updating = new Map<number, Block>();
  private nextName = 0;

  constructor(
    private readonly buffers: readonly {
      readonly name: string;
      readonly dtype: DType;
      readonly written: boolean;
    }[],
    /** How a contraction is rendered. */
    private readonly contract: (c: Contraction, r: Renderer) => void,
  ) {}

  /** Address tables of contractions, and the elements of their scratch arrays (packed A, packed B, sums). */
  readonly tables: Int32Array[] = [];
  readonly scratch: [number, number, number] = [0, 0, 0];
  /** Library routines that the text calls: r0, r1, … */
  readonly routines: Routine[] = [];
  /** How a load's address is written. */
  private address: (index: Index) => string = (index) => this.indexText(index);

  /** Renders with another way of writing addresses. */
  withAddress(address: (index: Index) => string, body: () => void): void {
    const before = this.address;
    this.address = address;
    body();
    this.address = before;
  }

  /** Renders statements whose values are new each time: the same text again under other variables. */
  isolated<T>(body: () => T): T {
    const suffix = this.suffix;
    this.suffix = `_${this.nextName++}`;
    const out = body();
    this.suffix = suffix;
    return out;
  }

  private suffix = "";

  get text(): string {
    return this.blocks[0]!.lines.join("\n");
  }

  private get level(): number {
    return this.blocks.length - 1;
  }

  line(text: string, level: number = this.level): void {
    this.blocks[level]!.lines.push("  ".repeat(level) + text);
  }

  /** Opens a block, fills it, and closes it with the text after it. */
  block(open: string, fill: () => void, close = "}", kind: Block["kind"] = "open"): void {
    this.blocks.push({ lines: [], hoisted: new Map(), kind });
    fill();
    const { lines } = this.blocks.pop()!;
    this.line(open);
    this.blocks[this.level]!.lines.push(...lines);
    this.line(close);
  }

  /** Declares that an axis' variable belongs to the block about to be opened. */
  bindAxis(axis: Axis): void {
    this.axisLevel.set(axis.id, this.level + 1);
  }

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    switch (s._tag) {
      case "Let":
        this.define(s.value);
        break;
      case "Nest":
        this.nest(s.axes, s.body, s.sequential);
        break;
      case "Accumulate":
        this.declare(s.accumulator);
        break;
      case "Update":
        this.updating.set(s.accumulator.id, this.blocks[this.level]!);
        this.line(this.updateText(s.accumulator, this.use(s.value), s.position));
        break;
      case "Store":
        this.store(s);
        break;
      case "Guard":
        this.guard(s);
        break;
      case "Contract":
        this.contract(s.contraction, this);
        break;
      case "While":
        this.block(
          "for (;;) {",
          () => {
            this.statements(s.test);
            this.line(`if (!${this.use(s.value)}) break;`);
            this.statements(s.body);
          },
          "}",
          "sequential",
        );
        break;
      case "Branch":
        this.branch(s);
        break;
      case "Call":
        this.call(s);
        break;
    }
  }

  private branch(s: Extract<Statement, { _tag: "Branch" }>): void {
    const index = this.use(s.index);
    s.branches.forEach((body, k) => {
      this.block(`if (${index} === ${k}) {`, () => this.statements(body), "}", "guard");
    });
  }

  private call(s: Extract<Statement, { _tag: "Call" }>): void {
    const name = `r${this.routines.length}`;
    this.routines.push(s.run);
    const args = s.args.map((a) => {
      const { name: buffer } = this.buffers[a.buffer]!;
      const from = this.indexText(a.from);
      return `${buffer}.subarray(${from}, ${from} + ${a.length})`;
    });
    this.line(`${name}(${args.join(", ")});`);
  }

  private nest(axes: readonly Axis[], body: readonly Statement[], sequential: boolean): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) return this.statements(body);
    if (rest.length === 0 && axis.size >= unrollFrom && isPlainSum(body)) return this.unrolledSum(axis, body);
    this.bindAxis(axis);
    const i = `i${axis.id}`;
    this.block(
      `for (let ${i} = 0; ${i} < ${axis.size}; ${i}++) {`,
      () => this.nest(rest, body, sequential),
      "}",
      sequential ? "sequential" : "open",
    );
  }

  /**
   * A long sum with several accumulators, which do not wait for each other's additions, then the rest one by one.
   * The order of additions is fixed by the text.
   */
  private unrolledSum(axis: Axis, body: readonly Statement[]): void {
    const i = `i${axis.id}`;
    const accumulators = body.flatMap((s) => (s._tag === "Update" ? [s.accumulator.id] : []));
    const lanes = Array.from({ length: unroll }, (_, k) => k);
    for (const a of accumulators)
      this.line(
        `let ${lanes
          .slice(1)
          .map((k) => `a${a}_${k} = 0`)
          .join(", ")};`,
      );
    this.line(`let ${i} = 0;`);
    this.bindAxis(axis);
    this.block(`for (; ${i} < ${axis.size - (axis.size % unroll)}; ${i} += ${unroll}) {`, () => {
      for (const k of lanes) {
        if (k > 0) {
          this.axisText.set(axis.id, `(${i} + ${k})`);
          for (const a of accumulators) this.accumulatorText.set(a, `a${a}_${k}`);
        }
        this.isolated(() => this.statements(body));
      }
      this.axisText.delete(axis.id);
      for (const a of accumulators) this.accumulatorText.delete(a);
    });
    if (axis.size % unroll > 0) {
      this.bindAxis(axis);
      this.block(`for (; ${i} < ${axis.size}; ${i}++) {`, () => this.isolated(() => this.statements(body)));
    }
    for (const a of accumulators)
      this.line(
        `a${a} += ${lanes
          .slice(1)
          .map((k) => `a${a}_${k}`)
          .join(" + ")};`,
      );
  }

  private guard(s: Extract<Statement, { _tag: "Guard" }>): void {
    const name = `v${s.result.id}`;
    this.valueLevel.set(s.result.id, this.level);
    this.line(`let ${name} = ${literalText(s.result.dtype, s.fill)};`);
    const test = s.conditions.map((c) => this.conditionText(c)).join(" && ");
    this.block(
      `if (${test}) {`,
      () => {
        this.statements(s.body);
        this.line(`${name} = ${this.use(s.value)};`);
      },
      "}",
      "guard",
    );
  }

  // ---- accumulators

  private declare(a: Accumulator): void {
    this.accumulatorLevel.set(a.id, this.level);
    this.line(`let a${a.id} = ${initial(a.op, a.dtype)}${isArgument(a.op) ? `, p${a.id} = 0` : ""};`);
  }

  private updateText(a: Accumulator, v: string, position: Index | null): string {
    const acc = this.accumulatorText.get(a.id) ?? `a${a.id}`;
    const float = isFloat(a.dtype);
    switch (a.op) {
      case "sum":
        return float ? `${acc} += ${v};` : `${acc} = ${wrapText(a.dtype, `${acc} + ${v}`)};`;
      case "prod":
        return float ? `${acc} *= ${v};` : `${acc} = ${wrapText(a.dtype, `Math.imul(${acc}, ${v})`)};`;
      case "max":
        return a.dtype === "bool" ? `${acc} = ${acc} || ${v};` : `${acc} = Math.max(${acc}, ${v});`;
      case "min":
        return a.dtype === "bool" ? `${acc} = ${acc} && ${v};` : `${acc} = Math.min(${acc}, ${v});`;
      case "argmax":
      case "argmin": {
        const x = a.dtype === "bool" ? `(${v} ? 1 : 0)` : v;
        const better = `${x} ${a.op === "argmax" ? ">" : "<"} ${acc}`;
        const nan = float ? ` || (${x} !== ${x} && ${acc} === ${acc})` : "";
        return `if (${better}${nan}) { ${acc} = ${x}; p${a.id} = ${this.indexText(position!)}; }`;
      }
    }
  }

  // ---- values

  private define(v: Value): void {
    const d = v.definition;
    let level = 0;
    let text = "";
    switch (d._tag) {
      case "FromIndex":
        level = this.indexLevel(d.index);
        text = wrapText(v.dtype, this.address(d.index));
        break;
      case "Load": {
        const b = this.buffers[d.buffer]!;
        level = Math.max(this.indexLevel(d.index), this.loadFloor(b.written));
        const read = `${b.name}[${this.address(d.index)}]`;
        text = b.dtype === "bool" ? `${read} !== 0` : read;
        break;
      }
      case "Compute": {
        level = Math.max(0, ...d.args.map((a) => this.levelOf(a)));
        for (const [name, f] of Object.entries(d.lower.functions)) this.functions.set(name, f);
        const js = d.lower.js(
          d.args.map((a) => this.use(a)),
          d.operand,
          d.attrs as never,
        );
        text = d.loose ? js : wrapText(v.dtype, js, d.name);
        break;
      }
      case "Accumulated":
        // Inside the loop that still updates it (a running sum), the value belongs there; after it, to the accumulator.
        level = this.blocks.includes(this.updating.get(d.accumulator.id)!)
          ? this.level
          : this.accumulatorLevel.get(d.accumulator.id)!;
        text = isArgument(d.accumulator.op)
          ? `p${d.accumulator.id}`
          : wrapText(v.dtype, `a${d.accumulator.id}`, d.accumulator.op);
        break;
      case "Constant":
      case "Guarded":
        return;
    }
    level = Math.min(level, this.level);
    // A copy shares what earlier copies have computed outside.
    if (
      level < this.level &&
      this.suffix !== "" &&
      this.valueLevel.get(v.id) === level &&
      !this.names.has(v.id)
    )
      return;
    this.valueLevel.set(v.id, level);
    if (this.suffix !== "" && level === this.level) this.names.set(v.id, `v${v.id}${this.suffix}`);
    this.line(`const ${this.nameOf(v.id)} = ${text};`, level);
  }

  /** A value's level; one that a renderer's user defined by hand counts as here. */
  private levelOf(v: Value): number {
    if (v.definition._tag === "Constant") return 0;
    return this.valueLevel.get(v.id) ?? this.level;
  }

  /** The outermost block that a load may move to. */
  private loadFloor(written: boolean): number {
    for (let l = this.level; l > 0; l--) {
      const { kind } = this.blocks[l]!;
      if (kind === "guard" || (kind === "sequential" && written)) return l;
    }
    return 0;
  }

  use(v: Value): string {
    return v.definition._tag === "Constant" ? literalText(v.dtype, v.definition.value) : this.nameOf(v.id);
  }

  private readonly names = new Map<number, string>();

  private nameOf(id: number): string {
    return this.names.get(id) ?? `v${id}`;
  }

  /** Announces a value that is defined by hand, in the current block. */
  bindValue(v: Value): void {
    this.valueLevel.set(v.id, this.level);
  }

  // ---- indices

  private termLevel({ atom }: Term): number {
    switch (atom._tag) {
      case "Axis":
        return this.axisLevel.get(atom.axis.id) ?? this.level;
      case "Value":
        return this.valueLevel.get(atom.value) ?? this.level;
      case "Div":
      case "Mod":
        return this.indexLevel(atom.of);
    }
  }

  private indexLevel(x: Index): number {
    return x.terms.reduce((l, t) => Math.max(l, this.termLevel(t)), 0);
  }

  /** The index as text, with the part that belongs to outer loops computed there once. */
  indexText(x: Index): string {
    const groups = new Map<number, Term[]>();
    for (const t of x.terms) {
      const l = this.termLevel(t);
      groups.set(l, [...(groups.get(l) ?? []), t]);
    }
    const levels = [...groups.keys()].sort((a, b) => a - b);
    if (levels.length === 0) return String(x.base);
    let prefix = x.base === 0 ? "" : String(x.base);
    let key = prefix;
    levels.forEach((l, i) => {
      const terms = groups.get(l)!;
      key += terms.map((t) => `+${t.by}*${t.atom.key}`).join("");
      const text = sumText(
        prefix,
        terms.map((t) => this.termText(t)),
      );
      const last = i === levels.length - 1;
      prefix =
        last || (terms.length === 1 && terms[0]!.by === 1 && prefix === "") ? text : this.hoist(l, key, text);
    });
    return prefix;
  }

  private hoist(level: number, key: string, text: string): string {
    const { hoisted } = this.blocks[level]!;
    const have = hoisted.get(key);
    if (have !== undefined) return have;
    const name = `o${this.nextName++}`;
    this.line(`const ${name} = ${text};`, level);
    hoisted.set(key, name);
    return name;
  }

  private termText({ atom, by }: Term): string {
    const text = this.atomText(atom);
    return by === 1 ? text : by === -1 ? `-${text}` : `${text} * ${by}`;
  }

  private atomText(atom: Term["atom"]): string {
    switch (atom._tag) {
      case "Axis":
        return this.axisText.get(atom.axis.id) ?? `i${atom.axis.id}`;
      case "Value":
        return this.nameOf(atom.value);
      case "Div":
        return bounds(atom.of)[0] >= 0
          ? `((${this.indexText(atom.of)}) / ${atom.by} | 0)`
          : `Math.floor((${this.indexText(atom.of)}) / ${atom.by})`;
      case "Mod": {
        const t = this.indexText(atom.of);
        return bounds(atom.of)[0] >= 0
          ? `((${t}) % ${atom.by})`
          : `(((${t}) % ${atom.by} + ${atom.by}) % ${atom.by})`;
      }
    }
  }

  conditionText(c: Condition<Index>): string {
    const [lo, hi] = bounds(c.value);
    const t = this.indexText(c.value);
    const tests: string[] = [];
    if (lo < c.lo) tests.push(`${t} >= ${c.lo}`);
    if (hi >= c.hi) tests.push(`${t} < ${c.hi}`);
    if (c.multiple !== undefined) tests.push(`(${t}) % ${c.multiple} === 0`);
    return tests.length === 0 ? "true" : tests.join(" && ");
  }

  // ---- stores

  private store(s: Extract<Statement, { _tag: "Store" }>): void {
    const b = this.buffers[s.buffer]!;
    const at = `${b.name}[${this.address(s.index)}]`;
    const raw = this.use(s.value);
    const v = b.dtype === "bool" ? `${raw} ? 1 : 0` : raw;
    const text = storeText(at, v, s.mode, b.dtype);
    if (s.conditions.length === 0) this.line(text);
    else this.line(`if (${s.conditions.map((c) => this.conditionText(c)).join(" && ")}) ${text}`);
  }
}
