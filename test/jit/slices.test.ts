/** Batches of a data set are copied out of it: no program for each place where one may start. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { add, arange, jit, mul, programCache, reshape, sum, type Tensor, tensor } from "../../src/index.js";

const data = reshape(arange(0, 240), [20, 3, 4]);
data.dataSync();

describe("slices of known values", () => {
  test("a step over many batches is compiled once", () => {
    const step = jit((x: Tensor) => sum(mul(x, x)));
    step(data.at("0:4")).item();
    sum(add(data.at("0:4"), 1)).item();
    const before = programCache().misses;
    for (let i = 1; i < 5; i++) {
      const batch = data.at(`${4 * i}:${4 * i + 4}`);
      const want = [...data.dataSync()].slice(48 * i, 48 * i + 48);
      expect(step(batch).item()).toBe(want.reduce((s, x) => s + x * x, 0));
      expect(sum(add(batch, 1)).item()).toBe(want.reduce((s, x) => s + x + 1, 0));
    }
    expect(programCache().misses).toBe(before);
  });

  test("have the elements that they should, in one piece or not", () => {
    const all = data.toArray() as number[][][];
    const part = (n: number) =>
      fc
        .tuple(fc.nat(n), fc.nat(n), fc.integer({ min: 1, max: 2 }))
        .map(([a, b, step]) => [Math.min(a, b), Math.max(a, b), step] as const);
    fc.assert(
      fc.property(part(20), part(3), part(4), (i, j, k) => {
        const got = data.at(...[i, j, k].map(([a, b, s]) => `${a}:${b}:${s}` as const)).toArray();
        const take = <T>(xs: readonly T[], [a, b, s]: readonly [number, number, number]): T[] =>
          xs.slice(a, b).filter((_, n) => n % s === 0);
        const want = take(all, i).map((p) => take(p, j).map((r) => take(r, k)));
        expect(got).toEqual(want);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test("of slices, and of a value that is written over later", () => {
    const x = tensor([1, 2, 3, 4, 5, 6]);
    const y = x.at("1:5").at("1:3");
    expect(y.toArray()).toEqual([3, 4]);
    const consume = jit((a: Tensor) => mul(a, 2), { donate: [0] });
    const part = x.at("0:2");
    expect(part.toArray()).toEqual([1, 2]);
    consume(x).dataSync();
    expect(part.toArray()).toEqual([1, 2]);
    expect(() => x.at("0:2").toArray()).toThrow();
  });
});
