/**
 * The types people see. A `Tensor` is an expression (`Expr`) with the methods of `TensorMethods`, which `methods.ts`
 * derives from the same tables as the functions.
 */
import type { Aval, Shape } from "../ir/aval.js";
import { dtypeOf, elementsOf, isDType, type DType, type TypedArray } from "../ir/dtype.js";
import { expected, FluxionError } from "../ir/errors.js";
import { constant, Expr } from "../ir/expr.js";
import { settle } from "../jit/realize.js";
import type { TensorMethods } from "./methods.js";

/**
 * An immutable array of numbers, described by an expression that is computed when it is read.
 *
 * `S` and `D` are for documentation and narrow uses; plain `Tensor` fits everywhere.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- so that plain `Tensor` passes both ways; only `shape` mentions S
export interface Tensor<out S extends Shape = any, out D extends DType = DType> extends TensorMethods {
  /** Sizes of the axes; `[]` for a scalar. */
  readonly shape: S;
  readonly dtype: D;
  /** Number of axes. */
  readonly ndim: number;
  /** Number of elements. */
  readonly size: number;
}

/** What every function takes for a tensor. Numbers and booleans are weakly typed: they take the other operand's dtype. */
export type TensorLike = Tensor | number | boolean;

/** Unread history deeper than this is computed when one more operation is added to it. */
const depthLimit = 512;

/** An expression as the tensor that it is. */
export const asTensor = (e: Expr): Tensor => {
  if (e.depth > depthLimit) settle([e], depthLimit);
  return e as unknown as Tensor; // Expr.prototype has TensorMethods: methods.ts
};

export const isTensor = (x: unknown): x is Tensor => x instanceof Expr;
export const isTensorLike = (x: unknown): x is TensorLike =>
  x instanceof Expr || typeof x === "number" || typeof x === "boolean";

/** A scalar with storage: its value is not part of any compiled program. */
export const scalarTensor = (value: number | boolean, dtype: DType): Expr =>
  constant({ shape: [], dtype }, elementsOf(dtype, [Number(value)]));

/** The expression behind a tensor; numbers become float32 scalars, booleans bool ones. */
export const toExpr = (operation: string, x: unknown): Expr => {
  if (x instanceof Expr) {
    if (x.avals.length === 1) return x;
  } else if (typeof x === "number") return scalarTensor(x, "float32");
  else if (typeof x === "boolean") return scalarTensor(x, "bool");
  throw expected(operation, "a tensor, number or boolean", describe(x));
};

/** An argument in an error message. */
export const describe = (x: unknown): string => {
  if (x instanceof Expr) return `${x.dtype}[${x.shape.join(",")}]`;
  if (Array.isArray(x)) return "an array (wrap it in tensor(...))";
  if (ArrayBuffer.isView(x)) return `a ${x.constructor.name} (wrap it in tensor(...))`;
  if (typeof x === "object" && x !== null) return `an object with keys {${Object.keys(x).join(", ")}}`;
  return typeof x === "string" ? JSON.stringify(x) : String(x);
};

export const checkDType = (operation: string, dtype: unknown): DType => {
  if (isDType(dtype)) return dtype;
  throw expected(
    operation,
    "a dtype (float16, float32, float64, int32, uint32, int8, uint8, bool)",
    describe(dtype),
  );
};

export const checkShape = (operation: string, shape: unknown): Shape => {
  const dims = typeof shape === "number" ? [shape] : shape;
  if (Array.isArray(dims) && dims.every((d) => Number.isInteger(d) && (d as number) >= 0))
    return dims as Shape;
  const got = Array.isArray(shape) ? `[${shape.map(String).join(",")}]` : describe(shape);
  throw expected(operation, "a shape of non-negative integers", got);
};

/** Resolves a possibly negative axis. */
export const checkAxis = (operation: string, axis: unknown, ndim: number): number => {
  if (typeof axis === "number" && Number.isInteger(axis) && axis >= -ndim && axis < ndim)
    return axis < 0 ? axis + ndim : axis;
  throw expected(
    operation,
    ndim === 0 ? "no axis (the tensor is a scalar)" : `an axis from ${-ndim} to ${ndim - 1}`,
    describe(axis),
  );
};

/** Resolves one axis, several or (undefined, null) all of them: increasing, without repetition. */
export const checkAxes = (operation: string, axes: unknown, ndim: number): number[] => {
  if (axes === undefined || axes === null) return Array.from({ length: ndim }, (_, i) => i);
  const list = (Array.isArray(axes) ? axes : [axes])
    .map((a) => checkAxis(operation, a, ndim))
    .sort((a, b) => a - b);
  if (list.some((a, i) => i > 0 && a === list[i - 1]))
    throw expected(operation, "different axes", `[${list}]`);
  return list;
};

export type { Aval, DType, Shape, TypedArray };
export { dtypeOf, FluxionError };
