/** Pages that are not isolated have no SharedArrayBuffer: memory moves when it grows, and results are copied out. */
import { afterAll, expect, test, vi } from "vitest";

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("programs run without SharedArrayBuffer, across growth of the memory", async () => {
  vi.stubGlobal("SharedArrayBuffer", undefined);
  vi.resetModules();
  const {
    add,
    getBackend,
    getThreads,
    jit,
    matmul,
    memoryStats,
    mul,
    ones,
    setBackend,
    setThreads,
    sort,
    sum,
    tensor,
  } = await import("../../../src/index.js");
  setBackend("wasm");
  expect(getBackend()).toBe("wasm");
  setThreads(4);
  expect(getThreads()).toBe(1);
  const double = jit((x: ReturnType<typeof tensor>) => mul(x, 2));
  let x = ones([1000]);
  for (let i = 0; i < 5; i++) x = double(x);
  expect(sum(x).item()).toBe(32_000);
  const before = memoryStats().total;
  const large = add(ones([3_000_000]), 1);
  expect(sum(large).item()).toBe(6_000_000);
  large.dataSync();
  expect(memoryStats().total).toBeGreaterThan(before);
  expect(memoryStats().resident).toBe(0);
  expect(sum(double(x)).item()).toBe(64_000);
  expect(
    matmul(ones([64, 300]), ones([300, 8]))
      .at(5, 5)
      .item(),
  ).toBe(300);
  for (let i = 0; i < 10; i++)
    expect(
      matmul(ones([200, 300]), ones([300, 200]))
        .at(5, 5)
        .item(),
    ).toBe(300);
  expect(sort(tensor([3, 1, 2])).toArray()).toEqual([1, 2, 3]);
});
