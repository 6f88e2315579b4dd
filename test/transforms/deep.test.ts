/** Graphs are deep: every fold is iterative. 100,000 nodes in a row, each depending on the one before. */
import { describe, expect, test } from "vitest";
import { checkProgram } from "../../src/ir/check.js";
import { type Expr, param } from "../../src/ir/expr.js";
import { programHash } from "../../src/ir/key.js";
import { printProgram } from "../../src/ir/print.js";
import { add, mul } from "../../src/ir/primitives/arithmetic.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import { inline, lift, substitute, topological, traceProgram } from "../../src/ir/program.js";
import { batchFold } from "../../src/transforms/batch.js";
import { call, evaluate } from "../../src/transforms/evaluate.js";
import { jvpFold } from "../../src/transforms/jvp.js";
import { splitFold } from "../../src/transforms/split.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { array, scalar, values } from "../ir/values.js";

const real = { shape: [], dtype: "float64" } as const;
const length = 100_000;

const chain = (x: Expr): Expr => {
  const half = scalar(0.999995);
  let y = x;
  for (let i = 0; i < length; i++) y = mul(y, half);
  return y;
};
const total = 0.999995 ** length;
const program = traceProgram([real], ([x]) => [chain(x!)]);
const [x] = program.params as [Expr];

describe("a chain of 100,000 nodes", () => {
  test("evaluates", () => {
    expect(call(program, [array([2], [])])[0]!.data[0]).toBeCloseTo(2 * total, 8);
  });

  test("jvp, transpose and split", () => {
    const t = param(real);
    const { tangents } = jvpFold(program.results, new Map([[x, t]]));
    expect(
      call({ params: [x, t], results: [tangents[0]!] }, [array([2], []), array([3], [])])[0]!.data[0],
    ).toBeCloseTo(3 * total, 8);
    const { pull } = vjpFold(program.results, [x]);
    expect(evaluate([pull([scalar(1)])[0]!])[0]!.data[0]).toBeCloseTo(total, 8);
    expect(splitFold(program.results, new Set([x])).linear).toEqual([true]);
  });

  test("vmap", () => {
    const [[y, axis]] = batchFold(program.results, new Map([[x, [values([1, 2]), 0] as const]]), 2) as [
      readonly [Expr, number | null],
    ];
    expect(axis).toBe(0);
    const out = evaluate([y])[0]!;
    expect(out.shape).toEqual([2]);
    expect(out.data[1]).toBeCloseTo(2 * total, 8);
  });

  test("substitution, lifting, checking, keys and printing", () => {
    expect(topological(substitute(program.results, new Map([[x, scalar(1)]]))).length).toBeGreaterThan(
      length,
    );
    expect(lift(program, 0).program.results).toHaveLength(1);
    expect(() => checkProgram(program)).not.toThrow();
    expect(programHash(program)).toBe(programHash(traceProgram([real], ([p]) => [chain(p!)])));
    expect(printProgram(program).split("\n").length).toBeGreaterThan(length);
  });

  test("inlined into another program, and twice differentiated", () => {
    const twice = traceProgram([real], ([p]) => [sin(inline(program, [p!])[0]!)]);
    const [p] = twice.params as [Expr];
    const first = vjpFold(twice.results, [p]).pull([scalar(1)])[0]!;
    const second = vjpFold([first], [p]).pull([scalar(1)])[0]!;
    expect(call({ params: [p], results: [second] }, [array([0.5], [])])[0]!.data[0]).toBeCloseTo(
      -Math.sin(0.5 * total) * total * total,
      8,
    );
  });
});

describe("a ladder in which every node is used twice", () => {
  test("is walked once, not 2^60 times", () => {
    const ladder = traceProgram([real], ([p]) => {
      let y = p!;
      for (let i = 0; i < 60; i++) y = mul(add(y, y), scalar(0.5));
      return [y];
    });
    const [p] = ladder.params as [Expr];
    expect(call(ladder, [array([3], [])])[0]!.data[0]).toBe(3);
    const gradient = vjpFold(ladder.results, [p]).pull([scalar(1)])[0]!;
    expect(evaluate([gradient])[0]!.data[0]).toBe(1);
    expect(topological([gradient]).length).toBeLessThan(400);
  });
});
