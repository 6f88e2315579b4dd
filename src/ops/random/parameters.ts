/** What all samplers check: shapes, dtypes, and parameters that broadcast to the shape of the sample. */
import { sameShape, type Shape } from "../../ir/aval.js";
import { type DType, isFloat, isInteger } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { checkOptions } from "../options.js";
import { asDType, broadcastShapes, commonDType, floating, stretch } from "../promotion.js";
import { checkDType, checkShape, describe, type TensorLike, toExpr } from "../tensor.js";

/** What every sampler of floats takes. */
export interface SampleOptions {
  /** The float dtype to draw in. Default: float32, or that of float64 parameters. */
  readonly dtype?: DType;
}

/** What every sampler of integers takes. */
export interface IntegerOptions {
  /** The integer dtype of the result. Default: int32. */
  readonly dtype?: DType;
}

export const floatDType = (operation: string, dtype: unknown): DType => {
  const checked = checkDType(operation, dtype);
  if (checked === "float16")
    throw expected(operation, "float32 or float64", 'float16: cast(sample, "float16") afterwards');
  if (isFloat(checked)) return checked;
  throw expected(operation, "a float dtype (float32, float64)", checked);
};

export const integerDType = (operation: string, options: IntegerOptions | undefined): DType => {
  checkOptions(operation, options, ["dtype"]);
  const checked = checkDType(operation, options?.dtype ?? "int32");
  if (isInteger(checked)) return checked;
  throw expected(operation, "an integer dtype (int32, uint32, int8, uint8)", checked);
};

/** The dtype of a sampler without parameters. */
export const sampleDType = (
  operation: string,
  options: SampleOptions | undefined,
  also: readonly string[] = [],
): DType => {
  checkOptions(operation, options, ["dtype", ...also]);
  return floatDType(operation, options?.dtype ?? "float32");
};

export interface Parameters {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The parameters in `dtype`, stretched to `shape`. */
  readonly values: readonly Expr[];
}

const shapeFor = (operation: string, shape: unknown, shapes: readonly Shape[]): Shape => {
  const common = broadcastShapes(operation, shapes);
  if (shape === undefined) return common;
  const wanted = checkShape(operation, shape);
  const ok =
    common.length <= wanted.length && sameShape(broadcastShapes(operation, [wanted, common]), wanted);
  if (ok) return wanted;
  throw expected(
    operation,
    `parameters that broadcast to shape [${wanted.join(",")}]`,
    `[${common.join(",")}]`,
  );
};

/** Parameters spread over a sample's shape, which is theirs by default. */
export const spreadParameters = (
  operation: string,
  parameters: readonly TensorLike[],
  shape: unknown,
  options: SampleOptions | undefined,
  also: readonly string[] = [],
): Parameters => {
  checkOptions(operation, options, ["dtype", ...also]);
  const dtype = floatDType(operation, options?.dtype ?? floating(commonDType(operation, parameters)));
  const exprs = parameters.map((p) => asDType(operation, p, dtype));
  const whole = shapeFor(
    operation,
    shape,
    exprs.map((e) => e.shape),
  );
  return { shape: whole, dtype, values: exprs.map((e) => stretch(e, whole)) };
};

/** One parameter stretched to a sample's shape, in a given dtype. */
export const spreadTo = (operation: string, parameter: TensorLike, shape: Shape, dtype: DType): Expr => {
  const e = asDType(operation, parameter, dtype);
  shapeFor(operation, shape, [e.shape]);
  return stretch(e, shape);
};

/** Throws unless an argument is an integer that a shape may have. */
export const checkCount = (operation: string, what: string, n: unknown): number => {
  if (typeof n === "number" && Number.isInteger(n) && n >= 0) return n;
  throw expected(operation, what, describe(n));
};

export const shapeOf = (operation: string, x: TensorLike): Shape => toExpr(operation, x).shape;
