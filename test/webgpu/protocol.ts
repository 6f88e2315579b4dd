/** What the tests' thread and the device's tell each other. */
import type { Dispatch } from "../../src/jit/backends/wgsl/driver.js";

export type Message =
  | { readonly op: "grow"; readonly words: number }
  | { readonly op: "write"; readonly at: number; readonly words: Uint32Array }
  | { readonly op: "copy"; readonly from: number; readonly to: number; readonly length: number }
  | { readonly op: "run"; readonly list: readonly Dispatch[] }
  | { readonly op: "read"; readonly at: number; readonly length: number }
  | { readonly op: "end" };

/** Shared memory: a flag and the length of an error's text; the words or the text. */
export interface Reply {
  readonly signal: SharedArrayBuffer;
  readonly reply: SharedArrayBuffer & { readonly maxByteLength: number; grow(bytes: number): void };
}
