/** How much memory computations hold. */
import { workerMemory } from "./backend.js";
import { heapStats, type MemoryStats } from "./backends/wasm/heap.js";

export type { MemoryStats } from "./backends/wasm/heap.js";

/**
 * How the WebAssembly memory is used, in bytes: its size, what is in use of it, and what is held by results and by
 * given arrays that programs read again and again. That is freed some time after the program has dropped the tensors;
 * above 256 MB they are kept outside. JavaScript's own arrays do not count. All zero before the first computation on
 * that backend. Where `"wasm-worker"` is in use, its worker's memory.
 *
 * @example
 * ```ts
 * const stats = memoryStats();
 * stats.used <= stats.total // true
 * stats.resident <= stats.used // true
 * ```
 */
export const memoryStats = (): MemoryStats => workerMemory() ?? heapStats();
