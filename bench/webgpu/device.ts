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

/**
 * Every call is waited for, by a read: a library may leave out what is dropped before anybody asks for it (jax-js does),
 * and memory holds one result at a time.
 */
export const deviceRun = <R>({ call, finish, read, free = (): void => undefined }: Parts<R>): Run => ({
  first: async () => {
    const elapsed = startClock();
    const result = call();
    await finish(result);
    const ms = elapsed();
    const values = await read(result);
    free(result);
    return { ms, values };
  },
  step: async () => {
    const result = call();
    await finish(result);
    free(result);
  },
});
