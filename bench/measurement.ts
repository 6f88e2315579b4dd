/** What is measured, what is said about it, and what Fluxion promises: nothing here needs a library. */

/** A library on one of its backends. */
export type ContenderId =
  | "fluxion-js"
  | "fluxion-wasm"
  | "fluxion-threads"
  | "fluxion-webgpu"
  | "hand"
  | "copy"
  | "tfjs-cpu"
  | "tfjs-wasm"
  | "tfjs-webgpu"
  | "jax-js"
  | "jax-js-webgpu"
  | "ort"
  | "ort-threads"
  | "torch";

/** One measurement, as `--json` writes it. */
export interface Measurement {
  readonly row: string;
  readonly library: string;
  readonly version: string;
  readonly backend: string;
  /** What WebGPU computes on. */
  readonly adapter?: string;
  readonly threads: number;
  readonly medianMs: number;
  /** The first call: tracing, compiling and computing. */
  readonly firstMs: number;
  readonly gflops?: number;
  readonly bestMs: number;
  /** How many times as long as the first of Fluxion's backends: the median over rounds in which both ran. */
  readonly ratio?: number;
  /** Resident memory before and after a long run, and its highest sample, in MB. */
  readonly rssMb?: readonly [before: number, after: number, peak: number];
  /** Length of that run. */
  readonly steps?: number;
}

/** Something about a row that a number does not say: what a contender cannot do, or does wrongly. */
export interface Remark {
  readonly row: string;
  readonly id: ContenderId;
  readonly text: string;
  /** Whether the bench should fail because of it. */
  readonly fault: boolean;
}

/** What Fluxion promises for a row. */
export interface Target {
  readonly text: string;
  /** `of` finds what a contender measured, in this row or in another one. */
  readonly holds: (of: (id: ContenderId, row?: string) => Measurement | undefined) => boolean | undefined;
}

/** What the table shows of a row. */
export interface Entry {
  readonly name: string;
  /** What is computed, in a few words. */
  readonly title: string;
  /** Floating-point operations of one execution, where GFLOP/s say something. */
  readonly flops?: number;
  readonly targets?: readonly Target[];
}

/** Which of Fluxion's backends a target speaks of. */
export type Own = "js" | "wasm";

type Of = Parameters<Target["holds"]>[0];

/** How many times as long as a backend of Fluxion a contender takes. */
const times = (of: Of, id: ContenderId, own: Own): number | undefined => {
  const [theirs, ours] = [of(id), of(`fluxion-${own}`)];
  return theirs && ours && (theirs.ratio ?? 1) / (ours.ratio ?? 1);
};

// Absolute times are judged by the best sample, which says what the code can do when nothing else runs; ratios by the
// median over rounds, which is not disturbed by what slows down everybody.

const bestGflops = (m: Measurement): number => (m.gflops! * m.medianMs) / m.bestMs;

export const atMostMs = (own: Own, ms: number): Target => ({
  text: `${own}: at most ${ms < 1 ? `${ms * 1000} µs` : `${ms} ms`}`,
  holds: (of) => optional(of(`fluxion-${own}`), (m) => m.bestMs <= ms),
});

export const atMostTimes = (own: Own, most: number, id: ContenderId): Target => ({
  text: `${own}: at most ${most} times ${id}'s time`,
  holds: (of) => optional(times(of, id, own), (r) => 1 / r <= most),
});

export const atMostTimesRow = (own: Own, most: number, row: string): Target => ({
  text: `${own}: at most ${most} times as long as \`${row}\``,
  holds: (of) => {
    const [one, other] = [of(`fluxion-${own}`), of(`fluxion-${own}`, row)];
    return one && other && one.bestMs <= most * other.bestMs;
  },
});

export const fasterThan = (own: Own, least: number, id: ContenderId): Target => ({
  text: `${own}: ${least} times faster than ${id}`,
  holds: (of) => optional(times(of, id, own), (r) => r >= least),
});

/** How well several threads share the work: against Fluxion's own time on one. */
export const fasterOnThreads = (least: number): Target => ({
  text: `wasm, threads: ${least} times faster than one thread`,
  holds: (of) => optional(of("fluxion-threads"), (m) => m.ratio! * least <= 1),
});

export const atLeastGflopsOfRow = (own: Own, part: number, row: string): Target => ({
  text: `${own}: at least ${part} times the GFLOP/s of \`${row}\``,
  holds: (of) => {
    const [one, other] = [of(`fluxion-${own}`), of(`fluxion-${own}`, row)];
    return one && other && bestGflops(one) >= part * bestGflops(other);
  },
});

export const atLeastGflops = (own: Own, gflops: number): Target => ({
  text: `${own}: at least ${gflops} GFLOP/s`,
  holds: (of) => optional(of(`fluxion-${own}`), (m) => bestGflops(m) >= gflops),
});

const optional = <A, B>(a: A | undefined, f: (a: A) => B): B | undefined =>
  a === undefined ? undefined : f(a);
