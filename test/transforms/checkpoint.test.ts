import { describe, expect, test } from "vitest";
import { type Expr, param } from "../../src/ir/expr.js";
import { printProgram } from "../../src/ir/print.js";
import { add, mul } from "../../src/ir/primitives/arithmetic.js";
import { exp, sin } from "../../src/ir/primitives/transcendental.js";
import { topological } from "../../src/ir/program.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { gradOf, read, scalar } from "../ir/values.js";

const real = { shape: [], dtype: "float64" } as const;
const f = (x: Expr): Expr => sin(exp(sin(x)));
const checkpointedF = (x: Expr): Expr => checkpointed(([p]) => [f(p!)], [x])[0]!;

describe("checkpoint", () => {
  test("values and derivatives to third order are the function's", () => {
    const thrice = (g: (x: Expr) => Expr) => gradOf((a) => gradOf((b) => gradOf(g, b), a), scalar(0.3));
    expect(read(checkpointedF(scalar(0.3)))).toEqual(read(f(scalar(0.3))));
    expect(read(thrice(checkpointedF))[0]![0]).toBeCloseTo(read(thrice(f))[0]![0]!, 12);
  });

  test("the backward pass holds no residual but the operands", () => {
    const x = param(real);
    const { primals, pull } = vjpFold([checkpointedF(x)], [x]);
    const [g] = pull([scalar(1)]);
    // What forward and backward pass have in common is x alone; without the checkpoint it is every value on the way.
    const common = (a: Expr, b: Expr) => {
      const left = new Set(topological([a]));
      return topological([b]).filter((e) => left.has(e));
    };
    expect(common(primals[0]!, g!)).toEqual([x]);
    const plain = vjpFold([f(x)], [x]);
    expect(common(plain.primals[0]!, plain.pull([scalar(1)])[0]!).length).toBeGreaterThan(1);
  });

  test("the derivative flows through what the function closes over", () => {
    const outer = (x: Expr): Expr => checkpointed(([p]) => [mul(p!, sin(x))], [mul(x, x)])[0]!;
    const at = 0.7;
    expect(read(gradOf(outer, scalar(at)))[0]![0]).toBeCloseTo(
      2 * at * Math.sin(at) + at * at * Math.cos(at),
      12,
    );
  });

  test("nested checkpoints", () => {
    const g = (x: Expr): Expr => checkpointed(([p]) => [add(checkpointedF(p!), mul(p!, x))], [x])[0]!;
    const plain = (x: Expr): Expr => add(f(x), mul(x, x));
    expect(read(gradOf(g, scalar(0.4)))[0]![0]).toBeCloseTo(read(gradOf(plain, scalar(0.4)))[0]![0]!, 12);
  });

  test("a gradient as a listing: the linear part is a checkpoint of its own that computes everything again", () => {
    const x = param(real);
    const { pull } = vjpFold([checkpointed(([p]) => [sin(sin(p!))], [x])[0]!], [x]);
    const ct = param(real);
    expect(printProgram({ params: [x, ct], results: [pull([ct])[0]!] })).toMatchInlineSnapshot(`
      "{ a:float64[], b:float64[] -> c:float64[]
        c:float64[] = checkpoint{program={ a:float64[], b:float64[] -> g:float64[]
              c:float64[] = sin a
              d:float64[] = cos c
              e:float64[] = mul b d
              f:float64[] = cos a
              g:float64[] = mul e f }} a b }"
    `);
  });
});
