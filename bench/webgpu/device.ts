/** Computations on a device: a call returns when it is told what to do, and a read waits until that is done. */
import { startClock } from "../clock.js";
import type { Run, Values } from "../contender.js";

interface Parts<R> {
  readonly call: () => R;
  /** Reads a small part of the result: then the device is done. */
  readonly finish: (result: R) => Promise<unknown>;
  readonly read: (result: R) => Promise<Values>;
  readonly free?: (result: R) => void;
}

/** So many calls go to the device before one waits: it is never idle, and its memory holds the results. */
export const depth = 4;

export const deviceRun = <R>({ call, finish, read, free = (): void => undefined }: Parts<R>): Run => {
  const several = async (n: number): Promise<void> => {
    for (let i = 1; i <= n; i++) {
      const result = call();
      if (i % depth === 0 || i === n) await finish(result);
      free(result);
    }
  };
  return {
    first: async () => {
      const elapsed = startClock();
      const result = call();
      await finish(result);
      const ms = elapsed();
      const values = await read(result);
      free(result);
      return { ms, values };
    },
    step: () => several(1),
    sample: async (n) => {
      const elapsed = startClock();
      await several(n);
      return elapsed() / n;
    },
  };
};
