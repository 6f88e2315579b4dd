/** Timing ways to compute the contractions of a kernel, on the device that is to compute them. */
import type { Kernel } from "../../kernel.js";
import type { Choice } from "./choices.js";
import type { Device } from "./device.js";
import { callsOf, sharedWords, wordsOf } from "./dispatches.js";
import type { Dispatch, Driver } from "./driver.js";
import type { Crew } from "./site.js";
import { planOf } from "./stages.js";
import type { Tuned } from "./tuning.js";

/** A contraction of a kernel: its kind, and what may be chosen, the usual first. */
interface Found {
  readonly kind: string;
  readonly candidates: readonly Choice[];
}

/** What takes more than this of the time of the usual choice may be no faster another time. */
const worth = 0.97;
/** Milliseconds that a measurement lasts at least: clocks of browsers are that coarse. */
const least = 2;
const mostRepeats = 64;
/** Candidates that take so much longer than the best are measured once. */
const hopeless = 2;
const runs = 3;

/** Finds the fastest way for each kind of contraction in a kernel that is not among those `found` before. */
export const tuneKernel = async (
  kernel: Kernel,
  crew: Crew,
  device: Device,
  found: Map<string, Tuned>,
): Promise<void> => {
  for (const { kind, candidates } of contractionsOf(kernel, crew)) {
    if (found.has(kind)) continue;
    const times = await timesOf(kernel, crew, device, kind, candidates);
    const fastest = times.indexOf(Math.min(...times));
    const best = times[fastest]! < worth * times[0]! ? fastest : 0;
    found.set(kind, { ...candidates[best]!, ms: times[best]!, usualMs: times[0]! });
  }
};

const contractionsOf = (kernel: Kernel, crew: Crew): readonly Found[] => {
  const found = new Map<string, Found>();
  planOf(kernel, crew, (kind, candidates) => {
    found.set(kind, { kind, candidates: candidates() });
    return undefined;
  });
  return [...found.values()];
};

/** How long the kernel takes with each candidate. */
const timesOf = async (
  kernel: Kernel,
  crew: Crew,
  device: Device,
  kind: string,
  candidates: readonly Choice[],
): Promise<number[]> => {
  const plans = candidates.map((choice) => planOf(kernel, crew, (k) => (k === kind ? choice : undefined)));
  const lengths = kernel.buffers.map((b) => b.length);
  const shared = Math.max(...plans.map(sharedWords));
  const places = [...lengths, shared].map((n) => device.allocate(n));
  try {
    await device.settled();
    // What was there before could be any index.
    lengths.forEach((n, i) => {
      device.driver.write(places[i]!, new Uint32Array(n));
    });
    // Flags of loops, that they go on.
    device.driver.write(places.at(-1)!, new Uint32Array(shared).fill(1));
    let best = Infinity;
    const times: number[] = [];
    for (const { items, flags } of plans) {
      const words = wordsOf(places.slice(0, -1), places.at(-1)!, flags);
      const list = callsOf(items).map(({ shader, groups, position }) => ({
        shader,
        groups,
        words: [...words, ...position],
      }));
      const ms = await measured(device.driver, list, best);
      times.push(ms);
      best = Math.min(best, ms);
    }
    return times;
  } finally {
    [...lengths, shared].forEach((n, i) => {
      device.release(places[i]!, n);
    });
  }
};

/** The least time of some runs, long enough for the clock. */
const measured = async (driver: Driver, list: readonly Dispatch[], best: number): Promise<number> => {
  await timeOf(driver, list); // makes the pipelines
  const once = await timeOf(driver, list);
  if (once > Math.max(least, hopeless * best)) return once;
  const repeats = Math.max(1, Math.min(mostRepeats, Math.ceil(least / Math.max(once, least / mostRepeats))));
  const many = Array.from({ length: repeats }, () => list).flat();
  let ms = repeats === 1 ? once : Infinity;
  for (let i = 0; i < runs; i++) ms = Math.min(ms, (await timeOf(driver, many)) / repeats);
  return ms;
};

/** By the device's clock; where it has none, by ours, until it answers. */
const timeOf = async (driver: Driver, list: readonly Dispatch[]): Promise<number> => {
  if (driver.time !== undefined) return (await driver.time([list]))[0]!;
  await driver.read(0, 1);
  const start = performance.now();
  driver.run(list);
  await driver.read(0, 1);
  return performance.now() - start;
};
