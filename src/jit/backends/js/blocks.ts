/** The text under construction: nested blocks, one for each open loop or guard. */

/**
 * No load is moved out of a guard: elsewhere it may be out of bounds. No load of what the kernel writes is moved out
 * of a sequential loop: the next iteration reads what this one wrote.
 */
export type BlockKind = "open" | "guard" | "sequential";

export interface Block {
  readonly lines: string[];
  /** Address arithmetic done here once, by what it is. */
  readonly hoisted: Map<string, string>;
  readonly kind: BlockKind;
}

export class Blocks {
  private readonly open: Block[] = [{ lines: [], hoisted: new Map(), kind: "open" }];
  private names = 0;

  get text(): string {
    return this.open[0]!.lines.join("\n");
  }

  /** How deep the innermost block is. */
  get level(): number {
    return this.open.length - 1;
  }

  get current(): Block {
    return this.open[this.level]!;
  }

  isOpen(block: Block | undefined): boolean {
    return block !== undefined && this.open.includes(block);
  }

  /** A name that the text has not used yet. */
  fresh(prefix: string): string {
    return `${prefix}${this.names++}`;
  }

  line(text: string, level: number = this.level): void {
    this.open[level]!.lines.push("  ".repeat(level) + text);
  }

  /** Opens a block, fills it, and closes it. */
  block(head: string, fill: () => void, kind: BlockKind): void {
    this.open.push({ lines: [], hoisted: new Map(), kind });
    fill();
    const { lines } = this.open.pop()!;
    this.line(head);
    this.current.lines.push(...lines);
    this.line("}");
  }

  /** The variable of a block that holds a part of an address. */
  hoist(level: number, key: string, text: string): string {
    const { hoisted } = this.open[level]!;
    const have = hoisted.get(key);
    if (have !== undefined) return have;
    const name = this.fresh("o");
    this.line(`const ${name} = ${text};`, level);
    hoisted.set(key, name);
    return name;
  }

  /** The outermost block that a load may move to. */
  loadFloor(written: boolean): number {
    for (let l = this.level; l > 0; l--) {
      const { kind } = this.open[l]!;
      if (kind === "guard" || (kind === "sequential" && written)) return l;
    }
    return 0;
  }
}
