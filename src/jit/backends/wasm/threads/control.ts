/**
 * The words by which threads agree on what to do. A job is one divided function: it has some parts, and whoever is free
 * takes another one, some from the first on and some from the last back, so that the same thread mostly gets the same
 * parts, whose data its processor may still have. The ticket has the job's number and which parts are left; taking one is
 * exchanging it for the ticket without it, so that nobody can take a part of a job that is over.
 */

/** Places of words; those that different threads wait for are in cache lines of their own. */
export const word = {
  /** Number of the job, first part that nobody has taken, and the end of those. */
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
  scratchAt: 69,
  scratchStride: 70,
  scratch: 71,
  /** Parts that a worker could not compute: how many, and which. */
  refused: 80,
  refusals: 81,
  /** Behind them, where the worker that leads others says how many parts they have computed: for tests. */
  helped: 128,
  /** And where it is told that one of them has ended. */
  lost: 144,
} as const;

/** Bits of a ticket for the first part that is left; so many lower ones for the end. */
export const partBits = 5;
export const partMask: number = 2 ** partBits - 1;
export const controlWords: number = word.lost + 1;
