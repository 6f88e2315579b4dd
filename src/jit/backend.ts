/** Which backend runs programs. */
import { FluxionError } from "../ir/errors.js";
import { jsTranslator } from "./backends/js/runner.js";
import { wasmTranslator } from "./backends/wasm/program.js";
import { hasSimd } from "./backends/wasm/support.js";
import { acquire } from "./backends/wgsl/acquire.js";
import { Device } from "./backends/wgsl/device.js";
import type { Driver } from "./backends/wgsl/driver.js";
import type { Gpu } from "./backends/wgsl/gpu.js";
import { wgslTranslator } from "./backends/wgsl/program.js";
import type { Translator } from "./translator.js";

/**
 * `js` runs everywhere; `wasm`, the default, where WebAssembly has 128-bit vectors; `webgpu`, on a graphics card, where
 * `initBackend("webgpu")` found one.
 */
export type BackendName = "js" | "wasm" | "webgpu";

let device: Device | null = null;

const available = (): readonly BackendName[] => [
  "js",
  ...(hasSimd() ? (["wasm"] as const) : []),
  ...(device === null ? [] : (["webgpu"] as const)),
];
let chosen: BackendName | null = null;

/** The fastest that there is, unless one was chosen. */
const current = (): BackendName => (chosen ??= hasSimd() ? "wasm" : "js");

const check = (operation: string, name: unknown): BackendName => {
  if (available().includes(name as BackendName)) return name as BackendName;
  const why =
    name === "webgpu"
      ? ' (await initBackend("webgpu") first)'
      : name === "wasm"
        ? " (this engine has no WebAssembly with 128-bit vectors)"
        : "";
  throw new FluxionError(
    operation,
    `expected an available backend (${available().join(", ")}), got ${JSON.stringify(name)}${why}`,
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
}

/**
 * Prepares a backend and makes it the one in use: for `"webgpu"` a device, whose tensors are read with `await x.data()`;
 * a fresh one where the last was lost or another `gpu` is given. Rejects when the backend is not available.
 *
 * @example
 * ```ts
 * await initBackend("js");
 * getBackend() // "js"
 * ```
 */
export const initBackend = async (name: BackendName, options: BackendOptions = {}): Promise<void> => {
  if (name === "webgpu" && !isReady(options)) useDriver(await acquire(options.gpu));
  chosen = check("initBackend", name);
};

/** Whether there is a device that works, of the `gpu` that was asked for. */
const isReady = ({ gpu }: BackendOptions): boolean =>
  device !== null && !device.isLost && (gpu === undefined || gpu === device.driver.source);

/** From now on programs on `webgpu` run on this device. */
export const useDriver = (driver: Driver): void => {
  device = new Device(driver);
};

const deviceNow = (): Device => {
  if (device !== null) return device;
  throw new FluxionError("webgpu", 'expected a device, got none: await initBackend("webgpu") first');
};

/** A new translator for programs of a backend. */
export const translatorOf = (name: BackendName): Translator => {
  switch (name) {
    case "js":
      return jsTranslator;
    case "wasm":
      return wasmTranslator();
    case "webgpu":
      return wgslTranslator(deviceNow);
  }
};
