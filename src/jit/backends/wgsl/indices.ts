/** Index expressions and conditions as WGSL, in i32. */
import type { Condition } from "../../../ir/lowering.js";
import { type Atom, type Axis, bounds, type Index } from "../../index-expression.js";

export class Indices {
  private readonly names = new Map<number, string>();

  /** What stands for an axis from now on. */
  name(axis: Axis, text: string): void {
    this.names.set(axis.id, text);
  }

  nameOf(axis: Axis): string {
    return this.names.get(axis.id)!;
  }

  text(x: Index): string {
    const terms = x.terms.map(({ atom, by }) => {
      const text = this.atom(atom);
      return by === 1 ? text : `${text} * ${by < 0 ? `(${by})` : by}`;
    });
    if (x.base !== 0 || terms.length === 0) terms.push(x.base < 0 ? `(${x.base})` : String(x.base));
    return terms.join(" + ");
  }

  private atom(atom: Atom): string {
    switch (atom._tag) {
      case "Axis":
        return this.nameOf(atom.axis);
      case "Value":
        return `v${atom.value}`;
      case "Div":
      case "Mod": {
        const of = this.text(atom.of);
        const div = atom._tag === "Div";
        if (bounds(atom.of)[0] >= 0) return `((${of}) ${div ? "/" : "%"} ${atom.by})`;
        return `${div ? "floor_div" : "floor_mod"}(${of}, ${atom.by})`;
      }
    }
  }

  /** Only what does not follow from the index' bounds is tested. */
  conditions(cs: readonly Condition<Index>[]): string {
    const tests = cs.flatMap((c) => {
      const [lo, hi] = bounds(c.value);
      const text = this.text(c.value);
      return [
        ...(lo < c.lo ? [`(${text}) >= ${c.lo}`] : []),
        ...(hi >= c.hi ? [`(${text}) < ${c.hi}`] : []),
        ...(c.multiple === undefined ? [] : [`(${text}) % ${c.multiple} == 0`]),
      ];
    });
    return tests.length === 0 ? "true" : tests.join(" && ");
  }
}
