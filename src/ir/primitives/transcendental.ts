/** Roots, exponentials, logarithms, trigonometric and hyperbolic functions, powers. Derivatives as in calculus. */
import { isFloat } from "../dtype.js";
import type { Expr } from "../expr.js";
import * as formulas from "../formulas/index.js";
import type { ScalarFunction } from "../lowering.js";
import type { Primitive } from "../primitive.js";
import { logistic as logisticScalar } from "../scalar/logistic.js";
import { pow as powFloat } from "../scalar/pow.js";
import { powInteger } from "../scalar/pow-integer.js";
import { rsqrt as rsqrtScalar } from "../scalar/rsqrt.js";
import { add, and, div, eq, mul, neg, select, sub } from "./arithmetic.js";
import { type Binary, binary, type Unary, unary, type UnarySpec } from "./elementwise.js";
import { fullLike } from "./layout.js";

const scale = (x: Expr, by: number): Expr => mul(x, fullLike(x, by));
const one = (x: Expr): Expr => fullLike(x, 1);
const square = (x: Expr): Expr => mul(x, x);
/** 1 - x² without the cancellation near ±1. */
const oneMinusSquare = (x: Expr): Expr => mul(sub(one(x), x), add(one(x), x));

const ofMath = (
  name: keyof Math & string,
  cost: number,
  jvp: (t: Expr, x: Expr, out: () => Expr) => Expr,
  formula?: UnarySpec["formula"],
  beyond?: UnarySpec["beyond"],
  otherwise?: UnarySpec["otherwise"],
): Unary =>
  unary({
    name,
    scalar: Math[name] as ScalarFunction,
    js: (x) => `Math.${name}(${x})`,
    ...(formula === undefined ? {} : { formula }),
    ...(beyond === undefined ? {} : { beyond }),
    ...(otherwise === undefined ? {} : { otherwise }),
    cost,
    jvp,
  });

export const sqrt: Unary = unary({
  name: "sqrt",
  scalar: Math.sqrt,
  js: (x) => `Math.sqrt(${x})`,
  formula: (m, x) => m.unary("sqrt", x),
  cost: 4,
  jvp: (t, _x, out) => div(scale(t, 0.5), out()),
});
export const rsqrt: Unary = unary({
  name: "rsqrt",
  scalar: rsqrtScalar,
  js: (x) => `1 / Math.sqrt(${x})`,
  formula: (m, x, dtype) => m.binary("div", m.constant(dtype, 1), m.unary("sqrt", x)),
  cost: 8,
  jvp: (t, x, out) => mul(scale(t, -0.5), div(out(), x)),
});
export const cbrt: Unary = ofMath(
  "cbrt",
  20,
  (t, _x, out) => div(t, scale(square(out()), 3)),
  formulas.floats(formulas.cbrt, formulas.cbrt64),
);
export const exp: Unary = ofMath(
  "exp",
  15,
  (t, _x, out) => mul(t, out()),
  formulas.floats(formulas.exp, formulas.exp64),
);
export const expm1: Unary = ofMath(
  "expm1",
  15,
  (t, _x, out) => mul(t, add(out(), one(t))),
  formulas.floats(formulas.expm1, formulas.expm164),
);
export const log: Unary = ofMath(
  "log",
  15,
  (t, x) => div(t, x),
  formulas.floats(formulas.log, formulas.log64),
);
export const log1p: Unary = ofMath(
  "log1p",
  15,
  (t, x) => div(t, add(x, one(x))),
  formulas.floats(formulas.log1p, formulas.log1p64),
);
export const sin: Unary = ofMath(
  "sin",
  15,
  (t, x) => mul(t, cos(x)),
  formulas.floats(formulas.sin, formulas.sin64),
  formulas.floats(formulas.hugeAngle, formulas.hugeAngle64),
  formulas.float32(formulas.hugeSin),
);
export const cos: Unary = ofMath(
  "cos",
  15,
  (t, x) => neg(mul(t, sin(x))),
  formulas.floats(formulas.cos, formulas.cos64),
  formulas.floats(formulas.hugeAngle, formulas.hugeAngle64),
  formulas.float32(formulas.hugeCos),
);
export const tan: Unary = ofMath(
  "tan",
  20,
  (t, _x, out) => mul(t, add(one(t), square(out()))),
  formulas.floats(formulas.tan, formulas.tan64),
  formulas.floats(formulas.hugeAngle, formulas.hugeAngle64),
  formulas.float32(formulas.hugeTan),
);
export const asin: Unary = ofMath(
  "asin",
  20,
  (t, x) => mul(t, rsqrt(oneMinusSquare(x))),
  formulas.floats(formulas.asin, formulas.asin64),
);
export const acos: Unary = ofMath(
  "acos",
  20,
  (t, x) => neg(mul(t, rsqrt(oneMinusSquare(x)))),
  formulas.floats(formulas.acos, formulas.acos64),
);
export const atan: Unary = ofMath(
  "atan",
  20,
  (t, x) => div(t, add(one(x), square(x))),
  formulas.floats(formulas.atan, formulas.atan64),
);
export const sinh: Unary = ofMath(
  "sinh",
  20,
  (t, x) => mul(t, cosh(x)),
  formulas.floats(formulas.sinh, formulas.sinh64),
);
export const cosh: Unary = ofMath(
  "cosh",
  20,
  (t, x) => mul(t, sinh(x)),
  formulas.floats(formulas.cosh, formulas.cosh64),
);
export const tanh: Unary = ofMath(
  "tanh",
  20,
  (t, _x, out) => mul(t, oneMinusSquare(out())),
  formulas.floats(formulas.tanh, formulas.tanh64),
);
export const asinh: Unary = ofMath(
  "asinh",
  25,
  (t, x) => mul(t, rsqrt(add(square(x), one(x)))),
  formulas.floats(formulas.asinh, formulas.asinh64),
);
export const acosh: Unary = ofMath(
  "acosh",
  25,
  (t, x) => mul(t, rsqrt(mul(sub(x, one(x)), add(x, one(x))))),
  formulas.floats(formulas.acosh, formulas.acosh64),
);
export const atanh: Unary = ofMath(
  "atanh",
  25,
  (t, x) => div(t, oneMinusSquare(x)),
  formulas.floats(formulas.atanh, formulas.atanh64),
);

