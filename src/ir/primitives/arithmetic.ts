/** Arithmetic, comparison, logic, selection and conversion: the family's builders and its table. */
import type { Primitive } from "../primitive.js";
import { eq, ge, gt, isFinite, isNaN, le, lt, ne } from "./arithmetic/comparison.js";
import { bitcastPrimitive, castPrimitive, stopGradient } from "./arithmetic/conversion.js";
import { and, not, or, shl, shr, xor } from "./arithmetic/logic.js";
import { abs, div, mul, neg, rem, sign, sub } from "./arithmetic/operators.js";
import { ceil, floor, round } from "./arithmetic/rounding.js";
import { max, min, select } from "./arithmetic/selection.js";
import { add } from "./elementwise.js";

export { add } from "./elementwise.js";
export { eq, ge, gt, isFinite, isNaN, le, lt, ne } from "./arithmetic/comparison.js";
export {
  bitcast,
  bitcastPrimitive,
  type Cast,
  cast,
  castPrimitive,
  stopGradient,
} from "./arithmetic/conversion.js";
export { and, not, or, shl, shr, xor } from "./arithmetic/logic.js";
export { abs, div, mul, neg, rem, sign, sub } from "./arithmetic/operators.js";
export { ceil, floor, round } from "./arithmetic/rounding.js";
export { max, min, select } from "./arithmetic/selection.js";

export const arithmetic: Record<
  | "neg"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "max"
  | "min"
  | "abs"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "isNaN"
  | "isFinite"
  | "and"
  | "or"
  | "xor"
  | "not"
  | "shl"
  | "shr"
  | "select"
  | "cast"
  | "bitcast"
  | "stopGradient",
  Primitive
> = {
  neg: neg.primitive,
  add: add.primitive,
  sub: sub.primitive,
  mul: mul.primitive,
  div: div.primitive,
  rem: rem.primitive,
  max: max.primitive,
  min: min.primitive,
  abs: abs.primitive,
  sign: sign.primitive,
  floor: floor.primitive,
  ceil: ceil.primitive,
  round: round.primitive,
  eq: eq.primitive,
  ne: ne.primitive,
  lt: lt.primitive,
  le: le.primitive,
  gt: gt.primitive,
  ge: ge.primitive,
  isNaN: isNaN.primitive,
  isFinite: isFinite.primitive,
  and: and.primitive,
  or: or.primitive,
  xor: xor.primitive,
  not: not.primitive,
  shl: shl.primitive,
  shr: shr.primitive,
  select: select.primitive,
  cast: castPrimitive,
  bitcast: bitcastPrimitive,
  stopGradient: stopGradient.primitive,
};
