/**
 * What a row of the table is: one computation, written once for Fluxion and once for each peer, on the same data.
 */
import type * as Fluxion from "fluxion";
import type * as Jax from "@jax-js/jax";
import type * as Tf from "@tensorflow/tfjs";

export type FluxionLibrary = typeof Fluxion;
export type JaxLibrary = typeof Jax;
export type TfLibrary = typeof Tf;

/** Numbers by which contenders are compared before they are timed, in the same order in each. */
export type Values = readonly ArrayLike<number>[];

/** A computation that is ready to run, and knows how its library computes, reads and lets go. */
export interface Run {
  /** The first execution: its results, read; and the time until they were computed. */
  first(): Promise<{ readonly ms: number; readonly values: Values }>;
  /** One more execution: everything computed when it returns or resolves, and let go. */
  step(): Promise<void> | undefined;
}

interface Parts<R> {
  /** Everything is computed when this returns or resolves. */
  readonly call: () => R | Promise<R>;
  readonly read: (result: R) => Values;
  readonly free?: (result: R) => void;
}

export const runOf = <R>({ call, read, free = (): void => undefined }: Parts<R>): Run => ({
  first: async () => {
    const start = performance.now();
    const result = await call();
    const ms = performance.now() - start;
    const values = read(result);
    free(result);
    return { ms, values };
  },
  step: () => {
    const result = call();
    if (result instanceof Promise) return result.then(free);
    free(result);
    return undefined;
  },
});

/** A library on one of its backends. */
export type ContenderId = "fluxion-js" | "fluxion-wasm" | "hand" | "tfjs-cpu" | "tfjs-wasm" | "jax-js";

/** One measurement, as `--json` writes it. */
export interface Measurement {
  readonly row: string;
  readonly library: string;
  readonly version: string;
  readonly backend: string;
  readonly threads: number;
  readonly medianMs: number;
  /** The first call: tracing, compiling and computing. */
  readonly firstMs: number;
  readonly gflops?: number;
  readonly bestMs: number;
  /** How many times as long as Fluxion's first backend: the median over rounds in which both ran. */
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
  readonly holds: (of: (id: ContenderId) => Measurement | undefined) => boolean | undefined;
}

export interface Row {
  readonly name: string;
  /** What is computed, in a few words. */
  readonly title: string;
  /** Floating-point operations of one execution, where GFLOP/s say something. */
  readonly flops?: number;
  /** Greatest relative difference to the values of the first contender. */
  readonly tolerance?: number;
  /** Peers known to compute this wrongly: timed all the same, and said so. */
  readonly wrong?: Partial<Record<ContenderId, string>>;
  /** Peers that could compute this but are not made to, and why. */
  readonly omitted?: Partial<Record<ContenderId, string>>;
  readonly targets?: readonly Target[];
  readonly fluxion: (fx: FluxionLibrary) => Run;
  readonly peers: {
    readonly tfjs?: (tf: TfLibrary) => Run;
    readonly jaxjs?: (jax: JaxLibrary) => Run;
    readonly hand?: () => Run;
  };
  /** How it is measured: interleaved (default), in fresh processes, or in one long run that watches memory. */
  readonly method?: "rounds" | "cold" | { readonly soak: number };
}

export const atMostMs = (ms: number): Target => ({
  text: `at most ${ms < 1 ? `${ms * 1000} µs` : `${ms} ms`}`,
  holds: (of) => optional(of("fluxion-js"), (m) => m.medianMs <= ms),
});

export const atMostTimes = (times: number, id: ContenderId): Target => ({
  text: `at most ${times} times ${id}'s time`,
  holds: (of) => optional(of(id)?.ratio, (r) => 1 / r <= times),
});

export const fasterThan = (times: number, id: ContenderId): Target => ({
  text: `${times} times faster than ${id}`,
  holds: (of) => optional(of(id)?.ratio, (r) => r >= times),
});

export const atLeastGflops = (gflops: number): Target => ({
  text: `at least ${gflops} GFLOP/s`,
  holds: (of) => optional(of("fluxion-js")?.gflops, (g) => g >= gflops),
});

const optional = <A, B>(a: A | undefined, f: (a: A) => B): B | undefined =>
  a === undefined ? undefined : f(a);
