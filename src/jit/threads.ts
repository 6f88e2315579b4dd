/** How many threads programs compute on. */
import { expected } from "../ir/errors.js";
import { resizeWorker, workerCrew } from "./backend.js";
import { setCrew, threadsLeft } from "./backends/wasm/threads/crew.js";
import { mostThreads } from "./backends/wasm/threads/settings.js";

/**
 * Sets on how many threads programs of the WebAssembly backends compute, the one that runs them included (the calling
 * one, or the worker of `"wasm-worker"`): 1 to 64. The others are started by the first program that is long enough to
 * gain from them, keep no process alive, and are replaced should one end. Results are the same, bit for bit, whatever the
 * number. Where memory cannot be shared (pages that are not cross-origin isolated) there is one thread whatever is set;
 * for `"wasm"` on a browser's main thread, too, which may not wait for others. Throws for anything but an integer in range.
 *
 * @example
 * ```ts
 * setThreads(2);
 * matmul(ones([300, 300]), ones([300, 300])).at(7, 7).item() // 300
 * setThreads(1);
 * getThreads() // 1
 * ```
 */
export const setThreads = (n: number): void => {
  if (!Number.isInteger(n) || n < 1 || n > mostThreads)
    throw expected("setThreads", `an integer from 1 to ${mostThreads}`, JSON.stringify(n) ?? typeof n);
  setCrew(n);
  resizeWorker();
};

/**
 * On how many threads programs of the WebAssembly backends compute: unless it was set, as many as there are processors,
 * at most 8; 1 where memory cannot be shared, on a browser's main thread unless `"wasm-worker"` is in use, and once the
 * other threads have ended or hung three times (`setThreads` makes programs try again).
 *
 * @example
 * ```ts
 * getThreads() >= 1 // true
 * ```
 */
export const getThreads = (): number => workerCrew()?.threads ?? threadsLeft();
