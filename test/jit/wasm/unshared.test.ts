/** Pages that are not isolated have no SharedArrayBuffer: memory moves when it grows, and results are copied out. */
import { afterAll, expect, test, vi } from "vitest";
import * as fluxion from "../../../src/index.js";
import { on } from "../../backend.js";

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const numbers = Float32Array.from({ length: 300_000 }, (_, i) => Math.sin(i) * 10);
const wanted = on("wasm", () => {
  const y = fluxion.tensor(numbers, { shape: [500, 600] });
  return [
    fluxion.sum(y),
    fluxion.sum(fluxion.matmul(y.transpose(), y)),
    fluxion.matmul(y.reshape([3, 100_000]), y.reshape([100_000, 3])).at(1, 2),
  ].map((x) => x.item());
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

  // Sums are made of the same parts as where threads could compute them.
  const sums = (): number[] => {
    const y = tensor(numbers, { shape: [500, 600] });
    return [
      sum(y),
      sum(matmul(y.transpose(), y)),
      matmul(y.reshape([3, 100_000]), y.reshape([100_000, 3])).at(1, 2),
    ].map((s) => s.item());
  };
  expect(sums()).toEqual(wanted);
  add(ones([5_000_000]), 1).dataSync(); // the memory moves
  expect(sums()).toEqual(wanted);
});
