/** `Math.*` and `Number.*`: what each computes on numbers, and on expressions of a float dtype (or int32). */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import * as fn from "../ir/primitives/transcendental.js";
import { countLeadingZeros } from "../ops/bitwise.js";
import { log10, log2 } from "../ops/exponential.js";
import { hypot } from "../ops/power.js";
import { asTensor, toExpr } from "../ops/tensor.js";

/** Functions of `Math` and `Number`. */
export type FunctionName =
  | "abs"
  | "acos"
  | "acosh"
  | "asin"
  | "asinh"
  | "atan"
  | "atan2"
  | "atanh"
  | "cbrt"
  | "ceil"
  | "clz32"
  | "cos"
  | "cosh"
  | "exp"
  | "expm1"
  | "floor"
  | "fround"
  | "hypot"
  | "imul"
  | "log"
  | "log10"
  | "log1p"
  | "log2"
  | "max"
  | "min"
  | "pow"
  | "round"
  | "sign"
  | "sin"
  | "sinh"
  | "sqrt"
  | "tan"
  | "tanh"
  | "trunc"
  | "isFinite"
  | "isInteger"
  | "isNaN"
  | "isSafeInteger";

export interface LiftedFunction {
  /** Number of arguments; null for any number. */
  readonly arity: number | null;
  /** The result for numbers that are known. */
  readonly scalar: (...args: number[]) => number | boolean;
  /** Operands have one shape and dtype: the program's float dtype, or int32 with `integers`. */
  readonly lower: (args: readonly Expr[]) => Expr;
  readonly integers?: boolean;
}

const unary = (scalar: (x: number) => number | boolean, lower: (x: Expr) => Expr): LiftedFunction => ({
  arity: 1,
  scalar,
  lower: ([x]) => lower(x!),
});

const binary = (
  scalar: (x: number, y: number) => number,
  lower: (x: Expr, y: Expr) => Expr,
): LiftedFunction => ({ arity: 2, scalar, lower: ([x, y]) => lower(x!, y!) });

/** Any number of operands, two at a time. There is at least one: calls without are constants. */
const folded = (
  scalar: (...xs: number[]) => number,
  lower: (x: Expr, y: Expr) => Expr,
  one: (x: Expr) => Expr = (x) => x,
): LiftedFunction => ({
  arity: null,
  scalar,
  lower: ([first, ...rest]) => (rest.length === 0 ? one(first!) : rest.reduce(lower, first!)),
});

const trunc = (x: Expr): Expr => prim.select(prim.lt(x, fullLike(x, 0)), prim.ceil(x), prim.floor(x));

/** Halves go up, as in JavaScript; x + 0.5 would round where x is large. */
const roundUp = (x: Expr): Expr => {
  const below = prim.floor(x);
  const up = prim.ge(prim.sub(x, below), fullLike(x, 0.5));
  return prim.select(up, prim.add(below, fullLike(x, 1)), below);
};

const isInteger = (x: Expr): Expr => prim.and(prim.isFinite(x), prim.eq(prim.floor(x), x));

const safe = (x: Expr): Expr =>
  prim.and(isInteger(x), prim.le(prim.abs(x), fullLike(x, Number.MAX_SAFE_INTEGER)));

/** The function of tensors as one of expressions. */
const ofTensors =
  (f: (x: ReturnType<typeof asTensor>) => unknown) =>
  (x: Expr): Expr =>
    toExpr("lift", f(asTensor(x)));

/** √(x² + y²); its derivatives at the origin are 0. */
const length = (x: Expr, y: Expr): Expr => toExpr("lift", hypot(asTensor(x), asTensor(y)));

export const functions: Readonly<Record<FunctionName, LiftedFunction>> = {
  abs: unary(Math.abs, prim.abs),
  acos: unary(Math.acos, fn.acos),
  acosh: unary(Math.acosh, fn.acosh),
  asin: unary(Math.asin, fn.asin),
  asinh: unary(Math.asinh, fn.asinh),
  atan: unary(Math.atan, fn.atan),
  atan2: binary(Math.atan2, fn.atan2),
  atanh: unary(Math.atanh, fn.atanh),
  cbrt: unary(Math.cbrt, fn.cbrt),
  ceil: unary(Math.ceil, prim.ceil),
  clz32: { ...unary(Math.clz32, ofTensors(countLeadingZeros)), integers: true },
  cos: unary(Math.cos, fn.cos),
  cosh: unary(Math.cosh, fn.cosh),
  exp: unary(Math.exp, fn.exp),
  expm1: unary(Math.expm1, fn.expm1),
  floor: unary(Math.floor, prim.floor),
  fround: unary(Math.fround, (x) => prim.cast(prim.cast(x, "float32"), x.dtype)),
  hypot: folded(Math.hypot, length, prim.abs),
  imul: { ...binary(Math.imul, prim.mul), integers: true },
  log: unary(Math.log, fn.log),
  log10: unary(Math.log10, ofTensors(log10)),
  log1p: unary(Math.log1p, fn.log1p),
  log2: unary(Math.log2, ofTensors(log2)),
  max: folded(Math.max, prim.max),
  min: folded(Math.min, prim.min),
  pow: binary(Math.pow, fn.pow), // calls become the operator **
  round: unary(Math.round, roundUp),
  sign: unary(Math.sign, prim.sign),
  sin: unary(Math.sin, fn.sin),
  sinh: unary(Math.sinh, fn.sinh),
  sqrt: unary(Math.sqrt, fn.sqrt),
  tan: unary(Math.tan, fn.tan),
  tanh: unary(Math.tanh, fn.tanh),
  trunc: unary(Math.trunc, trunc),
  isFinite: unary(Number.isFinite, prim.isFinite),
  isInteger: unary(Number.isInteger, isInteger),
  isNaN: unary(Number.isNaN, prim.isNaN),
  isSafeInteger: unary(Number.isSafeInteger, safe),
};

/** The properties of `Math` and `Number` that are functions here, by the names that people write. */
const tests: readonly string[] = ["isFinite", "isInteger", "isNaN", "isSafeInteger"];

export const isFunctionOf = (namespace: "Math" | "Number", name: string): name is FunctionName =>
  Object.hasOwn(functions, name) && tests.includes(name) === (namespace === "Number");

const constants: Readonly<Record<"Math" | "Number", readonly string[]>> = {
  Math: ["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"],
  Number: [
    "EPSILON",
    "MAX_SAFE_INTEGER",
    "MAX_VALUE",
    "MIN_SAFE_INTEGER",
    "MIN_VALUE",
    "NaN",
    "NEGATIVE_INFINITY",
    "POSITIVE_INFINITY",
  ],
};

/** The number behind `Math.PI` and its kin; null for names that are not constants. */
export const constantOf = (namespace: "Math" | "Number", name: string): number | null => {
  if (!constants[namespace].includes(name)) return null;
  const value: unknown = Reflect.get(namespace === "Math" ? Math : Number, name);
  return typeof value === "number" ? value : null;
};
