/**
 * Functions with derivatives given by hand. Rules are traced when the function is applied: no closure stays in the
 * graph, so programs can be printed, hashed, batched and compiled like any other.
 */
import { FluxionError } from "../ir/errors.js";
import { applyAll, type Expr } from "../ir/expr.js";
import type { Linear, Primitive } from "../ir/primitive.js";
import { front, zerosOf } from "../ir/primitives/layout.js";
import { expectAvals, inline, type Program, resultAvals } from "../ir/program.js";
import type { Aval } from "../ir/aval.js";
import { call } from "./evaluate.js";
import { batchProgram } from "./programs.js";

const bring = (args: readonly Expr[], axes: readonly (number | null)[], n: number): Expr[] =>
  args.map((a, i) => (axes[i] === null ? a : front(a, axes[i]!, n)));

const instantiate = (ts: readonly Linear[], like: readonly Expr[]): Expr[] =>
  ts.map((t, i) => t ?? zerosOf(like[i]!.aval));

const avalsOf = (es: readonly Expr[]): Aval[] => es.map((e) => e.aval);

/** A rule cannot see tangents of values that the function closes over: dropping them would be a wrong gradient. */
const refuseCaptured = (operation: string, ts: readonly Linear[]): void => {
  if (ts.some((t) => t !== null))
    throw new FluxionError(
      operation,
      "expected every differentiated value to be an argument, got one that the function closes over: pass it as an argument, or through stopGradient",
    );
};

// ---- customJvp

export interface CustomJvp {
  /** consts ++ primals → results */
  readonly program: Program;
  /** consts ++ primals ++ tangents of the primals → results ++ their tangents */
  readonly rule: Program;
  readonly consts: number;
}

export const customJvpPrimitive: Primitive<CustomJvp> = {
  name: "customJvp",
  shape: (avals, { program, rule, consts }) => {
    const results = resultAvals("customJvp", program, avals);
    expectAvals("customJvp", "rule operands", [...avals, ...avals.slice(consts)], avalsOf(rule.params));
    expectAvals("customJvp", "rule results", [...results, ...results], avalsOf(rule.results));
    return results;
  },
  evaluate: (args, { program }) => call(program, args),
  jvp: (args, ts, { rule, consts, program }) => {
    refuseCaptured("customJvp", ts.slice(0, consts));
    const primals = args.slice(consts);
    const outs = inline(rule, [...args, ...instantiate(ts.slice(consts), primals)]);
    const k = program.results.length;
    return [outs.slice(0, k), outs.slice(k)];
  },
  transpose: null,
  batch: (args, axes, { program, rule, consts }, n) => {
    const mapped = axes.map((a) => a !== null);
    const p = batchProgram(program, mapped, n);
    const r = batchProgram(rule, [...mapped, ...mapped.slice(consts)], n);
    const flags = p.batched.map((b, i) => b || r.batched[i]! || r.batched[i + p.batched.length]!);
    const outs = applyAll(customJvpPrimitive, bring(args, axes, n), {
      program: withBatch(p.program, p.batched, flags, n),
      rule: withBatch(r.program, r.batched, [...flags, ...flags], n),
      consts,
    });
    return outs.map((o, i) => [o, flags[i] ? 0 : null] as const);
  },
  lower: { _tag: "Inline", program: (attrs) => attrs.program },
};

/** Results that must have a batch axis but lack one are repeated. */
const withBatch = (
  program: Program,
  has: readonly boolean[],
  wanted: readonly boolean[],
  n: number,
): Program => ({
  params: program.params,
  results: program.results.map((r, i) => (wanted[i] && !has[i] ? front(r, null, n) : r)),
});

// ---- customVjp

export interface CustomVjp {
  /** consts ++ primals → results */
  readonly program: Program;
  /** consts ++ primals → results ++ residuals */
  readonly forward: Program;
  /** residuals ++ cotangents of the results → cotangents of the primals */
  readonly backward: Program;
  readonly consts: number;
}

