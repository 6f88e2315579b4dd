import { describe, expect, test } from "vitest";
import { type Expr, param } from "../../src/ir/expr.js";
import { add, mul, neg } from "../../src/ir/primitives/arithmetic.js";
import { isZeros, zerosOf } from "../../src/ir/primitives/layout.js";
import { cos, sin } from "../../src/ir/primitives/transcendental.js";
import { reshape } from "../../src/ir/primitives/views.js";
import { topological, traceProgram } from "../../src/ir/program.js";
import { applyAll } from "../../src/ir/expr.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { customJvpPrimitive, customVjpPrimitive } from "../../src/transforms/custom.js";
import { jvpFold } from "../../src/transforms/jvp.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { gradOf, read, scalar } from "../ir/values.js";

const real = { shape: [], dtype: "float64" } as const;

/** The identity whose rule says that it has no derivative. */
const frozen = (x: Expr): Expr =>
  applyAll(customJvpPrimitive, [x], {
    program: traceProgram([real], ([p]) => [p!]),
    rule: traceProgram([real, real], ([p]) => [p!, zerosOf(real)]),
    consts: 0,
  })[0]!;

/** sin x · y by a customVjp. */
const product = (x: Expr, y: Expr): Expr =>
  applyAll(customVjpPrimitive, [x, y], {
    program: traceProgram([real, real], ([p, q]) => [mul(sin(p!), q!)]),
    forward: traceProgram([real, real], ([p, q]) => [mul(sin(p!), q!), p!, q!]),
    backward: traceProgram([real, real, real], ([p, q, ct]) => [
      mul(ct!, mul(cos(p!), q!)),
      mul(ct!, sin(p!)),
    ]),
    consts: 0,
  })[0]!;

describe("a tangent of explicit zeros is no tangent", () => {
  // Found by a random program: zeros returned by a custom rule flowed on as known values. A checkpoint put what
  // depends on them into its known part and evaluated it, which a customVjp's tangent cannot be.
  test("customVjp in a checkpoint beside an operand whose custom rule returns zeros", () => {
    // sin(sin(x̄)·x̄) + sin(x̄·x), where x̄ is x without a derivative
    const f = (x: Expr): Expr =>
      checkpointed(([p, q]) => [product(p!, p!), mul(p!, q!)], [frozen(x), x])
        .map((y) => sin(y))
        .reduce((a, b) => add(a, b));
    expect(read(gradOf(f, scalar(2)))[0]![0]).toBeCloseTo(2 * Math.cos(4), 12);
  });

  test("jvp drops it", () => {
    const x = param(real);
    expect(jvpFold([neg(frozen(x))], new Map([[x, param(real)]])).tangents).toEqual([null]);
  });

  test("transpose does not follow cotangents of zeros", () => {
    const x = param(real);
    const { pull } = vjpFold([sin(x)], [x]);
    expect(pull([zerosOf(real)])).toEqual([null]);
    expect(topological([pull([scalar(1)])[0]!]).length).toBeGreaterThan(1);
  });

  test("isZeros sees through views, and sees -0 as 0", () => {
    expect(isZeros(reshape(zerosOf({ shape: [2, 3], dtype: "float32" }), [6]))).toBe(true);
    expect(isZeros(neg(zerosOf(real)))).toBe(false);
    expect(isZeros(scalar(0))).toBe(false); // storage: its value is not part of the program
  });
});
