/** Comparisons and tests: their results are bool, and no derivative passes. */
import type { DType } from "../../dtype.js";
import type { Machine, MachineComparison } from "../../machine.js";
import { type Binary, binary, type Unary, unary } from "../elementwise.js";

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
