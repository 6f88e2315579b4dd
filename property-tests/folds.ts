/** The transformations as functions from program to program, re-typed after every one. */
import { sameAval, showAval } from "../src/ir/aval.js";
import { checkProgram } from "../src/ir/check.js";
import { isFloat } from "../src/ir/dtype.js";
import { type Expr, param } from "../src/ir/expr.js";
import type { NdArray } from "../src/ir/ndarray.js";
import type { BatchAxis } from "../src/ir/primitive.js";
import { front, zerosOf } from "../src/ir/primitives/layout.js";
import type { Program } from "../src/ir/program.js";
import { batchFold } from "../src/transforms/batch.js";
import { call } from "../src/transforms/evaluate.js";
import { jvpFold } from "../src/transforms/jvp.js";
import { splitFold } from "../src/transforms/split.js";
import { transposeFold, vjpFold } from "../src/transforms/transpose.js";
import { stack, withAxis } from "./arrays.js";

/** The program itself, known to be well typed. */
export const checked = (program: Program): Program => {
  checkProgram(program);
  return program;
};

const orZero = (t: Expr | null, like: Expr): Expr => {
  if (t !== null && !sameAval(t.aval, like.aval))
    throw new Error(`a derivative of ${showAval(like.aval)} has type ${showAval(t.aval)}`);
  return t ?? zerosOf(like.aval);
};

/** params ++ tangents of the params `on` → results ++ tangents of the results. */
export const forward = (program: Program, on: readonly number[]): Program => {
  const params = on.map((i) => program.params[i]!);
  const ts = params.map((p) => param(p.aval));
  const dual = jvpFold(program.results, new Map(params.map((p, k) => [p, ts[k]!])));
  const tangents = dual.tangents.map((t, i) => orZero(t, program.results[i]!));
  return checked({ params: [...program.params, ...ts], results: [...dual.primals, ...tangents] });
};

/** params ++ cotangents of the float results → results ++ cotangents of the params `on`. */
export const reverse = (program: Program, on: readonly number[]): Program => {
  const params = on.map((i) => program.params[i]!);
  const cts = program.results.map((r) => (isFloat(r.dtype) ? param(r.aval) : null));
  const { primals, pull } = vjpFold(program.results, params);
  const cotangents = pull(cts).map((c, k) => orZero(c, params[k]!));
  return checked({
    params: [...program.params, ...cts.filter((c) => c !== null)],
    results: [...primals, ...cotangents],
  });
};

/** The transpose of a program that is linear in the params `on`: the other params ++ cotangents → cotangents. */
export const transposed = (program: Program, on: readonly number[]): Program => {
  const linear = on.map((i) => program.params[i]!);
  const cts = program.results.map((r) => param(r.aval));
  const split = splitFold(program.results, new Set(linear));
  const results = transposeFold(split.roots, linear, cts).map((c, k) => orZero(c, linear[k]!));
  return checked({ params: [...program.params.filter((p) => !linear.includes(p)), ...cts], results });
};

/** The program over a batch: `axes[i]` is where param `i` has its batch axis. Every result has it in front. */
export const batched = (program: Program, axes: readonly BatchAxis[], n: number): Program => {
  const params = program.params.map((p, i) =>
    axes[i] == null ? p : param({ shape: withAxis(p.shape, axes[i], n), dtype: p.dtype }),
  );
  const map = new Map(
    program.params.flatMap((p, i) => (axes[i] == null ? [] : [[p, [params[i]!, axes[i]] as const] as const])),
  );
  const results = batchFold(program.results, map, n).map(([e, axis]) => front(e, axis, n));
  return checked({ params, results });
};

/** What `batched` must equal: the program on each member, its results stacked. */
export const looped = (
  program: Program,
  axes: readonly BatchAxis[],
  members: readonly (readonly NdArray[])[],
): NdArray[] => {
  const runs = members.map((m) =>
    call(
      program,
      m.map((x, i) => (axes[i] == null ? members[0]![i]! : x)),
    ),
  );
  return program.results.map((_, k) =>
    stack(
      runs.map((r) => r[k]!),
      0,
    ),
  );
};

/** The operands that `batched` takes for the members. */
export const stacked = (axes: readonly BatchAxis[], members: readonly (readonly NdArray[])[]): NdArray[] =>
  axes.map((axis, i) =>
    axis === null
      ? members[0]![i]!
      : stack(
          members.map((m) => m[i]!),
          axis,
        ),
  );

/** A derivative by differences, and how far each element of it may be off. */
export interface Difference {
  readonly derivative: readonly NdArray[];
  readonly doubt: readonly NdArray[];
}

const fourthOrder = (f: (h: number) => readonly NdArray[], h: number): NdArray[] => {
  const [a, b, c, d] = [f(h), f(-h), f(2 * h), f(-2 * h)];
  return a!.map((x, k) => ({
    ...x,
    data: Float64Array.from(x.data, (_, i) => {
      const near = a![k]!.data[i]! - b![k]!.data[i]!;
      const far = c![k]!.data[i]! - d![k]!.data[i]!;
      return (8 * near - far) / (12 * h);
    }),
  }));
};

/**
 * The derivative of `f` at 0 by central differences of fourth order. Where f bends sharply two step sizes disagree;
 * halving the step leaves a sixteenth of the error, so their difference bounds what is left.
 */
export const centralDifference = (f: (h: number) => readonly NdArray[]): Difference => {
  const [wide, narrow] = [fourthOrder(f, 2 ** -10), fourthOrder(f, 2 ** -11)];
  const doubt = narrow.map((x, k) => ({
    ...x,
    data: Float64Array.from(x.data, (v, i) => Math.abs(v - wide[k]!.data[i]!)),
  }));
  return { derivative: narrow, doubt };
};
