/**
 * A program's module under construction: functions for each kernel, and what they need of JavaScript. Whoever runs it,
 * on this thread or in a worker, adds the entry and provides the imports.
 */
import type { DType } from "../../../ir/dtype.js";
import type { ScalarFunction } from "../../../ir/lowering.js";
import { inFloat32 } from "../../held.js";
import type { BufferUse, Kernel } from "../../kernel.js";
import type { KernelCode, Step } from "../../translator.js";
import type { Bytes } from "./bytes.js";
import { type Functions, functionsOf } from "./functions.js";
import type { CallStatement, Host } from "./host.js";
import { code as wasm, type FunctionBuilder, type MemoryLimits, ModuleBuilder } from "./module.js";
import { scalarType } from "./scalar.js";
import { hasRelaxedSimd } from "./support.js";
import { workOf } from "./work.js";

/** The memory that a program will find. */
export interface Space {
  readonly limits: MemoryLimits;
  /** A free part of it. */
  allocate(bytes: number): number;
  /** The address of a constant vector, or null where there is no more room. */
  readonly constant: (bytes: Bytes) => number | null;
}

/** A part of the memory. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
}

/** A kernel of a module. */
export interface AssembledKernel extends Omit<KernelCode, "run"> {
  readonly made: Functions;
}

export type AssembledStep = Step & AssembledKernel;

/** A library routine that kernels call, on parts of these buffers. */
export interface RoutineImport {
  readonly statement: CallStatement;
  readonly buffers: readonly BufferUse[];
}

export class Assembly implements Host {
  readonly relaxed: boolean = hasRelaxedSimd();
  readonly constant: Space["constant"];
  readonly module: ModuleBuilder = new ModuleBuilder();
  /** What functions import, by name. */
  readonly scalars: Map<string, ScalarFunction> = new Map();
  readonly routines: Map<string, RoutineImport> = new Map();
  private readonly scalarNames = new Map<ScalarFunction, Map<DType, string>>();
  private readonly functions: FunctionBuilder[] = [];
  private readonly shared = new Map<string, FunctionBuilder>();
  /** Operations that a call of all kernels takes. */
  work = 0;
  private kernels = 0;
  private dividedFunctions = 0;
  /** Memory that the program owns. */
  readonly parts: Part[] = [];

  constructor(private readonly space: Space) {
    this.constant = space.constant;
  }

  readonly scalarFunction: Host["scalarFunction"] = (f, arity, result) => {
    let names = this.scalarNames.get(f);
    if (names === undefined) this.scalarNames.set(f, (names = new Map()));
    let name = names.get(result);
    if (name === undefined) {
      name = `f${this.scalars.size}`;
      names.set(result, name);
      this.scalars.set(name, f);
    }
    const params = Array.from({ length: arity }, () => "f64" as const);
    return wasm.call(this.module.import(name, params, [scalarType(result)]));
  };

  readonly routine: Host["routine"] = (statement, buffers) => {
    const name = `r${this.routines.size}`;
    this.routines.set(name, { statement, buffers });
    return wasm.call(
      this.module.import(
        name,
        statement.args.map(() => "i32" as const),
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

  /** Memory that the program owns. */
  own(bytes: number): number {
    const part = { at: this.space.allocate(bytes), bytes };
    this.parts.push(part);
    return part.at;
  }

  kernel(given: Kernel): AssembledKernel {
    const kernel = inFloat32(given);
    const maker = {
      module: this.module,
      host: this,
      list: (n: number) => this.own(4 * n),
      nextDivided: () => this.dividedFunctions++,
      share: () => this.share(),
    };
    const made = functionsOf(maker, kernel, `k${this.kernels++}`);
    this.functions.push(...[...made.phases, ...made.inner].map((p) => p.builder));
    this.work += workOf(kernel.body);
    const { lanes, calls, scratch } = made;
    return {
      name: kernel.name,
      source: describe(given, made, this.space.limits.shared),
      lanes,
      calls,
      scratch,
      extra: [],
      made,
    };
  }

  private share(): Bytes {
    return wasm.call(this.module.import("share", ["i32"], []));
  }

  /** The call of a kernel by an entry, whose addresses are on no stack yet. */
  call({ phases, list }: Functions, addresses: readonly Bytes[]): Bytes {
    if (list === null) return addresses.join("") + this.module.call(phases[0]!.builder);
    const stores = addresses.map((a, i) => wasm.i32(list) + a + wasm.load("i32.store", 4 * i));
    const calls = phases.map(({ builder, divided }) =>
      divided === null ? wasm.i32(list) + this.module.call(builder) : wasm.i32(divided.number) + this.share(),
    );
    return stores.join("") + calls.join("");
  }

  /** The module, which exports its functions and these entries. */
  finish(entries: readonly FunctionBuilder[]): Uint8Array {
    return this.module.finish([...this.functions, ...entries], this.space.limits);
  }
}

/** What a kernel is, in words: its vectors, its parts where memory is shared, what it leaves to JavaScript, what it reads and writes. */
const describe = (kernel: Kernel, made: Functions, shared: boolean): string => {
  const vectors = made.lanes > 1 ? `vectors of ${made.lanes}` : "one element at a time";
  const parts = [...made.phases, ...made.inner].flatMap(({ divided }) =>
    divided?.shares === true ? [divided.parts] : [],
  );
  const threads = shared && parts.length > 0 ? `; ${parts.join(" and ")} parts for threads` : "";
  const calls = made.calls.length > 0 ? `; calls JavaScript for ${made.calls.join(", ")}` : "";
  const list = (written: boolean): string =>
    kernel.buffers
      .filter((b) => b.written === written)
      .map((b) => `${b.dtype}[${b.length}]`)
      .join(", ");
  return `;; ${kernel.name}: ${vectors}${threads}${calls}\n;; reads ${list(false)}; writes ${list(true)}`;
};