export const customVjpPrimitive: Primitive<CustomVjp> = {
  name: "customVjp",
  shape: (avals, { program, forward, backward, consts }) => {
    const results = resultAvals("customVjp", program, avals);
    const k = results.length;
    expectAvals("customVjp", "forward operands", avals, avalsOf(forward.params));
    expectAvals("customVjp", "forward results", results, avalsOf(forward.results).slice(0, k));
    expectAvals(
      "customVjp",
      "backward operands",
      [...avalsOf(forward.results).slice(k), ...results],
      avalsOf(backward.params),
    );
    expectAvals("customVjp", "backward results", avals.slice(consts), avalsOf(backward.results));
    return results;
  },
  evaluate: (args, { program }) => call(program, args),
  jvp: (args, ts, { program, forward, backward, consts }) => {
    refuseCaptured("customVjp", ts.slice(0, consts));
    const outs = inline(forward, args);
    const k = program.results.length;
    const tangents = applyAll(
      customVjpTangentPrimitive,
      [...outs.slice(k), ...instantiate(ts.slice(consts), args.slice(consts))],
      { backward, residuals: outs.length - k, outs: program.results.map((r) => r.aval) },
    );
    return [outs.slice(0, k), tangents];
  },
  transpose: null,
  // Every primal, result, residual and cotangent gets the batch axis, so that the three programs agree.
  batch: (args, axes, { program, forward, backward, consts }, n) => {
    const mapped = axes.map((a, i) => a !== null || i >= consts);
    const operands = args.map((a, i) => (mapped[i] ? front(a, axes[i]!, n) : a));
    const outs = applyAll(customVjpPrimitive, operands, {
      program: batchAll(program, mapped, n),
      forward: batchAll(forward, mapped, n),
      backward: batchAll(
        backward,
        backward.params.map(() => true),
        n,
      ),
      consts,
    });
    return outs.map((o) => [o, 0] as const);
  },
  lower: { _tag: "Inline", program: (attrs) => attrs.program },
};

/** The batched program with a batch axis in front of every result. */
const batchAll = (program: Program, mapped: readonly boolean[], n: number): Program => {
  const b = batchProgram(program, mapped, n);
  return withBatch(
    b.program,
    b.batched,
    b.batched.map(() => true),
    n,
  );
};

/** The tangent of a customVjp: a linear map known only by its transpose. */
interface CustomVjpTangent {
  readonly backward: Program;
  readonly residuals: number;
  readonly outs: readonly Aval[];
}

export const customVjpTangentPrimitive: Primitive<CustomVjpTangent> = {
  name: "customVjpTangent",
  shape: (avals, { backward, residuals, outs }) => {
    const cotangents = resultAvals("customVjp", backward, [...avals.slice(0, residuals), ...outs]);
    expectAvals("customVjp", "tangents", cotangents, avals.slice(residuals));
    return outs;
  },
  evaluate: () => {
    throw forwardMode();
  },
  jvp: () => {
    throw forwardMode();
  },
  transpose: (cts, args, _linear, { backward, residuals, outs }) => {
    const known = args.slice(0, residuals);
    const pulled = inline(backward, [...known, ...cts.map((ct, i) => ct ?? zerosOf(outs[i]!))]);
    return [...known.map(() => null), ...pulled];
  },
  batch: (args, axes, { backward, residuals, outs }, n) => {
    const mapped = backward.params.map((_, i) => i >= residuals || axes[i] !== null);
    const operands = args.map((a, i) => (i < residuals && axes[i] === null ? a : front(a, axes[i]!, n)));
    return applyAll(customVjpTangentPrimitive, operands, {
      backward: batchAll(backward, mapped, n),
      residuals,
      outs: outs.map((o) => ({ shape: [n, ...o.shape], dtype: o.dtype })),
    }).map((o) => [o, 0] as const);
  },
  lower: {
    _tag: "Unsupported",
    reason: "customVjp has no forward mode: use customJvp, or reverse mode (grad, vjp, jacrev)",
  },
};

const forwardMode = (): FluxionError =>
  new FluxionError(
    "customVjp",
    "expected reverse mode (grad, vjp, jacrev), got forward mode: give a customJvp rule instead",
  );
