/** From bytes to functions that run. */

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

const instantiate = (bytes: Uint8Array, imports: Imports): Exports =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { m: imports }).exports as Exports;

/** What the optimising compiler takes for a byte, in operations of the code that it replaces. */
const operationsPerByte = 300;

/**
 * A module's functions; `work` is how many operations a call of them takes. Engines start with code that is made
 * quickly and runs slowly. They replace it soon, but never in the middle of a call: for a program that works long in
 * one call the optimising compiler is asked for from the start, where that can be done (Node).
 */
export const functionsOf = (bytes: Uint8Array, imports: Imports, work: number): Exports => {
  const v8 = work > operationsPerByte * bytes.length ? flags() : null;
  v8?.setFlagsFromString("--no-liftoff");
  try {
    return instantiate(bytes, imports);
  } finally {
    v8?.setFlagsFromString("--liftoff");
  }
};
