import { describe, expect, test } from "vitest";
import type { Expr } from "../../../src/ir/expr.js";
import { mul } from "../../../src/ir/primitives/arithmetic.js";
import { type Scatter, scatter } from "../../../src/ir/primitives/indexed.js";
import { sum } from "../../../src/ir/primitives/layout.js";
import { gradOf, read, values } from "../values.js";

describe("scatter with mode mul", () => {
  const attrs: Scatter = { axes: [0], batch: 0, outOfBounds: "drop", mode: "mul" };
  const x = values([3, 5]);
  // The first, second and fourth update meet at place 0; the last is dropped.
  const indices = values([0, 0, 1, 0, 9], [5, 1], "int32");
  const product = (u: Expr): Expr => sum(scatter(x, indices, u, attrs), [0]);

  test("the gradient is the product of the others, with no, one or two zeros", () => {
    const at = (...u: number[]) => read(gradOf(product, values(u)))[0];
    expect(at(2, 7, 4, 11, 6)).toEqual([3 * 7 * 11, 3 * 2 * 11, 5, 3 * 2 * 7, 0]);
    expect(at(0, 7, 4, 11, 6)).toEqual([3 * 7 * 11, 0, 5, 0, 0]);
    expect(at(0, 0, 4, 11, 6)).toEqual([0, 0, 5, 0, 0]);
  });

  // Found by the law "jvp of jvp": where two updates of one place were zero the product of the others was a
  // constant 0, which is its value and not its derivative.
  test("the second derivative where two updates of one place are 0", () => {
    const t = values([1, 0, 0, 0, 0]);
    const second = gradOf((u) => sum(mul(gradOf(product, u), t), [0]), values([0, 0, 4, 11, 6]));
    expect(read(second)).toEqual([[0, 3 * 11, 0, 0, 0]]);
  });
});
