/**
 * One program as one WebAssembly module: a function for each kernel, and an entry that calls them all. Inputs and
 * results are named by addresses in a table; intermediates are at fixed places of an arena.
 */
import { bytesPerElement, type DType, type TypedArray } from "../../../ir/dtype.js";
import type { ScalarFunction } from "../../../ir/lowering.js";
import type { BufferUse, Kernel, Statement } from "../../kernel.js";
import type { Code, KernelCode, Runner, Step, Translator } from "../../translator.js";
import { filled } from "../../filled.js";
import { type Exports, functionsOf } from "./engine.js";
import { renderContract } from "./contract.js";
import type { Frame } from "./frame.js";
import { type Heap, theHeap } from "./heap.js";
import type { CallStatement, Host } from "./host.js";
import { code as wasm, type FunctionBuilder, ModuleBuilder } from "./module.js";
import { op } from "./opcodes.js";
import { Renderer } from "./render.js";
import { scalarType } from "./scalar.js";
import { workOf } from "./work.js";
import { hasRelaxedSimd } from "./support.js";

/** Engines allow a function 1,000 parameters. */
const parameterLimit = 900;

class WasmTranslator implements Translator, Host {
  readonly backend = "wasm";
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
  private readonly lists: Part[] = [];

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
    return this.module.call(f);
  };

  kernel(kernel: Kernel): WasmKernel {
    const name = `k${this.functions.length}`;
    // Scratch arrays come after the buffers.
    const scratch: number[] = hasContract(kernel.body) ? [0, 0, 0] : [];
    const count = kernel.buffers.length + scratch.length;
    const list = count > parameterLimit ? this.heap.allocate(4 * count) : null;
    if (list !== null) this.lists.push({ at: list, bytes: 4 * count });
    const builder = list === null ? this.withParameters(name, count) : this.withList(name, count);
    const firstBuffer = list === null ? 0 : 1;
    const first = firstBuffer + kernel.buffers.length;
    this.functions.push(builder);
    const r = new Renderer(
      builder,
      kernel.buffers,
      this,
      (c, frame) => {
        const sizes = renderContract(c, frame, [first, first + 1, first + 2]);
        sizes.forEach((n, i) => (scratch[i] = Math.max(scratch[i]!, n)));
      },
      firstBuffer,
    );
    r.statements(kernel.body);
    this.work += workOf(kernel.body);
    r.frame.writer.finish();
    const run = (...args: unknown[]): void => {
      const addresses = args as number[];
      if (list === null) return this.exports[name]!(...addresses);
      new Int32Array(this.heap.memory.buffer, list, count).set(addresses);
      this.exports[name]!(list);
    };
    const { widest: lanes, calls } = r.frame;
    const source = describe(kernel, r.frame);
    return { name: kernel.name, source, lanes, calls: [...calls], scratch, run, extra: [], builder, list };
  }

  private withParameters(name: string, count: number): FunctionBuilder {
    return this.module.function(
      name,
      Array.from({ length: count }, () => "i32" as const),
    );
  }

  /** A function whose one parameter is where the addresses are: into as many locals, after it. */
  private withList(name: string, count: number): FunctionBuilder {
    const f = this.module.function(name, ["i32"]);
    for (let i = 0; i < count; i++)
      f.emit(wasm.get(0), wasm.load("i32.load", 4 * i), wasm.set(f.local("i32")));
    return f;
  }

  runner(code: Code): Runner {
    const main = this.module.function("main", ["i32", "i32"]);
    const [table, arena] = [0, 1];
    const addressOf = (slot: number): number[] => {
      const s = code.slots[slot]!;
      if (s._tag === "Arena") return [...wasm.get(arena), ...wasm.i32(s.offset), ...op("i32.add")];
      return [...wasm.get(table), ...wasm.load("i32.load", 4 * slot)];
    };
    for (const s of code.steps as readonly WasmStep[]) {
      const addresses = s.slots.map(addressOf);
      const { list } = s;
      if (list === null) main.emit(...addresses);
      else {
        addresses.forEach((a, i) => main.emit(wasm.i32(list), a, wasm.load("i32.store", 4 * i)));
        main.emit(wasm.i32(list));
      }
      main.emit(this.module.call(s.builder));
    }
    const bytes = this.module.finish([...this.functions, main], this.heap.limits);
    this.exports = functionsOf(bytes, { memory: this.heap.memory, ...this.imports }, this.work);
    return new WasmRunner(code, this.heap, this.exports.main!, this.lists);
  }
}

interface WasmKernel extends KernelCode {
  readonly builder: FunctionBuilder;
  /** Where its addresses are put, when they are too many for parameters. */
  readonly list: number | null;
}

