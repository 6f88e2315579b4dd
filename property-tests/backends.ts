/** Everything that can run a program: all must agree with the reference interpreter. */
import { constant, storedOf, valueOf } from "../src/ir/expr.js";
import { inMemory } from "../src/ir/stored.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import { inline, type Program } from "../src/ir/program.js";
import { type BackendName, translatorOf } from "../src/jit/backend.js";
import { type Blocking, blocking } from "../src/jit/blocks/index.js";
import { compileProgram, constantsOf } from "../src/jit/compile.js";
import { realize } from "../src/jit/realize.js";
import { type Rule, rules } from "../src/jit/simplify/index.js";

export interface Backend {
  readonly name: string;
  readonly run: (program: Program, args: readonly NdArray[]) => readonly NdArray[];
}

/** Compiled kernels, after some of the simplify rules. */
const compiled = (
  name: string,
  backend: BackendName,
  chosen: readonly Rule[],
  sizes: Blocking | null = blocking,
): Backend => ({
  name,
  run: (program, args) => {
    const constants = constantsOf(program);
    const runner = compileProgram(program, constants, chosen, translatorOf(backend), sizes);
    const inputs = [...args.map((x) => x.data), ...constants.map((c) => storedOf(c, "test"))];
    return runner
      .run(inputs)
      .map((stored, i) => [inMemory(stored, "test"), i] as const)
      .map(([data, i]) => ndarray(program.results[i]!.shape, program.results[i]!.dtype, data));
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
    return roots.map((e) =>
      ndarray(e.shape, e.dtype, e.literal === null ? valueOf(e, "test") : Float64Array.of(e.literal)),
    );
  },
};

/** The backends in production. */
export const backendNames: readonly BackendName[] =
  process.env["FLUXION_BACKEND"] === "webgpu" ? ["webgpu"] : ["js", "wasm"];
export const backends: readonly Backend[] = backendNames.map((name) => compiled(name, name, rules));

/** A backend that computes what is large by these sizes in blocks. */
export const inBlocksOn = (name: BackendName, sizes: Blocking): Backend =>
  compiled(`${name} in blocks`, name, rules, sizes);

/** Simplify rules that change nothing but the time it takes: without any, and without each. */
export const variants: readonly Backend[] = [
  compiled("js without rules", "js", []),
  ...rules.map((rule) =>
    compiled(
      `js without ${rule.name}`,
      "js",
      rules.filter((r) => r !== rule),
    ),
  ),
];
