/** Compiled programs next to the reference interpreter. */
import { type Aval, sizeOf } from "../../src/ir/aval.js";
import { allocate, isFloat } from "../../src/ir/dtype.js";
import { checkProgram } from "../../src/ir/check.js";
import { inMemory } from "../../src/ir/stored.js";
import { constant, type Expr, param, valueOf } from "../../src/ir/expr.js";
import { type NdArray, ndarray } from "../../src/ir/ndarray.js";
import type { Program } from "../../src/ir/program.js";
import { compileProgram, constantsOf } from "../../src/jit/compile.js";
import { jsTranslator } from "../../src/jit/backends/js/runner.js";
import { type Rule, rules } from "../../src/jit/simplify/index.js";
import type { Code } from "../../src/jit/translator.js";
import { type Random, random } from "../../property-tests/random.js";

export { call } from "../../src/transforms/evaluate.js";

export const float = (...shape: number[]): Aval => ({ shape, dtype: "float32" });

/** Values in [-1, 1), or small integers. */
export const valuesOf = (a: Aval, r: Random = random(1)): NdArray => {
  const data = allocate(a.dtype, sizeOf(a.shape));
  for (let i = 0; i < data.length; i++) {
    const x = 2 * r() - 1;
    data[i] = isFloat(a.dtype) ? x : a.dtype === "bool" ? Number(x > 0) : Math.floor(x * 5);
  }
  return ndarray(a.shape, a.dtype, data);
};

export const constantOf = (a: Aval, r?: Random): Expr => constant(a, valuesOf(a, r).data);

/** A program of params with the given types. */
export const programOf = (
  avals: readonly Aval[],
  f: (...params: Expr[]) => Expr | readonly Expr[],
): Program => {
  const params = avals.map((a) => param(a));
  const out = f(...params);
  const results: readonly Expr[] = Array.isArray(out) ? (out as readonly Expr[]) : [out as Expr];
  const program = { params, results };
  checkProgram(program);
  return program;
};

export const codeOf = (program: Program, chosen: readonly Rule[] = rules): Code =>
  compileProgram(program, constantsOf(program), chosen, jsTranslator).code;

/** The results of the compiled program. */
export const compiled = (program: Program, args: readonly NdArray[], chosen?: readonly Rule[]): NdArray[] => {
  const inputs = [...args.map((x) => x.data), ...constantsOf(program).map((c) => valueOf(c, "test"))];
  const values = jsTranslator.runner(codeOf(program, chosen)).run(inputs);
  return values.map((data, i) =>
    ndarray(program.results[i]!.shape, program.results[i]!.dtype, inMemory(data, "test")),
  );
};

/** The names of the kernels that a program becomes. */
export const kernelNames = (program: Program): string[] => codeOf(program).steps.map((s) => s.name);
