/**
 * Memory plan: every intermediate buffer gets an offset in one arena; buffers whose lifetimes do not overlap share
 * space. Greedy by size, largest first, at the lowest offset that is free (Pisarchyk and Lee, "Efficient memory
 * management for deep neural net inference", 2020).
 */

export interface Lifetime {
  readonly bytes: number;
  /** First and last step that touches it. */
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly offsets: readonly number[];
  /** Size of the arena. */
  readonly bytes: number;
}

const alignment = 64;
const align = (n: number): number => Math.ceil(n / alignment) * alignment;

const overlap = (a: Lifetime, b: Lifetime): boolean => a.from <= b.to && b.from <= a.to;

export const plan = (lifetimes: readonly Lifetime[]): Plan => {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const placed: number[] = [];
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b]!.bytes - lifetimes[a]!.bytes || a - b);
  let bytes = 0;
  for (const i of order) {
    const own = lifetimes[i]!;
    const busy = placed
      .filter((j) => overlap(lifetimes[j]!, own))
      .map((j) => [offsets[j]!, offsets[j]! + align(lifetimes[j]!.bytes)] as const)
      .sort((a, b) => a[0] - b[0]);
    let at = 0;
    for (const [from, to] of busy) {
      if (at + own.bytes <= from) break;
      at = Math.max(at, to);
    }
    offsets[i] = at;
    placed.push(i);
    bytes = Math.max(bytes, at + align(own.bytes));
  }
  return { offsets, bytes };
};
