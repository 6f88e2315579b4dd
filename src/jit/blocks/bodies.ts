/** The sub-programs of loops and branches, replaced. */
import { applyAll, attrsOf, type Expr } from "../../ir/expr.js";
import type { Attrs } from "../../ir/primitive.js";
import { type Program, topological } from "../../ir/program.js";
import { condPrimitive } from "../../transforms/loops/cond.js";
import { scanPrimitive } from "../../transforms/loops/scan.js";
import { whilePrimitive } from "../../transforms/loops/while.js";

/** A node's attributes with other sub-programs; the same where those are. */
const attrsWith = (e: Expr, f: (p: Program) => Program): Attrs => (loopAttrs(e, f) ?? e.attrs) as Attrs; // as `apply` keeps them

const loopAttrs = (e: Expr, f: (p: Program) => Program): object | null => {
  const lower = e.primitive?.lower;
  if (lower?._tag !== "Loop") return null;
  switch (lower.kind) {
    case "Scan": {
      const attrs = attrsOf(scanPrimitive, e);
      const body = f(attrs.body);
      return body === attrs.body ? attrs : { ...attrs, body };
    }
    case "While": {
      const attrs = attrsOf(whilePrimitive, e);
      const [test, body] = [f(attrs.test), f(attrs.body)];
      return test === attrs.test && body === attrs.body ? attrs : { ...attrs, test, body };
    }
    case "Cond": {
      const attrs = attrsOf(condPrimitive, e);
      const branches = attrs.branches.map(f);
      return branches.every((b, i) => b === attrs.branches[i]) ? attrs : { ...attrs, branches };
    }
  }
};

/** The results with `f` done to every sub-program; the same where that changes nothing. */
export const withBodies = (results: readonly Expr[], f: (p: Program) => Program): readonly Expr[] => {
  const order = topological(results);
  if (!order.some((e) => e.primitive?.lower._tag === "Loop")) return results;
  const outs = new Map<Expr, readonly Expr[]>();
  const now = (e: Expr): Expr => outs.get(e)?.[0] ?? e;
  for (const e of order) {
    if (e.tag === "Project") {
      const whole = outs.get(e.args[0]!);
      if (whole !== undefined) outs.set(e, [whole[e.index]!]);
    } else if (e.tag === "Apply") {
      const attrs = attrsWith(e, f);
      if (attrs !== e.attrs || e.args.some((a) => outs.has(a)))
        outs.set(e, applyAll(e.primitive!, e.args.map(now), attrs));
    }
  }
  return outs.size === 0 ? results : results.map(now);
};
