/**
 * Forward-mode differentiation: one fold, operands first, that gives every node its tangent.
 * `null` is the symbolic zero. A node whose rule rebuilds it (a loop, a checkpoint) also has a new primal.
 */
import { applyAll, type Expr } from "../ir/expr.js";
import type { Linear } from "../ir/primitive.js";
import { isZeros } from "../ir/primitives/layout.js";
import { oldest, topological } from "../ir/program.js";

export interface Dual {
  readonly primals: readonly Expr[];
  readonly tangents: readonly Linear[];
}

/** Primals and tangents of `roots`, given the tangents of some params. */
export const jvpFold = (roots: readonly Expr[], seeds: ReadonlyMap<Expr, Expr>): Dual => {
  const primals = new Map<Expr, readonly Expr[]>();
  const tangents = new Map<Expr, readonly Linear[]>();
  const primal = (e: Expr): Expr => primals.get(e)?.[0] ?? e;
  const tangent = (e: Expr): Linear => tangents.get(e)?.[0] ?? null;

  for (const e of topological(roots, oldest(seeds.keys()))) {
    const seed = seeds.get(e);
    if (seed !== undefined) tangents.set(e, [seed]);
    else if (e.tag === "Project") {
      const p = primals.get(e.args[0]!);
      const t = tangents.get(e.args[0]!);
      if (p !== undefined) primals.set(e, [p[e.index]!]);
      if (t !== undefined) tangents.set(e, [t[e.index]!]);
    } else if (e.tag === "Apply") applyRule(e, primal, tangent, primals, tangents);
  }
  return { primals: roots.map(primal), tangents: roots.map(tangent) };
};

const applyRule = (
  e: Expr,
  primal: (e: Expr) => Expr,
  tangent: (e: Expr) => Linear,
  primals: Map<Expr, readonly Expr[]>,
  tangents: Map<Expr, readonly Linear[]>,
): void => {
  const primitive = e.primitive!;
  const ts = e.args.map(tangent);
  const changed = e.args.some((a) => primals.has(a));
  const args = changed ? e.args.map(primal) : e.args;
  if (ts.every((t) => t === null)) {
    if (changed) primals.set(e, applyAll(primitive, args, e.attrs));
    return;
  }
  let built: readonly Expr[] | null = changed || e.avals.length > 1 ? null : [e];
  const outs = (): readonly Expr[] => (built ??= applyAll(primitive, args, e.attrs));
  const [newPrimals, newTangents] = primitive.jvp(args, ts, e.attrs, outs);
  if (newPrimals !== null) primals.set(e, newPrimals);
  else if (changed || (e.avals.length > 1 && built !== null)) primals.set(e, outs());
  tangents.set(e, newTangents.map(symbolic));
};

/** A rule may return explicit zeros. Followed on, they would look like values that are known, not like no tangent. */
const symbolic = (t: Linear): Linear => (t !== null && isZeros(t) ? null : t);
