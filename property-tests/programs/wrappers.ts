/** Nodes that carry sub-programs, made of random sub-programs whose hand-written rules are the true derivatives. */
import { isFloat } from "../../src/ir/dtype.js";
import { applyAll, type Expr, param, watermark } from "../../src/ir/expr.js";
import { zerosOf } from "../../src/ir/primitives/layout.js";
import { lift, type Program, substitute } from "../../src/ir/program.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import {
  type CustomJvp,
  customJvpPrimitive,
  type CustomVjp,
  customVjpPrimitive,
} from "../../src/transforms/custom.js";
import { jvpFold } from "../../src/transforms/jvp.js";
import { vjpFold } from "../../src/transforms/transpose.js";

export type Body = (params: readonly Expr[]) => readonly Expr[];

export { checkpointed };

const orZeros = (ts: readonly (Expr | null)[], like: readonly Expr[]): Expr[] =>
  ts.map((t, i) => t ?? zerosOf(like[i]!.aval));

/** The body as a closed program, its captures in front. */
const close = (
  f: Body,
  args: readonly Expr[],
): { readonly program: Program; readonly captured: readonly Expr[] } => {
  const mark = watermark();
  const params = args.map((x) => param(x.aval));
  return lift({ params, results: f(params) }, mark);
};

/** consts ++ primals ++ tangents → results ++ tangents. */
const forwardRule = (program: Program, consts: number): Program => {
  const ts = program.params.slice(consts).map((p) => param(p.aval));
  const seeds = new Map(
    program.params.slice(consts).flatMap((p, i) => (isFloat(p.dtype) ? [[p, ts[i]!] as const] : [])),
  );
  const dual = jvpFold(program.results, seeds);
  return {
    params: [...program.params, ...ts],
    results: [...dual.primals, ...orZeros(dual.tangents, program.results)],
  };
};

export const customJvpAttrs = (program: Program, consts: number): CustomJvp => ({
  program,
  rule: forwardRule(program, consts),
  consts,
});

/** `f` with its own derivative as a customJvp rule. What it captures must not be differentiated. */
export const withJvp = (f: Body, args: readonly Expr[]): readonly Expr[] => {
  const { program, captured } = close(f, args);
  return applyAll(customJvpPrimitive, [...captured, ...args], customJvpAttrs(program, captured.length));
};

/** The residuals are all params; the backward rule is the vjp at them. */
export const customVjpAttrs = (program: Program, consts: number): CustomVjp => {
  const forward = { params: program.params, results: [...program.results, ...program.params] };
  const residuals = program.params.map((p) => param(p.aval));
  const cts = program.results.map((r) => param(r.aval));
  const primals = program.params.slice(consts);
  const { pull } = vjpFold(
    program.results,
    primals.filter((p) => isFloat(p.dtype)),
  );
  const floats = pull(cts.map((c) => (isFloat(c.dtype) ? c : null)));
  let next = 0;
  const pulled = primals.map((p) => (isFloat(p.dtype) ? floats[next++]! : null));
  const results = substitute(
    orZeros(pulled, primals),
    new Map(program.params.map((p, i) => [p, residuals[i]!])),
  );
  return { program, forward, backward: { params: [...residuals, ...cts], results }, consts };
};

/** `f` with its own vjp as a customVjp rule. What it captures must not be differentiated. */
export const withVjp = (f: Body, args: readonly Expr[]): readonly Expr[] => {
  const { program, captured } = close(f, args);
  return applyAll(customVjpPrimitive, [...captured, ...args], customVjpAttrs(program, captured.length));
};
