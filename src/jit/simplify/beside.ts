/** Sums of parts that zeros keep apart, as the gradients of slices are, put the parts one after another. */
import * as O from "fp-ts/lib/Option.js";
import { attrsOf, type Expr } from "../../ir/expr.js";
import { add } from "../../ir/primitives/arithmetic.js";
import { concat, padPrimitive } from "../../ir/primitives/views.js";
import { plusZero } from "./plus-zero.js";
import type { Rule } from "./rules.js";

/** Two are left as they are: a kernel that adds them up needs no more memory, and asks little. */
const fewest = 3;
/** Every sum of a chain is looked at by itself. */
const most = 1000;

interface Part {
  readonly x: Expr;
  readonly axis: number;
  readonly from: number;
}

/** What is padded along one axis with zeros. */
const partOf = (e: Expr): Part | null => {
  if (e.primitive !== padPrimitive) return null;
  const { low, high, interior, value } = attrsOf(padPrimitive, e);
  if (!Object.is(value, 0) || interior.some((n) => n !== 0) || [...low, ...high].some((n) => n < 0))
    return null;
  const padded = low.flatMap((n, a) => (n > 0 || high[a]! > 0 ? [a] : []));
  return padded.length === 1 ? { x: e.args[0]!, axis: padded[0]!, from: low[padded[0]!]! } : null;
};

/** What an addition adds up, if that is parts between zeros, in their order. */
const partsOf = (e: Expr): Part[] | null => {
  const parts: Part[] = [];
  const stack = [e];
  while (stack.length > 0) {
    if (parts.length > most) return null;
    for (const x of stack.pop()!.args) {
      if (x.primitive === add.primitive) {
        stack.push(x);
        continue;
      }
      const part = partOf(x);
      if (part === null) return null;
      parts.push(part);
    }
  }
  return parts.sort((a, b) => a.from - b.from);
};

export const sumsOfPads: Rule = {
  name: "sumsOfPads",
  rewrite: (e) => {
    if (e.primitive !== add.primitive) return O.none;
    const parts = partsOf(e);
    if (parts === null || parts.length < fewest) return O.none;
    const { axis } = parts[0]!;
    let end = 0;
    for (const p of parts) {
      if (p.axis !== axis || p.from !== end) return O.none;
      end += p.x.shape[axis]!;
    }
    return end === e.shape[axis]
      ? O.some(
          concat(
            parts.map((p) => plusZero(p.x)),
            axis,
          ),
        )
      : O.none;
  },
};
