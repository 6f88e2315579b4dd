/** Vectorisation: the batch rule of every node that depends on a mapped param, operands first. */
import { applyAll, type Expr } from "../ir/expr.js";
import type { Batched } from "../ir/primitive.js";
import { oldest, topological } from "../ir/program.js";

/**
 * `roots` with an extra axis of size `n` wherever they depend on a mapped param. `mapped` gives the expression that
 * takes a param's place and where its batch axis is. An unmapped root comes back with axis null.
 */
export const batchFold = (
  roots: readonly Expr[],
  mapped: ReadonlyMap<Expr, Batched>,
  n: number,
): Batched[] => {
  const outs = new Map<Expr, readonly Batched[]>();
  const now = (e: Expr): Batched => outs.get(e)?.[0] ?? [e, null];
  for (const e of topological(roots, oldest(mapped.keys()))) {
    const m = mapped.get(e);
    if (m !== undefined) outs.set(e, [m]);
    else if (e.tag === "Project") {
      const o = outs.get(e.args[0]!);
      if (o !== undefined) outs.set(e, [o[e.index]!]);
    } else if (e.tag === "Apply" && e.args.some((a) => outs.has(a)))
      outs.set(e, batchNode(e, e.args.map(now), n));
  }
  return roots.map(now);
};

const batchNode = (e: Expr, operands: readonly Batched[], n: number): readonly Batched[] => {
  const args = operands.map(([x]) => x);
  const axes = operands.map(([, axis]) => axis);
  // Unmapped results of a batched node are new nodes too: their users must see them.
  if (axes.every((a) => a === null))
    return applyAll(e.primitive!, args, e.attrs).map((o) => [o, null] as const);
  return e.primitive!.batch(args, axes, e.attrs, n);
};
