/** Which backend runs programs. */
import { FluxionError } from "../ir/errors.js";

/** `js` runs everywhere. */
export type BackendName = "js" | "wasm" | "webgpu";

const available: readonly BackendName[] = ["js"];
let current: BackendName = "js";

const check = (operation: string, name: unknown): BackendName => {
  if (available.includes(name as BackendName)) return name as BackendName;
  const why = name === "wasm" || name === "webgpu" ? " (this version does not have it yet)" : "";
  throw new FluxionError(
    operation,
    `expected an available backend (${available.join(", ")}), got ${JSON.stringify(name)}${why}`,
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
  current = check("setBackend", name);
};

/**
 * The name of the backend in use.
 *
 * @example
 * ```ts
 * getBackend() // "js"
 * ```
 */
export const getBackend = (): BackendName => current;

/**
 * Prepares a backend (a device, a module) and makes it the one in use. Rejects when it is not available.
 *
 * @example
 * ```ts
 * await initBackend("js");
 * getBackend() // "js"
 * ```
 */
export const initBackend = (name: BackendName): Promise<void> =>
  Promise.resolve().then(() => {
    current = check("initBackend", name);
  });
