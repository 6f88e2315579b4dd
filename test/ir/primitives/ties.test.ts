/** Derivatives where a function has a kink: JAX's conventions, which finite differences cannot test. */
import { describe, expect, test } from "vitest";
import type { Expr } from "../../../src/ir/expr.js";
import * as a from "../../../src/ir/primitives/arithmetic.js";
import { cumulative } from "../../../src/ir/primitives/cumulative.js";
import { scatter } from "../../../src/ir/primitives/indexed.js";
import { sum } from "../../../src/ir/primitives/layout.js";
import { prod, reduceMax, reduceMin } from "../../../src/ir/primitives/reductions.js";
import { gradOf, read, values } from "../values.js";

const grad = (f: (x: Expr) => Expr, xs: readonly number[]) =>
  read(gradOf((x) => sum(f(x), [0]), values(xs)))[0];

describe("ties share the derivative", () => {
  test("max and min of two: one half each", () => {
    const y = values([1, 2, 3]);
    expect(grad((x) => a.max(x, y), [0, 2, 4])).toEqual([0, 0.5, 1]);
    expect(grad((x) => a.max(y, x), [0, 2, 4])).toEqual([0, 0.5, 1]);
    expect(grad((x) => a.min(x, y), [0, 2, 4])).toEqual([1, 0.5, 0]);
    expect(grad((x) => a.max(x, x), [0, 2, 4])).toEqual([1, 1, 1]);
  });

  test("reduceMax and reduceMin: equal shares of all that tie", () => {
    const whole = (f: typeof reduceMax) => (x: Expr) => read(gradOf((y) => f(y, [0]), x))[0];
    expect(whole(reduceMax)(values([3, 1, 3, 3]))).toEqual([1 / 3, 0, 1 / 3, 1 / 3]);
    expect(whole(reduceMin)(values([3, 1, 3, 1]))).toEqual([0, 0.5, 0, 0.5]);
  });

  test("cummax and cummin: each new tie takes half", () => {
    expect(grad((x) => cumulative("cummax", x, 0, false), [2, 2, 1])).toEqual([2, 1, 0]);
    expect(grad((x) => cumulative("cummin", x, 0, true), [2, 2, 3])).toEqual([0.5, 1.5, 1]);
  });

  test("scatter max: the operand and the updates that reach the maximum", () => {
    const attrs = { axes: [0], batch: 0, outOfBounds: "clip", mode: "max" } as const;
    const indices = values([0, 0, 1], [3, 1], "int32");
    const u = values([5, 5, 1]);
    expect(grad((x) => scatter(x, indices, u, attrs), [5, 2])).toEqual([1 / 3, 1]);
    expect(grad((v) => scatter(values([5, 2]), indices, v, attrs), [5, 5, 1])).toEqual([1 / 3, 1 / 3, 0]);
  });
});

describe("derivatives that are zero by convention", () => {
  test("abs and sign at 0; steps at their jumps", () => {
    expect(grad(a.abs, [0, -0, -2])).toEqual([0, -0, -1]);
    for (const f of [a.sign, a.floor, a.ceil, a.round]) expect(grad(f, [0, 0.5, 1])).toEqual([0, 0, 0]);
  });

  test("products with zeros are exact", () => {
    const gradient = (xs: number[]) => read(gradOf((x) => prod(x, [0]), values(xs)))[0];
    expect(gradient([2, 0, 5])).toEqual([0, 10, 0]);
    expect(gradient([0, 0, 5])).toEqual([0, 0, 0]);
  });
});
