/** The cost model's promise: no kernel computes an expensive function more often than the program says. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { everything, programOf as randomProgram, recipes } from "../../property-tests/programs.js";
import { max, mul, sub } from "../../src/ir/primitives/arithmetic.js";
import { add } from "../../src/ir/primitives/elementwise.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { type Expr, valueOf } from "../../src/ir/expr.js";
import { broadcast, sum, unreduce } from "../../src/ir/primitives/layout.js";
import { reduceMax } from "../../src/ir/primitives/reductions.js";
import { pad, slice } from "../../src/ir/primitives/views.js";
import { cosh, exp, log, sin, tanh } from "../../src/ir/primitives/transcendental.js";
import { windows } from "../../src/ir/primitives/windows.js";
import { type Program, topological } from "../../src/ir/program.js";
import { constantsOf } from "../../src/jit/compile.js";
import { simplify } from "../../src/jit/simplify/index.js";
import { callsOf } from "./counting.js";
import { codeOf, float, programOf, valuesOf } from "./run.js";

const calls = (program: Program): ReadonlyMap<string, number> => {
  const inputs = [
    ...program.params.map((p) => valuesOf(p.aval).data),
    ...constantsOf(program).map((c) => valueOf(c, "test")),
  ];
  return callsOf(codeOf(program), inputs);
};

describe("an exponential is computed once for each element", () => {
  const matmul = (x: Expr, y: Expr): Expr =>
    dot(x, y, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] });
  const rows = (x: Expr, n: number): Expr => broadcast(x, [n, ...x.shape], [1]);
  test.each<[string, number, Program]>([
    ["repeated over rows", 100, programOf([float(100), float(50, 100)], (x, y) => mul(rows(exp(x), 50), y))],
    [
      "behind cheap arithmetic",
      100,
      programOf([float(100), float(50, 100)], (x, y) => mul(rows(sub(exp(x), x), 50), y)),
    ],
    [
      "used twice",
      100,
      programOf([float(100), float(50, 100)], (x, y) => mul(rows(exp(x), 50), mul(rows(exp(x), 50), y))),
    ],
    [
      "in a sum and beside it",
      5000,
      programOf([float(50, 100)], (x) => mul(exp(x), unreduce(sum(exp(x), [1]), [50, 100], [1]))),
    ],
    [
      "softmax",
      5000,
      programOf([float(50, 100)], (x) => {
        const e = exp(sub(x, unreduce(reduceMax(x, [1]), x.shape, [1])));
        return mul(e, unreduce(sum(e, [1]), x.shape, [1]));
      }),
    ],
    [
      "as an operand of a small product",
      30,
      programOf([float(6, 5), float(5, 7)], (x, y) => matmul(exp(x), y)),
    ],
    [
      "as the left operand of a large one",
      6400,
      programOf([float(64, 100), float(100, 64)], (x, y) => matmul(exp(x), y)),
    ],
    [
      "as the left operand of one with many columns",
      6400,
      programOf([float(64, 100), float(100, 700)], (x, y) => matmul(exp(x), y)),
    ],
    [
      "as the right operand of one with many rows",
      6400,
      programOf([float(700, 100), float(100, 64)], (x, y) => matmul(x, exp(y))),
    ],
    [
      "in overlapping windows",
      100,
      programOf([float(100)], (x) =>
        sum(windows(exp(x), { axes: [0], sizes: [7], strides: [1], dilations: [1] }), [1]),
      ),
    ],
    ["behind padding", 100, programOf([float(100)], (x) => pad(exp(x), { low: [3], high: [3] }))],
    ["only where it is seen", 10, programOf([float(100)], (x) => slice(exp(x), [5], [10]))],
    [
      "after a product, in its epilogue",
      4096,
      programOf([float(64, 64), float(64, 64)], (x, y) => exp(matmul(x, y))),
    ],
    ["as two results that share it", 100, programOf([float(100)], (x) => [exp(x), add(exp(x), x)])],
  ])("%s", (_, want, program) => {
    expect(calls(program).get("exp")).toBe(want);
  });

  test("cheap arithmetic may be repeated instead of stored", () => {
    const program = programOf([float(100), float(50, 100)], (x, y) => mul(rows(add(x, x), 50), y));
    expect(codeOf(program).steps).toHaveLength(1);
    expect(codeOf(program).arenaBytes).toBe(0);
  });

  test("a chain of them over a broadcast stores only its last link", () => {
    const program = programOf([float(100), float(50, 100)], (x, y) => mul(rows(tanh(sin(exp(x))), 50), y));
    const code = codeOf(program);
    expect(code.steps).toHaveLength(2);
    expect(code.arenaBytes).toBeLessThanOrEqual(448);
    expect(calls(program).get("exp")).toBe(100);
  });
});

/** Primitives whose kernels call the function of Math of the same name. */
const expensive = [exp, log, sin, tanh, cosh].map((f) => f.primitive.name);

/** How many elements of each primitive a program computes; null where a `while` decides it. */
const saidBy = (program: Program): Map<string, number> | null => {
  const said = new Map<string, number>();
  const count = (name: string, n: number): unknown => said.set(name, (said.get(name) ?? 0) + n);
  for (const e of topological(program.results)) {
    if (e.tag !== "Apply") continue;
    if (e.primitive!.name === "while") return null;
    count(e.primitive!.name, e.size);
    const attrs = e.attrs as {
      body?: Program;
      program?: Program;
      branches?: readonly Program[];
      length?: number;
    };
    for (const inner of [attrs.body, attrs.program, ...(attrs.branches ?? [])]) {
      if (inner === undefined) continue;
      const within = saidBy(inner);
      if (within === null) return null;
      for (const [name, n] of within) count(name, (attrs.length ?? 1) * n);
    }
  }
  return said;
};

test("random programs compute no expensive function more than 1.25 times as often as they say", () => {
  let seen = 0;
  fc.assert(
    fc.property(recipes, (recipe) => {
      const { program, args } = randomProgram(everything, recipe);
      const said = saidBy(simplify(program));
      if (said === null) return;
      const inputs = [...args.map((a) => a.data), ...constantsOf(program).map((c) => valueOf(c, "test"))];
      const done = callsOf(codeOf(program), inputs);
      for (const name of expensive) {
        seen += done.get(name) ?? 0;
        expect(done.get(name) ?? 0).toBeLessThanOrEqual(1.25 * (said.get(name) ?? 0));
      }
    }),
    { seed: 12, numRuns: 40 },
  );
  expect(seen).toBeGreaterThan(1000);
});

test("max-pooling's windows are read, not copied", () => {
  const program = programOf([float(4, 8, 8)], (x) =>
    reduceMax(
      windows(max(x, sub(x, x)), { axes: [1, 2], sizes: [2, 2], strides: [2, 2], dilations: [1, 1] }),
      [3, 4],
    ),
  );
  expect(codeOf(program).steps).toHaveLength(1);
});
