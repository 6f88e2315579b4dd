import { describe, expect, it } from "vitest";
import { thin, ticks, type Point } from "../../site/chart.js";

describe("ticks", () => {
  it("are round, begin at 0 and do not pass the end", () => {
    expect(ticks(2.5, 5)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(ticks(1413, 6)).toEqual([0, 500, 1000]);
    expect(ticks(1, 5).map((y) => Math.round(100 * y))).toEqual([0, 20, 40, 60, 80, 100]);
    expect(ticks(40, 6)).toEqual([0, 10, 20, 30, 40]);
  });
});

describe("thin", () => {
  const wave: readonly Point[] = Array.from({ length: 1000 }, (_, i) => [
    i,
    i === 437 ? 9 : Math.sin(i / 50),
  ]);

  it("leaves short curves alone", () => {
    expect(thin(wave.slice(0, 20), 10)).toEqual(wave.slice(0, 20));
  });

  it("keeps two points for each column, in order, with the extremes", () => {
    const few = thin(wave, 100);
    expect(few).toHaveLength(200);
    expect(few).toContainEqual([437, 9]);
    expect(few.map(([x]) => x)).toEqual(few.map(([x]) => x).sort((a, b) => a - b));
    const lowest = (points: readonly Point[]): number => Math.min(...points.map(([, y]) => y));
    expect(lowest(few)).toBe(lowest(wave));
  });
});
