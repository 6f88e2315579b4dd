/** Which variable holds a value, and the block that it belongs to. */
import type { Value } from "../../kernel.js";
import type { Blocks } from "./blocks.js";
import { literalText } from "./text.js";

export class Variables {
  private readonly levels = new Map<number, number>();
  /** Names that differ from the usual, in copies of the same statements. */
  private readonly names = new Map<number, string>();
  private suffix = "";

  constructor(private readonly blocks: Blocks) {}

  /** Renders statements whose values are new each time: the same text again under other variables. */
  isolated<T>(body: () => T): T {
    const { suffix } = this;
    this.suffix = this.blocks.fresh("_");
    const out = body();
    this.suffix = suffix;
    return out;
  }

  /** Announces a value that is defined by hand, in the current block. */
  bind(v: Value): void {
    this.levels.set(v.id, this.blocks.level);
  }

  /** Defines a value in the block of a level, unless an earlier copy has done so for all of them. */
  define(v: Value, level: number, text: string): void {
    const copy = this.suffix !== "";
    const inside = level === this.blocks.level;
    if (copy && !inside && this.levels.get(v.id) === level && !this.names.has(v.id)) return;
    this.levels.set(v.id, level);
    if (copy && inside) this.names.set(v.id, `v${v.id}${this.suffix}`);
    this.blocks.line(`const ${this.nameOf(v.id)} = ${text};`, level);
  }

  levelOf(v: Value): number {
    return v.definition._tag === "Constant" ? 0 : this.levelOfId(v.id);
  }

  /** The level of a value by its number; one that was defined by hand and not announced counts as here. */
  levelOfId(id: number): number {
    return this.levels.get(id) ?? this.blocks.level;
  }

  nameOf(id: number): string {
    return this.names.get(id) ?? `v${id}`;
  }

  use(v: Value): string {
    return v.definition._tag === "Constant" ? literalText(v.dtype, v.definition.value) : this.nameOf(v.id);
  }
}
