/** Values that are one number everywhere. */
import type { Expr } from "../../ir/expr.js";

/** The number that every element of `e` is, when the graph says so: a literal, repeated or not. */
export const splatOf = (e: Expr): number | null => {
  let x = e;
  while (x.tag === "Apply" && (x.primitive!.name === "broadcast" || x.primitive!.name === "reshape"))
    x = x.args[0]!;
  return x.literal;
};
