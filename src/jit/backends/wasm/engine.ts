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

/**
 * Engines start with code that is made quickly and runs slowly, and do not replace it in the middle of a call. In Node
 * the optimising compiler can be asked for from the start.
 */
export const compileModule = (
  bytes: Uint8Array,
  imports: Record<string, WebAssembly.ImportValue>,
): WebAssembly.Instance => {
  const v8 = flags();
  v8?.setFlagsFromString("--no-liftoff");
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { m: imports });
  } finally {
    v8?.setFlagsFromString("--liftoff");
  }
};
