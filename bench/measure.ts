/**
 * Timing. Contenders take turns within a round, so that a machine that slows down or is used by others slows all of
 * them; who begins changes from round to round.
 */

import { startClock } from "./clock.js";

export interface Timed {
  readonly step: () => Promise<void> | undefined;
  /** Takes the time of so many steps itself: milliseconds per step. */
  readonly sample?: (n: number) => Promise<number>;
  /** What has to be set before this contender runs (a library's global backend). */
  readonly enter: () => Promise<void> | void;
  /** How long its first call took. */
  readonly firstMs: number;
}

export interface Effort {
  readonly warmUpMs: number;
  /** A sample repeats the step until it lasts about so long. */
  readonly sampleMs: number;
  readonly minRounds: number;
  readonly maxRounds: number;
  /** Rounds beyond the fewest are for contenders that are done in this time. */
  readonly budgetMs: number;
  /** Contenders whose first call takes longer are timed once more and take no part in the rounds. */
  readonly hopelessMs: number;
}

export const thorough: Effort = {
  warmUpMs: 500,
  sampleMs: 30,
  minRounds: 6,
  maxRounds: 15,
  budgetMs: 6000,
  hopelessMs: 8000,
};
export const quick: Effort = {
  warmUpMs: 50,
  sampleMs: 5,
  minRounds: 2,
  maxRounds: 2,
  budgetMs: 0,
  hopelessMs: 8000,
};

const collect = (globalThis as { gc?: () => void }).gc ?? ((): void => undefined);

/** Nobody pays for another's garbage: it is collected, and other threads get the time to give it back. */
const settle = async (): Promise<void> => {
  collect();
  await new Promise((resolve) => setTimeout(resolve, 20));
};

/** The order of a round: another one begins each time, and neighbours change sides. */
const turns = (list: readonly number[], round: number): readonly number[] => {
  const shift = (round >> 1) % list.length;
  const rotated = [...list.slice(shift), ...list.slice(0, shift)];
  return round % 2 === 0 ? rotated : rotated.reverse();
};

/** Contenders that take longer get no step before a sample: one more matters little to them. */
const longestPreparationMs = 500;

/** Milliseconds per step over `n` steps. */
const sample = async ({ step, sample: own }: Timed, n: number): Promise<number> => {
  if (own !== undefined) return own(n);
  const elapsed = startClock();
  for (let i = 0; i < n; i++) {
    const pending = step();
    if (pending !== undefined) await pending;
  }
  return elapsed() / n;
};

/** Runs until the time is up, at least once, so that engines optimize; the best time of a step. */
const warmUp = async (t: Timed, effort: Effort): Promise<number> => {
  await t.enter();
  const elapsed = startClock();
  let best = Infinity;
  let n = 1;
  do {
    const ms = await sample(t, n);
    best = Math.min(best, ms);
    if (ms * n < 1) n *= 2;
  } while (elapsed() < effort.warmUpMs);
  return best;
};

const once = async (t: Timed): Promise<number[]> => {
  await t.enter();
  return [await sample(t, 1)];
};

/** Milliseconds per step of every contender in every round: `times[contender][round]`. */
export const measure = async (contenders: readonly Timed[], effort: Effort): Promise<number[][]> => {
  const times: number[][] = [];
  for (const c of contenders) times.push(c.firstMs > effort.hopelessMs ? await once(c) : []);
  const racing = contenders.map((_, i) => i).filter((i) => contenders[i]!.firstMs <= effort.hopelessMs);
  const estimates = new Map<number, number>();
  for (const i of racing) estimates.set(i, await warmUp(contenders[i]!, effort));
  const repeats = (i: number): number => Math.max(1, Math.ceil(effort.sampleMs / estimates.get(i)!));
  const roundMs = racing.reduce((t, i) => t + estimates.get(i)! * repeats(i), 0);
  const rounds = Math.min(
    effort.maxRounds,
    Math.max(effort.minRounds, Math.floor(effort.budgetMs / roundMs)),
  );
  for (let r = 0; r < rounds; r++)
    for (const i of turns(racing, r)) {
      const c = contenders[i]!;
      await c.enter();
      await settle();
      // Caches, pages and the allocator as the contender itself leaves them, not as the one before it did.
      if (estimates.get(i)! < longestPreparationMs) await sample(c, 1);
      times[i]!.push(await sample(c, repeats(i)));
    }
  return times;
};

export const median = (xs: readonly number[]): number => {
  const sorted = [...xs].sort((a, b) => a - b);
  const mid = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[mid]! : (sorted[mid - 1]! + sorted[mid]!) / 2;
};