type WasmStep = Step & WasmKernel;

const hasContract = (body: readonly Statement[]): boolean =>
  body.some((s) => {
    switch (s._tag) {
      case "Contract":
        return true;
      case "Nest":
      case "Guard":
        return hasContract(s.body);
      case "While":
        return hasContract(s.test) || hasContract(s.body);
      case "Branch":
        return s.branches.some(hasContract);
      default:
        return false;
    }
  });

/** What a kernel is, in words: its vectors, what it leaves to JavaScript, the buffers that it reads and writes. */
const describe = (kernel: Kernel, r: Frame): string => {
  const vectors = r.widest > 1 ? `vectors of ${r.widest}` : "one element at a time";
  const calls = r.calls.size > 0 ? `; calls JavaScript for ${[...r.calls].join(", ")}` : "";
  const list = (written: boolean): string =>
    kernel.buffers
      .filter((b) => b.written === written)
      .map((b) => `${b.dtype}[${b.length}]`)
      .join(", ");
  return `;; ${kernel.name}: ${vectors}${calls}\n;; reads ${list(false)}; writes ${list(true)}`;
};

/** Runs the entry on arrays, which it copies into the memory where they are not there yet. */
class WasmRunner implements Runner {
  private readonly table: number;
  constructor(
    readonly code: Code,
    private readonly heap: Heap,
    private readonly main: (table: number, arena: number) => void,
    lists: readonly Part[],
  ) {
    const bytes = 4 * code.slots.length;
    this.table = heap.allocate(bytes);
    tables.register(this, { heap, parts: [...lists, { at: this.table, bytes }] });
  }

  run(inputs: readonly TypedArray[]): TypedArray[] {
    const { code } = this;
    const call = this.open(inputs);
    this.main(this.table, call.arena);
    const arrays = this.close(call, inputs);
    return code.results.map((r) => (r._tag === "Slot" ? arrays[r.slot]! : filled(r.dtype, r.value)));
  }

  timed(inputs: readonly TypedArray[]): number[] {
    const call = this.open(inputs);
    const { code } = this;
    const addresses = code.slots.map((s, i) =>
      s._tag === "Arena" ? call.arena + s.offset : call.addresses[i]!,
    );
    const times = code.steps.map((s) => {
      const start = performance.now();
      s.run(...s.slots.map((i) => addresses[i]!));
      return performance.now() - start;
    });
    this.close(call, inputs);
    return times;
  }

  /** Puts everything where the entry finds it. */
  private open(inputs: readonly TypedArray[]): Call {
    const { code, heap } = this;
    const borrowed: Part[] = [];
    const addresses = code.slots.map((s) => {
      if (s._tag === "Arena") return 0;
      if (s._tag === "Output") return heap.allocate(s.length * bytesPerElement(s.dtype));
      return this.placed(inputs[s.index]!, borrowed);
    });
    const arena = heap.allocate(code.arenaBytes);
    borrowed.push({ at: arena, bytes: code.arenaBytes });
    new Int32Array(heap.memory.buffer, this.table, addresses.length).set(addresses);
    return { addresses, arena, borrowed };
  }

  private close(call: Call, inputs: readonly TypedArray[]): (TypedArray | null)[] {
    const { code, heap } = this;
    const arrays = code.slots.map((s, i) => {
      if (s._tag === "Input") return inputs[s.index]!;
      return s._tag === "Output" ? heap.adopt(s.dtype, call.addresses[i]!, s.length) : null;
    });
    for (const b of call.borrowed) heap.release(b.at, b.bytes);
    return arrays;
  }

  /** The address of an input; one that comes from outside is copied for this call. */
  private placed(array: TypedArray, borrowed: Part[]): number {
    const { heap } = this;
    const here = heap.addressOf(array);
    if (here !== null) return here;
    const bytes = array.byteLength;
    const at = heap.allocate(bytes);
    new Uint8Array(heap.memory.buffer, at, bytes).set(new Uint8Array(array.buffer, array.byteOffset, bytes));
    borrowed.push({ at, bytes });
    return at;
  }
}

/** A part of the memory. */
interface Part {
  readonly at: number;
  readonly bytes: number;
}

/** One call: the address of every slot outside the arena, and what is free again after it. */
interface Call {
  readonly addresses: readonly number[];
  readonly arena: number;
  readonly borrowed: readonly Part[];
}

const tables = new FinalizationRegistry<{ readonly heap: Heap; readonly parts: readonly Part[] }>(
  ({ heap, parts }) => parts.forEach(({ at, bytes }) => heap.release(at, bytes)),
);

export const wasmTranslator = (): Translator => new WasmTranslator();
