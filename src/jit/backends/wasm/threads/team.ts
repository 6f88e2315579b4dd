/**
 * The workers, and jobs that they share with the calling thread. Who is free takes the next part, so that a worker that
 * has not started yet, has died or is slow costs nothing but its help. Only a part that it has taken and never finishes
 * has to be given up: see `Stalled`.
 */
import type { Heap } from "../heap.js";
import { Benefit } from "./benefit.js";
import { controlWords, partBits, partMask, word } from "./control.js";
import type { Spawn, Thread } from "./host.js";
import { Workers } from "./workers.js";

/** Computes parts of a divided function: the address of its arguments' addresses, from, to, its scratch arrays. */
export type Parts = (
  list: number,
  from: number,
  to: number,
  first: number,
  second: number,
  third: number,
) => void;

/** The bytes of a program's module, in the shared memory. */
export interface SharedProgram {
  readonly id: number;
  readonly at: number;
  readonly bytes: number;
}

export interface Job {
  readonly program: SharedProgram;
  /** Its number in the module, and the function itself. */
  readonly function: number;
  readonly compute: Parts;
  readonly list: number;
  readonly parts: number;
  /** Whether a part may be computed again when it was computed halfway. */
  readonly isRepeatable: boolean;
  /** The calling thread's scratch arrays, and their sizes in bytes. */
  readonly scratch: readonly [number, number, number];
  readonly scratchBytes: readonly [number, number, number];
}

/**
 * The call cannot go on: a worker has taken a part and not finished it, and may still write to what the call uses; or
 * it has failed within a part that cannot be computed again by itself.
 */
export class Stalled extends Error {}

/** How long to wait for a worker's last part: at least so long, or so many times what the longest own part took. */
export const leastPatienceMs = 2000;
export const patience = 50;
/** How long the calling thread stays awake, and how long it sleeps before it looks again. */
export const awakeMs = 0.1;
export const napMs = 50;
/** What counts of a nap: pages are frozen and computers put to sleep, and nobody has waited then. */
export const longestNapMs: number = 2 * napMs;

export class Team {
  private readonly words: Int32Array;
  private readonly crew = new Workers(() => undefined);
  private number = 0;
  private scratch = { at: 0, bytes: 0, stride: 0 };
  /** Parts that workers have computed. */
  helped = 0;
  readonly benefit: Benefit = new Benefit();
  private readonly parts: { readonly at: number; readonly bytes: number }[] = [];

  constructor(
    private readonly heap: Heap,
    readonly workers: number,
    spawn: Spawn,
  ) {
    const bytes = 4 * controlWords;
    const control = this.allocate(bytes);
    this.words = new Int32Array(heap.memory.buffer, control, controlWords).fill(0);
    try {
      this.crew.start(workers, spawn, { memory: heap.memory, control });
    } finally {
      this.whenEnded(() => {
        for (const part of this.parts.splice(0)) this.heap.releaseOwn(part.at, part.bytes);
      });
    }
  }

  get threads(): readonly Thread[] {
    return this.crew.threads;
  }

  /** Whether one of the workers has ended: the team is not complete any more. */
  get isBroken(): boolean {
    return this.crew.isBroken;
  }

  /** Workers that are up. */
  get ready(): number {
    return Atomics.load(this.words, word.ready);
  }

  private allocate(bytes: number): number {
    const at = this.heap.allocateOwn(bytes);
    this.parts.push({ at, bytes });
    return at;
  }

  private release(at: number, bytes: number): void {
    this.parts.splice(
      this.parts.findIndex((p) => p.at === at),
      1,
    );
    this.heap.releaseOwn(at, bytes);
  }

  /** Calls `f` when all workers have ended. */
  whenEnded(f: () => void): void {
    this.crew.whenEnded(f);
  }

  end(): void {
    this.crew.end();
  }

