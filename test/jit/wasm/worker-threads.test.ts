/** Threads of programs in a worker: the worker has helpers, and the results are the same bits, however many. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  getThreads,
  initBackend,
  jit,
  matmul,
  memoryStats,
  ones,
  setThreads,
  type Tensor,
} from "../../../src/index.js";
import { useWorker } from "../../../src/jit/backend.js";
import { WorkerDevice } from "../../../src/jit/backends/wasm/worker/device.js";
import { startWorker, workerBackend } from "../../../src/jit/backends/wasm/worker/index.js";
import { on, useBackend } from "../../backend.js";
import { divided } from "./divided.js";
import { bitsOf, helpersNow, until, useHelpers } from "./threads.js";

beforeAll(() => initBackend("wasm-worker"));
useBackend("wasm-worker");
afterAll(() => {
  setThreads(1);
});

const all = (out: unknown): readonly Tensor[] =>
  Array.isArray(out) ? (out as readonly Tensor[]) : [out as Tensor];

describe.each(divided)("$name", ({ f, args, kernels }) => {
  const make = () => jit(f as (...xs: Tensor[]) => Tensor);
  const run = make();
  const bits = async (): Promise<string> => bitsOf(await Promise.all(all(run(...args)).map((t) => t.data())));

  test("is divided, and says so", () => {
    const sources = run.lower(...args).kernels.map((k) => k.source);
    expect(sources.filter((s) => s.includes("parts for threads")).length).toBeGreaterThanOrEqual(kernels);
  });

  test(
    "has the same bits on 1, 2 and 3 threads, and on the calling thread",
    { timeout: 60_000 },
    async () => {
      setThreads(1);
      const expected = on("wasm", () => bitsOf(all(make()(...args)).map((t) => t.dataSync())));
      expect((await bits()) === expected).toBe(true);
      for (const n of [2, 3]) {
        await useHelpers(n);
        expect(getThreads()).toBe(n);
        const before = helpersNow().helped;
        await until(async () => {
          expect((await bits()) === expected).toBe(true);
          return helpersNow().helped > before;
        });
      }
    },
  );
});

test("helpers take part in what was told before they were there", { timeout: 60_000 }, async () => {
  const f = jit((x: Tensor) => x.mul(1.0001).sin());
  await until(async () => {
    await useHelpers(1);
    setThreads(2);
    let x = ones([1_000_000]);
    for (let i = 0; i < 100; i++) x = f(x);
    expect(helpersNow().ready).toBe(0);
    await x.data();
    return helpersNow().helped > 0;
  });
});

test(
  "helpers' memory does not count as used, and is free again when they have ended",
  { timeout: 60_000 },
  async () => {
    const backend = workerBackend(await startWorker());
    const { device } = backend;
    useWorker(backend);
    const held = new Map<number, number>();
    const { allocateOwn, releaseOwn } = WorkerDevice.prototype;
    const taken = vi.spyOn(WorkerDevice.prototype, "allocateOwn").mockImplementation(function (
      this: WorkerDevice,
      bytes,
    ) {
      const before = memoryStats().used;
      const at = allocateOwn.call(this, bytes);
      expect(memoryStats().used).toBe(before);
      if (this === device) held.set(at, bytes);
      return at;
    });
    const given = vi.spyOn(WorkerDevice.prototype, "releaseOwn").mockImplementation(function (
      this: WorkerDevice,
      at,
      bytes,
    ) {
      if (this === device) expect(held.get(at)).toBe(bytes);
      if (this === device) held.delete(at);
      releaseOwn.call(this, at, bytes);
    });
    const product = jit((x: Tensor) => matmul(x, x));
    for (const n of [3, 2, 3]) {
      setThreads(n);
      await product(ones([300, 300])).data();
      await useHelpers(n);
      expect(Math.max(...held.values())).toBeGreaterThan(10_000);
    }
    setThreads(1);
    await until(() => held.size === 0);
    taken.mockRestore();
    given.mockRestore();
  },
);
