/** Operations of a machine in the dtype of their operands, under short names. A result that is used twice must be shared. */
import type { Machine } from "../machine.js";

export interface Arithmetic<V> {
  readonly share: (x: V) => V;
  readonly add: (x: V, y: V) => V;
  readonly sub: (x: V, y: V) => V;
  readonly mul: (x: V, y: V) => V;
  readonly div: (x: V, y: V) => V;
  readonly sqrt: (x: V) => V;
  readonly abs: (x: V) => V;
  /** To the nearest whole number. */
  readonly nearest: (x: V) => V;
  readonly floor: (x: V) => V;
  /** y where y < x, else x: x where an operand is NaN. */
  readonly lesser: (x: V, y: V) => V;
  readonly greater: (x: V, y: V) => V;
  readonly lt: (x: V, y: V) => V;
  readonly eq: (x: V, y: V) => V;
  /** Of conditions. */
  readonly both: (x: V, y: V) => V;
  readonly either: (x: V, y: V) => V;
  readonly select: (condition: V, x: V, y: V) => V;
}

export const arithmetic = <V>(m: Machine<V>): Arithmetic<V> => ({
  share: m.share,
  add: (x, y) => m.binary("add", x, y),
  sub: (x, y) => m.binary("sub", x, y),
  mul: (x, y) => m.binary("mul", x, y),
  div: (x, y) => m.binary("div", x, y),
  sqrt: (x) => m.unary("sqrt", x),
  abs: (x) => m.unary("abs", x),
  nearest: (x) => m.unary("nearest", x),
  floor: (x) => m.unary("floor", x),
  lesser: (x, y) => m.binary("lesser", x, y),
  greater: (x, y) => m.binary("greater", x, y),
  lt: (x, y) => m.compare("lt", x, y),
  eq: (x, y) => m.compare("eq", x, y),
  both: (x, y) => m.binary("and", x, y),
  either: (x, y) => m.binary("or", x, y),
  select: m.select,
});
