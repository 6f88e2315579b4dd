/** Windows side by side overlap nowhere: what `overlapAdd` adds up lies next to each other, and is a view. */
import * as O from "fp-ts/lib/Option.js";
import { range } from "../../ir/aval.js";
import { attrsOf, type Expr } from "../../ir/expr.js";
import { permute } from "../../ir/primitives/layout.js";
import { pad, reshape } from "../../ir/primitives/views.js";
import { type OverlapAdd, overlapAddPrimitive } from "../../ir/primitives/windows.js";
import { plusZero } from "./plus-zero.js";
import type { Rule } from "./rules.js";

const isSideBySide = ({ sizes, strides, dilations }: OverlapAdd): boolean =>
  sizes.every((n, k) => n === strides[k] && (n === 1 || dilations[k] === 1));

/** Each window axis moved behind the axis that counts windows, and both made one. */
const laid = (x: Expr, { axes, lengths }: OverlapAdd): Expr => {
  const ndim = x.ndim - axes.length;
  const order = range(ndim).flatMap((a) => {
    const k = axes.indexOf(a);
    return k < 0 ? [a] : [a, ndim + k];
  });
  const shape = range(ndim).map((a) => {
    const k = axes.indexOf(a);
    return k < 0 ? x.shape[a]! : x.shape[a]! * x.shape[ndim + k]!;
  });
  const whole = reshape(permute(x, order), shape);
  const missing = shape.map((n, a) => {
    const k = axes.indexOf(a);
    return k < 0 ? 0 : lengths[k]! - n;
  });
  const none = shape.map(() => 0);
  return missing.every((n) => n === 0)
    ? whole
    : pad(whole, { low: none, high: missing, interior: none, value: 0 });
};

export const disjointWindows: Rule = {
  name: "disjointWindows",
  rewrite: (e) => {
    if (e.primitive !== overlapAddPrimitive) return O.none;
    const attrs = attrsOf(overlapAddPrimitive, e);
    return isSideBySide(attrs) ? O.some(plusZero(laid(e.args[0]!, attrs))) : O.none;
  },
};
