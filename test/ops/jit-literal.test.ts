import { expect, it } from "vitest";
import { add, jit, ones, zeros } from "fluxion";

it("literals are arguments like others: zeros([]) has no storage of its own", () => {
  const f = jit((x) => add(x, 1));
  expect(f(zeros([], { dtype: "int32" })).item()).toBe(1);
  expect(f(ones([], { dtype: "int32" })).item()).toBe(2);
  expect(f.cacheStats.misses).toBe(1);
});
