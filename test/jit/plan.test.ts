/** The memory plan: no two buffers that are alive together share a byte; the arena is not much larger than it must be. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lifetime, plan } from "../../src/jit/plan.js";

const lifetimes = fc.array(
  fc
    .record({ bytes: fc.oneof(fc.nat(300), fc.nat(100_000)), from: fc.nat(20), span: fc.nat(6) })
    .map(({ bytes, from, span }): Lifetime => ({ bytes, from, to: from + span })),
  { maxLength: 40 },
);

const aligned = (n: number): number => Math.ceil(n / 64) * 64;

/** What is alive at the worst step: no plan can do with less. */
const atLeast = (ls: readonly Lifetime[]): number =>
  Math.max(
    0,
    ...ls.map((l) =>
      ls.filter((o) => o.from <= l.from && l.from <= o.to).reduce((n, o) => n + aligned(o.bytes), 0),
    ),
  );

const check = (law: (ls: readonly Lifetime[]) => void): void => {
  fc.assert(
    fc.property(lifetimes, (ls) => {
      law(ls);
    }),
    { seed: 5, numRuns: 1000 },
  );
};

describe("plan", () => {
  test("buffers that are alive together do not overlap", () => {
    check((ls) => {
      const { offsets } = plan(ls);
      ls.forEach((a, i) => {
        ls.slice(0, i).forEach((b, j) => {
          const together = a.from <= b.to && b.from <= a.to;
          const apart = offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!;
          expect(!together || apart || a.bytes === 0 || b.bytes === 0).toBe(true);
        });
      });
    });
  });

  test("every buffer lies in the arena, at a multiple of 64 bytes", () => {
    check((ls) => {
      const { offsets, bytes } = plan(ls);
      expect(offsets).toHaveLength(ls.length);
      offsets.forEach((o, i) => {
        expect(o % 64).toBe(0);
        expect(o).toBeGreaterThanOrEqual(0);
        expect(o + ls[i]!.bytes).toBeLessThanOrEqual(bytes);
      });
    });
  });

  test("the arena is at most 1.5 times what is alive at once, and usually equal to it", () => {
    let [runs, exact] = [0, 0];
    check((ls) => {
      const { bytes } = plan(ls);
      expect(bytes).toBeGreaterThanOrEqual(atLeast(ls));
      expect(bytes).toBeLessThanOrEqual(1.5 * atLeast(ls));
      runs++;
      if (bytes === atLeast(ls)) exact++;
    });
    expect(exact / runs).toBeGreaterThan(0.5);
  });

  test("equal lifetimes give equal plans", () => {
    check((ls) => expect(plan(ls)).toEqual(plan(ls.map((l) => ({ ...l })))));
  });

  test("a chain of equal buffers needs two", () => {
    const chain = Array.from({ length: 50 }, (_, i): Lifetime => ({ bytes: 4000, from: i, to: i + 1 }));
    expect(plan(chain).bytes).toBe(2 * aligned(4000));
  });

  test("nothing needs nothing", () => {
    expect(plan([])).toEqual({ offsets: [], bytes: 0 });
  });
});
