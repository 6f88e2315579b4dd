/** From a function of expressions to a function of tensors: promotion and broadcasting in front of it. */
import { type DType, isInteger } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { op, type Op, type Unary } from "./op.js";
import { floating, toFloat, unify } from "./promotion.js";
import { asTensor, describe, type TensorLike, toExpr } from "./tensor.js";

/** A function of one tensor that computes in floats: integers and bools become float32 first. */
export const floatUnary =
  (operation: string, f: (x: Expr) => Expr): Unary =>
  (x) =>
    asTensor(f(toFloat(operation, x)));

/** A function of one numeric tensor that keeps its dtype. bool is an error that says what to do. */
export const numericUnary =
  (operation: string, f: (x: Expr) => Expr, instead: string = "cast it first"): Unary =>
  (x) =>
    asTensor(f(numeric(operation, x, instead)));

/** The expression behind a tensor of numbers. */
export const numeric = (operation: string, x: TensorLike, instead: string = "cast it first"): Expr => {
  const e = toExpr(operation, x);
  if (e.dtype === "bool") throw expected(operation, "a numeric dtype", `${describe(e)}: ${instead}`);
  return e;
};

/** A function of two tensors, which meet in one dtype and one shape. */
export const binary = (
  operation: string,
  f: (x: Expr, y: Expr) => Expr,
  atLeast?: (dtype: DType) => DType,
): Op<[y: TensorLike]> =>
  op<[y: TensorLike]>(1, (x, y) => {
    const [a, b] = unify(operation, [x, y], atLeast);
    return asTensor(f(a!, b!));
  });

/** A function of two tensors that computes in floats. */
export const floatBinary = (operation: string, f: (x: Expr, y: Expr) => Expr): Op<[y: TensorLike]> =>
  binary(operation, f, floating);

/** Throws unless the dtype is numeric. */
export const refuseBool = (operation: string, x: Expr, instead: string): void => {
  if (x.dtype === "bool") throw expected(operation, "numeric operands", `bool ones: ${instead}`);
};

/** Throws unless the dtype is an integer one, or bool where that is allowed. */
export const checkIntegers = (operation: string, x: Expr, bool: boolean): void => {
  if (isInteger(x.dtype) || (bool && x.dtype === "bool")) return;
  throw expected(operation, `operands of an integer${bool ? " or bool" : ""} dtype`, x.dtype);
};
