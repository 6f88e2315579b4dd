/** Logic: bitwise on integers, logical on bool. Shifts of integers. */
import { type DType, isUnsigned } from "../../dtype.js";
import { apply, type Expr } from "../../expr.js";
import type { Machine, Shift } from "../../machine.js";
import type { Primitive } from "../../primitive.js";
import { type Binary, binary, elementwise, type None, type Unary } from "../elementwise.js";

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
