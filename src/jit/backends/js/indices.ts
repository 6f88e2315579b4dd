/** Index expressions as text, with what belongs to outer loops computed there, once. */
import type { Condition } from "../../../ir/lowering.js";
import { type Atom, type Axis, bounds, type Index, type Term } from "../../index-expression.js";
import type { Blocks } from "./blocks.js";
import { sumText } from "./text.js";
import type { Variables } from "./variables.js";

export class Indices {
  private readonly levels = new Map<number, number>();
  /** Other names of an axis, in the copies of an unrolled loop. */
  private readonly names = new Map<number, string>();

  constructor(
    private readonly blocks: Blocks,
    private readonly variables: Variables,
  ) {}

  /** Declares that an axis' variable belongs to the block about to be opened. */
  bind(axis: Axis): void {
    this.levels.set(axis.id, this.blocks.level + 1);
  }

  /** What stands for an axis from now on; null for its own variable. */
  rename(axis: Axis, text: string | null): void {
    if (text === null) this.names.delete(axis.id);
    else this.names.set(axis.id, text);
  }

  /** The innermost block that an index depends on. */
  levelOf(x: Index): number {
    return x.terms.reduce((l, t) => Math.max(l, this.termLevel(t)), 0);
  }

  text(x: Index): string {
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
      const single = terms.length === 1 && terms[0]!.by === 1 && prefix === "";
      prefix = last || single ? text : this.blocks.hoist(l, key, text);
    });
    return prefix;
  }

  /** Only what does not follow from the index' bounds is tested. */
  condition(c: Condition<Index>): string {
    const [lo, hi] = bounds(c.value);
    const t = this.text(c.value);
    const tests: string[] = [];
    if (lo < c.lo) tests.push(`${t} >= ${c.lo}`);
    if (hi >= c.hi) tests.push(`${t} < ${c.hi}`);
    if (c.multiple !== undefined) tests.push(`(${t}) % ${c.multiple} === 0`);
    return tests.length === 0 ? "true" : tests.join(" && ");
  }

  conditions(cs: readonly Condition<Index>[]): string {
    return cs.map((c) => this.condition(c)).join(" && ");
  }

  private termLevel({ atom }: Term): number {
    switch (atom._tag) {
      case "Axis":
        return this.levels.get(atom.axis.id) ?? this.blocks.level;
      case "Value":
        return this.variables.levelOfId(atom.value);
      case "Div":
      case "Mod":
        return this.levelOf(atom.of);
    }
  }

  private termText({ atom, by }: Term): string {
    const text = this.atomText(atom);
    return by === 1 ? text : by === -1 ? `-${text}` : `${text} * ${by}`;
  }

  private atomText(atom: Atom): string {
    switch (atom._tag) {
      case "Axis":
        return this.names.get(atom.axis.id) ?? `i${atom.axis.id}`;
      case "Value":
        return this.variables.nameOf(atom.value);
      case "Div":
        return bounds(atom.of)[0] >= 0
          ? `((${this.text(atom.of)}) / ${atom.by} | 0)`
          : `Math.floor((${this.text(atom.of)}) / ${atom.by})`;
      case "Mod": {
        const t = this.text(atom.of);
        return bounds(atom.of)[0] >= 0
          ? `((${t}) % ${atom.by})`
          : `(((${t}) % ${atom.by} + ${atom.by}) % ${atom.by})`;
      }
    }
  }
}
