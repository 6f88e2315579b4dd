/** Classes as indicator vectors. */
import { range } from "../ir/aval.js";
import { type DType, isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { cast, eq } from "../ir/primitives/arithmetic.js";
import { unreduce } from "../ir/primitives/layout.js";
import { iota } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, checkAxis, checkDType, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Where the new axis is in the result. Default -1. */
  readonly axis?: number;
  /** Default float32. */
  readonly dtype?: DType;
}

export interface OneHotArgs {
  /** 1 at each class, 0 elsewhere, along a new axis. */
  oneHot: [classes: number, options?: OneHotOptions];
}

const oneHotBody = (input: TensorLike, classes: number, options: OneHotOptions = {}): Tensor => {
  if (!Number.isInteger(classes) || classes < 0)
    throw expected("oneHot", "a number of classes", String(classes));
  const given = toExpr("oneHot", input);
  const x = cast(given, isFloat(given.dtype) || given.dtype === "uint32" ? given.dtype : "int32");
  const axis = checkAxis("oneHot", options.axis ?? -1, x.ndim + 1);
  const shape = range(x.ndim + 1).map((i) => (i === axis ? classes : x.shape[i < axis ? i : i - 1]!));
  const hit = eq(unreduce(x, shape, [axis]), iota(shape, x.dtype, axis));
  return asTensor(cast(hit, checkDType("oneHot", options.dtype ?? "float32")));
};

export const oneHotFunctions: BodiesOf<OneHotArgs> = {
  oneHot: withOptions("oneHot", 2, ["axis", "dtype"], oneHotBody),
};

/**
 * 1 at each class of `x`, 0 elsewhere, along a new axis of size `classes`. Values that are no class give zeros.
 *
 * @example
 * ```ts
 * oneHot(tensor([0, 2]), 3).toArray() // [[1, 0, 0], [0, 0, 1]]
 * oneHot(tensor([1, 5]), 2, { dtype: "int32", axis: 0 }).toArray() // [[0, 0], [1, 0]]
 * ```
 */
export const oneHot: Op<OneHotArgs["oneHot"]> = op(1, oneHotFunctions.oneHot);
