/** Pages that are not isolated have no SharedArrayBuffer: programs run in a worker there, too. */
import { afterAll, expect, test, vi } from "vitest";

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("a worker needs no SharedArrayBuffer", async () => {
  vi.resetModules();
  const { add, initBackend, jit, memoryStats, mul, ones, random, setBackend, sort, sum } =
    await import("../../../src/index.js");
  await initBackend("wasm-worker"); // Node itself needs the constructor to start one
  vi.stubGlobal("SharedArrayBuffer", undefined);
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
