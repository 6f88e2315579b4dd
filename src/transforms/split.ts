/**
 * Separates what is known from what is linear inside nodes that carry sub-programs, so that afterwards every node
 * is wholly one or the other and can be transposed. Leaf primitives need no splitting: dependence decides.
 */
import { applyAll, type Expr } from "../ir/expr.js";
import { oldest, topological } from "../ir/program.js";

export interface Split {
  readonly roots: readonly Expr[];
  readonly linear: readonly boolean[];
}

export const splitFold = (roots: readonly Expr[], linearParams: ReadonlySet<Expr>): Split => {
  const outs = new Map<Expr, readonly Expr[]>();
  const linear = new Map<Expr, readonly boolean[]>();
  const now = (e: Expr): Expr => outs.get(e)?.[0] ?? e;
  const isLinear = (e: Expr): boolean => linear.get(e)?.[0] ?? false;

  for (const e of topological(roots, oldest(linearParams))) {
    if (linearParams.has(e)) linear.set(e, [true]);
    else if (e.tag === "Project") {
      const o = outs.get(e.args[0]!);
      const l = linear.get(e.args[0]!);
      if (o !== undefined) outs.set(e, [o[e.index]!]);
      if (l !== undefined) linear.set(e, [l[e.index]!]);
    } else if (e.tag === "Apply") {
      const flags = e.args.map(isLinear);
      const any = flags.some(Boolean);
      const changed = e.args.some((a) => outs.has(a));
      if (any && e.primitive!.split !== undefined) {
        const [o, l] = e.primitive!.split(e.args.map(now), flags, e.attrs);
        outs.set(e, o);
        linear.set(e, l);
      } else {
        if (changed) outs.set(e, applyAll(e.primitive!, e.args.map(now), e.attrs));
        if (any)
          linear.set(
            e,
            e.avals.map(() => true),
          );
      }
    }
  }
  return { roots: roots.map(now), linear: roots.map(isLinear) };
};
