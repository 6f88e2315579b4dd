/** The order of kernels: what a task reads is written before it, each runs once, and little is alive at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { schedule, type Task } from "../../src/jit/schedule.js";

/** Tasks in some order that can run: task i writes buffer i and reads earlier ones. */
const tasks = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 25 })
  .map((reads): Task<number>[] =>
    reads.map((rs, i) => ({ reads: i === 0 ? [] : [...new Set(rs.map((r) => r % i))], writes: [i] })),
  );

/** The most that is alive at any time, when results (what nobody reads) are free. */
const peak = (
  ts: readonly Task<number>[],
  order: readonly number[],
  bytes: (b: number) => number,
): number => {
  const last = new Map<number, number>();
  order.forEach((t, at) => {
    for (const b of ts[t]!.reads) last.set(b, at);
  });
  let [alive, most] = [0, 0];
  order.forEach((t, at) => {
    for (const b of ts[t]!.writes) if (last.has(b)) alive += bytes(b);
    most = Math.max(most, alive);
    for (const b of ts[t]!.reads) if (last.get(b) === at) alive -= bytes(b);
  });
  return most;
};

const check = (law: (ts: readonly Task<number>[]) => void): void => {
  fc.assert(
    fc.property(tasks, (ts) => {
      law(ts);
    }),
    { seed: 6, numRuns: 500 },
  );
};

describe("schedule", () => {
  test("is a permutation in which every buffer is written before it is read", () => {
    check((ts) => {
      const order = schedule(ts, () => 1);
      expect([...order].sort((a, b) => a - b)).toEqual(ts.map((_, i) => i));
      const done = new Set<number>();
      for (const t of order) {
        expect(ts[t]!.reads.every((b) => done.has(b))).toBe(true);
        for (const b of ts[t]!.writes) done.add(b);
      }
    });
  });

  test("does not depend on anything but the tasks", () => {
    check((ts) =>
      expect(schedule(ts, (b) => b)).toEqual(
        schedule(
          ts.map((t) => ({ ...t })),
          (b) => b,
        ),
      ),
    );
  });

  test("independent chains run one after the other", () => {
    // Three chains of four, listed in lockstep: twelve buffers, but only two at a time need to be alive.
    const chains: Task<number>[] = Array.from({ length: 12 }, (_, i) => ({
      reads: i < 3 ? [] : [i - 3],
      writes: [i],
    }));
    const order = schedule(chains, () => 100);
    expect(peak(chains, order, () => 100)).toBeLessThanOrEqual(200);
    expect(
      peak(
        chains,
        chains.map((_, i) => i),
        () => 100,
      ),
    ).toBe(400);
  });

  test("what is recomputed for the end is computed late", () => {
    // 0 → 1 → 2 forwards; 3 recomputes 0's work from nothing and is read by the last task only.
    const ts: Task<number>[] = [
      { reads: [], writes: [0] },
      { reads: [], writes: [3] },
      { reads: [0], writes: [1] },
      { reads: [1], writes: [2] },
      { reads: [2, 3], writes: [4] },
    ];
    const order = schedule(ts, () => 10);
    expect(order.indexOf(1)).toBeGreaterThan(order.indexOf(2));
  });

  test("no tasks", () => {
    expect(schedule([], () => 1)).toEqual([]);
  });
});
