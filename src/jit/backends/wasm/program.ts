/**
 * One program as one WebAssembly module: functions for each kernel, and an entry that calls them all. Inputs and
 * results are named by addresses in a table; intermediates are at fixed places of an arena. What is divided among
 * threads (see `division.ts`) goes through JavaScript, which finds out who is free.
 */
import { bytesPerElement } from "../../../ir/dtype.js";
import type { Kernel } from "../../kernel.js";
import type { Code, KernelCode, Runner, Translator } from "../../translator.js";
import { type AssembledKernel, type AssembledStep, Assembly, type RoutineImport } from "./assembly.js";
import { type Exports, functionsOf as exportsOf } from "./engine.js";
import { entry } from "./entry.js";
import type { Functions } from "./functions.js";
import { type Heap, theHeap } from "./heap.js";
import { WasmRunner } from "./runner.js";
import { Sharing } from "./threads/sharing.js";

class WasmTranslator implements Translator {
  readonly backend = "wasm";
  readonly elementBytes = bytesPerElement;
  readonly joinsRows: boolean = true;
  private readonly heap: Heap = theHeap();
  private readonly assembly = new Assembly(this.heap);
  private readonly sharing = new Sharing(this.heap, this.assembly.parts);
  private exports: Exports = {};

  kernel(kernel: Kernel): KernelCode & AssembledKernel {
    const assembled = this.assembly.kernel(kernel);
    return { ...assembled, run: (...args) => this.run(assembled.made, args as number[]) };
  }

  /** Runs a kernel by itself. */
  private run({ phases, list, count }: Functions, addresses: readonly number[]): void {
    if (list === null) return this.exports[phases[0]!.builder.name]!(...addresses);
    new Int32Array(this.heap.memory.buffer, list, count).set(addresses);
    for (const { builder, divided } of phases)
      if (divided === null) this.exports[builder.name]!(list);
      else this.sharing.run(divided.number);
  }

  private routine({ statement: { args, run }, buffers }: RoutineImport): (...at: number[]) => void {
    return (...addresses) => {
      run(
        ...addresses.map((at, i) =>
          this.heap.view(buffers[args[i]!.buffer]!.dtype, at >>> 0, args[i]!.length),
        ),
      );
    };
  }

  runner(code: Code): Runner {
    const { assembly, heap, sharing } = this;
    const steps = code.steps as readonly AssembledStep[];
    const bytes = assembly.finish([entry(assembly, "main", code.slots, steps)]);
    const imports = {
      memory: heap.memory,
      share: sharing.run,
      ...Object.fromEntries(assembly.scalars),
      ...Object.fromEntries([...assembly.routines].map(([name, r]) => [name, this.routine(r)])),
    };
    this.exports = exportsOf(bytes, imports, assembly.work);
    sharing.open(
      bytes,
      this.exports,
      steps.map((s) => s.made),
    );
    return new WasmRunner(code, heap, this.exports.main!, assembly.parts);
  }
}

export const wasmTranslator = (): Translator => new WasmTranslator();
