/** Programs like attention, all of whose intermediates are large: in blocks they give the same bits as without. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkProgram } from "../src/ir/check.js";
import type { DType } from "../src/ir/dtype.js";
import { printProgram } from "../src/ir/print.js";
import type { Program } from "../src/ir/program.js";
import type { Blocking } from "../src/jit/blocks/index.js";
import { rules, simplify } from "../src/jit/simplify/index.js";
import { call } from "../src/transforms/evaluate.js";
import { expectClose, expectSame } from "./arrays.js";
import { backendNames, backends, inBlocksOn } from "./backends.js";
import { everything, halves, programs, valuesOf } from "./programs.js";
import { rowwise } from "./programs/rowwise.js";
import { random } from "./random.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);

/** A few elements are large. */
const everywhere: readonly Blocking[] = [
  { large: 16, block: 8, rows: 1, gain: 0 },
  { large: 64, block: 32, rows: 2, gain: 0 },
  { large: 96, block: 16, rows: 3, gain: 0.5 },
];

interface Sample {
  readonly program: Program;
  readonly seed: number;
  readonly sizes: Blocking;
  readonly [fc.toStringMethod]: () => string;
}

const samples = (dtypes: readonly DType[]): fc.Arbitrary<Sample> =>
  fc
    .tuple(fc.nat(), fc.constantFrom(...dtypes), fc.constantFrom(...everywhere))
    .map(([seed, dtype, sizes]) => {
      const program = rowwise(random(seed), dtype);
      checkProgram(program);
      const shown = (): string => `${printProgram(program)}\nwith ${JSON.stringify(sizes)}`;
      return { program, seed, sizes, [fc.toStringMethod]: shown };
    });

const hold = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number, law: (x: T) => void): void => {
  fc.assert(
    fc.property(arbitrary, (x) => {
      law(x);
    }),
    { seed: 20261122, numRuns: numRuns * effort },
  );
};

const floats: readonly DType[] = ["float64", "float32", "float16"];

/** Whether the sizes change the program. */
const isCut = (program: Program, sizes: Blocking): boolean =>
  printProgram(simplify(program, rules, sizes)) !== printProgram(simplify(program, rules, null));

describe("programs like attention", () => {
  test("the reference gives the same bits", () => {
    let cut = 0;
    hold(samples(floats), 500, ({ program, seed, sizes }) => {
      const args = valuesOf(
        random(seed),
        program.params.map((p) => p.aval),
      );
      const blocks = simplify(program, [], sizes);
      checkProgram(blocks);
      expectSame("in blocks", call(blocks, args), call(program, args));
      if (isCut(program, sizes)) cut++;
    });
    expect(cut).toBeGreaterThan(80);
  });

  test.each(backendNames)("%s gives the same bits", (name) => {
    const { run } = backends.find((b) => b.name === name)!;
    let cut = 0;
    hold(samples(floats), 200, ({ program, seed, sizes }) => {
      if (!isCut(program, sizes)) return;
      cut++;
      const args = valuesOf(
        random(seed),
        program.params.map((p) => p.aval),
      );
      const got = inBlocksOn(name, sizes).run(program, args);
      if (name === "webgpu") expectClose("in blocks", got, call(program, args), 1e-2);
      else expectSame("in blocks", got, run(program, args));
    });
    expect(cut).toBeGreaterThan(25);
  });
});

describe("any programs", () => {
  test.each([
    ["float64 and float32", everything],
    ["float16", halves],
  ] as const)("%s: the reference gives the same bits", (_dtypes, mode) => {
    hold(fc.tuple(programs(mode), fc.constantFrom(...everywhere)), 150, ([{ program, args }, sizes]) => {
      const blocks = simplify(program, [], sizes);
      checkProgram(blocks);
      expectSame("in blocks", call(blocks, args), call(program, args));
    });
  });
});
