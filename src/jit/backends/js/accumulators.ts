/** Reductions' accumulators: a variable each, with the position for argmax and argmin. */
import { isFloat } from "../../../ir/dtype.js";
import type { Accumulator } from "../../kernel.js";
import type { Block, Blocks } from "./blocks.js";
import { initial, isArgument, wrapText } from "./text.js";

export class Accumulators {
  private readonly levels = new Map<number, number>();
  /** Other names, in the copies of an unrolled loop. */
  private readonly names = new Map<number, string>();
  /** The block of the last update. */
  private readonly updating = new Map<number, Block>();

  constructor(private readonly blocks: Blocks) {}

  declare(a: Accumulator): void {
    this.levels.set(a.id, this.blocks.level);
    this.blocks.line(`let a${a.id} = ${initial(a.op, a.dtype)}${isArgument(a.op) ? `, p${a.id} = 0` : ""};`);
  }

  /** What stands for an accumulator from now on; null for its own variable. */
  rename(id: number, text: string | null): void {
    if (text === null) this.names.delete(id);
    else this.names.set(id, text);
  }

  /** `position` is the text of the index along the reduced axis. */
  update(a: Accumulator, v: string, position: () => string): void {
    this.updating.set(a.id, this.blocks.current);
    this.blocks.line(this.updateText(a, v, position));
  }

  /** Inside the loop that still updates it (a running sum), the value belongs there; after it, to the accumulator. */
  levelOf(a: Accumulator): number {
    return this.blocks.isOpen(this.updating.get(a.id)) ? this.blocks.level : this.levels.get(a.id)!;
  }

  /** What it has come to. */
  value(a: Accumulator): string {
    return isArgument(a.op) ? `p${a.id}` : `a${a.id}`;
  }

  private updateText(a: Accumulator, v: string, position: () => string): string {
    const acc = this.names.get(a.id) ?? `a${a.id}`;
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
        return `if (${better}${nan}) { ${acc} = ${x}; p${a.id} = ${position()}; }`;
      }
    }
  }
}
