/** Running programs on a number of threads, and comparing results bit by bit. */
import type { TypedArray } from "../../../src/ir/dtype.js";
import { presentTeam, setCrew, share } from "../../../src/jit/backends/wasm/threads/crew.js";
import { theHeap } from "../../../src/jit/backends/wasm/heap.js";

/** Makes the team of `n` threads and waits until all its workers are up. */
export const useThreads = async (n: number): Promise<void> => {
  setCrew(n);
  const until = performance.now() + 20_000;
  const enough = (): boolean => n === 1 || (presentTeam()?.ready === n - 1 && !presentTeam()!.isBroken);
  const work = (): void => {
    for (const end = performance.now() + 5; performance.now() < end;);
  };
  while (!enough()) {
    if (performance.now() > until) throw new Error(`${n} threads did not start`);
    share(theHeap(), () => undefined, work);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** The bits of some arrays, for comparing NaN and the sign of zero too. */
export const bitsOf = (arrays: readonly TypedArray[]): string =>
  arrays.map((a) => Buffer.from(a.slice().buffer).toString("base64")).join(" ");
