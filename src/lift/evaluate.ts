/** Expressions of a scalar program as tensor expressions; what is known is computed on the way. */
import { type DType, isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as fn from "../ir/primitives/transcendental.js";
import { pow } from "../ops/power.js";
import { asTensor, toExpr } from "../ops/tensor.js";
import { elementOf, normal } from "./element.js";
import type { Frame } from "./frame.js";
import { functions, type LiftedFunction } from "./functions.js";
import { bitsOf, bitwise, toInt32 } from "./integers.js";
import type { ArithmeticName, BinaryName, BitName, ComparisonName, Scalar, UnaryName } from "./program.js";
import { fault } from "./source.js";
import {
  and,
  asExpr,
  choose,
  dtypeOf,
  fits,
  type Float,
  isKnown,
  meet,
  not,
  or,
  truth,
  type Value,
} from "./value.js";

/** The value of an expression, given the variables. */
export const evaluate = (e: Scalar, frame: Frame): Value => {
  switch (e._tag) {
    case "Constant":
      return e.value;
    case "Read":
      return frame.read(e.slot) ?? NaN; // undefined is NaN in arithmetic
    case "Outer":
      return frame.outer(normal(e.tensor, frame.float));
    case "Element":
      return elementOf(
        e.tensor,
        e.indices.map((i) => evaluate(i, frame)),
        e.origin,
        frame,
      );
    case "Unary":
      return e.op === "~"
        ? complement(bitsOf(e.x, frame, evaluate))
        : unary(e.op, evaluate(e.x, frame), frame.float);
    case "Binary":
      return binary(e, frame);
    case "Call":
      return call(functions[e.name], e.args, frame);
    case "Logic":
      return logic(e, frame);
    case "Choose":
      return choice(e, frame);
  }
};

const complement = (x: number | Expr): Value => (isKnown(x) ? ~x : prim.not(x));

const unary = (op: Exclude<UnaryName, "~">, v: Value, float: Float): Value => {
  if (op === "!") return not(truth(v));
  if (isKnown(v)) return op === "-" ? -Number(v) : Number(v);
  if (op === "-") return prim.neg(asExpr(v, float));
  return v.dtype === "bool" ? prim.cast(v, float) : v;
};

const arithmeticNames: readonly string[] = ["+", "-", "*", "/", "%", "**"];
const bitNames: readonly string[] = ["&", "|", "^", "<<", ">>", ">>>"];
const isArithmetic = (op: BinaryName): op is ArithmeticName => arithmeticNames.includes(op);
const isBits = (op: BinaryName): op is BitName => bitNames.includes(op);

const binary = (e: Extract<Scalar, { _tag: "Binary" }>, frame: Frame): Value => {
  if (isBits(e.op)) return bitwise(e.op, bitsOf(e.x, frame, evaluate), bitsOf(e.y, frame, evaluate));
  const [x, y] = [evaluate(e.x, frame), evaluate(e.y, frame)];
  if (isArithmetic(e.op)) return arithmetic(e.op, x, y, frame.float);
  if ((e.op === "===" || e.op === "!==") && isTruth(x, frame.float) !== isTruth(y, frame.float))
    throw fault(
      e.origin.source,
      e.origin.place,
      `two numbers or two booleans beside ${e.op}`,
      "one of each, which are never equal",
      `compare numbers with numbers, or write ${e.op.slice(0, 2)}, which turns true into 1`,
    );
  return compare(e.op, x, y, frame.float);
};

const isTruth = (v: Value, float: Float): boolean => dtypeOf(v, float) === "bool";

// ---- arithmetic

const knownArithmetic: Readonly<Record<ArithmeticName, (x: number, y: number) => number>> = {
  "+": (x, y) => x + y,
  "-": (x, y) => x - y,
  "*": (x, y) => x * y,
  "/": (x, y) => x / y,
  "%": (x, y) => x % y,
  "**": (x, y) => x ** y,
};

const lowered: Readonly<Record<ArithmeticName, (x: Expr, y: Expr) => Expr>> = {
  "+": prim.add,
  "-": prim.sub,
  "*": prim.mul,
  "/": prim.div,
  "%": prim.rem,
  "**": fn.pow,
};

const arithmetic = (op: ArithmeticName, x: Value, y: Value, float: Float): Value => {
  if (isKnown(x) && isKnown(y)) return knownArithmetic[op](Number(x), Number(y));
  if (op === "**" && typeof y === "number" && !isKnown(x)) return power(asExpr(x, float), y);
  if (
    op === "%" &&
    !isKnown(x) &&
    (x.dtype === "int32" || x.dtype === "uint32") &&
    fits(y, x.dtype) &&
    y !== 0
  )
    return prim.rem(x, fullLike(x, y as number)); // fits: a whole number
  const [a, b] = meet("lift", [asExpr(x, float), asExpr(y, float)]);
  return lowered[op](a!, b!);
};

/** A power with a known exponent: small whole ones are products. */
const power = (x: Expr, y: number): Value => (y === 0 ? 1 : toExpr("lift", pow(asTensor(x), y)));

// ---- comparison

type Order = "<" | "<=" | ">" | ">=" | "==" | "!=";

const knownComparison: Readonly<Record<Order, (x: number, y: number) => boolean>> = {
  "<": (x, y) => x < y,
  "<=": (x, y) => x <= y,
  ">": (x, y) => x > y,
  ">=": (x, y) => x >= y,
  "==": (x, y) => x === y,
  "!=": (x, y) => x !== y,
};

const comparison: Readonly<Record<Order, (x: Expr, y: Expr) => Expr>> = {
  "<": prim.lt,
  "<=": prim.le,
  ">": prim.gt,
  ">=": prim.ge,
  "==": prim.eq,
  "!=": prim.ne,
};

/** Integers compare as integers where both are; an integer beside anything else compares in float64, which holds it. */
const comparedAs = (x: Value, y: Value, float: Float): DType => {
  const [a, b] = [dtypeOf(x, float), dtypeOf(y, float)];
  if (a === b) return a;
  if (fits(x, b)) return b;
  if (fits(y, a)) return a;
  const integers = [a, b].filter((d) => !isFloat(d) && d !== "bool").length;
  return integers === 0 ? float : "float64";
};

const compare = (op: ComparisonName, x: Value, y: Value, float: Float): Value => {
  const order = (op === "===" ? "==" : op === "!==" ? "!=" : op) satisfies Order;
  if (isKnown(x) && isKnown(y)) return knownComparison[order](Number(x), Number(y));
  const dtype = comparedAs(x, y, float);
  const [a, b] = meet("lift", [asExpr(x, dtype), asExpr(y, dtype)]);
  return comparison[order](a!, b!);
};

// ---- calls and choices

const call = (f: LiftedFunction, args: readonly Scalar[], frame: Frame): Value => {
  if (f.integers === true) {
    const words = args.map((a) => bitsOf(a, frame, evaluate));
    return words.every(isKnown)
      ? f.scalar(...words.map(Number))
      : f.lower(
          meet(
            "lift",
            words.map((w) => asExpr(toInt32(w), "int32")),
          ),
        );
  }
  const values = args.map((a) => evaluate(a, frame));
  return values.every(isKnown)
    ? f.scalar(...values.map(Number))
    : f.lower(
        meet(
          "lift",
          values.map((v) => asExpr(v, frame.float)),
        ),
      );
};

/** The right operand counts where the left one does not decide. Of two truth values it is their and, or. */
const logic = (e: Extract<Scalar, { _tag: "Logic" }>, frame: Frame): Value => {
  const x = evaluate(e.x, frame);
  const holds = truth(x);
  if (typeof holds === "boolean") return holds === (e.op === "&&") ? evaluate(e.y, frame) : x;
  const open = e.op === "&&" ? holds : not(holds);
  const y = evaluate(e.y, frame.fork(open));
  if (isTruth(x, frame.float) && isTruth(y, frame.float))
    return e.op === "&&" ? and(holds, truth(y)) : or(holds, truth(y));
  return choose(open, y, x, frame.float);
};

const choice = (e: Extract<Scalar, { _tag: "Choose" }>, frame: Frame): Value => {
  const test = truth(evaluate(e.test, frame));
  if (typeof test === "boolean") return evaluate(test ? e.yes : e.no, frame);
  const yes = evaluate(e.yes, frame.fork(test));
  return choose(test, yes, evaluate(e.no, frame.fork(not(test))), frame.float);
};
