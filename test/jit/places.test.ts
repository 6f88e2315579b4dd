/** Places in a memory: none overlap, and what is free serves every size. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Places } from "../../src/jit/places.js";

const memory = (capacity: number): Places =>
  new Places(64, 64, (end) => {
    if (end > capacity) throw new Error(`expected ${end} units, got ${capacity}`);
  });

describe("places", () => {
  test("are used again as they are", () => {
    const places = memory(1 << 12);
    const at = places.allocate(700);
    places.release(at, 700);
    expect(places.allocate(690)).toBe(at);
    expect(places.used).toBe(768);
  });

  test("of sizes that change from one to the next need no more than three of the largest", () => {
    const places = memory(64 + 3 * 73_728);
    for (let n = 1; n < 70_000; n += 311) places.release(places.allocate(n), n);
    let last: readonly [at: number, length: number] = [places.allocate(64), 64];
    for (let n = 64; n < 70_000; n += 97) {
      const next: typeof last = [places.allocate(n), n];
      places.release(...last);
      last = next;
    }
    expect(places.used).toBe(places.sizeFor(last[1]));
  });

  test("that are free are joined where the memory is full, and the smallest that is large enough is cut", () => {
    const places = memory(64 * 9);
    const at = Array.from({ length: 8 }, () => places.allocate(64));
    for (const i of [1, 2, 4, 5, 6]) places.release(at[i]!, 64);
    expect(places.allocate(128)).toBe(at[1]);
    expect(places.allocate(192)).toBe(at[4]);
    expect(() => places.allocate(64)).toThrow("expected 640 units, got 576");
  });

  test("do not overlap", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean(), fc.nat()), {
          maxLength: 200,
          size: "max",
        }),
        (steps) => {
          const places = memory(1 << 14);
          const held: (readonly [number, number])[] = [];
          for (const [length, keeps, which] of steps) {
            if (!keeps && held.length > 0) {
              places.release(...held.splice(which % held.length, 1)[0]!);
              continue;
            }
            let at: number;
            try {
              at = places.allocate(length);
            } catch {
              continue; // it is full
            }
            expect(at % 64).toBe(0);
            const end = at + places.sizeFor(length);
            expect(at >= 64 && end <= 1 << 14).toBe(true);
            for (const [other, n] of held)
              expect(at >= other + places.sizeFor(n) || end <= other, `${at} beside ${other}`).toBe(true);
            held.push([at, length]);
          }
          expect(places.used).toBe(held.reduce((sum, [, n]) => sum + places.sizeFor(n), 0));
          for (const place of held) places.release(...place);
          expect(places.used).toBe(0);
          expect(places.allocate((1 << 14) - 2048)).toBeLessThanOrEqual(2048); // all is one again
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });
});
