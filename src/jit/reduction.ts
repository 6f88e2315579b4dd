/** What a reduction does, whichever primitive it is. */
import { FluxionError } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import type { ReduceOp } from "../ir/lowering.js";

export interface Reduction {
  readonly op: ReduceOp;
  /** The operand's axes that are gone. */
  readonly axes: readonly number[];
}

export const reductionOf = (e: Expr): Reduction => {
  const lower = e.primitive?.lower;
  if (lower?._tag !== "Reduce")
    throw new FluxionError("jit", `expected a reduction, got ${e.primitive?.name ?? e.tag}`);
  return { op: lower.op, axes: lower.axes(e.attrs) };
};
