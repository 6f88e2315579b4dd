/** Arithmetic on addresses. */
import type { Bytes } from "./bytes.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";

/** x times a constant. */
export const scaled = (x: Bytes, by: number): Bytes => {
  if (by === 1) return x;
  const shift = Math.log2(by);
  return Number.isInteger(shift) && by > 0
    ? x + code.i32(shift) + op("i32.shl")
    : x + code.i32(by) + op("i32.mul");
};

/** Quotient or remainder by a constant, rounded down; `lower` is the least that x can be. */
export const divided = (kind: "Div" | "Mod", x: Bytes, by: number, lower: number): Bytes => {
  const turns = lower >= 0 ? 0 : Math.ceil(-lower / by);
  if (turns * by > 2 ** 30) return dividedSigned(kind, x, by);
  const positive = turns === 0 ? x : x + code.i32(turns * by) + op("i32.add");
  if (kind === "Mod") return positive + code.i32(by) + op("i32.rem_u");
  const quotient = positive + code.i32(by) + op("i32.div_u");
  return turns === 0 ? quotient : quotient + code.i32(turns) + op("i32.sub");
};

/** The same for an x that is any int32: what truncation rounds up is corrected. */
const dividedSigned = (kind: "Div" | "Mod", x: Bytes, by: number): Bytes => {
  const remainder = x + code.i32(by) + op("i32.rem_s");
  const below = remainder + code.i32(0) + op("i32.lt_s");
  return kind === "Div"
    ? x + code.i32(by) + op("i32.div_s") + below + op("i32.sub")
    : remainder + below + code.i32(by) + op("i32.mul") + op("i32.add");
};

/** The smaller of a number on the stack's two. */
export const smaller = (x: Bytes, y: Bytes): Bytes => x + y + x + y + op("i32.lt_s") + op("select");

export const plus = (x: Bytes, n: number): Bytes => (n === 0 ? x : x + code.i32(n) + op("i32.add"));
