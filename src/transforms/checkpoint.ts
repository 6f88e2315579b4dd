/**
 * Rematerialisation (Chen et al., "Training deep nets with sublinear memory cost", 2016): a sub-program whose only
 * residuals are its operands. The linear part recomputes what it needs instead of keeping it.
 */
import { applyAll, type Expr, param, watermark } from "../ir/expr.js";
import type { Linear, Primitive } from "../ir/primitive.js";
import { front } from "../ir/primitives/layout.js";
import { lift, type Program, resultAvals } from "../ir/program.js";
import { call } from "./evaluate.js";
import { choose, chosen } from "./masks.js";
import { batchProgram, jvpProgram, pick, present, spread, transposedProgram } from "./programs.js";
import { splitFold } from "./split.js";

export interface SubProgram {
  readonly program: Program;
}

const checkpointNode = (program: Program, args: readonly Expr[]): readonly Expr[] =>
  applyAll(checkpointPrimitive, args, { program });

interface Entry {
  /** The cotangents inside, as expressions of the params. */
  readonly entering: readonly Linear[];
  readonly operands: readonly Expr[];
  readonly params: readonly Expr[];
}

/** How cotangents go in: a select with its condition, so that what was not chosen outside is not chosen inside. */
const entry = (cts: readonly Linear[]): Entry => {
  const operands: Expr[] = [];
  const params: Expr[] = [];
  const enter = (x: Expr): Expr => {
    const p = param(x.aval);
    operands.push(x);
    params.push(p);
    return p;
  };
  const entering = cts.map((ct) => {
    if (ct === null) return null;
    const c = chosen(ct);
    return c === null ? enter(ct) : choose({ mask: enter(c.mask), value: enter(c.value) });
  });
  return { entering, operands, params };
};

export const checkpointPrimitive: Primitive<SubProgram> = {
  name: "checkpoint",
  shape: (avals, { program }) => resultAvals("checkpoint", program, avals),
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
        : checkpointNode(
            { params: pick(program.params, linear, false), results: known },
            pick(args, linear, false),
          );
    const l = flowing.length === 0 ? [] : checkpointNode({ params: program.params, results: flowing }, args);
    let [i, j] = [0, 0];
    return [s.linear.map((f) => (f ? l[j++]! : k[i++]!)), s.linear];
  },
  transpose: (cts, args, linear, { program }) => {
    const { entering, operands, params } = entry(cts);
    const t = transposedProgram(program, linear, entering, params);
    return spread(linear, checkpointNode(t, [...pick(args, linear, false), ...operands]));
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
export const checkpointed = (
  f: (params: readonly Expr[]) => readonly Expr[],
  args: readonly Expr[],
): readonly Expr[] => {
  const mark = watermark();
  const params = args.map((a) => param(a.aval));
  const { program, captured } = lift({ params, results: f(params) }, mark);
  return checkpointNode(program, [...captured, ...args]);
};
