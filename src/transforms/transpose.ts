/**
 * Reverse of a linear program: walk back through the nodes that depend on the linear params, adding up cotangents.
 * With `jvp` it makes reverse mode: vjp = transpose ∘ jvp (Radul et al., "You only linearize once", POPL 2023).
 */
import { FluxionError } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import type { Linear } from "../ir/primitive.js";
import { isZeros } from "../ir/primitives/layout.js";
import { dependents } from "../ir/program.js";
import { jvpFold } from "./jvp.js";
import { Masks } from "./masks.js";
import { param } from "../ir/expr.js";
import { splitFold } from "./split.js";

/** Cotangents of `linearParams`, given those of `roots`. Roots must be linear in the params. */
export const transposeFold = (
  roots: readonly Expr[],
  linearParams: readonly Expr[],
  cotangents: readonly Linear[],
): Linear[] => {
  const { order, depends } = dependents(roots, new Set(linearParams));
  const received = new Map<Expr, Linear[]>();
  const masks = new Masks();
  const push = (e: Expr, i: number, ct: Linear): void => {
    if (ct === null || isZeros(ct) || !depends.has(e)) return;
    const cts = received.get(e) ?? e.avals.map(() => null);
    cts[i] = masks.add(cts[i]!, ct);
    received.set(e, cts);
  };

  roots.forEach((r, i) => push(r, 0, cotangents[i]!));
  for (let k = order.length - 1; k >= 0; k--) {
    const e = order[k]!;
    const cts = received.get(e);
    if (cts === undefined) continue;
    if (e.tag === "Project") push(e.args[0]!, e.index, cts[0]!);
    else if (e.tag === "Apply") pullBack(e, cts, depends, masks).forEach((ct, i) => push(e.args[i]!, 0, ct));
  }
  return linearParams.map((p) => received.get(p)?.[0] ?? null);
};

const pullBack = (
  e: Expr,
  cts: readonly Linear[],
  depends: ReadonlySet<Expr>,
  masks: Masks,
): readonly Linear[] => {
  const { name, transpose, split } = e.primitive!;
  if (transpose === null) throw notLinear(name);
  const linear = e.args.map((a) => depends.has(a));
  const pulled = masks.pull(e, cts, linear);
  // x · x is linear in either operand, not in both; a condition or an index that depends on x is linear in neither.
  if (split === undefined && linear.some((l, i) => l && pulled[i] === null)) throw notLinear(name);
  return pulled.map((ct, i) => (linear[i] ? ct : null));
};

const notLinear = (name: string): FluxionError =>
  new FluxionError(
    "transpose",
    `expected a linear function, got ${name}, which is not linear in its operands`,
  );

export interface Pullback {
  readonly primals: readonly Expr[];
  /** Cotangents of the params, given those of the roots. */
  readonly pull: (cotangents: readonly Linear[]) => readonly Linear[];
}

/** Reverse mode: the roots' primals, and the map from their cotangents to those of `params`. */
export const vjpFold = (roots: readonly Expr[], params: readonly Expr[]): Pullback => {
  const tangentParams = params.map((p) => param(p.aval));
  const dual = jvpFold(roots, new Map(params.map((p, i) => [p, tangentParams[i]!])));
  const flowing = dual.tangents.map((t) => t !== null);
  const split = splitFold(
    [...dual.primals, ...dual.tangents.filter((t) => t !== null)],
    new Set(tangentParams),
  );
  const primals = split.roots.slice(0, roots.length);
  const linear = split.roots.slice(roots.length);
  return {
    primals,
    pull: (cts) =>
      transposeFold(
        linear,
        tangentParams,
        cts.filter((_, i) => flowing[i]),
      ),
  };
};
