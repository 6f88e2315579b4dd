/** Reductions' accumulators as WGSL variables, with the position for argmax and argmin. */
import { type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import type { ReduceOp } from "../../../ir/lowering.js";
import type { Accumulator } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { literalText, typeOf, wrapped } from "./types.js";

/** What a reduction of nothing is. */
export const identity = (op: ReduceOp, dtype: DType): string => {
  switch (op) {
    case "sum":
      return dtype === "bool" ? "false" : literalText(dtype, 0);
    case "prod":
      return dtype === "bool" ? "true" : literalText(dtype, 1);
    case "max":
      return literalText(dtype, lowest(dtype));
    case "min":
      return literalText(dtype, highest(dtype));
    case "argmax":
      return typeOf(dtype) === "bool" ? "0u" : literalText(dtype, lowest(dtype));
    case "argmin":
      return typeOf(dtype) === "bool" ? "1u" : literalText(dtype, highest(dtype));
  }
};

/** The type of an accumulator's variable. */
export const variableType = ({ op, dtype }: Accumulator): string =>
  isArgument(op) && dtype === "bool" ? "u32" : typeOf(dtype);

/** Two partial results of one reduction as one. */
export const combined = (op: ReduceOp, dtype: DType, x: string, y: string): string => {
  const bool = dtype === "bool";
  const float = isFloat(dtype) ? "_f32" : "";
  switch (op) {
    case "sum":
      return bool ? `(${x} | ${y})` : wrapped(dtype, `(${x} + ${y})`);
    case "prod":
      return bool ? `(${x} & ${y})` : wrapped(dtype, `(${x} * ${y})`);
    case "max":
      return bool ? `(${x} | ${y})` : `max${float}(${x}, ${y})`;
    default:
      return bool ? `(${x} & ${y})` : `min${float}(${x}, ${y})`;
  }
};

/**
 * Whether a candidate replaces what argmax or argmin has found: it is better, or NaN where that is not. Of equals the
 * first position wins; `tie` compares positions where candidates do not come in their order.
 */
export const better = (a: Accumulator, x: string, than: string, tie: string | null): string => {
  const sign = a.op === "argmax" ? ">" : "<";
  if (!isFloat(a.dtype))
    return tie === null ? `${x} ${sign} ${than}` : `${x} ${sign} ${than} || (${x} == ${than} && ${tie})`;
  const nan = `(is_nan(${x}) && !is_nan(${than}))`;
  const plain = `(!is_nan(${than}) && ${x} ${sign} ${than}) || ${nan}`;
  return tie === null
    ? plain
    : `${plain} || (${tie} && (${x} == ${than} || (is_nan(${x}) && is_nan(${than}))))`;
};
