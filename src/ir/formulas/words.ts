/** float32 and int32 operations of a machine under short names. A result that is used twice must be shared. */
import type { Machine } from "../machine.js";

export interface Words<V> {
  /** A float32. */
  readonly f: (x: number) => V;
  /** An int32. */
  readonly i: (x: number) => V;
  readonly share: (x: V) => V;
  readonly add: (x: V, y: V) => V;
  readonly sub: (x: V, y: V) => V;
  readonly mul: (x: V, y: V) => V;
  readonly div: (x: V, y: V) => V;
  readonly sqrt: (x: V) => V;
  readonly abs: (x: V) => V;
  /** To the nearest whole number. */
  readonly nearest: (x: V) => V;
  readonly fma: (x: V, y: V, z: V) => V;
  /** y where y < x, else x: x where an operand is NaN. */
  readonly lesser: (x: V, y: V) => V;
  readonly greater: (x: V, y: V) => V;
  readonly and: (x: V, y: V) => V;
  readonly or: (x: V, y: V) => V;
  readonly xor: (x: V, y: V) => V;
  readonly shl: (x: V, distance: number) => V;
  /** Keeps the sign of int32. */
  readonly shr: (x: V, distance: number) => V;
  readonly lt: (x: V, y: V) => V;
  readonly eq: (x: V, y: V) => V;
  readonly select: (condition: V, x: V, y: V) => V;
  /** The bits of a float32 as int32. */
  readonly bits: (x: V) => V;
  /** The float32 with these bits. */
  readonly fromBits: (x: V) => V;
  /** The float32 nearest to an int32. */
  readonly toFloat: (x: V) => V;
}

export const words = <V>(m: Machine<V>): Words<V> => ({
  f: (x) => m.constant("float32", Math.fround(x)),
  i: (x) => m.constant("int32", x),
  share: m.share,
  add: (x, y) => m.binary("add", x, y),
  sub: (x, y) => m.binary("sub", x, y),
  mul: (x, y) => m.binary("mul", x, y),
  div: (x, y) => m.binary("div", x, y),
  sqrt: (x) => m.unary("sqrt", x),
  abs: (x) => m.unary("abs", x),
  nearest: (x) => m.unary("nearest", x),
  fma: m.fma,
  lesser: (x, y) => m.binary("lesser", x, y),
  greater: (x, y) => m.binary("greater", x, y),
  and: (x, y) => m.binary("and", x, y),
  or: (x, y) => m.binary("or", x, y),
  xor: (x, y) => m.binary("xor", x, y),
  shl: (x, distance) => m.shift("shl", x, distance),
  shr: (x, distance) => m.shift("shr", x, distance),
  lt: (x, y) => m.compare("lt", x, y),
  eq: (x, y) => m.compare("eq", x, y),
  select: m.select,
  bits: (x) => m.bits(x, "int32"),
  fromBits: (x) => m.bits(x, "float32"),
  toFloat: (x) => m.cast(x, "float32"),
});
