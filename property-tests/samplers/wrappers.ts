/** Samples of the nodes that carry sub-programs: random smooth sub-programs with rules that are their true derivatives. */
import { inMemory } from "../../src/ir/stored.js";
import type { Arbitrary } from "fast-check";
import fc from "fast-check";
import { range } from "../../src/ir/aval.js";
import { type Expr, watermark } from "../../src/ir/expr.js";
import { type NdArray, ndarray } from "../../src/ir/ndarray.js";
import { lift, type Program } from "../../src/ir/program.js";
import { forward } from "../folds.js";
import { customJvpAttrs, customVjpAttrs } from "../programs/wrappers.js";
import { type Mode, programOf, smooth } from "../programs.js";
import { plain } from "./values.js";
import { random } from "../random.js";
import { type Sample, sampleOfSets } from "./sample.js";
import { arrayOf } from "../arrays.js";

/** A closed program, its captures in front, and the operands that fit it. */
interface Closed {
  readonly program: Program;
  readonly consts: number;
  readonly sets: readonly (readonly NdArray[])[];
  /** Float params, captures not among them. */
  readonly floats: readonly number[];
}

const shallow: Mode = { ...smooth, nesting: 1 };

const valueOf = (e: Expr): NdArray => ndarray(e.shape, e.dtype, inMemory(e.value!, "test"));

const closed: Arbitrary<Closed> = fc
  .record({
    seed: fc.nat(),
    genes: fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 1, maxLength: 6, size: "max" }),
  })
  .map((recipe) => {
    const mark = watermark();
    const p = programOf(shallow, recipe);
    const { program, captured } = lift(p.program, mark);
    const front = captured.map(valueOf);
    return {
      program,
      consts: captured.length,
      sets: [p.args, ...p.others].map((args) => [...front, ...args]),
      floats: p.floatParams.map((i) => i + captured.length),
    };
  });

/** The derivative of the program, as a program that is linear in its last params. */
const linearised = (c: Closed): Sample => {
  const dual = forward(c.program, c.floats);
  const program = { params: dual.params, results: dual.results.slice(c.program.results.length) };
  const ts = dual.params.slice(c.program.params.length);
  const on = ts.map((_, k) => c.program.params.length + k);
  const tangents = (k: number): NdArray[] =>
    ts.map((t) => arrayOf(t.aval, plain(random(k), t.size, t.dtype)));
  return sampleOfSets(
    c.sets.map((s, k) => [...s, ...tangents(k)]),
    { attrs: { program }, differentiable: c.floats, linear: [on] },
  );
};

export const checkpointSampler: Arbitrary<Sample> = fc.oneof(
  closed.map((c) => sampleOfSets(c.sets, { attrs: { program: c.program }, differentiable: c.floats })),
  closed.map(linearised),
);

export const customJvpSampler: Arbitrary<Sample> = closed.map((c) =>
  sampleOfSets(c.sets, { attrs: customJvpAttrs(c.program, c.consts), differentiable: c.floats }),
);

export const customVjpSampler: Arbitrary<Sample> = closed.map((c) =>
  sampleOfSets(c.sets, { attrs: customVjpAttrs(c.program, c.consts), differentiable: c.floats }),
);

/** Operands are the residuals (here all params) and the tangents of the primals, in which it is linear. */
export const customVjpTangentSampler: Arbitrary<Sample> = closed.map((c) => {
  const { backward, consts } = customVjpAttrs(c.program, c.consts);
  const residuals = c.program.params.length;
  const primals = range(residuals).slice(consts);
  return sampleOfSets(
    c.sets.map((s) => [...s, ...primals.map((i) => s[i]!)]),
    {
      attrs: { backward, residuals, outs: c.program.results.map((r) => r.aval) },
      linear: [primals.map((_, k) => residuals + k)],
    },
  );
});
