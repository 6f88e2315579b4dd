/** Rounding. Integers and bools are whole already and come back as they are; derivatives are 0. */
import { isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { checkOptions } from "./options.js";
import { asTensor, describe, toExpr } from "./tensor.js";

/** Arguments after the tensor. */
export interface RoundingArgs {
  /** The nearest whole number below. */
  floor: [];
  /** The nearest whole number above. */
  ceil: [];
  /** The nearest whole number, halves to even. */
  round: [options?: RoundOptions];
  /** The nearest whole number toward 0. */
  trunc: [];
}

/** Options of `round`. */
export interface RoundOptions {
  /** Decimal places to keep, negative for tens, hundreds, …; 0 by default. */
  readonly decimals?: number | undefined;
}

const rounding =
  (operation: string, f: (x: Expr) => Expr): Unary =>
  (x) => {
    const e = toExpr(operation, x);
    return asTensor(isFloat(e.dtype) ? f(e) : e);
  };

/**
 * The largest whole number not above x, elementwise. Integers stay as they are.
 *
 * @example
 * ```ts
 * floor(tensor([1.5, -1.5])).toArray() // [1, -2]
 * ```
 */
export const floor: Unary = rounding("floor", prim.floor);

/**
 * The smallest whole number not below x, elementwise. Integers stay as they are.
 *
 * @example
 * ```ts
 * ceil(tensor([1.2, 2.8])).toArray() // [2, 3]
 * ```
 */
export const ceil: Unary = rounding("ceil", prim.ceil);

/**
 * x without its fraction, elementwise. Integers stay as they are.
 *
 * @example
 * ```ts
 * trunc(tensor([1.5, -2.5])).toArray() // [1, -2]
 * ```
 */
export const trunc: Unary = rounding("trunc", (x) =>
  prim.select(prim.lt(x, fullLike(x, 0)), prim.ceil(x), prim.floor(x)),
);

/** x scaled by a power of ten, rounded, and scaled back. */
const roundAt = (x: Expr, decimals: number): Expr => {
  if (decimals === 0) return prim.round(x);
  const scale = fullLike(x, 10 ** Math.abs(decimals));
  return decimals > 0
    ? prim.div(prim.round(prim.mul(x, scale)), scale)
    : prim.mul(prim.round(prim.div(x, scale)), scale);
};

/** Integers at tens, hundreds, …: exact in float64. */
const roundInteger = (x: Expr, decimals: number): Expr =>
  decimals >= 0 ? x : prim.cast(roundAt(prim.cast(x, "float64"), decimals), x.dtype);

/**
 * The nearest whole number, halves to even, elementwise; with `decimals`, so many decimal places are kept.
 * Integers change only with negative `decimals`. Throws when `decimals` is not whole.
 *
 * @example
 * ```ts
 * round(tensor([0.5, 1.5, 2.4])).toArray() // [0, 2, 2]
 * round(tensor([1.2345]), { decimals: 2 }).toArray() // ≈ [1.23]
 * ```
 */
export const round: Op<[options?: RoundOptions]> = op<[options?: RoundOptions]>(0, (x, options = {}) => {
  checkOptions("round", options, ["decimals"]);
  const { decimals = 0 } = options;
  if (!Number.isInteger(decimals)) throw expected("round", "a whole number of decimals", describe(decimals));
  const e = toExpr("round", x);
  return asTensor(
    isFloat(e.dtype) ? roundAt(e, decimals) : e.dtype === "bool" ? e : roundInteger(e, decimals),
  );
});

/** The bodies of the methods. */
export const roundingFunctions: BodiesOf<RoundingArgs> = { floor, ceil, round, trunc };
