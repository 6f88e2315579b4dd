import { describe, expect, it } from "vitest";
import { arange, jit, tensor } from "fluxion";
import * as nn from "fluxion/nn";

const { schedule } = nn;
const values = (s: nn.Schedule, steps: number): number[] => Array.from(s(arange(steps + 1)).dataSync());

describe("schedules", () => {
  const all: Readonly<Record<string, nn.Schedule>> = {
    constant: schedule.constant(0.3),
    linear: schedule.linear(1, 0.1, 10),
    polynomial: schedule.polynomial(1, 0.1, 3, 10),
    exponentialDecay: schedule.exponentialDecay(1, { steps: 3, rate: 0.5, end: 0.2 }),
    cosineDecay: schedule.cosineDecay(1, 10, { alpha: 0.1, exponent: 2 }),
    warmupCosineDecay: schedule.warmupCosineDecay({ peak: 1, warmupSteps: 3, decaySteps: 10 }),
    piecewiseConstant: schedule.piecewiseConstant(1, { 2: 0.5, 7: 0.5 }),
    oneCycle: schedule.oneCycle(1, 12),
  };

  it.each(Object.entries(all))("%s: of one step, of many, traced, and of any dtype", (_name, s) => {
    const many = values(s, 15);
    many.forEach((v, i) => {
      expect(s(i).item()).toBeCloseTo(v, 6);
      expect(Number.isFinite(v)).toBe(true);
    });
    const traced = jit((step) => s(step));
    expect(traced(tensor(4, { dtype: "int32" })).item()).toBeCloseTo(many[4]!, 6);
    expect(s(tensor(4, { dtype: "int32" })).dtype).toBe("float32");
    expect(s(tensor(4, { dtype: "float64" })).dtype).toBe("float64");
    expect(s(tensor(4)).shape).toEqual([]);
  });

  it("decay never goes up, and stays where it ends", () => {
    for (const name of [
      "linear",
      "polynomial",
      "exponentialDecay",
      "cosineDecay",
      "piecewiseConstant",
    ] as const) {
      const v = values(all[name]!, 15);
      v.slice(1).forEach((x, i) => expect(x).toBeLessThanOrEqual(v[i]! + 1e-6));
      expect(v[15]).toBeCloseTo(v[12]!, 6);
    }
  });

  it("oneCycle turns at its peak", () => {
    const v = values(schedule.oneCycle(2, 10, { pctStart: 0.5, divFactor: 10, finalDivFactor: 100 }), 10);
    expect(v[0]).toBeCloseTo(0.2, 6);
    expect(v[5]).toBeCloseTo(2, 6);
    expect(v[10]).toBeCloseTo(0.002, 6);
    v.slice(1, 6).forEach((x, i) => expect(x).toBeGreaterThan(v[i]!));
    v.slice(6).forEach((x, i) => expect(x).toBeLessThan(v[i + 5]!));
  });

  it("join hands over at the boundaries", () => {
    const joined = schedule.join(
      [schedule.constant(1), schedule.constant(2), schedule.linear(0, 4, 4)],
      [2, 4],
    );
    expect(values(joined, 8)).toEqual([1, 1, 2, 2, 0, 1, 2, 3, 4]);
  });

  it("a growing exponential ends too", () => {
    expect(values(schedule.exponentialDecay(1, { steps: 1, rate: 2, end: 5 }), 4)).toEqual([1, 2, 4, 5, 5]);
    expect(() => schedule.exponentialDecay(1, { steps: 1, rate: 0 })).toThrow(
      "exponentialDecay: expected a positive rate, got 0",
    );
  });
});
