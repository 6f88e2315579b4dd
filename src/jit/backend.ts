/** Which backend runs programs. */
import { expected, FluxionError } from "../ir/errors.js";
import { jsTranslator } from "./backends/js/runner.js";
import type { MemoryStats } from "./backends/wasm/heap.js";
import { wasmTranslator } from "./backends/wasm/program.js";
import { hasSimd } from "./backends/wasm/support.js";
import type { Crew } from "./backends/wasm/worker/crew.js";
import type { WorkerBackend } from "./backends/wasm/worker/index.js";
import type { Device } from "./backends/wgsl/device.js";
import type { Gpu } from "./backends/wgsl/gpu.js";
import type { WebgpuBackend } from "./backends/wgsl/index.js";
import type { Tuning } from "./backends/wgsl/tuning.js";
import type { Translator } from "./translator.js";

/**
 * `js` runs everywhere; `wasm`, the default, where WebAssembly has 128-bit vectors; `wasm-worker`, the same programs in a
 * worker, so that the calling thread stays free, and `webgpu`, on a graphics card, where `initBackend` has started them.
 */
export type BackendName = "js" | "wasm" | "wasm-worker" | "webgpu";

let webgpu: WebgpuBackend | null = null;
let worker: WorkerBackend | null = null;

const available = (): readonly BackendName[] => [
  "js",
  ...(hasSimd() ? (["wasm"] as const) : []),
  ...(worker === null ? [] : (["wasm-worker"] as const)),
  ...(webgpu === null ? [] : (["webgpu"] as const)),
];
let chosen: BackendName | null = null;

/** The fastest that there is, unless one was chosen. */
const current = (): BackendName => (chosen ??= hasSimd() ? "wasm" : "js");

/** Why a backend is not there. */
const reasonOf = (name: unknown): string => {
  if (name === "wasm" || (name === "wasm-worker" && !hasSimd()))
    return " (this engine has no WebAssembly with 128-bit vectors)";
  return name === "webgpu" || name === "wasm-worker" ? ` (await initBackend("${name}") first)` : "";
};

const check = (operation: string, name: unknown): BackendName => {
  if (available().includes(name as BackendName)) return name as BackendName;
  throw new FluxionError(
    operation,
    `expected an available backend (${available().join(", ")}), got ${JSON.stringify(name)}${reasonOf(name)}`,
  );
};

/**
 * Chooses the backend for programs compiled from now on. Throws when it is not available.
 *
 * @example
 * ```ts
 * setBackend("js");
 * getBackend() // "js"
 * ```
 */
export const setBackend = (name: BackendName): void => {
  chosen = check("setBackend", name);
};

/**
 * The name of the backend in use: `"wasm"` where WebAssembly has 128-bit vectors, else `"js"`, unless one was chosen.
 *
 * @example
 * ```ts
 * ["wasm", "js"].includes(getBackend()) // true
 * ```
 */
export const getBackend = (): BackendName => current();

/** Options of `initBackend`. */
export interface BackendOptions {
  /** The `navigator.gpu` to use for `"webgpu"`; found by itself in browsers, in Deno and from the `webgpu` package. */
  readonly gpu?: Gpu;
  /** For `"webgpu"`: what `lowered.tune()` gave, on this adapter or on several. */
  readonly tuning?: Tuning;
  /**
   * For `"webgpu"`: whether contractions go by subgroup matrices, where the adapter has them; unless it is said, they do.
   * Sums in float32 come out with other roundings then. Functions that were compiled before are compiled again.
   */
  readonly subgroupMatrices?: boolean;
}

/**
 * Prepares a backend and makes it the one in use: for `"webgpu"` a device, for `"wasm-worker"` a worker, whose tensors
 * are read with `await x.data()`; a fresh one where the last was lost or another `gpu` is given. Rejects when the backend
 * is not available, and where `tuning` is not one.
 *
 * @example
 * ```ts
 * await initBackend("js");
 * getBackend() // "js"
 * ```
 */
