/** Arithmetic, comparison, logic, selection and conversion. Division and remainder truncate on integers. */
import { type DType, highest, isFloat, isUnsigned, lowest } from "../dtype.js";
import { apply, type Expr } from "../expr.js";
import type { ScalarFunction } from "../lowering.js";
import type { Machine, MachineComparison, MachineUnary, Shift } from "../machine.js";
import type { Primitive } from "../primitive.js";
import { roundEven } from "../scalar/round.js";
import { bitcasts } from "../scalar/bitcast.js";
import {
  add,
  type Binary,
  binary,
  elementwise,
  type None,
  type Ternary,
  type Unary,
  unary,
} from "./elementwise.js";
import { fullLike, zerosOf } from "./layout.js";

export { add } from "./elementwise.js";

const floatOrInteger =
  (float: ScalarFunction, integer: (dtype: DType) => ScalarFunction) =>
  (dtype: DType): ScalarFunction =>
    isFloat(dtype) ? float : integer(dtype);

// ---- arithmetic

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
  cost: 15,
  jvp: [
    (t) => t,
    (t, x, y) => {
      const q = div(x, y);
      return neg(mul(t, mul(sign(q), floor(abs(q)))));
    },
  ],
});

/** Share of the tangent that each of two tied operands takes: 1, 1/2 or 0. */
const winner = (x: Expr, y: Expr, compare: Binary): Expr =>
  select(compare(x, y), fullLike(x, 1), select(eq(x, y), fullLike(x, 0.5), fullLike(x, 0)));

/** NaN if either operand is. */
export const max: Binary = binary({
  name: "max",
  accepts: "any",
  scalar: (x, y) => Math.max(x, y),
  js: (x, y, dtype) => (dtype === "bool" ? `${x} || ${y}` : `Math.max(${x}, ${y})`),
  formula: (m, x, y) => m.binary("max", x, y),
  cost: 1,
  jvp: [(t, x, y) => mul(t, winner(x, y, gt)), (t, x, y) => mul(t, winner(y, x, gt))],
});

