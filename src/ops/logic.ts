/** Logic: operands are true where they are not 0, results are bool. */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { binary } from "./elementwise.js";
import type { BodiesOf, Op, Unary } from "./op.js";
import { asTensor, type TensorLike, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface LogicArgs {
  /** Both are not 0. */
  logicalAnd: [y: TensorLike];
  /** Some is not 0. */
  logicalOr: [y: TensorLike];
  /** Exactly one is not 0. */
  logicalXor: [y: TensorLike];
  /** It is 0. */
  logicalNot: [];
}

const logical = (operation: string, f: (x: Expr, y: Expr) => Expr): Op<[y: TensorLike]> =>
  binary(operation, f, () => "bool");

/**
 * Whether x and y are both not 0, elementwise. bool.
 *
 * Shapes broadcast. Throws when they do not.
 *
 * @example
 * ```ts
 * logicalAnd(tensor([true, true]), tensor([true, false])).toArray() // [true, false]
 * ```
 */
export const logicalAnd: Op<[y: TensorLike]> = logical("logicalAnd", prim.and);

/**
 * Whether x or y is not 0, elementwise. bool.
 *
 * Shapes broadcast. Throws when they do not.
 *
 * @example
 * ```ts
 * logicalOr(tensor([true, false]), tensor([false, false])).toArray() // [true, false]
 * ```
 */
export const logicalOr: Op<[y: TensorLike]> = logical("logicalOr", prim.or);

/**
 * Whether exactly one of x and y is not 0, elementwise. bool.
 *
 * Shapes broadcast. Throws when they do not.
 *
 * @example
 * ```ts
 * logicalXor(tensor([true, true]), tensor([true, false])).toArray() // [false, true]
 * ```
 */
export const logicalXor: Op<[y: TensorLike]> = logical("logicalXor", prim.xor);

/**
 * Whether x is 0, elementwise. bool.
 *
 * @example
 * ```ts
 * logicalNot(tensor([true, false])).toArray() // [false, true]
 * ```
 */
export const logicalNot: Unary = (x) => asTensor(prim.not(prim.cast(toExpr("logicalNot", x), "bool")));

/** The bodies of the methods. */
export const logicFunctions: BodiesOf<LogicArgs> = { logicalAnd, logicalOr, logicalXor, logicalNot };
