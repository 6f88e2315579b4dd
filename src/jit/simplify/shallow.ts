/** A product without depth (an outer product, the gradient of a depthwise convolution) adds nothing up: it is elementwise. */
import * as O from "fp-ts/lib/Option.js";
import { range } from "../../ir/aval.js";
import { attrsOf, type Expr } from "../../ir/expr.js";
import { mul } from "../../ir/primitives/arithmetic.js";
import { dotPrimitive, freeAxes } from "../../ir/primitives/dot.js";
import { broadcast, permute } from "../../ir/primitives/layout.js";
import { reshape } from "../../ir/primitives/views.js";
import { plusZero } from "./plus-zero.js";
import type { Rule } from "./rules.js";

/** An operand without its contracted axes: its batch, then what is free, along these axes of the result. */
const spread = (
  x: Expr,
  batch: readonly number[],
  free: readonly number[],
  contract: readonly number[],
  e: Expr,
  from: number,
): Expr => {
  const kept = [...batch, ...free];
  const first = permute(x, [...kept, ...contract]);
  const flat = reshape(
    first,
    kept.map((a) => x.shape[a]!),
  );
  return broadcast(flat, e.shape, [...range(batch.length), ...free.map((_, i) => from + i)]);
};

export const shallowDots: Rule = {
  name: "shallowDots",
  rewrite: (e) => {
    if (e.primitive !== dotPrimitive) return O.none;
    const [x, y] = e.args as [Expr, Expr];
    const d = attrsOf(dotPrimitive, e);
    if (d.lhsContract.some((a) => x.shape[a] !== 1)) return O.none;
    const left = freeAxes(x.ndim, d.lhsBatch, d.lhsContract);
    const right = freeAxes(y.ndim, d.rhsBatch, d.rhsContract);
    const nb = d.lhsBatch.length;
    const product = mul(
      spread(x, d.lhsBatch, left, d.lhsContract, e, nb),
      spread(y, d.rhsBatch, right, d.rhsContract, e, nb + left.length),
    );
    return O.some(plusZero(product));
  },
};