export const initBackend = async (name: BackendName, options: BackendOptions = {}): Promise<void> => {
  if (options.tuning !== undefined && name !== "webgpu")
    throw expected("initBackend", 'a tuning for "webgpu" only', `one for ${JSON.stringify(name)}`);
  if (options.subgroupMatrices !== undefined && name !== "webgpu")
    throw expected("initBackend", 'subgroupMatrices for "webgpu" only', `it for ${JSON.stringify(name)}`);
  while (underWay !== null) await underWay;
  const choose = (): void => void (chosen = check("initBackend", name));
  const preparing = prepared(name, options);
  if (preparing === null) return choose();
  const over = (): void => void (underWay = null);
  const choosing = preparing.then(choose);
  underWay = choosing.then(over, over);
  await choosing;
};

/** What a call of `initBackend` does, for which others wait: they may ask for the same. It never rejects. */
let underWay: Promise<void> | null = null;

/** Devices and workers, where they are not there yet; null where nothing has to be awaited. */
const prepared = (name: BackendName, options: BackendOptions): Promise<void> | null => {
  if (name === "webgpu") return preparedWebgpu(options);
  const isWorker = name === "wasm-worker" && hasSimd();
  return isWorker && (worker === null || worker.device.isLost) ? startedWorker() : null;
};

const preparedWebgpu = async (options: BackendOptions): Promise<void> => {
  const { acquire, loadTuning, useDriver } = await import("./backends/wgsl/index.js");
  if (options.tuning !== undefined) loadTuning("initBackend", options.tuning);
  if (!isReady(options)) useDriver(await acquire(options.gpu));
  if (options.subgroupMatrices !== undefined) deviceNow().usesMatrices = options.subgroupMatrices;
};

const startedWorker = async (): Promise<void> => {
  const { startWorker, workerBackend } = await import("./backends/wasm/worker/index.js");
  useWorker(workerBackend(await startWorker()));
};

/** Whether there is a device that works, of the `gpu` that was asked for. */
const isReady = ({ gpu }: BackendOptions): boolean =>
  webgpu !== null && !webgpu.device.isLost && (gpu === undefined || gpu === webgpu.device.driver.source);

/** From now on programs on `webgpu` run on this device. */
export const useWebgpu = (backend: WebgpuBackend): void => {
  webgpu = backend;
};

/** From now on programs on `wasm-worker` run in this worker. */
export const useWorker = (backend: WorkerBackend): void => {
  worker = backend;
};

const deviceNow = (): Device => webgpuNow().device;

const webgpuNow = (): WebgpuBackend => {
  if (webgpu !== null) return webgpu;
  throw new FluxionError("webgpu", 'expected a device, got none: await initBackend("webgpu") first');
};

/** The worker's memory, where programs run there; null elsewhere. */
export const workerMemory = (): MemoryStats | null =>
  chosen === "wasm-worker" ? workerNow().device.memory : null;

/** The worker's helpers, where programs run there; null elsewhere. */
export const workerCrew = (): Crew | null => (chosen === "wasm-worker" ? workerNow().device.crew : null);

/** A number of threads was set. */
export const resizeWorker = (): void => {
  worker?.device.crew.resize();
};

const workerNow = (): WorkerBackend => {
  if (worker !== null) return worker;
  throw new FluxionError(
    "wasm-worker",
    'expected a worker, got none: await initBackend("wasm-worker") first',
  );
};

/** What has been chosen for all adapters. */
export const tuningNow = (): Tuning => webgpuNow().tuning();

/** The backend in use and, of a device, what programs for it depend on. */
export const madeFor = (): string => (current() === "webgpu" ? `webgpu ${deviceNow().madeFor}` : current());

/** A new translator for programs of a backend. */
export const translatorOf = (name: BackendName): Translator => {
  switch (name) {
    case "js":
      return jsTranslator;
    case "wasm":
      return wasmTranslator();
    case "wasm-worker":
      return workerNow().translator(() => workerNow().device);
    case "webgpu":
      return webgpuNow().translator(deviceNow);
  }
};
