/** Kernels as JavaScript functions, called one after the other on arrays. */
import { allocate, arrayConstructor, bytesPerElement, type TypedArray } from "../../../ir/dtype.js";
import { inMemory, type Stored } from "../../../ir/stored.js";
import { filled } from "../../filled.js";
import { arena } from "../../arena.js";
import type { Code, Runner, Translator } from "../../translator.js";
import { jsKernel } from "./kernel.js";

export class JsRunner implements Runner {
  private views: (TypedArray | null)[] = [];
  private generation = -1;
  private readonly arguments: unknown[][];

  constructor(readonly code: Code) {
    this.arguments = code.steps.map((s) => [...s.slots.map(() => null), ...s.extra]);
  }

  run(inputs: readonly Stored[]): TypedArray[] {
    const { code } = this;
    const arrays = this.arrays(inputs.map((x) => inMemory(x, "js")));
    for (let i = 0; i < code.steps.length; i++) this.step(i, arrays);
    return code.results.map((r) => (r._tag === "Slot" ? arrays[r.slot]! : filled(r.dtype, r.value)));
  }

  timed(inputs: readonly TypedArray[]): number[] {
    const arrays = this.arrays(inputs);
    return this.code.steps.map((_, i) => {
      const start = performance.now();
      this.step(i, arrays);
      return performance.now() - start;
    });
  }

  private arrays(inputs: readonly TypedArray[]): TypedArray[] {
    this.place();
    return this.code.slots.map((s, i) => {
      switch (s._tag) {
        case "Input":
          return inputs[s.index]!;
        case "Output":
          return allocate(s.dtype, s.length);
        case "Arena":
          return this.views[i]!;
      }
    });
  }

  private step(i: number, arrays: readonly TypedArray[]): void {
    const step = this.code.steps[i]!;
    const args = this.arguments[i]!;
    for (let k = 0; k < step.slots.length; k++) args[k] = arrays[step.slots[k]!]!;
    step.run(...args);
    args.fill(null, 0, step.slots.length); // keeps no array alive
  }

  /** Views of the arena, made again when it has grown. */
  private place(): void {
    const buffer = arena.reserve(this.code.arenaBytes);
    if (this.generation === arena.generation) return;
    this.generation = arena.generation;
    this.views = this.code.slots.map((s) =>
      s._tag === "Arena" ? new (arrayConstructor(s.dtype))(buffer, s.offset, s.length) : null,
    );
  }
}

export const jsTranslator: Translator = {
  backend: "js",
  elementBytes: bytesPerElement,
  joinsRows: false, // engines optimise short functions sooner
  kernel: jsKernel,
  runner: (code) => new JsRunner(code),
};
