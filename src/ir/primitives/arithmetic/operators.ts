/** The operators on numbers. Division and remainder truncate on integers. */
import { type DType, isFloat, isUnsigned } from "../../dtype.js";
import { longQuotient, remainder } from "../../formulas/remainder.js";
import type { ScalarFunction } from "../../lowering.js";
import type { Machine } from "../../machine.js";
import { type Binary, binary, type Unary, unary } from "../elementwise.js";
import { floor } from "./rounding.js";

const floatOrInteger =
  (float: ScalarFunction, integer: (dtype: DType) => ScalarFunction) =>
  (dtype: DType): ScalarFunction =>
    isFloat(dtype) ? float : integer(dtype);

export const neg: Unary = unary({
  name: "neg",
  accepts: "number",
  scalar: (x) => -x,
  js: (x) => `-(${x})`,
  formula: (m, x) => m.unary("neg", x),
  cost: 1,
  jvp: (t) => neg(t),
  transpose: (ct) => neg(ct),
});

export const sub: Binary = binary({
  name: "sub",
  accepts: "number",
  scalar: (x, y) => x - y,
  js: (x, y) => `${x} - ${y}`,
  formula: (m, x, y) => m.binary("sub", x, y),
  cost: 1,
  jvp: [(t) => t, (t) => neg(t)],
  transpose: (ct, _x, _y, [lx, ly]) => [lx ? ct : null, ly ? neg(ct) : null],
});

/** x · y; integers wrap. */
export const mul: Binary = binary({
  name: "mul",
  accepts: "number",
  scalar: (x, y) => x * y,
  scalarOf: floatOrInteger(
    (x, y) => x * y,
    () => Math.imul,
  ),
  js: (x, y, dtype) => (isFloat(dtype) ? `${x} * ${y}` : `Math.imul(${x}, ${y})`),
  formula: (m, x, y) => m.binary("mul", x, y),
  cost: 1,
  jvp: [(t, _x, y) => mul(t, y), (t, x) => mul(x, t)],
  transpose: (ct, x, y, [lx]) => (lx ? [mul(ct, y), null] : [null, mul(x, ct)]),
});

/** Integers as XLA divides them: toward zero, and x / 0 is all ones. */
const divInteger = (x: number, y: number): number => (y === 0 ? -1 : Math.trunc(x / y));
const remInteger = (x: number, y: number): number => (y === 0 ? x : x % y);

export const div: Binary = binary({
  name: "div",
  accepts: "number",
  scalar: (x, y) => x / y,
  scalarOf: floatOrInteger(
    (x, y) => x / y,
    () => divInteger,
  ),
  js: (x, y, dtype) => (isFloat(dtype) ? `${x} / ${y}` : `(${y} === 0 ? -1 : Math.trunc(${x} / ${y}))`),
  formula: (m, x, y) => m.binary("div", x, y),
  cost: 4,
  jvp: [(t, _x, y) => div(t, y), (t, _x, y, out) => neg(mul(t, div(out(), y)))],
  transpose: (ct, _x, y, [lx]) => [lx ? div(ct, y) : null, null],
});

/** Remainder with the sign of the dividend (C, JavaScript, lax.rem). */
export const rem: Binary = binary({
  name: "rem",
  accepts: "number",
  scalar: (x, y) => x % y,
  scalarOf: floatOrInteger(
    (x, y) => x % y,
    () => remInteger,
  ),
  js: (x, y, dtype) => (isFloat(dtype) ? `${x} % ${y}` : `(${y} === 0 ? ${x} : ${x} % ${y})`),
  formula: remainder,
  beyond: longQuotient,
  cost: 15,
  jvp: [
    (t) => t,
    (t, x, y) => {
      const q = div(x, y);
      return neg(mul(t, mul(sign(q), floor(abs(q)))));
    },
  ],
});

export const abs: Unary = unary({
  name: "abs",
  accepts: "number",
  scalar: (x) => Math.abs(x),
  js: (x) => `Math.abs(${x})`,
  formula: (m, x) => m.unary("abs", x),
  cost: 1,
  jvp: (t, x) => mul(t, sign(x)),
});

/** 1 with the sign of x; zeros and NaN are themselves. */
const signFormula = <V>(m: Machine<V>, x: V, dtype: DType): V => {
  const zero = m.constant(dtype, 0);
  const a = m.share(x);
  if (isUnsigned(dtype)) return m.cast(m.compare("ne", a, zero), dtype);
  const below = m.select(m.compare("lt", a, zero), m.constant(dtype, -1), a);
  return m.select(m.compare("gt", a, zero), m.constant(dtype, 1), below);
};

export const sign: Unary = unary({
  name: "sign",
  accepts: "number",
  scalar: (x) => Math.sign(x),
  js: (x) => `Math.sign(${x})`,
  formula: signFormula,
  cost: 2,
  jvp: null,
});
