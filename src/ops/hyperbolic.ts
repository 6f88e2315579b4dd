/** Hyperbolic functions and their inverses. Integers and bools become float32 first. */
import * as fn from "../ir/primitives/transcendental.js";
import { floatUnary } from "./elementwise.js";
import type { BodiesOf, Unary } from "./op.js";

/** Arguments after the tensor. */
export interface HyperbolicArgs {
  /** The hyperbolic sine. */
  sinh: [];
  /** The hyperbolic cosine. */
  cosh: [];
  /** The hyperbolic tangent. */
  tanh: [];
  /** The inverse hyperbolic sine. */
  asinh: [];
  /** The inverse hyperbolic cosine. */
  acosh: [];
  /** The inverse hyperbolic tangent. */
  atanh: [];
}

/**
 * The hyperbolic sine, elementwise.
 *
 * @example
 * ```ts
 * sinh(tensor([0, 1])).toArray() // ≈ [0, 1.175201]
 * ```
 */
export const sinh: Unary = floatUnary("sinh", fn.sinh);

/**
 * The hyperbolic cosine, elementwise.
 *
 * @example
 * ```ts
 * cosh(tensor([0, 1])).toArray() // ≈ [1, 1.543081]
 * ```
 */
export const cosh: Unary = floatUnary("cosh", fn.cosh);

/**
 * The hyperbolic tangent, elementwise.
 *
 * @example
 * ```ts
 * tanh(tensor([0, 1])).toArray() // ≈ [0, 0.761594]
 * ```
 */
export const tanh: Unary = floatUnary("tanh", fn.tanh);

/**
 * The inverse hyperbolic sine, elementwise.
 *
 * @example
 * ```ts
 * asinh(tensor([0, 1])).toArray() // ≈ [0, 0.881374]
 * ```
 */
export const asinh: Unary = floatUnary("asinh", fn.asinh);

/**
 * The inverse hyperbolic cosine, elementwise; NaN below 1.
 *
 * @example
 * ```ts
 * acosh(tensor([1, 2])).toArray() // ≈ [0, 1.316958]
 * ```
 */
export const acosh: Unary = floatUnary("acosh", fn.acosh);

/**
 * The inverse hyperbolic tangent, elementwise; ±Infinity at ±1 and NaN outside.
 *
 * @example
 * ```ts
 * atanh(tensor([0, 0.5, 1])).toArray() // ≈ [0, 0.549306, Infinity]
 * ```
 */
export const atanh: Unary = floatUnary("atanh", fn.atanh);

/** The bodies of the methods. */
export const hyperbolicFunctions: BodiesOf<HyperbolicArgs> = { sinh, cosh, tanh, asinh, acosh, atanh };
