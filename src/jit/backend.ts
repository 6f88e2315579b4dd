/** Which backend runs programs. */
import { FluxionError } from "../ir/errors.js";
import { jsTranslator } from "./backends/js/runner.js";
import { wasmTranslator } from "./backends/wasm/program.js";
import { hasSimd } from "./backends/wasm/support.js";
import type { Translator } from "./translator.js";

/** `js` runs everywhere; `wasm`, the default, where WebAssembly has 128-bit vectors. */
export type BackendName = "js" | "wasm" | "webgpu";

const available = (): readonly BackendName[] => (hasSimd() ? ["js", "wasm"] : ["js"]);
let chosen: BackendName | null = null;

/** The fastest that there is, unless one was chosen. */
const current = (): BackendName => (chosen ??= hasSimd() ? "wasm" : "js");

const check = (operation: string, name: unknown): BackendName => {
  if (available().includes(name as BackendName)) return name as BackendName;
  const why =
    name === "webgpu"
      ? " (this version does not have it yet)"
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
    chosen = check("initBackend", name);
  });

/** A new translator for programs of a backend. */
export const translatorOf = (name: BackendName): Translator =>
  name === "wasm" ? wasmTranslator() : jsTranslator;
