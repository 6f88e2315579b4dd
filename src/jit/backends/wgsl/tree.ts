/**
 * The invocations' parts of accumulators become the whole, in all of them, by a tree of fixed shape: neighbours first,
 * then neighbours of those. Within a subgroup they hand each other registers; what remains goes through shared memory,
 * in few levels, since each costs a barrier. The tree is the same however it is divided between the two, so results do
 * not depend on the size of subgroups, nor on whether there are any.
 */
import type { Accumulator } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { better, combined, variableType } from "./accumulate.js";
import type { Thread } from "./thread.js";

/** Accumulators that share their barriers: more would need more shared memory than every device has. */
const atOnce = 4;
/** Parts that one invocation reads from shared memory and combines. */
const radix = 16;

/** A part: its value, and the position that argmax and argmin keep. */
interface Part {
  readonly x: string;
  readonly p: string | null;
}

/** Who combines: workgroups of `size` invocations, of which at least `subgroup` neighbours are in one subgroup. */
export interface Combiners {
  readonly size: number;
  readonly subgroup: number;
}

export const renderTree = (
  thread: Thread,
  shared: Map<string, string>,
  who: Combiners,
  accumulators: readonly Accumulator[],
): void => {
  for (let i = 0; i < accumulators.length; i += atOnce)
    new Tree(thread, shared, who, accumulators.slice(i, i + atOnce)).render();
};

class Tree {
  private readonly block: number;

  constructor(
    private readonly thread: Thread,
    private readonly shared: Map<string, string>,
    private readonly who: Combiners,
    private readonly accumulators: readonly Accumulator[],
  ) {
    this.block = Math.min(who.subgroup, who.size);
  }

  render(): void {
    const { writer } = this.thread;
    const { block } = this;
    this.shuffle(1, block);
    let parts = this.who.size / block;
    if (parts === 1) return;
    writer.block(block === 1 ? "{" : `if (lid % ${block}u == 0u) {`, () => {
      this.share(0, `lid / ${block}u`);
    });
    writer.line("workgroupBarrier();");
    let level = 0;
    for (; parts > radix * block; level++) {
      parts /= radix;
      writer.block(`if (lid < ${parts}u) {`, () => {
        this.take(level, radix, "lid");
        this.share(level + 1, "lid");
      });
      writer.line("workgroupBarrier();");
    }
    // All read the last ones: as many as subgroups leave to each.
    const each = Math.max(1, parts / block);
    this.take(level, each, parts === each ? "0u" : `lid % ${parts / each}u`);
    this.shuffle(1, parts / each);
    // Whoever comes next writes the first level: with more than one, all have left that behind already.
    if (level === 0) writer.line("workgroupBarrier();");
  }

  /** Exchanges with neighbours at distances from `from`, below `to`. */
  private shuffle(from: number, to: number): void {
    for (let distance = from; distance < to; distance *= 2)
      for (const a of this.accumulators) {
        const there = (x: string, bool: boolean): string =>
          bool
            ? `(subgroupShuffleXor(u32(${x}), ${distance}u) != 0u)`
            : `subgroupShuffleXor(${x}, ${distance}u)`;
        const { writer } = this.thread;
        const mine = partOf(a);
        const other = {
          x: writer.declare(there(mine.x, variableType(a) === "bool")),
          p: mine.p === null ? null : writer.declare(there(mine.p, false)),
        };
        this.keep(a, this.merge(a, mine, other));
      }
  }

  /** Arrays of a level of shared memory. */
  private arrays(a: Accumulator, i: number, level: number): Part {
    const type = variableType(a);
    const length = this.who.size / this.block / radix ** level;
    const x = `part_${type}_${i}_${level}`;
    this.shared.set(x, `array<${type}, ${length}>`);
    if (!isArgument(a.op)) return { x, p: null };
    const p = `place_${i}_${level}`;
    this.shared.set(p, `array<i32, ${length}>`);
    return { x, p };
  }

  private share(level: number, at: string): void {
    this.accumulators.forEach((a, i) => {
      const [mine, there] = [partOf(a), this.arrays(a, i, level)];
      const { writer } = this.thread;
      writer.line(`${there.x}[${at}] = ${mine.x};`);
      if (there.p !== null) writer.line(`${there.p}[${at}] = ${mine.p!};`);
    });
  }

  /** So many neighbours of a level, the `group`th of such, as one. */
  private take(level: number, count: number, group: string): void {
    const { writer } = this.thread;
    const from = writer.declare(count === 1 ? group : `${group} * ${count}u`);
    this.accumulators.forEach((a, i) => {
      const there = this.arrays(a, i, level);
      const element = (array: string, k: number): string => writer.declare(`${array}[${from} + ${k}u]`);
      let parts = Array.from({ length: count }, (_, k): Part => ({
        x: element(there.x, k),
        p: there.p === null ? null : element(there.p, k),
      }));
      while (parts.length > 1)
        parts = parts.flatMap((part, k) => (k % 2 === 0 ? [this.merge(a, part, parts[k + 1]!)] : []));
      this.keep(a, parts[0]!);
    });
  }

  private merge(a: Accumulator, mine: Part, other: Part): Part {
    const { writer } = this.thread;
    if (mine.p === null || other.p === null)
      return { x: writer.declare(combined(a.op, a.dtype, mine.x, other.x)), p: null };
    // 0x7fffffff: nothing was found.
    const better_ = better(a, other.x, mine.x, `${other.p} < ${mine.p}`);
    const take = writer.declare(`${other.p} != 0x7fffffff && (${mine.p} == 0x7fffffff || ${better_})`);
    return {
      x: writer.declare(`select(${mine.x}, ${other.x}, ${take})`),
      p: writer.declare(`select(${mine.p}, ${other.p}, ${take})`),
    };
  }

  private keep(a: Accumulator, part: Part): void {
    const mine = partOf(a);
    this.thread.writer.line(`${mine.x} = ${part.x};${part.p === null ? "" : ` ${mine.p!} = ${part.p};`}`);
  }
}

/** What an invocation has of an accumulator. */
const partOf = (a: Accumulator): Part => ({ x: `a${a.id}`, p: isArgument(a.op) ? `p${a.id}` : null });
