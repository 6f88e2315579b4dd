/**
 * Orders kernels so that little is alive at once: of those that can run, the one that adds least to memory; between
 * equals, the one that is needed soonest, counted from the end. Recomputed values (checkpoints) are so computed late.
 */

export interface Task<B> {
  readonly reads: readonly B[];
  readonly writes: readonly B[];
}

/** A permutation of the tasks' positions. `bytes` is what a buffer adds to memory while it is alive. */
export const schedule = <B>(tasks: readonly Task<B>[], bytes: (b: B) => number): number[] => {
  const producer = new Map<B, number>();
  tasks.forEach((t, i) => {
    for (const b of t.writes) producer.set(b, i);
  });
  const needs = tasks.map((t, i) => new Set(t.reads.flatMap((b) => before(producer.get(b), i))));
  const users = tasks.map((): number[] => []);
  needs.forEach((ns, i) => {
    for (const n of ns) users[n]!.push(i);
  });
  const level = levelsFromEnd(users);
  const readers = new Map<B, number>();
  for (const t of tasks) for (const b of new Set(t.reads)) readers.set(b, (readers.get(b) ?? 0) + 1);

  const growth = (i: number): number => {
    const t = tasks[i]!;
    const added = t.writes.reduce((n, b) => n + bytes(b), 0);
    const freed = [...new Set(t.reads)].reduce((n, b) => n + (readers.get(b) === 1 ? bytes(b) : 0), 0);
    return added - freed;
  };

  const order: number[] = [];
  const waiting = needs.map((n) => n.size);
  const ready = new Set(tasks.map((_, i) => i).filter((i) => waiting[i] === 0));
  while (ready.size > 0) {
    let best = -1;
    let bestGrowth = Infinity;
    for (const i of ready) {
      const g = growth(i);
      if (
        g < bestGrowth ||
        (g === bestGrowth && (level[i]! > level[best]! || (level[i] === level[best] && i < best)))
      ) {
        best = i;
        bestGrowth = g;
      }
    }
    ready.delete(best);
    order.push(best);
    for (const b of new Set(tasks[best]!.reads)) readers.set(b, readers.get(b)! - 1);
    for (const u of users[best]!) if (--waiting[u]! === 0) ready.add(u);
  }
  return order;
};

const before = (p: number | undefined, i: number): number[] => (p === undefined || p === i ? [] : [p]);

/** Longest path to the end, in tasks. */
const levelsFromEnd = (users: readonly (readonly number[])[]): number[] => {
  const level = new Array<number>(users.length).fill(-1);
  const stack = users.map((_, i) => i);
  while (stack.length > 0) {
    const i = stack[stack.length - 1]!;
    const open = users[i]!.filter((u) => level[u] === -1);
    if (level[i] === -1 && open.length > 0) stack.push(...open);
    else {
      stack.pop();
      level[i] = users[i]!.reduce((l, u) => Math.max(l, level[u]! + 1), 0);
    }
  }
  return level;
};
