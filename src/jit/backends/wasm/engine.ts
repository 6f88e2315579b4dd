/** From bytes to functions that run. */
import { expected } from "../../../ir/errors.js";

interface Flags {
  readonly setFlagsFromString: (flag: string) => void;
}

/** Node's switches for V8, where there are any. */
const flags = (): Flags | null => {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return (process?.getBuiltinModule?.("node:v8") as Flags | undefined) ?? null;
};

type Imports = Record<string, WebAssembly.ImportValue>;
export type Exports = Record<string, (...args: number[]) => void>;

/** What Chromium lets a page's main thread compile without waiting for it. Workers have no such limit. */
const mainThreadLimit = 8 * 2 ** 20;

const tooLarge = (bytes: Uint8Array): Error => {
  const size = (bytes.length / 2 ** 20).toFixed(1);
  return expected(
    "jit",
    "a program of at most 8 MB on the main thread of a page, which is what this browser compiles there",
    `one of ${size} MB: await initBackend("wasm-worker"), make several smaller functions of it, or setBackend("js")`,
  );
};

const instantiate = (bytes: Uint8Array, imports: Imports): Exports => {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { m: imports })
      .exports as Exports;
  } catch (error) {
    throw error instanceof RangeError && bytes.length > mainThreadLimit ? tooLarge(bytes) : error;
  }
};

/**
 * What the optimising compiler takes for a byte, in operations of the code that it makes: about 0.7 µs, at ten operations
 * in a nanosecond, and the code that it replaces takes three times as long as its own.
 */
const operationsPerByte = 3000;

/** Whether a call, which takes so many operations, works long enough for code that is made slowly and runs fast. */
export const worksLong = (bytes: Uint8Array, work: number): boolean =>
  work > operationsPerByte * bytes.length;

/**
 * A module's functions; `work` is how many operations a call of them takes. Engines start with code that is made
 * quickly and runs slowly. They replace it soon, but never in the middle of a call: for a program that works long in
 * one call the optimising compiler is asked for from the start, where that can be done (Node).
 */
export const functionsOf = (bytes: Uint8Array, imports: Imports, work: number): Exports => {
  const v8 = worksLong(bytes, work) ? flags() : null;
  v8?.setFlagsFromString("--no-liftoff");
  try {
    return instantiate(bytes, imports);
  } finally {
    v8?.setFlagsFromString("--liftoff");
  }
};
