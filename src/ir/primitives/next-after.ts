/** Neighbouring floating-point numbers. */
import { apply, type Expr } from "../expr.js";
import type { Primitive } from "../primitive.js";
import { floatsBinary, nextAfter as nextAfter32, nextAfter64 } from "../formulas/index.js";
import { nextAfterF32, nextAfterF64 } from "../scalar/next-after.js";
import { type Binary, elementwise, type None } from "./elementwise.js";

const functions = {
  nextAfterF32: nextAfterF32,
  nextAfterF64: nextAfterF64,
};

const nextAfterPrimitive: Primitive<None> = elementwise<None>({
  name: "nextAfter",
  arity: 2,
  accepts: "float",
  operands: ([x, y]) => x === y && x !== "float16",
  wants: () => "operands of one dtype, float32 or float64",
  scalar: (dtype) => (dtype === "float32" ? functions.nextAfterF32 : functions.nextAfterF64),
  js: ([x, y], dtype) => `nextAfter${dtype === "float32" ? "F32" : "F64"}(${x}, ${y})`,
  formula: (m, [x, y], dtype) => floatsBinary(nextAfter32, nextAfter64)(m, x!, y!, dtype),
  functions,
  cost: 8,
  jvp: [(t) => t, null],
});

/** The number after x in the direction of y; its derivative by x is 1. */
export const nextAfter: Binary = Object.assign(
  (x: Expr, y: Expr): Expr => apply(nextAfterPrimitive, [x, y], {}),
  {
    primitive: nextAfterPrimitive,
  },
);
