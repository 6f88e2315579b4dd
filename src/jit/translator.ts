/** What a backend does: turns kernels into code, and code into something that runs. */
import type { DType, TypedArray } from "../ir/dtype.js";
import type { Stored } from "../ir/stored.js";
import type { BackendName } from "./backend.js";
import type { Kernel } from "./kernel.js";

/** A translated kernel. */
export interface KernelCode {
  readonly name: string;
  /** For reading. */
  readonly source: string;
  /** Runs it on its buffers, scratch arrays and `extra`. */
  readonly run: (...args: unknown[]) => void;
  readonly extra: readonly unknown[];
  /** Elements that its widest vectors hold: 1 where it computes one element at a time. */
  readonly lanes: number;
  /** What it leaves to JavaScript: functions of single elements, library routines. */
  readonly calls: readonly string[];
  /** Elements of float64 scratch arrays that come after the buffers. */
  readonly scratch: readonly number[];
}

/** One kernel call: which buffers it touches, by slot. */
export interface Step extends KernelCode {
  readonly slots: readonly number[];
  /** Operations on numbers in a call: see `operations.ts`. */
  readonly operations: number;
}

/** Where a buffer lives during a call. */
export type Slot =
  | { readonly _tag: "Input"; readonly dtype: DType; readonly index: number }
  | { readonly _tag: "Output"; readonly dtype: DType; readonly length: number }
  | { readonly _tag: "Arena"; readonly dtype: DType; readonly length: number; readonly offset: number };

/** Where a result comes from. */
export type Result =
  | { readonly _tag: "Slot"; readonly slot: number }
  | { readonly _tag: "Literal"; readonly dtype: DType; readonly value: number };

/** A compiled program: inputs are the params, then the constants in order of appearance. */
export interface Code {
  readonly backend: BackendName;
  readonly steps: readonly Step[];
  readonly slots: readonly Slot[];
  readonly results: readonly Result[];
  readonly arenaBytes: number;
}

/** Compiled code that runs: from the arrays of its inputs to those of its results. */
export interface Runner {
  readonly code: Code;
  /** Results are new arrays, or the inputs themselves where a result is an input. */
  run(inputs: readonly Stored[]): Stored[];
  /** The same, timing each step: milliseconds. */
  timed(inputs: readonly TypedArray[]): number[];
  /** The same on a device, whose clock is read asynchronously. */
  timedLater?(inputs: readonly TypedArray[]): Promise<number[]>;
  /** Whether it was made for something else than what is in use now: it runs, but is better made again. */
  readonly isStale?: boolean;
  /** Measures other ways to run it; programs that are made afterwards go the fastest. */
  tune?(): Promise<void>;
}

/** Translates one program. */
export interface Translator {
  readonly backend: BackendName;
  /** Bytes of an element in its memory. */
  readonly elementBytes: (dtype: DType) => number;
  /** Whether kernels over the same rows should be one: see `rows.ts`. */
  readonly joinsRows: boolean;
  kernel(kernel: Kernel): KernelCode;
  runner(code: Code): Runner;
}
