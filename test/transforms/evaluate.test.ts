import { describe, expect, test } from "vitest";
import { collapse, type Expr, literal, param } from "../../src/ir/expr.js";
import { add, mul, neg } from "../../src/ir/primitives/arithmetic.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { call, evaluate } from "../../src/transforms/evaluate.js";
import { array, read, scalar, values } from "../ir/values.js";

const real = { shape: [], dtype: "float64" } as const;

describe("evaluate", () => {
  test("literals, constants, params and results of results", () => {
    const x = param(real);
    const [a, b] = checkpointed(([p]) => [sin(p!), neg(p!)], [x]) as [Expr, Expr];
    const y = add(mul(a, b), literal("float64", 2));
    expect(evaluate([y, x, literal("int32", 7)], new Map([[x, array([3], [])]]))).toEqual([
      array([Math.sin(3) * -3 + 2], []),
      array([3], []),
      array([7], [], "int32"),
    ]);
  });

  test("a param without a value is an error that says which", () => {
    const x = param({ shape: [2, 3], dtype: "int32" });
    expect(() => evaluate([neg(x)])).toThrow(
      `evaluate: expected a value for every param, got none for int32[2,3] #${x.id}`,
    );
  });

  test("a param's witness stands in for it, but not where it is bound", () => {
    const x = param(real, sin(scalar(1)));
    expect(read(neg(x))).toEqual([[-Math.sin(1)]]);
    expect(call({ params: [x], results: [neg(x)] }, [array([5], [])])).toEqual([array([-5], [])]);
  });

  test("results are not shared with the program's constants", () => {
    const c = values([1, 2]);
    expect(read(c)).toEqual([[1, 2]]);
    expect(read(neg(c), c)).toEqual([
      [-1, -2],
      [1, 2],
    ]);
  });

  // Reading inside a differentiated function caches the value that its witness gives.
  test("an open node's cached value is not the program's", () => {
    const x = param(real, scalar(1));
    const y = sin(x);
    collapse(y, Float64Array.of(Math.sin(1)));
    expect(call({ params: [x], results: [neg(y)] }, [array([2], [])])).toEqual([array([-Math.sin(2)], [])]);
  });
});
