/** What this engine can do. */
import type { Bytes } from "./bytes.js";
import { code, ModuleBuilder } from "./module.js";
import { op } from "./opcodes.js";

const validates = (instructions: readonly Bytes[]): boolean => {
  if (typeof WebAssembly !== "object") return false;
  const m = new ModuleBuilder();
  const f = m.function("f", []);
  f.emit(...instructions, op("drop"));
  return WebAssembly.validate(m.finish([f], { initial: 1, maximum: 1, shared: false }) as BufferSource);
};

let simd: boolean | null = null;
let relaxed: boolean | null = null;

/** Whether there is WebAssembly with 128-bit vectors. */
export const hasSimd = (): boolean => (simd ??= validates([code.f32x4(0)]));

/** Whether vectors have a multiplication fused with an addition (relaxed SIMD). */
export const hasRelaxedSimd = (): boolean =>
  (relaxed ??= validates([code.f32x4(0), code.f32x4(0), code.f32x4(0), op("f32x4.relaxed_madd")]));
