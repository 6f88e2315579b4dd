/** Tensors of one value. Nothing is stored: they are expressions, and cost nothing until something reads them. */
import type { Shape } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { full as fullExpr } from "../ir/primitives/layout.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { asDType, broadcastShapes, commonDType, stretch } from "./promotion.js";
import {
  asTensor,
  checkDType,
  checkShape,
  describe,
  type Tensor,
  type TensorLike,
  toExpr,
} from "./tensor.js";
import { sameShape } from "../ir/aval.js";
import { expected } from "../ir/errors.js";

/** The dtype of a new tensor. */
export interface DTypeOptions {
  readonly dtype?: DType | undefined;
}

/** What differs from the tensor that a new one is like. */
export interface LikeOptions extends DTypeOptions {
  readonly shape?: Shape | undefined;
}

/** Arguments after the tensor. */
export interface FillArgs {
  /** Zeros of the same shape and dtype. */
  zerosLike: [options?: LikeOptions];
  /** Ones of the same shape and dtype. */
  onesLike: [options?: LikeOptions];
  /** The same shape and dtype, all elements `value`. */
  fullLike: [value: TensorLike, options?: LikeOptions];
}

const dtypeOption = (operation: string, options: DTypeOptions | undefined, otherwise: DType): DType => {
  checkOptions(operation, options, ["dtype"]);
  return options?.dtype === undefined ? otherwise : checkDType(operation, options.dtype);
};

const filled = (operation: string, shape: Shape, value: TensorLike, dtype: DType): Tensor => {
  const e = asDType(operation, value, dtype);
  if (!sameShape(broadcastShapes(operation, [e.shape, shape]), shape))
    throw expected(operation, `a value that broadcasts to [${shape.join(",")}]`, describe(e));
  return asTensor(stretch(e, shape));
};

/**
 * A tensor of zeros; float32 unless `dtype` says otherwise. Throws when the shape is not of non-negative integers.
 *
 * @example
 * ```ts
 * zeros([2, 2]).toArray() // [[0, 0], [0, 0]]
 * zeros(3, { dtype: "int32" }).dtype // "int32"
 * ```
 */
export const zeros = (shape: Shape | number, options?: DTypeOptions): Tensor =>
  asTensor(fullExpr(checkShape("zeros", shape), dtypeOption("zeros", options, "float32"), 0));

/**
 * A tensor of ones; float32 unless `dtype` says otherwise. Throws when the shape is not of non-negative integers.
 *
 * @example
 * ```ts
 * ones([2]).toArray() // [1, 1]
 * ```
 */
export const ones = (shape: Shape | number, options?: DTypeOptions): Tensor =>
  asTensor(fullExpr(checkShape("ones", shape), dtypeOption("ones", options, "float32"), 1));

/**
 * A tensor whose elements are all `value`, or `value` broadcast to the shape. Its dtype is that of the value (float32
 * for numbers) unless `dtype` says otherwise. Throws when the value does not broadcast to the shape.
 *
 * @example
 * ```ts
 * full([2, 2], 7).toArray() // [[7, 7], [7, 7]]
 * full([2, 2], tensor([1, 2])).toArray() // [[1, 2], [1, 2]]
 * ```
 */
export const full = (shape: Shape | number, value: TensorLike, options?: DTypeOptions): Tensor =>
  filled(
    "full",
    checkShape("full", shape),
    value,
    dtypeOption("full", options, commonDType("full", [value])),
  );

const like = (operation: string, x: TensorLike, value: TensorLike, options: LikeOptions = {}): Tensor => {
  checkOptions(operation, options, ["shape", "dtype"]);
  const e = toExpr(operation, x);
  const shape = options.shape === undefined ? e.shape : checkShape(operation, options.shape);
  return filled(
    operation,
    shape,
    value,
    options.dtype === undefined ? e.dtype : checkDType(operation, options.dtype),
  );
};

/**
 * Zeros with the shape and dtype of a tensor, unless the options say otherwise.
 *
 * @example
 * ```ts
 * zerosLike(tensor([1, 2])).toArray() // [0, 0]
 * ```
 */
export const zerosLike: Op<[options?: LikeOptions]> = op<[options?: LikeOptions]>(0, (x, options) =>
  like("zerosLike", x, 0, options),
);

/**
 * Ones with the shape and dtype of a tensor, unless the options say otherwise.
 *
 * @example
 * ```ts
 * onesLike(tensor([5, 2])).toArray() // [1, 1]
 * ```
 */
export const onesLike: Op<[options?: LikeOptions]> = op<[options?: LikeOptions]>(0, (x, options) =>
  like("onesLike", x, 1, options),
);

/**
 * A tensor with the shape and dtype of another, all elements `value`, unless the options say otherwise.
 *
 * @example
 * ```ts
 * fullLike(tensor([5, 2]), 3).toArray() // [3, 3]
 * ```
 */
export const fullLike: Op<[value: TensorLike, options?: LikeOptions]> = op<
  [value: TensorLike, options?: LikeOptions]
>(1, (x, value, options) => like("fullLike", x, value, options));

/** The bodies of the methods. */
export const fillFunctions: BodiesOf<FillArgs> = { zerosLike, onesLike, fullLike };
