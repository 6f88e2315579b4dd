import { describe, expect, test } from "vitest";
import { startClock } from "../../bench/clock.js";
import { measure, median, quick, thorough, type Timed } from "../../bench/measure.js";
import { difference } from "../../bench/verify.js";

const busy = (ms: number): void => {
  const elapsed = startClock();
  while (elapsed() < ms);
};

const contender = (ms: number, log: string[], name: string, firstMs = ms): Timed => ({
  firstMs,
  enter: () => void log.push(name),
  step: () => {
    busy(ms);
    return undefined;
  },
});

describe("median", () => {
  test("the middle, or the mean of the two in the middle", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});

describe("measure", () => {
  test("every contender in every round, milliseconds per step, another one first each time", async () => {
    const log: string[] = [];
    const effort = { ...quick, warmUpMs: 2, sampleMs: 4, minRounds: 3, maxRounds: 3 };
    const times = await measure([contender(1, log, "a"), contender(3, log, "b")], effort);
    expect(times.map((t) => t.length)).toEqual([3, 3]);
    expect(Math.min(...times[0]!)).toBeGreaterThanOrEqual(1);
    expect(Math.min(...times[1]!)).toBeGreaterThanOrEqual(3);
    expect(log.slice(2).join("")).toBe("abbaba"); // after warming up
  });

  test("waits for steps that are promises", async () => {
    const step = async (): Promise<void> => {
      await Promise.resolve();
      busy(5);
    };
    const [times] = await measure([{ firstMs: 5, enter: () => undefined, step }], { ...quick, warmUpMs: 0 });
    expect(Math.min(...times!)).toBeGreaterThan(1);
  });

  test("takes a contender's own word for its time", async () => {
    const counts: number[] = [];
    const sample = (n: number): Promise<number> => {
      counts.push(n);
      return Promise.resolve(2.5);
    };
    const own: Timed = { firstMs: 2.5, enter: () => undefined, step: () => undefined, sample };
    const [times] = await measure([own], { ...quick, warmUpMs: 0, sampleMs: 10 });
    expect(times).toEqual([2.5, 2.5]);
    expect(counts).toEqual([1, 1, 4, 1, 4]);
  });

  test("a hopeless contender is timed once", async () => {
    const log: string[] = [];
    const times = await measure([contender(0.1, log, "a"), contender(1, log, "b", 60_000)], quick);
    expect(times.map((t) => t.length)).toEqual([2, 1]);
    expect(log.filter((name) => name === "b")).toEqual(["b"]);
  });

  test("at least six rounds when it counts", () => {
    expect(thorough.minRounds).toBeGreaterThanOrEqual(6);
  });
});

describe("the clock", () => {
  test("counts work", () => {
    const elapsed = startClock();
    const end = performance.now() + 20;
    let x = 0;
    while (performance.now() < end) x += Math.sin(x + 1);
    expect(elapsed()).toBeGreaterThan(1);
    expect(elapsed()).toBeLessThan(10_000);
  });

  test("does not count waiting", async () => {
    const elapsed = startClock();
    const wall = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(elapsed()).toBeLessThan((performance.now() - wall) / 2);
  });
});

describe("difference", () => {
  test("is relative to the greatest value of each array", () => {
    expect(difference([[0, 100]], [[1, 100]])).toBeCloseTo(0.01);
    expect(difference([[1], [4]], [[1], [5]])).toBeCloseTo(0.25);
    expect(difference([[0]], [[0]])).toBe(0);
  });

  test("is infinite where shapes differ or numbers are missing", () => {
    expect(difference([[1, 2]], [[1]])).toBe(Infinity);
    expect(difference([[1]], [])).toBe(Infinity);
    expect(difference([[1]], [[NaN]])).toBe(Infinity);
  });
});
