/** Other dtypes, and the identity that stops derivatives. */
import type { DType } from "../ir/dtype.js";
import { bytesPerElement } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { asTensor, checkDType, describe, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface ConversionArgs {
  /** The same values in another dtype. */
  cast: [dtype: DType];
  /** The same bits read as another dtype. */
  bitcast: [dtype: DType];
  /** The identity, through which no derivative passes. */
  stopGradient: [];
}

/**
 * The values in another dtype. Floats truncate toward zero and saturate on their way to integers, NaN becomes 0;
 * integers wrap; anything but 0 is true. Derivatives pass between float dtypes. Throws when the dtype is unknown.
 *
 * @example
 * ```ts
 * cast(tensor([1.7, -1.7, 300]), "int8").toArray() // [1, -1, 127]
 * cast(tensor([0, 2]), "bool").toArray() // [false, true]
 * ```
 */
export const cast: Op<[dtype: DType]> = op<[dtype: DType]>(1, (x, dtype) =>
  asTensor(prim.cast(toExpr("cast", x), checkDType("cast", dtype))),
);

/**
 * The same bits read as another dtype of the same width: float32, int32 and uint32; int8 and uint8.
 * Throws for any other pair.
 *
 * @example
 * ```ts
 * bitcast(tensor([1, -2]), "uint32").toArray() // [0x3f800000, 0xc0000000]
 * ```
 */
export const bitcast: Op<[dtype: DType]> = op<[dtype: DType]>(1, (x, dtype) => {
  const e = toExpr("bitcast", x);
  const to = checkDType("bitcast", dtype);
  if (e.dtype === to) return asTensor(e);
  const readable = (d: DType): boolean => d !== "bool" && d !== "float64";
  if (!readable(e.dtype) || !readable(to) || bytesPerElement(e.dtype) !== bytesPerElement(to))
    throw expected(
      "bitcast",
      "two dtypes among float32, int32, uint32 or among int8, uint8",
      `${describe(e)} as ${to}`,
    );
  return asTensor(prim.bitcast(e, to));
});

/**
 * The same values, taken for constants by every derivative.
 *
 * @example
 * ```ts
 * stopGradient(tensor([1, 2])).toArray() // [1, 2]
 * ```
 */
export const stopGradient: Unary = (x) => asTensor(prim.stopGradient(toExpr("stopGradient", x)));

/** The bodies of the methods. */
export const conversionFunctions: BodiesOf<ConversionArgs> = { cast, bitcast, stopGradient };
