/** The folds on whole programs: what primitives with sub-programs do to their bodies. */
import { aval } from "../ir/aval.js";
import { type Expr, param } from "../ir/expr.js";
import type { Linear } from "../ir/primitive.js";
import { front, zerosOf } from "../ir/primitives/layout.js";
import type { Program } from "../ir/program.js";
import { batchFold } from "./batch.js";
import { jvpFold } from "./jvp.js";
import { transposeFold } from "./transpose.js";

/** The members of `xs` whose flag is set (or not). */
export const pick = <T>(xs: readonly T[], flags: readonly boolean[], wanted = true): T[] =>
  xs.filter((_, i) => flags[i] === wanted);

export const present = <T>(xs: readonly (T | null)[]): T[] => xs.filter((x): x is T => x !== null);

/** Puts `xs` back at the places whose flag is set; null elsewhere. */
export const spread = <T>(flags: readonly boolean[], xs: readonly T[]): (T | null)[] => {
  let next = 0;
  return flags.map((f) => (f ? xs[next++]! : null));
};

/** jvp of a program: params and tangents of those that have one, to results and tangents of those that depend. */
export const jvpProgram = (
  program: Program,
  hasTangent: readonly boolean[],
): { readonly program: Program; readonly flowing: readonly boolean[] } => {
  const ts = program.params.map((p, i) => (hasTangent[i] ? param(p.aval) : null));
  const seeds = new Map(program.params.flatMap((p, i) => (ts[i] === null ? [] : [[p, ts[i]!] as const])));
  const dual = jvpFold(program.results, seeds);
  return {
    program: {
      params: [...program.params, ...present(ts)],
      results: [...dual.primals, ...present(dual.tangents)],
    },
    flowing: dual.tangents.map((t) => t !== null),
  };
};

/** Transpose of a program in its linear params: the other params and cotangents, to the linear params' cotangents. */
export const transposeProgram = (
  program: Program,
  linear: readonly boolean[],
  cts: readonly Linear[],
): Program => {
  const ctParams = cts.map((ct) => (ct === null ? null : param(ct.aval)));
  return transposedProgram(program, linear, ctParams, present(ctParams));
};

/** The same with cotangents that are expressions of `params`. */
export const transposedProgram = (
  program: Program,
  linear: readonly boolean[],
  cts: readonly Linear[],
  params: readonly Expr[],
): Program => {
  const linearParams = pick(program.params, linear);
  const results = transposeFold(program.results, linearParams, cts).map(
    (r, i) => r ?? zerosOf(linearParams[i]!.aval),
  );
  return { params: [...pick(program.params, linear, false), ...params], results };
};

/** The program on params with a batch axis in front where `mapped`; tells which results have one (in front). */
export const batchProgram = (
  program: Program,
  mapped: readonly boolean[],
  n: number,
): { readonly program: Program; readonly batched: readonly boolean[] } => {
  const params = program.params.map((p, i) => (mapped[i] ? param(aval([n, ...p.shape], p.dtype)) : p));
  const map = new Map(
    program.params.flatMap((p, i) => (mapped[i] ? [[p, [params[i]!, 0] as const] as const] : [])),
  );
  const outs = batchFold(program.results, map, n);
  return {
    program: { params, results: outs.map(([e, axis]) => (axis === null ? e : front(e, axis, n))) },
    batched: outs.map(([, axis]) => axis !== null),
  };
};
