/**
 * Rematerialisation (Chen et al., "Training deep nets with sublinear memory cost", 2016): a sub-program whose only
 * residuals are its operands. The linear part recomputes what it needs instead of keeping it.
 */
import { aval } from "../ir/aval.js";
import { applyAll, type Expr, param, watermark } from "../ir/expr.js";
import type { Linear, Primitive } from "../ir/primitive.js";
import { front, zerosOf } from "../ir/primitives/layout.js";
import { lift, type Program } from "../ir/program.js";
import { batchFold } from "./batch.js";
import { call } from "./evaluate.js";
import { jvpFold } from "./jvp.js";
import { splitFold } from "./split.js";
import { transposeFold } from "./transpose.js";

export interface SubProgram {
  readonly program: Program;
}

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
export const transposeProgram = (program: Program, linear: readonly boolean[], cts: readonly Linear[]): Program => {
  const ctParams = cts.map((ct) => (ct === null ? null : param(ct.aval)));
  const linearParams = pick(program.params, linear);
  const results = transposeFold(program.results, linearParams, ctParams).map((r, i) => r ?? zerosOf(linearParams[i]!.aval));
  return { params: [...pick(program.params, linear, false), ...present(ctParams)], results };
};

/** The program on params with a batch axis in front where `mapped`; tells which results have one (in front). */
export const batchProgram = (
  program: Program,
  mapped: readonly boolean[],
  n: number,
): { readonly program: Program; readonly batched: readonly boolean[] } => {
  const params = program.params.map((p, i) => (mapped[i] ? param(aval([n, ...p.shape], p.dtype)) : p));
  const map = new Map(program.params.flatMap((p, i) => (mapped[i] ? [[p, [params[i]!, 0] as const] as const] : [])));
  const outs = batchFold(program.results, map, n);
  return {
    program: { params, results: outs.map(([e, axis]) => (axis === null ? e : front(e, axis, n))) },
    batched: outs.map(([, axis]) => axis !== null),
  };
};

const checkpointNode = (program: Program, args: readonly Expr[]): readonly Expr[] =>
  applyAll(checkpointPrimitive, args, { program });

export const checkpointPrimitive: Primitive<SubProgram> = {
  name: "checkpoint",
  shape: (_avals, { program }) => program.results.map((r) => r.aval),
  evaluate: (args, { program }) => call(program, args),
  jvp: (args, ts, { program }) => {
    const d = jvpProgram(
      program,
      ts.map((t) => t !== null),
    );
    const outs = checkpointNode(d.program, [...args, ...present(ts)]);
    const k = program.results.length;
    return [outs.slice(0, k), spread(d.flowing, outs.slice(k))];
  },
  split: (args, linear, { program }) => {
    const s = splitFold(program.results, new Set(pick(program.params, linear)));
    const known = pick(s.roots, s.linear, false);
    const flowing = pick(s.roots, s.linear);
    const k =
      known.length === 0
        ? []
        : checkpointNode({ params: pick(program.params, linear, false), results: known }, pick(args, linear, false));
    const l = flowing.length === 0 ? [] : checkpointNode({ params: program.params, results: flowing }, args);
    let [i, j] = [0, 0];
    return [s.linear.map((f) => (f ? l[j++]! : k[i++]!)), s.linear];
  },
  transpose: (cts, args, linear, { program }) => {
    const t = transposeProgram(program, linear, cts);
    return spread(linear, checkpointNode(t, [...pick(args, linear, false), ...present(cts)]));
  },
  batch: (args, axes, { program }, n) => {
    const b = batchProgram(
      program,
      axes.map((a) => a !== null),
      n,
    );
    const operands = args.map((a, i) => (axes[i] === null ? a : front(a, axes[i]!, n)));
    return checkpointNode(b.program, operands).map((o, i) => [o, b.batched[i] ? 0 : null] as const);
  },
  lower: { _tag: "Inline", program: (attrs) => attrs.program, barrier: true },
};

/** Traces `f` on params like `args` and applies it as one checkpointed node. */
export const checkpointed = (f: (params: readonly Expr[]) => readonly Expr[], args: readonly Expr[]): readonly Expr[] => {
  const mark = watermark();
  const params = args.map((a) => param(a.aval));
  const { program, captured } = lift({ params, results: f(params) }, mark);
  return checkpointNode(program, [...captured, ...args]);
};
