/** Branches: one is taken when the index is known, and results that are the same in all are no results of it. */
import { applyAll, type Expr } from "../../ir/expr.js";
import { fullLike, splatOf } from "../../ir/primitives/layout.js";
import { inline, type Program, substitute } from "../../ir/program.js";
import { type Cond, condPrimitive } from "../../transforms/loops/cond.js";
import { knownOperands } from "./operands.js";
import type { Context } from "./scan.js";

/** A result that every branch gives: an operand, or a number. */
const common = (branches: readonly Program[], operands: readonly Expr[], i: number): Expr | null => {
  const [first, ...others] = branches as [Program, ...Program[]];
  const r = first.results[i]!;
  const at = first.params.indexOf(r);
  if (at >= 0) return others.every((b) => b.params.indexOf(b.results[i]!) === at) ? operands[at]! : null;
  const n = splatOf(r);
  return n !== null && others.every((b) => Object.is(splatOf(b.results[i]!), n)) ? fullLike(r, n) : null;
};

/** The results of the node, simplified. */
export const simplifyCond = (args: readonly Expr[], attrs: Cond, context: Context): readonly Expr[] => {
  const [index, ...operands] = args as [Expr, ...Expr[]];
  const last = attrs.branches.length - 1;
  const chosen = last === 0 ? 0 : splatOf(index);
  if (chosen !== null)
    return inline(attrs.branches[Math.min(Math.max(chosen, 0), last)]!, operands).map(context.outer);
  const k = knownOperands({ operands, params: attrs.branches.map((b) => b.params) });
  const branches = attrs.branches.map((b, i) =>
    context.program({ params: k.params[i]!, results: substitute(b.results, k.replaced) }),
  );
  const same = branches[0]!.results.map((_, i) => common(branches, k.operands, i));
  const kept = branches.map((b) => ({
    params: b.params,
    results: b.results.filter((_, i) => same[i] === null),
  }));
  const outs =
    kept[0]!.results.length === 0 ? [] : applyAll(condPrimitive, [index, ...k.operands], { branches: kept });
  let next = 0;
  return same.map((e) => (e === null ? outs[next++]! : context.outer(e)));
};
