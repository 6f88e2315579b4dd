/** What the module around a function gives to it. */
import type { DType } from "../../../ir/dtype.js";
import type { ScalarFunction } from "../../../ir/lowering.js";
import type { BufferUse, Statement } from "../../kernel.js";
import type { Bytes } from "./bytes.js";
import type { FunctionBuilder, ModuleBuilder } from "./module.js";

export type CallStatement = Extract<Statement, { _tag: "Call" }>;

/** A function of a module that several kernels call, made once. */
export type SharedFunction = (name: string, make: (module: ModuleBuilder) => FunctionBuilder) => Shared;

export interface Shared {
  readonly call: Bytes;
  readonly function: FunctionBuilder;
}

export interface Host {
  readonly relaxed: boolean;
  /** The address of a constant vector in memory, or null where there is no more room. */
  readonly constant: (bytes: Bytes) => number | null;
  /** The call of a JavaScript function of float64 numbers. */
  readonly scalarFunction: (f: ScalarFunction, arity: number, result: DType) => Bytes;
  readonly sharedFunction: SharedFunction;
  /** The call of a library routine on parts of buffers, by their addresses. */
  readonly routine: (s: CallStatement, buffers: readonly BufferUse[]) => Bytes;
}