/** 1 / (1 + exp(-x)). */
export const logistic: Unary = unary({
  name: "logistic",
  scalar: logisticScalar,
  js: (x) => `logistic(${x})`,
  formula: formulas.floats(formulas.logistic, formulas.logistic64),
  functions: { logistic: logisticScalar },
  cost: 18,
  jvp: (t, _x, out) => mul(t, mul(out(), sub(one(t), out()))),
});

export const atan2: Binary = binary({
  name: "atan2",
  accepts: "float",
  scalar: Math.atan2,
  js: (y, x) => `Math.atan2(${y}, ${x})`,
  formula: formulas.floatsBinary(formulas.atan2, formulas.atan264),
  cost: 25,
  jvp: [
    (t, y, x) => mul(t, div(x, add(square(x), square(y)))),
    (t, y, x) => neg(mul(t, div(y, add(square(x), square(y))))),
  ],
});

/**
 * x to the y. Both derivatives are finite where they exist: d/dx is y·x^(y-1) with x = y = 0 giving 0,
 * d/dy is log(x)·x^y with x = 0 giving 0 (as JAX).
 */
export const pow: Binary = binary({
  name: "pow",
  accepts: "number",
  scalar: powFloat,
  scalarOf: (dtype) => (isFloat(dtype) ? powFloat : powInteger),
  js: (x, y, dtype) => (isFloat(dtype) ? `pow(${x}, ${y})` : `powInteger(${x}, ${y})`),
  formula: (m, x, y, dtype) =>
    isFloat(dtype)
      ? formulas.floatsBinary(formulas.pow, formulas.pow64)(m, x, y, dtype)
      : formulas.powInteger(m, x, y, dtype),
  functions: { pow: powFloat, powInteger: powInteger },
  cost: 40,
  jvp: [
    (t, x, y) => {
      // Only where 0 · 0^-1 would be NaN: elsewhere the exponent must stay y - 1, or d²/dxdy is wrong at y = 0.
      const atOrigin = and(eq(x, fullLike(x, 0)), eq(y, fullLike(y, 0)));
      const exponent = select(atOrigin, one(y), sub(y, one(y)));
      return mul(t, mul(y, pow(x, exponent)));
    },
    (t, x, _y, out) => mul(t, mul(log(select(eq(x, fullLike(x, 0)), one(x), x)), out())),
  ],
});

export const transcendental: Record<
  | "sqrt"
  | "rsqrt"
  | "cbrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "logistic"
  | "atan2"
  | "pow",
  Primitive
> = {
  sqrt: sqrt.primitive,
  rsqrt: rsqrt.primitive,
  cbrt: cbrt.primitive,
  exp: exp.primitive,
  expm1: expm1.primitive,
  log: log.primitive,
  log1p: log1p.primitive,
  sin: sin.primitive,
  cos: cos.primitive,
  tan: tan.primitive,
  asin: asin.primitive,
  acos: acos.primitive,
  atan: atan.primitive,
  sinh: sinh.primitive,
  cosh: cosh.primitive,
  tanh: tanh.primitive,
  asinh: asinh.primitive,
  acosh: acosh.primitive,
  atanh: atanh.primitive,
  logistic: logistic.primitive,
  atan2: atan2.primitive,
  pow: pow.primitive,
};
