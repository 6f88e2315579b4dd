/** Fused multiply-add: what JAX's compilers make of `uniform`'s scaling, so its bits need the single rounding. */
import { fma as fmaFormula, fmaFar, fmaThere } from "../formulas/index.js";
import { fmaF32, fmaF64 } from "../scalar/fma.js";
import { mul } from "./arithmetic.js";
import { elementwise, type None, type Ternary } from "./elementwise.js";
import { apply, type Expr } from "../expr.js";
import type { Primitive } from "../primitive.js";

const fmaPrimitive: Primitive<None> = elementwise<None>({
  name: "fma",
  arity: 3,
  accepts: "float",
  scalar: (dtype) => (dtype === "float32" ? fmaF32 : fmaF64),
  // In float32 the product is exact in JavaScript's float64, and the rounding of the result is the only one.
  js: ([x, y, z], dtype) => (dtype === "float32" ? `${x} * ${y} + ${z}` : `fmaF64(${x}, ${y}, ${z})`),
  formula: fmaFormula,
  beyond: fmaFar,
  otherwise: fmaThere,
  functions: { fmaF64: fmaF64 },
  cost: 2,
  jvp: [(t, [, y]) => mul(t, y!), (t, [x]) => mul(x!, t), (t) => t],
});

/** x · y + z, rounded once. */
export const fma: Ternary = Object.assign(
  (x: Expr, y: Expr, z: Expr): Expr => apply(fmaPrimitive, [x, y, z], {}),
  {
    primitive: fmaPrimitive,
  },
);
