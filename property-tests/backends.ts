/** Everything that can run a program: all must agree with the reference interpreter. */
import { constant } from "../src/ir/expr.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import { inline, type Program } from "../src/ir/program.js";
import { compileProgram, constantsOf, Executable } from "../src/jit/compile.js";
import { realize } from "../src/jit/realize.js";
import { type Rule, rules } from "../src/jit/simplify/index.js";

export interface Backend {
  readonly name: string;
  readonly run: (program: Program, args: readonly NdArray[]) => readonly NdArray[];
}

/** Compiled JavaScript kernels, after some of the simplify rules. */
const javascript = (name: string, chosen: readonly Rule[]): Backend => ({
  name,
  run: (program, args) => {
    const constants = constantsOf(program);
    const executable = new Executable(compileProgram(program, constants, chosen));
    const inputs = [...args.map((x) => x.data), ...constants.map((c) => c.value!)];
    return executable
      .run(inputs)
      .map((data, i) => ndarray(program.results[i]!.shape, program.results[i]!.dtype, data));
  },
});

/** What reading a tensor does. */
export const reading: Backend = {
  name: "reading",
  run: (program, args) => {
    const roots = inline(
      program,
      args.map((x) => constant(x, x.data.slice())),
    );
    realize(
      roots.filter((e) => e.literal === null),
      "test",
    );
    return roots.map((e) => ndarray(e.shape, e.dtype, e.value ?? Float64Array.of(e.literal!)));
  },
};

/** The backends in production. */
export const backends: readonly Backend[] = [javascript("js", rules)];

/** Simplify rules that change nothing but the time it takes: without any, and without each. */
export const variants: readonly Backend[] = [
  javascript("js without rules", []),
  ...rules.map((rule) =>
    javascript(
      `js without ${rule.name}`,
      rules.filter((r) => r !== rule),
    ),
  ),
];
