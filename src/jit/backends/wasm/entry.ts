/** Entries of a module: functions of the table of addresses and of the arena, that call kernels. */
import type { Slot } from "../../translator.js";
import type { AssembledKernel, Assembly } from "./assembly.js";
import type { Bytes } from "./bytes.js";
import { code as wasm, type FunctionBuilder } from "./module.js";
import { op } from "./opcodes.js";

const [table, arena] = [0, 1];

const addressOf = (slots: readonly Slot[], slot: number): Bytes => {
  const s = slots[slot]!;
  return s._tag === "Arena"
    ? wasm.get(arena) + wasm.i32(s.offset) + op("i32.add")
    : wasm.get(table) + wasm.load("i32.load", 4 * slot);
};

/** A function that calls kernels one after the other. */
export const entry = (
  assembly: Assembly,
  name: string,
  slots: readonly Slot[],
  steps: readonly (Pick<AssembledKernel, "made"> & { readonly slots: readonly number[] })[],
): FunctionBuilder => {
  const f = assembly.module.function(name, ["i32", "i32"]);
  for (const s of steps)
    f.emit(
      assembly.call(
        s.made,
        s.slots.map((i) => addressOf(slots, i)),
      ),
    );
  return f;
};
