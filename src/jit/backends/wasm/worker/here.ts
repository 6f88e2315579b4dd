/** A kernel that needs this library, which the worker has not: it runs as a program of the calling thread. */
import type { Kernel } from "../../../kernel.js";
import type { Runner, Slot } from "../../../translator.js";
import { cacheLine } from "../constants.js";
import { wasmTranslator } from "../program.js";

/** From the arrays that a kernel reads to those that it writes, each in the order of its buffers. */
export const runnerHere = ({ buffers, ...rest }: Kernel): Runner => {
  const translator = wasmTranslator();
  const kernel = translator.kernel({ buffers, ...rest });
  let inputs = 0;
  let arenaBytes = 0;
  const slots = buffers.map(({ written, dtype, length }): Slot =>
    written ? { _tag: "Output", dtype, length } : { _tag: "Input", dtype, index: inputs++ },
  );
  for (const length of kernel.scratch) {
    slots.push({ _tag: "Arena", dtype: "float64", length, offset: arenaBytes });
    arenaBytes += Math.ceil((8 * length) / cacheLine) * cacheLine;
  }
  return translator.runner({
    backend: translator.backend,
    steps: [{ ...kernel, operations: 0, slots: slots.map((_, i) => i) }],
    slots,
    results: buffers.flatMap((b, slot) => (b.written ? [{ _tag: "Slot" as const, slot }] : [])),
    arenaBytes,
  });
};
