/**
 * One program as one WebAssembly module: functions for each kernel, and an entry that calls them all. Inputs and
 * results are named by addresses in a table; intermediates are at fixed places of an arena. What is divided among
 * threads (see `division.ts`) goes through JavaScript, which finds out who is free.
 */
import { bytesPerElement, type DType } from "../../../ir/dtype.js";
import type { ScalarFunction } from "../../../ir/lowering.js";
import type { BufferUse, Kernel } from "../../kernel.js";
import type { Code, KernelCode, Runner, Step, Translator } from "../../translator.js";
import type { Bytes } from "./bytes.js";
import { type Exports, functionsOf as exportsOf } from "./engine.js";
import { type Functions, functionsOf } from "./functions.js";
import { type Heap, theHeap } from "./heap.js";
import type { CallStatement, Host } from "./host.js";
import { code as wasm, type FunctionBuilder, ModuleBuilder } from "./module.js";
import { op } from "./opcodes.js";
import { type Part, WasmRunner } from "./runner.js";
import { scalarType } from "./scalar.js";
import { hasRelaxedSimd } from "./support.js";
import { Sharing } from "./threads/sharing.js";
import { workOf } from "./work.js";

class WasmTranslator implements Translator, Host {
  readonly backend = "wasm";
  readonly elementBytes = bytesPerElement;
  readonly relaxed: boolean = hasRelaxedSimd();
  readonly heap: Heap = theHeap();
  readonly constant = this.heap.constant;
  readonly module: ModuleBuilder = new ModuleBuilder();
  private readonly imports: Record<string, (...args: number[]) => number | void> = {};
  private readonly scalarNames = new Map<ScalarFunction, Map<DType, string>>();
  private readonly functions: FunctionBuilder[] = [];
  private readonly shared = new Map<string, FunctionBuilder>();
  private exports: Exports = {};
  private work = 0;
  private kernels = 0;
  private dividedFunctions = 0;
  /** Memory that the program owns. */
  private readonly parts: Part[] = [];
  private readonly sharing = new Sharing(this.heap, this.parts);

  readonly scalarFunction: Host["scalarFunction"] = (f, arity, result) => {
    let names = this.scalarNames.get(f);
    if (names === undefined) this.scalarNames.set(f, (names = new Map()));
    let name = names.get(result);
    if (name === undefined) {
      name = `f${Object.keys(this.imports).length}`;
      names.set(result, name);
      this.imports[name] = f;
    }
    const params = Array.from({ length: arity }, () => "f64" as const);
    return wasm.call(this.module.import(name, params, [scalarType(result)]));
  };

  readonly routine: Host["routine"] = (s: CallStatement, buffers: readonly BufferUse[]) => {
    const name = `r${Object.keys(this.imports).length}`;
    this.imports[name] = (...args) => {
      s.run(
        ...args.map((at, i) =>
          this.heap.view(buffers[s.args[i]!.buffer]!.dtype, at >>> 0, s.args[i]!.length),
        ),
      );
    };
    return wasm.call(
      this.module.import(
        name,
        s.args.map(() => "i32" as const),
        [],
      ),
    );
  };

  /** A function that several kernels call. */
  readonly sharedFunction: Host["sharedFunction"] = (name, make) => {
    let f = this.shared.get(name);
    if (f === undefined) {
      f = make(this.module);
      this.shared.set(name, f);
    }
    return { call: this.module.call(f), function: f };
  };

  private allocateList(addresses: number): number {
    const part = { at: this.heap.allocate(4 * addresses), bytes: 4 * addresses };
    this.parts.push(part);
    return part.at;
  }

  kernel(kernel: Kernel): WasmKernel {
    const maker = {
      module: this.module,
      host: this,
      list: (n: number) => this.allocateList(n),
      nextDivided: () => this.dividedFunctions++,
      share: () => this.share(),
    };
    const made = functionsOf(maker, kernel, `k${this.kernels++}`);
    this.functions.push(...[...made.phases, ...made.inner].map((p) => p.builder));
    this.work += workOf(kernel.body);
    const { lanes, calls, scratch } = made;
    const run = (...args: unknown[]): void => this.run(made, args as number[]);
    return { name: kernel.name, source: describe(kernel, made), lanes, calls, scratch, run, extra: [], made };
  }

  private share(): Bytes {
    return wasm.call(this.module.import("share", ["i32"], []));
  }

  /** Runs a kernel by itself. */
  private run({ phases, list, count }: Functions, addresses: readonly number[]): void {
    if (list === null) return this.exports[phases[0]!.builder.name]!(...addresses);
    new Int32Array(this.heap.memory.buffer, list, count).set(addresses);
    for (const { builder, divided } of phases)
      if (divided === null) this.exports[builder.name]!(list);
      else this.sharing.run(divided.number);
  }

  /** The call of a kernel in the entry, whose addresses are on no stack yet. */
  private call({ phases, list }: Functions, addresses: readonly Bytes[]): Bytes {
    if (list === null) return addresses.join("") + this.module.call(phases[0]!.builder);
    const stores = addresses.map((a, i) => wasm.i32(list) + a + wasm.load("i32.store", 4 * i));
    const calls = phases.map(({ builder, divided }) =>
      divided === null ? wasm.i32(list) + this.module.call(builder) : wasm.i32(divided.number) + this.share(),
    );
    return stores.join("") + calls.join("");
  }

  runner(code: Code): Runner {
    const main = this.module.function("main", ["i32", "i32"]);
    const [table, arena] = [0, 1];
    const addressOf = (slot: number): Bytes => {
      const s = code.slots[slot]!;
      if (s._tag === "Arena") return wasm.get(arena) + wasm.i32(s.offset) + op("i32.add");
      return wasm.get(table) + wasm.load("i32.load", 4 * slot);
    };
    const steps = code.steps as readonly WasmStep[];
    for (const s of steps) main.emit(this.call(s.made, s.slots.map(addressOf)));
    const bytes = this.module.finish([...this.functions, main], this.heap.limits);
    const imports = { memory: this.heap.memory, share: this.sharing.run, ...this.imports };
    this.exports = exportsOf(bytes, imports, this.work);
    this.sharing.open(
      bytes,
      this.exports,
      steps.map((s) => s.made),
    );
    return new WasmRunner(code, this.heap, this.exports.main!, this.parts);
  }
}

interface WasmKernel extends KernelCode {
  readonly made: Functions;
}

type WasmStep = Step & WasmKernel;

/** What a kernel is, in words: its vectors, its parts, what it leaves to JavaScript, what it reads and writes. */
const describe = (kernel: Kernel, made: Functions): string => {
  const vectors = made.lanes > 1 ? `vectors of ${made.lanes}` : "one element at a time";
  const parts = [...made.phases, ...made.inner].flatMap(({ divided }) =>
    divided?.shares === true ? [divided.parts] : [],
  );
  const threads = parts.length > 0 ? `; ${parts.join(" and ")} parts for threads` : "";
  const calls = made.calls.length > 0 ? `; calls JavaScript for ${made.calls.join(", ")}` : "";
  const list = (written: boolean): string =>
    kernel.buffers
      .filter((b) => b.written === written)
      .map((b) => `${b.dtype}[${b.length}]`)
      .join(", ");
  return `;; ${kernel.name}: ${vectors}${threads}${calls}\n;; reads ${list(false)}; writes ${list(true)}`;
};

export const wasmTranslator = (): Translator => new WasmTranslator();
