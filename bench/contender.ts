/** How a row's computation runs in one library. */

/** Numbers by which contenders are compared before they are timed, in the same order in each. */
export type Values = readonly ArrayLike<number>[];

/** A computation that is ready to run, and knows how its library computes, reads and lets go. */
export interface Run {
  /** The first execution: its results, read; and the time until they were computed. */
  first(): Promise<{ readonly ms: number; readonly values: Values }>;
  /** One more execution: everything computed when it returns or resolves, and let go. */
  step(): Promise<void> | undefined;
  /** Milliseconds per step over `n` of them, where the computation is in another process, which has a clock of its own. */
  readonly sample?: (n: number) => Promise<number>;
}
