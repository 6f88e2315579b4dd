/**
 * JavaScript's bit operations: operands become 32-bit integers (modulo 2³²), results are int32, of `>>>` uint32.
 *
 * Arithmetic of integers on its way into a bit operation, as in `(h * 31 + c) | 0`, is computed in integers where
 * that gives what JavaScript's doubles do, and in float64 otherwise: never in float32, which would lose bits.
 */
import { isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import type { Frame } from "./frame.js";
import type { BitName, Scalar } from "./program.js";
import { asExpr, fits, isKnown, meet, type Value } from "./value.js";

type Evaluate = (e: Scalar, frame: Frame) => Value;

const two32 = 4294967296;

/** JavaScript's ToInt32 of a float: truncated, modulo 2³², infinities and NaN to 0. */
const wrapped = (x: Expr): Expr => {
  const like = (n: number): Expr => fullLike(x, n);
  const inside = prim.lt(prim.abs(x), like(two32 / 2));
  const finite = prim.select(prim.isFinite(x), x, like(0));
  const whole = prim.select(prim.lt(finite, like(0)), prim.ceil(finite), prim.floor(finite));
  const r = prim.rem(whole, like(two32));
  const low = prim.select(prim.lt(r, like(-two32 / 2)), prim.add(r, like(two32)), r);
  const centred = prim.select(prim.ge(low, like(two32 / 2)), prim.sub(low, like(two32)), low);
  return prim.cast(prim.select(inside, x, centred), "int32");
};

/** The 32 bits of a value, as int32. */
export const toInt32 = (v: Value): number | Expr => {
  if (isKnown(v)) return Number(v) | 0;
  return isFloat(v.dtype) ? wrapped(v) : prim.cast(v, "int32");
};

const isInteger = (v: Value | undefined): boolean =>
  typeof v === "object"
    ? v.dtype === "int32" || v.dtype === "uint32"
    : fits(v ?? NaN, "int32") || fits(v ?? NaN, "uint32");

const bits: readonly string[] = ["&", "|", "^", "<<", ">>", ">>>"];

/** Whether an expression is an integer whatever the float dtype, as far as can be told without computing it. */
const isExact = (e: Scalar, frame: Frame): boolean => {
  switch (e._tag) {
    case "Constant":
      return isInteger(e.value);
    case "Read":
      return isInteger(frame.read(e.slot));
    case "Outer":
      return isInteger(e.tensor);
    case "Element":
      return isInteger(e.tensor);
    case "Unary":
      return e.op === "~" || ((e.op === "-" || e.op === "+") && isExact(e.x, frame));
    case "Binary":
      if (bits.includes(e.op)) return true;
      return ["+", "-", "*"].includes(e.op) && isExact(e.x, frame) && isExact(e.y, frame);
    case "Call":
      return e.name === "imul" || e.name === "clz32";
    case "Logic":
      return isExact(e.x, frame) && isExact(e.y, frame);
    case "Choose":
      return isExact(e.yes, frame) && isExact(e.no, frame);
  }
};

/** Products by so little of a 32-bit integer are exact in a double. */
const smallFactor = 2 ** 21;

const isSmall = (v: Value): v is number => typeof v === "number" && Math.abs(v) <= smallFactor;

const int = (x: number | Expr): Expr => asExpr(x, "int32");

const combine = (f: (x: Expr, y: Expr) => Expr, x: Expr, y: Expr): Expr => {
  const [a, b] = meet("lift", [x, y]);
  return f(a!, b!);
};

/** The low 32 bits of an exact integer expression. */
const exact = (e: Scalar, frame: Frame, evaluate: Evaluate): number | Expr => {
  if (e._tag === "Unary" && (e.op === "-" || e.op === "+")) {
    const x = exact(e.x, frame, evaluate);
    if (e.op === "+") return x;
    return isKnown(x) ? -x | 0 : prim.neg(x);
  }
  if (e._tag !== "Binary" || bits.includes(e.op)) return toInt32(evaluate(e, frame));
  if (e.op === "*") return exactProduct(e.x, e.y, frame, evaluate);
  const [x, y] = [exact(e.x, frame, evaluate), exact(e.y, frame, evaluate)];
  if (isKnown(x) && isKnown(y)) return (e.op === "+" ? x + y : x - y) | 0;
  return combine(e.op === "+" ? prim.add : prim.sub, int(x), int(y));
};

const isLeaf = (e: Scalar): boolean =>
  !(e._tag === "Binary" && !bits.includes(e.op)) && !(e._tag === "Unary" && e.op !== "~");

const exactProduct = (a: Scalar, b: Scalar, frame: Frame, evaluate: Evaluate): number | Expr => {
  const known = (e: Scalar): Value => (isLeaf(e) ? evaluate(e, frame) : NaN);
  const [x, y] = [known(a), known(b)];
  if (isKnown(x) && isKnown(y) && isLeaf(a) && isLeaf(b)) return (Number(x) * Number(y)) | 0;
  if (isSmall(y)) return combine(prim.mul, int(exact(a, frame, evaluate)), int(y));
  if (isSmall(x)) return combine(prim.mul, int(x), int(exact(b, frame, evaluate)));
  return toInt32(combine(prim.mul, inDouble(a, frame, evaluate), inDouble(b, frame, evaluate)));
};

const doubles: Readonly<Record<string, (x: Expr, y: Expr) => Expr>> = {
  "+": prim.add,
  "-": prim.sub,
  "*": prim.mul,
  "/": prim.div,
  "%": prim.rem,
};

/** Arithmetic in float64, as JavaScript computes it. */
const inDouble = (e: Scalar, frame: Frame, evaluate: Evaluate): Expr => {
  if (e._tag === "Unary" && e.op === "-") return prim.neg(inDouble(e.x, frame, evaluate));
  if (e._tag === "Unary" && e.op === "+") return inDouble(e.x, frame, evaluate);
  const f = e._tag === "Binary" ? doubles[e.op] : undefined;
  return e._tag === "Binary" && f !== undefined
    ? combine(f, inDouble(e.x, frame, evaluate), inDouble(e.y, frame, evaluate))
    : asExpr(evaluate(e, frame), "float64");
};

/** Whether arithmetic has an operand with more bits than a float32: an integer that is computed, or a large one. */
const needsDouble = (e: Scalar, frame: Frame): boolean => {
  if (e._tag === "Constant") return Math.fround(Number(e.value)) !== e.value && Number.isInteger(e.value);
  if (e._tag === "Unary" && (e.op === "-" || e.op === "+")) return needsDouble(e.x, frame);
  if (e._tag === "Binary" && doubles[e.op] !== undefined)
    return needsDouble(e.x, frame) || needsDouble(e.y, frame);
  return isExact(e, frame);
};

const isArithmetic = (e: Scalar): boolean =>
  (e._tag === "Binary" && doubles[e.op] !== undefined) || (e._tag === "Unary" && e.op === "-");

/** Whether every operand of arithmetic is a number that is known. */
const isConstant = (e: Scalar, frame: Frame): boolean => {
  if (e._tag === "Constant") return true;
  if (e._tag === "Read") return typeof frame.read(e.slot) !== "object";
  if (e._tag === "Unary") return isConstant(e.x, frame);
  return e._tag === "Binary" && isConstant(e.x, frame) && isConstant(e.y, frame);
};

/** The operand of a bit operation. */
export const bitsOf = (e: Scalar, frame: Frame, evaluate: Evaluate): number | Expr => {
  if (isConstant(e, frame)) return toInt32(evaluate(e, frame));
  if (isExact(e, frame)) return exact(e, frame, evaluate);
  const wide = isArithmetic(e) && needsDouble(e, frame);
  return toInt32(wide ? inDouble(e, frame, evaluate) : evaluate(e, frame));
};

const known: Readonly<Record<BitName, (x: number, y: number) => number>> = {
  "&": (x, y) => x & y,
  "|": (x, y) => x | y,
  "^": (x, y) => x ^ y,
  "<<": (x, y) => x << y,
  ">>": (x, y) => x >> y,
  ">>>": (x, y) => x >>> y,
};

/** JavaScript takes a shift's distance modulo 32. */
const distance = (y: number | Expr): number | Expr => (isKnown(y) ? y & 31 : prim.and(y, fullLike(y, 31)));

/** A bit operation on operands that are 32-bit integers already. */
export const bitwise = (op: BitName, x: number | Expr, y: number | Expr): Value => {
  if (isKnown(x) && isKnown(y)) return known[op](x, y);
  switch (op) {
    case "&":
      return combine(prim.and, int(x), int(y));
    case "|":
      return y === 0 ? x : combine(prim.or, int(x), int(y));
    case "^":
      return combine(prim.xor, int(x), int(y));
    case "<<":
      return combine(prim.shl, int(x), int(distance(y)));
    case ">>":
      return combine(prim.shr, int(x), int(distance(y)));
    case ">>>":
      return combine(prim.shr, prim.cast(int(x), "uint32"), prim.cast(int(distance(y)), "uint32"));
  }
};
