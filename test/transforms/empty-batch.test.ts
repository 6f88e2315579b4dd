import { expect, test } from "vitest";
import { param } from "../../src/ir/expr.js";
import { applyAll } from "../../src/ir/expr.js";
import { add, lt } from "../../src/ir/primitives/arithmetic.js";
import { fullLike } from "../../src/ir/primitives/layout.js";
import { batchFold } from "../../src/transforms/batch.js";
import { whilePrimitive } from "../../src/transforms/loops/while.js";
import { read, values } from "../ir/values.js";

// Found by a random program over an empty batch: the loop asked for the largest of no tests.
test("a while loop over no lanes takes no step", () => {
  const counter = { shape: [], dtype: "int32" } as const;
  const [limit, n, count] = [param(counter), param(counter), param(counter)];
  const lanes = param(counter);
  const [out] = applyAll(whilePrimitive, [lanes, fullLike(lanes, 0)], {
    test: { params: [limit, n], results: [lt(n, limit)] },
    body: { params: [count], results: [add(count, fullLike(count, 1))] },
    testConsts: 1,
    bodyConsts: 0,
  });
  const over = (xs: number[]) =>
    read(
      batchFold([out!], new Map([[lanes, [values(xs, [xs.length], "int32"), 0] as const]]), xs.length)[0]![0],
    )[0];
  expect(over([2, 0, 5])).toEqual([2, 0, 5]);
  expect(over([])).toEqual([]);
});
