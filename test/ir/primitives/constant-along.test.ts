/** What the graph knows to be the same all along some axes, without those axes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { range } from "../../../src/ir/aval.js";
import { type Expr, param } from "../../../src/ir/expr.js";
import { and, not } from "../../../src/ir/primitives/arithmetic.js";
import { broadcast, constantAlong, permute } from "../../../src/ir/primitives/layout.js";
import { read, values } from "../values.js";

const bools = (shape: readonly number[], from = 0): Expr => {
  const n = shape.reduce((a, b) => a * b, 1);
  return values(
    Array.from({ length: n }, (_, i) => (((i + from) * 7) % 3) % 2),
    shape,
    "bool",
  );
};

/** `small` stretched back over `axes` of `shape`. */
const back = (small: Expr, shape: readonly number[], axes: readonly number[]): Expr =>
  broadcast(
    small,
    shape,
    range(shape.length).filter((a) => !axes.includes(a)),
  );

const expectConstant = (x: Expr, axes: readonly number[]): void => {
  const small = constantAlong(x, axes);
  expect(small).not.toBeNull();
  expect(read(back(small!, x.shape, axes))).toEqual(read(x));
};

describe("constantAlong", () => {
  test("sees through broadcasts, permutations, their compositions, and logic", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.subarray([0, 1, 2], { minLength: 1 }),
        fc.boolean(),
        (permutation, kept, twice) => {
          const shape = [2, 3, 4];
          const inner = broadcast(bools(kept.map((a) => shape[a]!)), shape, kept);
          const outer = broadcast(twice ? not(inner) : inner, [2, 5, 3, 4], [0, 2, 3]);
          const x = permute(outer, permutation);
          const still = [...[0, 1, 2].filter((a) => !kept.includes(a)).map((a) => [0, 2, 3][a]!), 1];
          const axes = permutation.flatMap((p, i) => (still.includes(p) ? [i] : []));
          expectConstant(x, axes);
          expectConstant(and(x, not(x)), axes);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test("axes of size 1 are constant whatever stands there", () => {
    expectConstant(bools([3, 1]), [1]);
    expectConstant(bools([1, 2, 1]), [0, 2]);
  });

  test("says nothing of what changes, or of what it does not know", () => {
    expect(constantAlong(param({ shape: [2, 3], dtype: "bool" }), [1])).toBeNull();
    expect(constantAlong(broadcast(bools([3]), [2, 3], [1]), [1])).toBeNull();
    expect(constantAlong(broadcast(bools([3]), [2, 3], [1]), [0, 1])).toBeNull();
    const x = bools([2, 3]);
    expect(constantAlong(x, [])).toBe(x);
  });
});
