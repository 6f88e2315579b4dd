import { expect, test } from "vitest";
import { aval } from "../../src/ir/aval.js";
import { attrsOf, param } from "../../src/ir/expr.js";
import { permute, permutePrimitive } from "../../src/ir/primitives/layout.js";
import { slicePrimitive } from "../../src/ir/primitives/views.js";

const x = param(aval([2, 3], "float32"));

test("attrsOf gives what the node was made with", () => {
  expect(attrsOf(permutePrimitive, permute(x, [1, 0]))).toEqual({ permutation: [1, 0] });
});

test("attrsOf refuses nodes of other primitives, and leaves", () => {
  expect(() => attrsOf(slicePrimitive, permute(x, [1, 0]))).toThrow(
    "slice: expected a node of it, got permute",
  );
  expect(() => attrsOf(slicePrimitive, x)).toThrow("slice: expected a node of it, got Param");
});
