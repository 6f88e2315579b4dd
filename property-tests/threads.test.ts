/** Random programs, all of whose kernels are divided that can be: the same bits on one thread and on several. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DType } from "../src/ir/dtype.js";
import { add, mul } from "../src/ir/primitives/arithmetic.js";
import { fullLike, sum } from "../src/ir/primitives/layout.js";
import { prod } from "../src/ir/primitives/reductions.js";
import { pad } from "../src/ir/primitives/views.js";
import type { Program } from "../src/ir/program.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import { inMemory } from "../src/ir/stored.js";
import { limits } from "../src/jit/backends/wasm/division.js";
import { wasmTranslator } from "../src/jit/backends/wasm/program.js";
import { presentTeam, setCrew } from "../src/jit/backends/wasm/threads/crew.js";
import { compileProgram, constantsOf } from "../src/jit/compile.js";
import { rules } from "../src/jit/simplify/index.js";
import { call } from "../src/transforms/evaluate.js";
import { contraction } from "../test/jit/contractions.js";
import { programOf, valuesOf } from "../test/jit/run.js";
import { useThreads } from "../test/jit/wasm/threads.js";
import { expectClose, expectSame } from "./arrays.js";
import { random } from "./random.js";
import { everything, programs, type RandomProgram } from "./programs.js";
import { loops } from "./loops/random-loop.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);
const before = { ...limits };

beforeAll(async () => {
  Object.assign(limits, { statement: 0, part: 0.1 } satisfies Partial<typeof limits>);
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

test.each([before.depth, Infinity])(
  "random contractions, in parts of their depth up to a cost of %d",
  { timeout: 120_000 },
  (depth) => {
    limits.depth = depth;
    let count = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const program = contraction(seed);
        const args = program.params.map((p, i) => valuesOf(p.aval, random(seed + i)));
        const { alone, together, divided } = both(program, args);
        expectSame("on three threads", together, alone);
        expectClose("values", alone, call(program, args), 2e-5);
        count += divided;
      }),
      { seed: 20261123, numRuns: 120 * effort },
    );
    limits.depth = before.depth;
    expect(count).toBeGreaterThan(100);
  },
);

/** Sums and products of all elements of a guarded view, and what is made of them. */
const reduction = ({ rows, columns, dtype }: { rows: number; columns: number; dtype: DType }): Program =>
  programOf([{ shape: [rows, columns], dtype }], (x) => {
    const y = pad(x, { low: [1, 0], high: [0, 2] });
    const total = sum(y, [0, 1]);
    return [
      total,
      add(total, sum(mul(x, x), [0, 1])),
      prod(add(mul(x, fullLike(x, 1e-2)), fullLike(x, 1)), [0, 1]),
    ];
  });

test("random sums of all elements", { timeout: 120_000 }, () => {
  let count = 0;
  fc.assert(
    fc.property(
      fc.record({
        rows: fc.integer({ min: 1, max: 90 }),
        columns: fc.integer({ min: 1, max: 90 }),
        dtype: fc.constantFrom<DType>("float32", "float64"),
      }),
      (size) => {
        const program = reduction(size);
        const args = program.params.map((p, i) => valuesOf(p.aval, random(size.rows + i)));
        const { alone, together, divided } = both(program, args);
        expectSame("on three threads", together, alone);
        expectClose("values", alone, call(program, args), 1e-6);
        count += divided;
      },
    ),
    { seed: 20261124, numRuns: 100 * effort },
  );
  expect(count).toBeGreaterThan(100);
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
