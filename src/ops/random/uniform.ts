/** Random bits, and uniform and normal numbers made of them: the draws on which all other samplers build. */
import type { Shape } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { add, cast, max, mul, shr, sub } from "../../ir/primitives/arithmetic.js";
import { fma } from "../../ir/primitives/fma.js";
import { full, fullLike } from "../../ir/primitives/layout.js";
import { erfInv } from "../../ir/primitives/special.js";
import { checkOptions } from "../options.js";
import { unify } from "../promotion.js";
import { asTensor, checkDType, checkShape, type Tensor, type TensorLike } from "../tensor.js";
import { hash, toKey } from "./key.js";
import { sampleDType, type SampleOptions, spreadTo } from "./parameters.js";

/** How many bits each element has. */
export interface BitsOptions {
  /** uint32 or uint8. Default: uint32. */
  readonly dtype?: DType;
}

/** 32 random bits for every element. */
export const bits32 = (operation: string, key: Expr, shape: Shape): Expr =>
  hash(operation, key, shape, "xor");

/**
 * Uniformly distributed bits: uint32, or uint8 (the low byte of the same words).
 *
 * Throws unless `key` is a key and the dtype is unsigned.
 *
 * @example
 * ```ts
 * random.bits(random.key(0), [2]).toArray() // [4070199207, 4202968722]
 * random.bits(random.key(0), [2], { dtype: "uint8" }).dtype // "uint8"
 * ```
 */
export const bits = (key: Tensor, shape: Shape, options?: BitsOptions): Tensor => {
  checkOptions("random.bits", options, ["dtype"]);
  const dtype = checkDType("random.bits", options?.dtype ?? "uint32");
  if (dtype !== "uint32" && dtype !== "uint8") throw expected("random.bits", "dtype uint32 or uint8", dtype);
  const k = toKey("random.bits", key);
  return asTensor(cast(bits32("random.bits", k, checkShape("random.bits", shape)), dtype));
};

/** Multiples of 2⁻²³ (float64: 2⁻⁵²) in [0, 1): the bits of a mantissa. */
export const unit = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr => {
  if (dtype === "float32") {
    const mantissa = shr(bits32(operation, key, shape), full(shape, "uint32", 9));
    return mul(cast(mantissa, dtype), full(shape, dtype, 2 ** -23));
  }
  const high = cast(hash(operation, key, shape, "first"), dtype);
  const low = cast(shr(hash(operation, key, shape, "second"), full(shape, "uint32", 12)), dtype);
  return mul(add(mul(high, fullLike(high, 2 ** 20)), low), fullLike(high, 2 ** -52));
};

/** `unit` scaled to [low, high), which are scalars or of the sample's shape. */
export const between = (
  operation: string,
  key: Expr,
  shape: Shape,
  dtype: DType,
  low: TensorLike,
  high: TensorLike,
): Expr => {
  const [lo, hi] = unify(operation, [low, high], () => dtype);
  const start = spreadTo(operation, asTensor(lo!), shape, dtype);
  const span = spreadTo(operation, asTensor(sub(hi!, lo!)), shape, dtype);
  return max(start, fma(unit(operation, key, shape, dtype), span, start));
};

/** Where uniform numbers lie. */
export interface UniformOptions extends SampleOptions {
  /** Included. A number or a tensor that broadcasts to the shape. Default: 0. */
  readonly minval?: TensorLike;
  /** Excluded (rounding may reach it). Default: 1. */
  readonly maxval?: TensorLike;
}

/**
 * Uniformly distributed floats in [minval, maxval). Differentiable in both bounds.
 *
 * Throws unless `key` is a key, the dtype a float one and the bounds broadcast to the shape.
 *
 * @example
 * ```ts
 * random.uniform(random.key(0), [2]).toArray() // ≈ [0.9477, 0.9786]
 * random.uniform(random.key(0), [2, 3], { minval: -1, maxval: 1 }).shape // [2, 3]
 * ```
 */
export const uniform = (key: Tensor, shape: Shape = [], options?: UniformOptions): Tensor => {
  const op = "random.uniform";
  const dtype = sampleDType(op, options, ["minval", "maxval"]);
  const k = toKey(op, key);
  const dims = checkShape(op, shape);
  const { minval = 0, maxval = 1 } = options ?? {};
  return asTensor(
    minval === 0 && maxval === 1 ? unit(op, k, dims, dtype) : between(op, k, dims, dtype, minval, maxval),
  );
};

/** Numbers in (-1, 1), ends excluded, to be mapped by `erfInv`. */
const openInterval = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr => {
  const low = full(shape, dtype, dtype === "float32" ? -1 + 2 ** -24 : -1 + 2 ** -53);
  return fma(unit(operation, key, shape, dtype), fullLike(low, 2), low);
};

export const standardNormal = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr => {
  const u = openInterval(operation, key, shape, dtype);
  return mul(fullLike(u, Math.SQRT2), erfInv(u));
};

/**
 * Normally distributed floats with mean 0 and variance 1: √2 · erf⁻¹(u).
 *
 * float32 has the bits that JAX gives on a CPU with fused multiply-add.
 * Throws unless `key` is a key and the dtype a float one.
 *
 * @example
 * ```ts
 * random.normal(random.key(0), [2]).toArray() // ≈ [1.6226, 2.0253]
 * random.normal(random.key(0), [2, 3], { dtype: "float64" }).dtype // "float64"
 * ```
 */
export const normal = (key: Tensor, shape: Shape = [], options?: SampleOptions): Tensor => {
  const dtype = sampleDType("random.normal", options);
  const k = toKey("random.normal", key);
  return asTensor(standardNormal("random.normal", k, checkShape("random.normal", shape), dtype));
};
