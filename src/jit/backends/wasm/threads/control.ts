/**
 * The words by which threads agree on what to do. A job is one divided function: it has some parts, and whoever is free
 * takes the next one. The ticket has the job's number and how many parts are left; taking one is exchanging it for the
 * ticket with one less, so that nobody can take a part of a job that is over.
 */

/** Places of words; those that different threads wait for are in cache lines of their own. */
export const word = {
  /** Number of the job, times 256, plus parts that nobody has taken. */
  ticket: 0,
  /** Parts that are not finished. */
  pending: 16,
  /** Workers that sleep. */
  asleep: 32,
  /** Workers that are up. */
  ready: 48,
  /** The job: see `Job`. */
  program: 64,
  programAt: 65,
  programBytes: 66,
  function: 67,
  list: 68,
  parts: 69,
  scratchAt: 70,
  scratchStride: 71,
  scratch: 72,
  /** Parts that a worker could not compute: how many, and which. */
  refused: 80,
  refusals: 81,
} as const;

/** A ticket's lowest bits: parts that are left. */
export const leftMask = 255;
export const controlWords: number = word.refusals + leftMask + 1;
