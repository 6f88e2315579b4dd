/** Pages that are not isolated have no SharedArrayBuffer: programs run in a worker there, too. */
import { afterAll, expect, test, vi } from "vitest";
import type * as heap from "../../../src/jit/backends/wasm/heap.js";

vi.mock("../../../src/jit/backends/wasm/heap.js", async (original) => ({
  ...(await original<typeof heap>()),
  sharedMemory: () => null, // Node itself needs the constructor to start a worker
}));

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("a worker needs no SharedArrayBuffer", async () => {
  vi.resetModules();
  const fluxion = await import("../../../src/index.js");
  const { add, getThreads, initBackend, jit, matmul, memoryStats, mul, ones, random, setBackend } = fluxion;
  const { setThreads, sort, sum } = fluxion;
  await initBackend("wasm-worker");
  vi.stubGlobal("SharedArrayBuffer", undefined);
  setThreads(4);
  expect(getThreads()).toBe(1);
  const x300 = ones([300, 300]);
  expect(jit(matmul).lower(x300, x300).kernels[0]!.source).not.toContain("threads");
  for (let i = 0; i < 10; i++) expect((await sum(matmul(x300, x300)).data())[0]).toBe(27_000_000);
  const double = jit((x: ReturnType<typeof ones>) => mul(x, 2));
  let x = ones([1000]);
  for (let i = 0; i < 5; i++) x = double(x);
  expect([...(await sum(x).data())]).toEqual([32_000]);
  const before = memoryStats().total;
  const large = double(ones([3_000_000]));
  expect([...(await sum(large).data())]).toEqual([6_000_000]);
  expect(memoryStats().total).toBeGreaterThan(before);
  // After the memory has moved, on the calling thread and back.
  const drawn = (): ReturnType<typeof ones> => sort(add(random.gamma(random.key(1), 3, [100]), 1));
  const there = await drawn().data();
  setBackend("wasm");
  expect([...there]).toEqual([...drawn().dataSync()]);
});
