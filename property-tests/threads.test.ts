/** Random programs, all of whose kernels are divided that can be: the same bits on one thread and on several. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Program } from "../src/ir/program.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import { inMemory } from "../src/ir/stored.js";
import { limits } from "../src/jit/backends/wasm/division.js";
import { wasmTranslator } from "../src/jit/backends/wasm/program.js";
import { presentTeam, setCrew } from "../src/jit/backends/wasm/threads/crew.js";
import { compileProgram, constantsOf } from "../src/jit/compile.js";
import { rules } from "../src/jit/simplify/index.js";
import { call } from "../src/transforms/evaluate.js";
import { useThreads } from "../test/jit/wasm/threads.js";
import { expectClose, expectSame } from "./arrays.js";
import { everything, programs, type RandomProgram } from "./programs.js";
import { loops } from "./loops/random-loop.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);
const before = { ...limits };

beforeAll(async () => {
  Object.assign(limits, { statement: 0, part: 0.1 });
  await useThreads(3);
});
afterAll(() => {
  Object.assign(limits, before);
  setCrew(1);
});

/** What a compiled program gives, alone and with others; and how many of its functions are divided. */
const both = (
  program: Program,
  args: readonly NdArray[],
): { alone: NdArray[]; together: NdArray[]; divided: number } => {
  const constants = constantsOf(program);
  const runner = compileProgram(program, constants, rules, wasmTranslator());
  const inputs = [...args.map((x) => x.data), ...constants.map((c) => c.value!)];
  const run = (threads: number): NdArray[] => {
    setCrew(threads);
    return runner
      .run(inputs)
      .map((data, i) =>
        ndarray(program.results[i]!.shape, program.results[i]!.dtype, inMemory(data, "test").slice()),
      );
  };
  const divided = runner.code.steps.filter((s) => s.source.includes("parts for threads")).length;
  return { alone: run(1), together: run(3), divided };
};

test("random programs", { timeout: 120_000 }, () => {
  let count = 0;
  const helped = presentTeam()!.helped;
  fc.assert(
    fc.property(programs(everything), ({ program, args }: RandomProgram) => {
      const { alone, together, divided } = both(program, args);
      expectSame("on three threads", together, alone);
      expectClose("values", alone, call(program, args), 1e-4);
      count += divided;
    }),
    { seed: 20261121, numRuns: 150 * effort },
  );
  expect(count).toBeGreaterThan(300);
  expect(presentTeam()!.helped).toBeGreaterThan(helped);
});

test("random loops", { timeout: 120_000 }, () => {
  let count = 0;
  fc.assert(
    fc.property(loops, ({ loop, args }) => {
      const { alone, together, divided } = both(loop, args);
      expectSame("on three threads", together, alone);
      expectClose("values", alone, call(loop, args), 1e-8);
      count += divided;
    }),
    { seed: 20261122, numRuns: 50 * effort },
  );
  expect(count).toBeGreaterThan(20);
});
