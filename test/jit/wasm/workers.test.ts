/** When a team has ended: what it used is free then, and not before. */
import { expect, test, vi } from "vitest";
import type { Spawn } from "../../../src/jit/backends/wasm/threads/host.js";
import { Workers } from "../../../src/jit/backends/wasm/threads/workers.js";

const memory = new WebAssembly.Memory({ initial: 1 });

/** Workers that end when they are told to by the second array. */
const staged = (): readonly [Spawn, (() => void)[], boolean[]] => {
  const ends: (() => void)[] = [];
  const told: boolean[] = [];
  const spawn: Spawn = ({ number }, ended) => {
    ends[number] = ended;
    told[number] = false;
    return { end: () => void (told[number] = true) };
  };
  return [spawn, ends, told];
};

test("one that ends by itself is lost, once; all have ended when the last one has, whoever is told of twice", () => {
  const [spawn, ends] = staged();
  const [lost, all] = [vi.fn(), vi.fn()];
  const workers = new Workers(lost);
  workers.start(3, spawn, { memory, control: 0 });
  workers.whenEnded(all);
  expect(workers.isBroken).toBe(false);
  ends[1]!();
  ends[1]!(); // as in browsers, after an error
  expect(workers.isBroken).toBe(true);
  ends[1]!();
  ends[0]!();
  expect(lost).toHaveBeenCalledTimes(1);
  expect(all).not.toHaveBeenCalled();
  ends[2]!();
  expect(all).toHaveBeenCalledTimes(1);
});

test("those that were told to end are not lost", () => {
  const [spawn, ends, told] = staged();
  const lost = vi.fn();
  const workers = new Workers(lost);
  workers.start(2, spawn, { memory, control: 0 });
  workers.end();
  expect(told).toEqual([true, true]);
  ends.forEach((end) => end());
  expect(lost).not.toHaveBeenCalled();
});

test("where one cannot be started, those before it are ended", () => {
  const [spawn, ends, told] = staged();
  const all = vi.fn();
  const workers = new Workers(() => undefined);
  const two: Spawn = (start, ended) => {
    if (start.number === 2) throw new Error("no more threads");
    return spawn(start, ended);
  };
  expect(() => workers.start(4, two, { memory, control: 0 })).toThrow("no more threads");
  expect(told).toEqual([true, true]);
  workers.whenEnded(all);
  expect(all).not.toHaveBeenCalled();
  ends.forEach((end) => end());
  expect(all).toHaveBeenCalledTimes(1);
});