  /** Makes room for the workers' scratch arrays of these sizes. */
  reserve([first, second, third]: Job["scratchBytes"]): void {
    const stride = aligned(first) + aligned(second) + aligned(third);
    if (stride <= this.scratch.stride) return;
    // No job is under way: nobody uses the smaller one.
    const { at, bytes } = this.scratch;
    if (bytes > 0) this.release(at, bytes);
    const size = stride * this.workers;
    this.scratch = { at: 0, bytes: 0, stride: 0 };
    this.scratch = { at: this.allocate(size), bytes: size, stride };
  }

  /** Computes all parts of a job, for which there is room; how many of them workers could not compute. */
  run(job: Job): number {
    const begin = performance.now();
    this.publish(job);
    let longest = 0;
    let own = 0;
    let ownMs = 0;
    try {
      for (let part = this.take(); part !== null; part = this.take()) {
        const start = performance.now();
        this.compute(job, part);
        const took = performance.now() - start;
        longest = Math.max(longest, took);
        ownMs += took;
        Atomics.sub(this.words, word.pending, 1);
        own++;
      }
    } catch (error) {
      // The others may be at work on what the caller is about to give up.
      this.withdraw();
      this.wait(longest);
      throw error;
    }
    this.wait(longest);
    this.benefit.record(performance.now() - begin, ownMs, own, job.parts);
    const refused = this.words[word.refused]!;
    if (refused > 0 && !job.isRepeatable) throw new Stalled();
    for (let i = 0; i < refused; i++) this.compute(job, this.words[word.refusals + i]!);
    this.helped += job.parts - own - refused;
    return refused;
  }

  private compute(job: Job, part: number): void {
    job.compute(job.list, part, part + 1, ...job.scratch);
  }

  private publish(job: Job): void {
    const { words } = this;
    const { scratch } = this;
    words[word.program] = job.program.id;
    words[word.programAt] = job.program.at;
    words[word.programBytes] = job.program.bytes;
    words[word.function] = job.function;
    words[word.list] = job.list;
    words[word.scratchAt] = scratch.at;
    words[word.scratchStride] = scratch.stride;
    words[word.scratch] = aligned(job.scratchBytes[0]);
    words[word.scratch + 1] = aligned(job.scratchBytes[1]);
    words[word.refused] = 0;
    Atomics.store(words, word.pending, job.parts);
    this.number = (this.number + 1) & (2 ** (32 - 2 * partBits) - 1);
    Atomics.store(words, word.ticket, (this.number << (2 * partBits)) | job.parts);
    if (Atomics.load(words, word.asleep) > 0) Atomics.notify(words, word.ticket, job.parts - 1);
  }

  /** The first part that is left, or null when all are taken. */
  private take(): number | null {
    const { words } = this;
    for (;;) {
      const ticket = Atomics.load(words, word.ticket);
      const first = (ticket >> partBits) & partMask;
      if (first === (ticket & partMask)) return null;
      if (Atomics.compareExchange(words, word.ticket, ticket, ticket + 2 ** partBits) === ticket)
        return first;
    }
  }

  /** Takes back what nobody has taken, and the part in which the calling thread failed. */
  private withdraw(): void {
    for (;;) {
      const ticket = Atomics.load(this.words, word.ticket);
      const left = (ticket & partMask) - ((ticket >> partBits) & partMask);
      if (Atomics.compareExchange(this.words, word.ticket, ticket, ticket - left) !== ticket) continue;
      Atomics.sub(this.words, word.pending, left + 1);
      return;
    }
  }

  /** Waits until all parts are finished: awake for a while, then asleep. */
  private wait(longest: number): void {
    const { words } = this;
    const limit = Math.max(leastPatienceMs, patience * longest);
    let waited = 0;
    let before = performance.now();
    for (let n = 1; ; n++) {
      const pending = Atomics.load(words, word.pending);
      if (pending === 0) return;
      if ((n & 63) !== 0) continue;
      const now = performance.now();
      waited += Math.min(now - before, longestNapMs);
      before = now;
      if (waited > limit) throw new Stalled();
      if (waited > awakeMs) Atomics.wait(words, word.pending, pending, napMs);
    }
  }
}

/** What an array of so many bytes takes of a worker's scratch memory. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
