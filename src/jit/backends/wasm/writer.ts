/**
 * The text of one function while loops are open in it. Code goes into the innermost block or, when it does not depend
 * on the loops around it, into an outer one, ahead of the loop that is being built there.
 */
import type { Bytes } from "./bytes.js";
import { code, type FunctionBuilder } from "./module.js";
import { op, type ValueType } from "./opcodes.js";

/**
 * No load is moved out of a guard: elsewhere it may be out of bounds. No load of what the kernel writes is moved out of
 * a sequential loop: the next iteration reads what this one wrote.
 */
export type BlockKind = "open" | "guard" | "sequential";

export interface Block<E> {
  code: Bytes;
  readonly kind: BlockKind;
  /** What is known by number (values) or name (addresses, constants) since this block was opened. */
  readonly entries: Map<number | string, E>;
}

export class Writer<E> {
  private readonly blocks: Block<E>[] = [{ code: "", kind: "open", entries: new Map() }];
  /** Where code goes: the innermost block unless `at` says otherwise. */
  private target: number | null = null;

  constructor(readonly builder: FunctionBuilder) {}

  get level(): number {
    return this.blocks.length - 1;
  }

  /** The innermost block. */
  get current(): Block<E> {
    return this.blocks[this.level]!;
  }

  isOpen(block: Block<E>): boolean {
    return this.blocks.includes(block);
  }

  kindOf(level: number): BlockKind {
    return this.blocks[level]!.kind;
  }

  emit(...parts: readonly Bytes[]): void {
    const block = this.blocks[this.target ?? this.level]!;
    for (let i = 0; i < parts.length; i++) block.code += parts[i]!;
  }

  /** What `body` emits goes to the block of that level. */
  at<T>(level: number, body: () => T): T {
    const before = this.target;
    this.target = Math.min(level, this.level);
    try {
      return body();
    } finally {
      this.target = before;
    }
  }

  local(type: ValueType): number {
    return this.builder.local(type);
  }

  /** Puts a value into a new local, here; the code that reads it. */
  readonly keep = (type: ValueType, value: Bytes): Bytes => {
    const local = this.local(type);
    this.emit(value, code.set(local));
    return code.get(local);
  };

  /** The code of a new block that `fill` writes. */
  private capture(kind: BlockKind, fill: () => void): Bytes {
    this.blocks.push({ code: "", kind, entries: new Map() });
    const before = this.target;
    this.target = null;
    fill();
    this.target = before;
    return this.blocks.pop()!.code;
  }

  /** Runs `body` with a local that counts from `from` to `to` (more than `from`) by `step`. */
  loop(
    kind: BlockKind,
    from: number | Bytes,
    to: number | Bytes,
    step: number,
    body: (counter: number) => void,
  ): void {
    const counter = this.local("i32");
    const bytesOf = (x: number | Bytes): Bytes => (typeof x === "number" ? code.i32(x) : x);
    const text = this.capture(kind, () => body(counter));
    const next = code.get(counter) + code.i32(step) + op("i32.add") + code.tee(counter);
    const again = bytesOf(to) + op("i32.lt_s") + code.branchIf(0);
    this.emit(bytesOf(from), code.set(counter), code.loop, text, next, again, code.end);
  }

  /** Runs `body` where the condition holds, else `otherwise`. */
  when(condition: Bytes, body: () => void, otherwise?: () => void): void {
    const main = this.capture("guard", body);
    const rest = otherwise === undefined ? "" : code.else + this.capture("guard", otherwise);
    this.emit(condition, code.if, main, rest, code.end);
  }

  /** Runs `test`, then, while the value that it gives holds, `body`. */
  repeat(test: () => Bytes, body: () => void): void {
    const text = this.capture("sequential", () => {
      const holds = test();
      this.emit(holds, op("i32.eqz"), code.branchIf(1));
      body();
      this.emit(code.branch(0));
    });
    this.emit(code.block, code.loop, text, code.end, code.end);
  }

  // ---- what is known

  /** The innermost entry of that name, with the level where it was made. */
  find(key: number | string): { readonly entry: E; readonly level: number } | null {
    for (let level = this.level; level >= 0; level--) {
      const entry = this.blocks[level]!.entries.get(key);
      if (entry !== undefined) return { entry, level };
    }
    return null;
  }

  remember(key: number | string, entry: E, level: number = this.level): void {
    this.blocks[level]!.entries.set(key, entry);
  }

  /** Forgets a name wherever it is known. */
  forget(key: string): void {
    for (const b of this.blocks) b.entries.delete(key);
  }

  /** All code, once every block but the first is closed. */
  finish(): void {
    this.builder.emit(this.blocks[0]!.code);
  }
}
