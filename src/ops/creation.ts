/** Tensors from JavaScript values. */
import { sizeOf } from "../ir/aval.js";
import type { Shape } from "../ir/aval.js";
import {
  allocate,
  type DType,
  dtypeOf,
  elementsOf,
  type Float16ArrayLike,
  type TypedArray,
} from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { constant, Expr } from "../ir/expr.js";
import { cast } from "../ir/primitives/arithmetic.js";
import { reshape } from "../ir/primitives/views.js";
import { asTensor, checkDType, checkShape, describe, type Tensor } from "./tensor.js";

/** Nested arrays of numbers or booleans, rectangular. */
export type Nested = number | boolean | readonly Nested[];

/** Options of `tensor`. */
export interface TensorOptions {
  /** Default: the nesting of the value, or one axis for a typed array. */
  readonly shape?: Shape;
  /** Default: float32 for numbers, bool for booleans, the array's own type for typed arrays. */
  readonly dtype?: DType;
}

/**
 * A tensor with the given elements, which are copied.
 *
 * Numbers make float32, booleans bool, typed arrays their own dtype, unless `dtype` says otherwise.
 * Throws when nested arrays are ragged or the shape does not hold the elements.
 *
 * @example
 * ```ts
 * tensor([[1, 2], [3, 4]]).shape // [2, 2]
 * tensor(new Int32Array([1, 2, 3, 4]), { shape: [2, 2] }).dtype // "int32"
 * tensor([true, false]).toArray() // [true, false]
 * ```
 */
export const tensor = (
  value: Nested | TypedArray | Float16ArrayLike | Tensor,
  options: TensorOptions = {},
): Tensor => {
  const dtype = options.dtype === undefined ? undefined : checkDType("tensor", options.dtype);
  const shape = options.shape === undefined ? undefined : checkShape("tensor", options.shape);
  if (value instanceof Expr)
    return asTensor(reshape(cast(value, dtype ?? value.dtype), shape ?? value.shape));
  const e = ArrayBuffer.isView(value) ? fromTypedArray(value, dtype) : fromNested(value as Nested, dtype);
  if (shape !== undefined && sizeOf(shape) !== e.size)
    throw expected("tensor", `${sizeOf(shape)} elements for shape [${shape}]`, String(e.size));
  return asTensor(shape === undefined ? e : constant({ shape, dtype: e.dtype }, e.value!));
};

const fromTypedArray = (array: TypedArray | Float16ArrayLike, dtype: DType = dtypeOf(array)): Expr => {
  if (array instanceof DataView) throw expected("tensor", "a typed array", "a DataView");
  return constant({ shape: [array.length], dtype }, convert(array, dtype));
};

/** A copy in the storage of `dtype`; bool is normalised to 0 and 1. */
const convert = (values: ArrayLike<number>, dtype: DType): TypedArray => {
  if (dtype !== "bool") return elementsOf(dtype, values);
  const out = allocate("bool", values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] === 0 ? 0 : 1;
  return out;
};

/** Sizes along the first elements. */
const shapeOf = (value: Nested): number[] => {
  const shape: number[] = [];
  const around = new Set<unknown>();
  for (let v: unknown = value; Array.isArray(v); v = (v as readonly unknown[])[0]) {
    if (around.has(v)) throw expected("tensor", "nested arrays", "an array inside of itself");
    around.add(v);
    shape.push(v.length);
  }
  return shape;
};

const fromNested = (value: Nested, dtype?: DType): Expr => {
  const shape = shapeOf(value);
  const flat: number[] = [];
  let bools = 0;
  const visit = (v: unknown, axis: number): void => {
    if (Array.isArray(v)) {
      if (v.length !== shape[axis])
        throw expected("tensor", `a rectangular array of shape [${shape}]`, "a ragged one");
      for (const item of v) visit(item, axis + 1);
    } else if (axis !== shape.length)
      throw expected("tensor", `a rectangular array of shape [${shape}]`, "a ragged one");
    else if (typeof v === "number") flat.push(v);
    else if (typeof v === "boolean") {
      flat.push(Number(v));
      bools++;
    } else throw expected("tensor", "numbers or booleans", describe(v));
  };
  visit(value, 0);
  const type = dtype ?? (bools > 0 && bools === flat.length ? "bool" : "float32");
  return constant({ shape, dtype: type }, convert(flat, type));
};
