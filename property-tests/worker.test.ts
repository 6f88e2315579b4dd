/** Programs in a worker: every primitive, random programs and random loops give the bits of the calling thread. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TypedArray } from "../src/ir/dtype.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import type { Primitive } from "../src/ir/primitive.js";
import type { Program } from "../src/ir/program.js";
import { DeviceArray, type Stored } from "../src/ir/stored.js";
import { limits } from "../src/jit/backends/wasm/division.js";
import { wasmTranslator } from "../src/jit/backends/wasm/program.js";
import { startWorker, type WorkerBackend, workerBackend } from "../src/jit/backends/wasm/worker/index.js";
import { compileProgram, constantsOf } from "../src/jit/compile.js";
import { rules } from "../src/jit/simplify/index.js";
import type { Translator } from "../src/jit/translator.js";
import { type PrimitiveName, primitives } from "../src/transforms/table.js";
import { expectSame } from "./arrays.js";
import { tangentOnly } from "./laws/exceptions.js";
import { nodeProgram } from "./laws/node.js";
import { loops } from "./loops/random-loop.js";
import { everything, programs } from "./programs.js";
import { samplers } from "./samplers/index.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);
const before = { ...limits };
let worker: WorkerBackend;

beforeAll(async () => {
  Object.assign(limits, { statement: 0, part: 0.1 } satisfies Partial<typeof limits>); // all is divided that can be
  worker = workerBackend(await startWorker());
});
afterAll(() => {
  Object.assign(limits, before);
  worker.device.driver.destroy();
});

const elements = (x: Stored): TypedArray | Promise<TypedArray> => (x instanceof DeviceArray ? x.read() : x);

const on = async (translator: Translator, program: Program, args: readonly NdArray[]): Promise<NdArray[]> => {
  const constants = constantsOf(program);
  const runner = compileProgram(program, constants, rules, translator);
  const inputs = [...args.map((x) => x.data), ...constants.map((c) => c.value!)];
  const results = await Promise.all(runner.run(inputs).map(elements));
  return results.map((data, i) =>
    ndarray(program.results[i]!.shape, program.results[i]!.dtype, data.slice()),
  );
};

const expectSameThere = async (program: Program, args: readonly NdArray[]): Promise<void> => {
  const there = worker.translator(() => worker.device);
  expectSame("in the worker", await on(there, program, args), await on(wasmTranslator(), program, args));
};

const ordinary = (Object.entries(primitives) as [PrimitiveName, Primitive][]).filter(
  ([name]) => name !== tangentOnly,
);

describe("the bits of the calling thread", () => {
  test.each(ordinary)("%s", async (name, primitive) => {
    await fc.assert(
      fc.asyncProperty(samplers[name], ({ args, attrs }) =>
        expectSameThere(nodeProgram(primitive, args, attrs as never), args),
      ),
      { seed: 20261123, numRuns: 8 * effort },
    );
  });

  test("random programs", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(programs(everything), ({ program, args }) => expectSameThere(program, args)),
      { seed: 20261124, numRuns: 60 * effort },
    );
  });

  test("random loops", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(loops, ({ loop, args }) => expectSameThere(loop, args)),
      { seed: 20261125, numRuns: 40 * effort },
    );
  });

  test("and the worker is the one that began", () => {
    expect(worker.device.isLost).toBe(false);
  });
});