export const min: Binary = binary({
  name: "min",
  accepts: "any",
  scalar: (x, y) => Math.min(x, y),
  js: (x, y, dtype) => (dtype === "bool" ? `${x} && ${y}` : `Math.min(${x}, ${y})`),
  formula: (m, x, y) => m.binary("min", x, y),
  cost: 1,
  jvp: [(t, x, y) => mul(t, winner(x, y, lt)), (t, x, y) => mul(t, winner(y, x, lt))],
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

const rounding = (
  name: string,
  op: MachineUnary,
  scalar: ScalarFunction,
  js: (x: string) => string,
  functions = {},
): Unary => unary({ name, scalar, js, formula: (m, x) => m.unary(op, x), functions, cost: 2, jvp: null });

export const floor: Unary = rounding("floor", "floor", Math.floor, (x) => `Math.floor(${x})`);
export const ceil: Unary = rounding("ceil", "ceil", Math.ceil, (x) => `Math.ceil(${x})`);
/** To the nearest integer, halves to even. */
export const round: Unary = rounding("round", "nearest", roundEven, (x) => `roundEven(${x})`, { roundEven });

// ---- comparison

const comparison = (
  name: MachineComparison,
  scalar: (x: number, y: number) => boolean,
  operator: string,
): Binary =>
  binary({
    name,
    accepts: "any",
    result: "bool",
    scalar: (x, y) => (scalar(x, y) ? 1 : 0),
    js: (x, y) => `${x} ${operator} ${y}`,
    formula: (m, x, y) => m.compare(name, x, y),
    cost: 1,
    jvp: [null, null],
  });

export const eq: Binary = comparison("eq", (x, y) => x === y, "===");
export const ne: Binary = comparison("ne", (x, y) => x !== y, "!==");
export const lt: Binary = comparison("lt", (x, y) => x < y, "<");
export const le: Binary = comparison("le", (x, y) => x <= y, "<=");
export const gt: Binary = comparison("gt", (x, y) => x > y, ">");
export const ge: Binary = comparison("ge", (x, y) => x >= y, ">=");

const test = (
  name: string,
  scalar: (x: number) => boolean,
  js: (x: string) => string,
  formula: <V>(m: Machine<V>, x: V, dtype: DType) => V,
): Unary =>
  unary({ name, result: "bool", scalar: (x) => (scalar(x) ? 1 : 0), js, formula, cost: 1, jvp: null });

export const isNaN: Unary = test(
  "isNaN",
  Number.isNaN,
  (x) => `${x} !== ${x}`,
  (m, x) => {
    const a = m.share(x);
    return m.compare("ne", a, a);
  },
);
export const isFinite: Unary = test(
  "isFinite",
  Number.isFinite,
  (x) => `${x} - ${x} === 0`,
  (m, x, dtype) => m.compare("lt", m.unary("abs", x), m.constant(dtype, Infinity)),
);

// ---- logic: bitwise on integers, logical on bool

const logic = (
  name: "and" | "or" | "xor",
  scalar: (x: number, y: number) => number,
  bits: string,
  bool: string,
): Binary =>
  binary({
    name,
    accepts: "logical",
    scalar: scalar,
    js: (x, y, dtype) => `${x} ${dtype === "bool" ? bool : bits} ${y}`,
    formula: (m, x, y) => m.binary(name, x, y),
    cost: 1,
    jvp: [null, null],
  });

export const and: Binary = logic("and", (x, y) => x & y, "&", "&&");
export const or: Binary = logic("or", (x, y) => x | y, "|", "||");
export const xor: Binary = logic("xor", (x, y) => x ^ y, "^", "!==");

const notPrimitive: Primitive<None> = elementwise<None>({
  name: "not",
  arity: 1,
  accepts: "logical",
  scalar: (dtype) => (dtype === "bool" ? (x) => 1 - x : (x) => ~x),
  js: ([x], dtype) => (dtype === "bool" ? `!${x}` : `~${x}`),
  formula: (m, [x]) => m.unary("not", x!),
  cost: 1,
  jvp: [null],
});

export const not: Unary = Object.assign((x: Expr): Expr => apply(notPrimitive, [x], {}), {
  primitive: notPrimitive,
});

const bitsOf = (dtype: DType): number => (dtype === "int8" || dtype === "uint8" ? 8 : 32);

/** A shift by any distance, read as unsigned: by the width or more, 0 (or the sign). */
const shifted = <V>(m: Machine<V>, op: Shift, x: V, y: V, dtype: DType): V => {
  const width = bitsOf(dtype);
  const zero = m.constant(dtype, 0);
  const signed = op === "shr" && !isUnsigned(dtype);
  const known = m.known(y);
  if (known !== null) {
    const distance = known >>> 0;
    if (distance < width) return m.shift(op, x, distance);
    return signed ? m.shift(op, x, width - 1) : zero;
  }
  const last = m.constant(dtype, width - 1);
  const distance = m.share(y);
  const inside = m.share(m.binary("and", m.compare("ge", distance, zero), m.compare("le", distance, last)));
  const small = m.select(inside, distance, last);
  return signed ? m.binary(op, x, small) : m.select(inside, m.binary(op, x, small), zero);
};

/** Shifts by the width or more give 0 (or the sign), as XLA's do; JavaScript's would wrap the distance. */
export const shl: Binary = binary({
  name: "shl",
  accepts: "integer",
  scalar: (x, y) => x << y,
  scalarOf: (dtype) => (x, y) => (y >>> 0 >= bitsOf(dtype) ? 0 : x << y),
  js: (x, y, dtype) => `(${y} >>> 0 >= ${bitsOf(dtype)} ? 0 : ${x} << ${y})`,
  formula: (m, x, y, dtype) => shifted(m, "shl", x, y, dtype),
  cost: 2,
  jvp: [null, null],
});

/** Arithmetic on signed integers, logical on unsigned ones. */
export const shr: Binary = binary({
  name: "shr",
  accepts: "integer",
  scalar: (x, y) => x >> y,
  scalarOf: (dtype) =>
    isUnsigned(dtype)
      ? (x, y) => (y >>> 0 >= bitsOf(dtype) ? 0 : x >>> y)
      : (x, y) => x >> Math.min(y >>> 0, 31),
  js: (x, y, dtype) =>
    isUnsigned(dtype)
      ? `(${y} >>> 0 >= ${bitsOf(dtype)} ? 0 : ${x} >>> ${y})`
      : `${x} >> Math.min(${y} >>> 0, 31)`,
  formula: (m, x, y, dtype) => shifted(m, "shr", x, y, dtype),
  cost: 2,
  jvp: [null, null],
});

// ---- selection

const selectPrimitive: Primitive<None> = elementwise<None>({
  name: "select",
  arity: 3,
  accepts: "any",
  operands: ([c, x, y]) => c === "bool" && x === y,
  wants: () => "a bool condition and operands of equal dtype",
  scalar: () => (c, x, y) => (c !== 0 ? x : y),
  js: ([c, x, y]) => `${c} ? ${x} : ${y}`,
  formula: (m, [c, x, y]) => m.select(c!, x!, y!),
  cost: 1,
  jvp: [null, (t, [c]) => select(c!, t, zerosOf(t.aval)), (t, [c]) => select(c!, zerosOf(t.aval), t)],
  transpose: (ct, [c], [, lx, ly]) => [
    null,
    lx ? select(c!, ct, zerosOf(ct.aval)) : null,
    ly ? select(c!, zerosOf(ct.aval), ct) : null,
  ],
});

/** x where c, else y. */
export const select: Ternary = Object.assign(
  (c: Expr, x: Expr, y: Expr): Expr => apply(selectPrimitive, [c, x, y], {}),
  { primitive: selectPrimitive },
);

// ---- conversion

export interface Cast {
  readonly dtype: DType;
}

/** Floats saturate on their way to integers and NaN becomes 0, as on XLA, WASM and WGSL; integers wrap. */
const castScalar = (from: DType, to: DType): ScalarFunction => {
  if (to === "bool") return (x) => (x !== 0 ? 1 : 0);
  if (!isFloat(from) || isFloat(to)) return (x) => x;
  return (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, lowest(to)), highest(to))));
};

