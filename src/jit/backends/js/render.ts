/**
 * The loop IR as JavaScript. Every value is placed at the outermost loop that it depends on, address arithmetic
 * included; float32 is rounded at each step (`Math.fround`), so results equal the reference bit for bit.
 */
import type { DType } from "../../../ir/dtype.js";
import type { ScalarFunction } from "../../../ir/lowering.js";
import type { Axis, Index } from "../../index-expression.js";
import type { Contraction, Definition, Routine, Statement, Value } from "../../kernel.js";
import { Accumulators } from "./accumulators.js";
import { type BlockKind, Blocks } from "./blocks.js";
import { Indices } from "./indices.js";
import { isArgument, literalText, storeText, wrapText } from "./text.js";
import { isUnrolled, renderUnrolledSum } from "./unrolled-sum.js";
import { Variables } from "./variables.js";

export interface NamedBuffer {
  readonly name: string;
  readonly dtype: DType;
  readonly written: boolean;
}

/** Definitions that are a variable of their own. */
type Computed = Exclude<Definition, { readonly _tag: "Constant" | "Guarded" }>;

type Case<Tag extends Statement["_tag"]> = Extract<Statement, { readonly _tag: Tag }>;

export class Renderer {
  private readonly blocks = new Blocks();
  readonly variables: Variables = new Variables(this.blocks);
  readonly indices: Indices = new Indices(this.blocks, this.variables);
  readonly accumulators: Accumulators = new Accumulators(this.blocks);

  /** Functions that the text names. */
  readonly functions: Map<string, ScalarFunction> = new Map();
  /** Address tables of contractions, and the elements of their scratch arrays (packed A, packed B, sums). */
  readonly tables: Int32Array[] = [];
  readonly scratch: [number, number, number] = [0, 0, 0];
  /** Library routines that the text calls: r0, r1, … */
  readonly routines: Routine[] = [];
  /** How a load's or a store's address is written. */
  private address: (index: Index) => string = (index) => this.indices.text(index);

  constructor(
    private readonly buffers: readonly NamedBuffer[],
    /** How a contraction is rendered. */
    private readonly contract: (c: Contraction, r: Renderer) => void,
  ) {}

  get text(): string {
    return this.blocks.text;
  }

  line(text: string): void {
    this.blocks.line(text);
  }

  /** Opens a block, fills it, and closes it. */
  block(head: string, fill: () => void, kind: BlockKind = "open"): void {
    this.blocks.block(head, fill, kind);
  }

  /** Renders with another way of writing addresses. */
  withAddress(address: (index: Index) => string, body: () => void): void {
    const before = this.address;
    this.address = address;
    body();
    this.address = before;
  }

  statements(body: readonly Statement[]): void {
    for (const s of body) this.statement(s);
  }

  private statement(s: Statement): void {
    switch (s._tag) {
      case "Let":
        return this.define(s.value);
      case "Nest":
        return this.nest(s.axes, s.body, s.sequential);
      case "Accumulate":
        return this.accumulators.declare(s.accumulator);
      case "Update":
        return this.accumulators.update(s.accumulator, this.variables.use(s.value), () =>
          this.indices.text(s.position!),
        );
      case "Store":
        return this.store(s);
      case "Guard":
        return this.guard(s);
      case "Contract":
        return this.contract(s.contraction, this);
      case "While":
        return this.loop(s);
      case "Branch":
        return this.branch(s);
      case "Call":
        return this.call(s);
    }
  }

  // ---- control

  private nest(axes: readonly Axis[], body: readonly Statement[], sequential: boolean): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) return this.statements(body);
    if (rest.length === 0 && isUnrolled(axis, body)) return renderUnrolledSum(this, axis, body);
    this.indices.bind(axis);
    const i = `i${axis.id}`;
    this.block(
      `for (let ${i} = 0; ${i} < ${axis.size}; ${i}++) {`,
      () => this.nest(rest, body, sequential),
      sequential ? "sequential" : "open",
    );
  }

  private loop(s: Case<"While">): void {
    const fill = (): void => {
      this.statements(s.test);
      this.line(`if (!${this.variables.use(s.value)}) break;`);
      this.statements(s.body);
    };
    this.block("for (;;) {", fill, "sequential");
  }

  private branch(s: Case<"Branch">): void {
    const index = this.variables.use(s.index);
    s.branches.forEach((body, k) => {
      this.block(`if (${index} === ${k}) {`, () => this.statements(body), "guard");
    });
  }

  private guard(s: Case<"Guard">): void {
    this.variables.bind(s.result);
    const name = `v${s.result.id}`;
    this.line(`let ${name} = ${literalText(s.result.dtype, s.fill)};`);
    const fill = (): void => {
      this.statements(s.body);
      this.line(`${name} = ${this.variables.use(s.value)};`);
    };
    this.block(`if (${this.indices.conditions(s.conditions)}) {`, fill, "guard");
  }

  private call(s: Case<"Call">): void {
    const name = `r${this.routines.length}`;
    this.routines.push(s.run);
    const args = s.args.map((a) => {
      const { name: buffer } = this.buffers[a.buffer]!;
      const from = this.indices.text(a.from);
      return `${buffer}.subarray(${from}, ${from} + ${a.length})`;
    });
    this.line(`${name}(${args.join(", ")});`);
  }

  // ---- values

  private define(v: Value): void {
    const d = v.definition;
    if (d._tag === "Constant" || d._tag === "Guarded") return;
    const level = this.levelOf(d);
    const text = this.textOf(v.dtype, d);
    this.variables.define(v, Math.min(level, this.blocks.level), text);
  }

  /** The outermost block in which a definition makes sense. */
  private levelOf(d: Computed): number {
    switch (d._tag) {
      case "FromIndex":
        return this.indices.levelOf(d.index);
      case "Load":
        return Math.max(
          this.indices.levelOf(d.index),
          this.blocks.loadFloor(this.buffers[d.buffer]!.written),
        );
      case "Compute":
        return Math.max(0, ...d.args.map((a) => this.variables.levelOf(a)));
      case "Accumulated":
        return this.accumulators.levelOf(d.accumulator);
    }
  }

  private textOf(dtype: DType, d: Computed): string {
    switch (d._tag) {
      case "FromIndex":
        return wrapText(dtype, this.address(d.index));
      case "Load": {
        const b = this.buffers[d.buffer]!;
        const read = `${b.name}[${this.address(d.index)}]`;
        return b.dtype === "bool" ? `${read} !== 0` : read;
      }
      case "Compute": {
        for (const [name, f] of Object.entries(d.lower.functions)) this.functions.set(name, f);
        const args = d.args.map((a) => this.variables.use(a));
        const js = d.lower.js(args, d.operand, d.attrs as never);
        return d.loose ? js : wrapText(dtype, js, d.name);
      }
      case "Accumulated": {
        const text = this.accumulators.value(d.accumulator);
        return isArgument(d.accumulator.op) ? text : wrapText(dtype, text, d.accumulator.op);
      }
    }
  }

  private store(s: Case<"Store">): void {
    const b = this.buffers[s.buffer]!;
    const at = `${b.name}[${this.address(s.index)}]`;
    const raw = this.variables.use(s.value);
    const v = b.dtype === "bool" ? `${raw} ? 1 : 0` : raw;
    const text = storeText(at, v, s.mode, b.dtype);
    this.line(s.conditions.length === 0 ? text : `if (${this.indices.conditions(s.conditions)}) ${text}`);
  }
}
