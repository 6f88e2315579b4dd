import fc from "fast-check";
import { expect, test } from "vitest";
import { Precedence } from "../../src/jit/precedence.js";

test("precedence is the transitive closure of the pairs put into it", () => {
  const pairs = fc.array(fc.tuple(fc.nat({ max: 69 }), fc.nat({ max: 69 })), { maxLength: 120, size: "max" });
  fc.assert(
    fc.property(pairs, (list) => {
      const n = 70;
      const p = new Precedence();
      for (let i = 0; i < n; i++) p.admit();
      const before = Array.from({ length: n }, () => new Set<number>());
      for (const [a, b] of list) {
        const [first, second] = a < b ? [a, b] : [b, a];
        if (first === second) continue;
        p.put(first, second);
        before[second]!.add(first);
      }
      // Pairs only go up, so one pass in order closes the naive relation.
      for (let i = 0; i < n; i++)
        for (const j of [...before[i]!]) for (const k of before[j]!) before[i]!.add(k);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) expect(p.isBefore(j, i)).toBe(before[i]!.has(j));
    }),
    { seed: 20250609, numRuns: 40 },
  );
});
