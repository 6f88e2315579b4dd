/** One primitive on a sample's operands, as a program. */
import { isFloat } from "../../src/ir/dtype.js";
import { applyAll } from "../../src/ir/expr.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import type { Attrs, Primitive } from "../../src/ir/primitive.js";
import { type Program, traceProgram } from "../../src/ir/program.js";
import { arrayOf, widen } from "../arrays.js";
import { checked } from "../folds.js";
import { between, random } from "../random.js";
import type { Sample } from "../samplers/index.js";

/** The node as a program of all its operands. */
export const nodeProgram = (primitive: Primitive, args: readonly NdArray[], attrs: Attrs): Program =>
  checked(traceProgram(args, (params) => applyAll(primitive, params, attrs)));

/** Attributes that name a float dtype name float64 instead. */
const widenAttrs = (attrs: Attrs): Attrs =>
  attrs["dtype"] === "float32" || attrs["dtype"] === "float16" ? { ...attrs, dtype: "float64" } : attrs;

/** A place at which a program is differentiated. */
export interface Place {
  readonly program: Program;
  readonly args: readonly NdArray[];
  /** The params with respect to which. */
  readonly on: readonly number[];
}

/** The sample with all floats in float64, where differences are meaningful. */
export const placeOf = (primitive: Primitive, sample: Sample): Place => {
  const args = sample.args.map((x) => (isFloat(x.dtype) ? widen(x) : x));
  return { program: nodeProgram(primitive, args, widenAttrs(sample.attrs)), args, on: sample.differentiable };
};

/** Pseudo-random directions, a different one for each `salt`. */
export const directions = (like: readonly NdArray[], salt: number): NdArray[] =>
  like.map((x, i) => {
    const r = random(salt * 1000 + i * 17 + x.data.length);
    return arrayOf(
      x,
      Array.from(x.data, () => between(r, -1, 1)),
    );
  });