const castJs = (x: string, from: DType, to: DType): string => {
  if (from === to) return x;
  if (from === "bool") return `(${x} ? 1 : 0)`;
  if (to === "bool") return `${x} !== 0`;
  if (!isFloat(from) || isFloat(to)) return x;
  return `Math.min(Math.max(${x}, ${lowest(to)}), ${highest(to)})`;
};

export const castPrimitive: Primitive<Cast> = elementwise<Cast>({
  name: "cast",
  arity: 1,
  accepts: "any",
  result: (_dtypes, { dtype }) => dtype,
  scalar: (from, { dtype }) => castScalar(from, dtype),
  js: ([x], from, { dtype }) => castJs(x!, from, dtype),
  formula: (m, [x], _from, { dtype }) => m.cast(x!, dtype),
  cost: 1,
  jvp: [(t, _args, _out, { dtype }) => (isFloat(dtype) ? cast(t, dtype) : null)],
  transpose: (ct, [x]) => [cast(ct, x!.dtype)],
});

export const cast = (x: Expr, dtype: DType): Expr =>
  x.dtype === dtype ? x : apply(castPrimitive, [x], { dtype });

/** The same bits read as another dtype of the same width. */
export const bitcastPrimitive: Primitive<Cast> = elementwise<Cast>({
  name: "bitcast",
  arity: 1,
  accepts: "any",
  operands: ([from], { dtype }) => bitcasts[`${from!}_${dtype}`] !== undefined,
  wants: ({ dtype }) => `an operand whose bits can be read as ${dtype}`,
  result: (_dtypes, { dtype }) => dtype,
  scalar: (from, { dtype }) => bitcasts[`${from}_${dtype}`]!,
  js: ([x], from, { dtype }) => `${from}_${dtype}(${x})`,
  formula: (m, [x], _from, { dtype }) => m.bits(x!, dtype),
  functions: bitcasts,
  cost: 2,
  jvp: [null],
});

export const bitcast = (x: Expr, dtype: DType): Expr =>
  x.dtype === dtype ? x : apply(bitcastPrimitive, [x], { dtype });

/** The identity, through which no derivative passes. */
export const stopGradient: Unary = unary({
  name: "stopGradient",
  accepts: "any",
  scalar: (x) => x,
  js: (x) => x,
  formula: (_m, x) => x,
  cost: 0,
  jvp: null,
});

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
