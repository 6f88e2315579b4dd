/** Random loops through the public functions: whatever is done to a scan is what is done to its steps written out. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import { call } from "../src/transforms/evaluate.js";
import { checkProgram } from "../src/ir/check.js";
import { topological } from "../src/ir/program.js";
import { expectClose, expectSame } from "./arrays.js";
import { backends } from "./backends.js";
import { type Case, type Name, through } from "./loops/cases.js";
import { loops, type RandomLoop } from "./loops/random-loop.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);

const hold = <T>(arbitrary: Arbitrary<T>, numRuns: number, law: (x: T) => void): void => {
  fc.assert(
    fc.property(arbitrary, (x) => {
      law(x);
    }),
    { seed: 20250609, numRuns: numRuns * effort },
  );
};

/** Rounding of float64: the two programs add up in different orders. */
const exact = 1e-8;

const cases = ({ loop, plain, args, floatParams: on }: RandomLoop): readonly [Case, Case] => [
  { program: loop, args, on },
  { program: plain, args, on },
];

describe("a scan", () => {
  test("is one node, whatever its length, unless it is unrolled", () => {
    let nodes = 0;
    hold(loops, 60, ({ loop }) => {
      checkProgram(loop);
      nodes += topological(loop.results).filter((e) => e.primitive?.name === "scan").length;
    });
    expect(nodes).toBeGreaterThan(30);
  });

  test("equals its steps written out, bit for bit", () => {
    hold(loops, 150, ({ loop, plain, args }) => {
      expectSame("scan", call(loop, args), call(plain, args));
    });
  });

  test.each(backends)("on $name equals its steps written out", ({ run }) => {
    hold(loops, 150, ({ loop, plain, args }) => {
      expectClose("scan", run(loop, args), call(plain, args), exact);
    });
  });

  const chains: readonly (readonly Name[])[] = [
    ["jvp"],
    ["vjp"],
    ["vmap"],
    ["jvp", "jvp"],
    ["vjp", "jvp"],
    ["jvp", "vjp"],
    ["vjp", "vjp"],
    ["vmap", "jvp"],
    ["jvp", "vmap"],
    ["vmap", "vjp"],
    ["vjp", "vmap"],
    ["vmap", "vmap"],
  ];

  test.each(chains.map((names) => ({ names, title: names.join(", then ") })))(
    "through $title equals its steps written out",
    ({ names }) => {
      hold(loops, names.length === 1 ? 60 : 30, (sample) => {
        const [loop, plain] = cases(sample).map((c) => through(names, c)) as [Case, Case];
        const want = call(plain.program, plain.args);
        expectClose("interpreted", call(loop.program, loop.args), want, exact);
        for (const { name, run } of backends) expectClose(name, run(loop.program, loop.args), want, exact);
      });
    },
  );

  test("through three transformations equals its steps written out", () => {
    const name = fc.constantFrom<Name[]>("jvp", "vjp", "vmap");
    hold(fc.tuple(loops, fc.tuple(name, name, name)), 30, ([sample, names]) => {
      const [loop, plain] = cases(sample).map((c) => through(names, c)) as [Case, Case];
      expectClose(names.join(), call(loop.program, loop.args), call(plain.program, plain.args), exact);
    });
  });
});
