/** Which expressions share a buffer. */
import type { Expr } from "../ir/expr.js";

/** A reshape of a buffer is the same buffer. */
export const storageOf = (e: Expr): Expr => {
  let x = e;
  while (x.tag === "Apply" && x.primitive!.name === "reshape") x = x.args[0]!;
  return x;
};
