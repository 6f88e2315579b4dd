/** Running programs on a number of threads, and comparing results bit by bit. */
import { jit, ones, setThreads, type Tensor } from "../../../src/index.js";
import type { TypedArray } from "../../../src/ir/dtype.js";
import { workerCrew } from "../../../src/jit/backend.js";
import { presentTeam, setCrew, share } from "../../../src/jit/backends/wasm/threads/crew.js";
import { theHeap } from "../../../src/jit/backends/wasm/heap.js";
import type { Crew } from "../../../src/jit/backends/wasm/worker/crew.js";

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

/** Waits until something holds. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("it does not happen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** The helpers of the worker that is in use. */
export const helpersNow = (): Crew["state"] => workerCrew()!.state;

const work = jit((x: Tensor) => x.mul(1.0001).sin());

/** Sets the number of threads of the worker that is in use, and waits until all its helpers are up. */
export const useHelpers = async (n: number): Promise<void> => {
  setThreads(n);
  await until(async () => {
    await work(ones([100_000])).data();
    const { team, ready } = helpersNow();
    return ready === n - 1 && team?.workers.isBroken !== true;
  });
};
