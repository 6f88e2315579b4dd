/** What each reduction starts from, how two of its results meet, and how they are held. */
import { type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import type { ReduceOp } from "../../../ir/lowering.js";
import type { MachineBinary } from "../../../ir/machine.js";
import type { Accumulator } from "../../kernel.js";

/** Sums and products of float32 are kept in float64, where they are not brief: conversions cost more than the sum. */
export const isWide = (a: Accumulator): boolean =>
  (a.op === "sum" || a.op === "prod") && (a.dtype === "float64" || (a.dtype === "float32" && !a.brief));

export const identity = (name: ReduceOp, dtype: DType): number => {
  switch (name) {
    case "sum":
      return 0;
    case "prod":
      return 1;
    case "max":
      return lowest(dtype);
    case "min":
      return highest(dtype);
    case "argmax":
      return isFloat(dtype) ? -Infinity : lowest(dtype);
    case "argmin":
      return isFloat(dtype) ? Infinity : highest(dtype);
  }
};

export const combiner = (name: ReduceOp): MachineBinary =>
  name === "sum" ? "add" : name === "prod" ? "mul" : name === "max" || name === "argmax" ? "max" : "min";
