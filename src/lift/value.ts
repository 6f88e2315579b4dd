/**
 * Values while a scalar program becomes a tensor program: numbers that are known already, or expressions.
 * An expression is of the program's float dtype, int32, uint32 or bool, and has the shape that it needs: operands are
 * stretched where they meet.
 */
import type { Shape } from "../ir/aval.js";
import { type DType, isFloat } from "../ir/dtype.js";
import { type Expr, literal } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { broadcastShapes, stretch } from "../ops/promotion.js";

export type Float = "float32" | "float64";

/** A number or truth value that is known while lowering, or the expression that computes it. */
export type Value = number | boolean | Expr;

/** Whether a known or computed truth value; masks are bool expressions. */
export type Mask = boolean | Expr;

export const isKnown = (v: Value): v is number | boolean => typeof v !== "object";

/** Expressions in the shape in which all of them meet. */
export const meet = (operation: string, xs: readonly Expr[]): readonly Expr[] => {
  const shape = broadcastShapes(
    operation,
    xs.map((x) => x.shape),
  );
  return xs.map((x) => stretch(x, shape));
};

/** The shape in which values meet. */
export const commonShape = (operation: string, values: readonly Value[]): Shape =>
  broadcastShapes(
    operation,
    values.map((v) => (isKnown(v) ? [] : v.shape)),
  );

/** A value as an expression of a dtype. */
export const asExpr = (v: Value, dtype: DType): Expr =>
  isKnown(v) ? literal(dtype, Number(v)) : prim.cast(v, dtype);

const holdsInt32 = (v: number): boolean => (v | 0) === v && !Object.is(v, -0);
const holdsUint32 = (v: number): boolean => v >>> 0 === v && !Object.is(v, -0);

/** Whether a known value is a whole number that fits an integer dtype. */
export const fits = (v: Value, dtype: DType): boolean =>
  typeof v === "number" && (dtype === "int32" ? holdsInt32(v) : dtype === "uint32" && holdsUint32(v));

/** The dtype of a value where it stands alone. */
export const dtypeOf = (v: Value, float: Float): DType =>
  typeof v === "object" ? v.dtype : typeof v === "boolean" ? "bool" : float;

/** The dtype in which two values of one variable meet: integers keep theirs beside whole numbers that fit. */
export const joined = (a: Value, b: Value, float: Float): DType => {
  const [x, y] = [dtypeOf(a, float), dtypeOf(b, float)];
  if (x === y) return x;
  if (fits(a, y)) return y;
  if (fits(b, x)) return x;
  return float;
};

// ---- masks

export const not = (m: Mask): Mask => {
  if (typeof m === "boolean") return !m;
  return m.primitive === prim.not.primitive ? m.args[0]! : prim.not(m);
};

const both = (operation: string, f: (x: Expr, y: Expr) => Expr, a: Expr, b: Expr): Expr => {
  const [x, y] = meet(operation, [a, b]);
  return f(x!, y!);
};

export const and = (a: Mask, b: Mask): Mask => {
  if (typeof a === "boolean") return a ? b : false;
  if (typeof b === "boolean") return b ? a : false;
  return a === b ? a : both("lift", prim.and, a, b);
};

export const or = (a: Mask, b: Mask): Mask => {
  if (typeof a === "boolean") return a ? true : b;
  if (typeof b === "boolean") return b ? true : a;
  return a === b ? a : both("lift", prim.or, a, b);
};

/** JavaScript's truthiness: neither zero nor NaN. */
export const truth = (v: Value): Mask => {
  if (isKnown(v)) return Boolean(v);
  if (v.dtype === "bool") return v;
  const zero = fullLike(v, 0);
  return isFloat(v.dtype) ? prim.gt(prim.abs(v), zero) : prim.ne(v, zero);
};

/** `yes` where the mask holds, else `no`. */
export const choose = (mask: Mask, yes: Value, no: Value, float: Float): Value => {
  if (typeof mask === "boolean") return mask ? yes : no;
  if (yes === no || (isKnown(yes) && Object.is(yes, no))) return yes;
  if (yes === true && no === false) return mask;
  if (yes === false && no === true) return not(mask);
  if (typeof yes === "boolean" && typeof no === "object" && no.dtype === "bool")
    return yes ? or(mask, no) : and(not(mask), no);
  if (typeof no === "boolean" && typeof yes === "object" && yes.dtype === "bool")
    return no ? or(not(mask), yes) : and(mask, yes);
  const dtype = joined(yes, no, float);
  const [c, x, y] = meet("lift", [mask, asExpr(yes, dtype), asExpr(no, dtype)]);
  return prim.select(c!, x!, y!);
};

/** A float as seen by a branch: the same number, but no derivative passes where the branch is not taken. */
export const gate = (mask: Expr, v: Value): Value => {
  if (isKnown(v) || !isFloat(v.dtype) || v.literal !== null) return v;
  const [c, x] = meet("lift", [mask, v]);
  return prim.select(c!, x!, prim.stopGradient(x!));
};
