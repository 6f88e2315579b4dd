/** When work stays on the calling thread because sharing it costs more than it gains. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Benefit } from "../../../src/jit/backends/wasm/threads/benefit.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.advanceTimersByTime(1000);
});
afterEach(() => {
  vi.useRealTimers();
});

/** Jobs of 8 parts, of which the calling thread computes 4, each in 1 ms. */
const jobs = (b: Benefit, took: number, n = 10): void => {
  for (let i = 0; i < n; i++) b.record(took, 4, 4, 8);
};

test("jobs that take less than they would alone go on", () => {
  const b = new Benefit();
  jobs(b, 5);
  expect(b.isResting).toBe(false);
});

test("jobs that take more rest, longer each time, until they take less", () => {
  const b = new Benefit();
  const rests = (ms: number): void => {
    expect(b.isResting).toBe(true);
    vi.advanceTimersByTime(ms - 1);
    expect(b.isResting).toBe(true);
    vi.advanceTimersByTime(1);
    expect(b.isResting).toBe(false);
  };
  for (const ms of [50, 100, 200, 400, 800, 800]) {
    jobs(b, 20, 1);
    rests(ms);
  }
  jobs(b, 5, 4);
  expect(b.isResting).toBe(false);
  jobs(b, 20, 1);
  rests(50);
});

test("a few slow jobs between fast ones do not matter", () => {
  const b = new Benefit();
  b.record(9, 4, 4, 8);
  jobs(b, 5, 3);
  expect(b.isResting).toBe(false);
});

test("jobs of which the calling thread computed nothing say nothing", () => {
  const b = new Benefit();
  for (let i = 0; i < 10; i++) b.record(20, 0, 0, 8);
  expect(b.isResting).toBe(false);
});
