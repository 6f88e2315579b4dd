/** Formulas in functions of their own. */
import type { DType } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import type { Value } from "../../kernel.js";
import type { Bytes } from "./bytes.js";
import type { Host } from "./host.js";
import { code, type FunctionBuilder } from "./module.js";
import type { ValueType } from "./opcodes.js";
import { type Coded, ScalarMachine, scalarType } from "./scalar.js";
import { VectorMachine } from "./vector.js";

/** What a machine's values of a dtype are to a function. */
export const typeIn = (m: ScalarMachine | VectorMachine, dtype: DType): ValueType =>
  m instanceof VectorMachine ? "v128" : scalarType(dtype);

/** A machine as m that writes a function and may loop, with constants from memory where there is room. */
export const machineIn = (
  f: FunctionBuilder,
  m: ScalarMachine | VectorMachine,
  host: Host,
): ScalarMachine | VectorMachine => {
  if (!(m instanceof VectorMachine)) return new ScalarMachine(f.keep, f);
  const pool = (_: string, bytes: () => Bytes): Bytes => {
    const own = bytes();
    const at = host.constant(own.slice(2));
    return at === null ? own : code.i32(0) + code.load("v128.load", at);
  };
  return new VectorMachine(f.keep, m.lanes, host.relaxed, pool, f);
};

/** Equal for functions that are the same. */
export const functionName = (
  kind: "formula" | "beyond",
  v: Value,
  m: ScalarMachine | VectorMachine,
  args: readonly Coded[],
): string => {
  const d = v.definition;
  if (d._tag !== "Compute") throw new FluxionError("jit", "expected a computed value");
  const lanes = m instanceof VectorMachine ? m.lanes : 1;
  const types = [...args.map((a) => a.dtype), d.operand, v.dtype].join();
  return `${kind} ${d.name} ${types} ${lanes} ${JSON.stringify(d.attrs)}`;
};
