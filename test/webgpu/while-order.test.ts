/** Loops of unknown length on a device that cannot be waited for: what is told to it meanwhile is done after them. */
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  add,
  getBackend,
  initBackend,
  jit,
  less,
  matmul,
  mul,
  ones,
  setBackend,
  tanh,
  type Tensor,
  tensor,
  whileLoop,
} from "../../src/index.js";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { gpu } from "./gpu.js";
import { whole } from "./rounds-of.js";

const before = getBackend();
let device: Driver;
beforeEach(async () => {
  device = await acquire(gpu);
  useDriver(device);
  setBackend("webgpu");
});
afterAll(() => {
  setBackend(before);
});

const rows = 256;

/** So many times x / 2 + 1. */
const halved = (n: Tensor, x: Tensor): Tensor =>
  whileLoop(
    ([i]: readonly [Tensor, Tensor]) => less(i, n),
    ([i, v]: readonly [Tensor, Tensor]) => [add(i, 1), add(mul(v, 0.5), 1)] as const,
    [whole(0), x] as const,
  )[1];

const counted = (n: Tensor | number, x: Tensor): Tensor =>
  whileLoop(
    ([i]: readonly [Tensor, Tensor]) => less(i, n),
    ([i, v]: readonly [Tensor, Tensor]) => [add(i, 1), add(v, 1)] as const,
    [whole(0), x] as const,
  )[1];

const expectAll = async (x: Tensor, want: number): Promise<void> => {
  const got = await x.data();
  expect(got.length).toBe(rows * rows);
  expect(new Set(got)).toEqual(new Set([want]));
};

describe("what follows a loop", () => {
  test("waits for it, be it programs, memory or reads", async () => {
    const loop = jit(counted);
    const next = jit((x: Tensor) => mul(x, 2));
    const x = loop(whole(70), ones([rows, rows]));
    const y = next(x);
    // Uploads, and more memory than there was.
    const large = jit((v: Tensor) => add(v, 1))(ones([2048, 1024]));
    const z = loop(whole(5), add(y, tensor(1)));
    await expectAll(z, 148);
    await expectAll(x, 71);
    await expectAll(y, 142);
    expect((await large.data())[7]).toBe(2);
  });

  test("may take the memory of what it was given", async () => {
    const loop = jit(counted, { donate: [1] });
    let x = add(ones([rows, rows]), 0);
    await x.data();
    for (let k = 0; k < 5; k++) x = loop(whole(10 + k), x);
    await expectAll(x, 61);
  });

  test("of many calls is in their order", async () => {
    const loop = jit(counted);
    let x: Tensor = ones([rows, rows]);
    for (let k = 0; k < 12; k++) x = mul(loop(whole(k), x), k % 3 === 0 ? 0.5 : 1);
    let want = 1;
    for (let k = 0; k < 12; k++) want = (want + k) * (k % 3 === 0 ? 0.5 : 1);
    await expectAll(x, want);
  });
});

describe("a loop", () => {
  test("is a few submissions, and what is around it part of them", async () => {
    const f = jit((n: Tensor, x: Tensor) => mul(counted(n, tanh(matmul(x, x))), 2));
    const x = add(ones([rows, rows]), 0);
    await x.data();
    const run = vi.spyOn(device, "run");
    await expectAll(f(whole(2), x), 6);
    // The rounds with what is before; what is after.
    expect(run.mock.calls.length).toBe(2);
    run.mockClear();
    await expectAll(f(whole(100), x), 202);
    // The last of 4, 12, 28, 60 and 124 rounds, or 16, 48 and 112, if none was slow.
    expect(run.mock.calls.length).toBeGreaterThan(3);
    expect(run.mock.calls.length).toBeLessThan(30);
    run.mockClear();
    await jit((v: Tensor) => mul(matmul(v, v), 2))(x).data();
    expect(run.mock.calls.length).toBe(1);
  });

  test("of thousands of rounds leaves the event loop to others", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await expectAll(jit(halved)(whole(2000), ones([rows, rows])), 2);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
  });

  test("is timed from its first round to its last", async () => {
    const times = vi.spyOn(device as Required<Driver>, "time");
    const { kernels } = await jit((x: Tensor) => counted(60, x))
      .lower(ones([rows, rows]))
      .profileAsync(1);
    expect(kernels.length).toBeGreaterThan(0);
    const pieces = await Promise.all(times.mock.results.map(({ value }) => value as Promise<number[]>));
    expect(pieces.length).toBeGreaterThan(kernels.length);
    const total = pieces.flat().reduce((s, ms) => s + ms, 0);
    expect(kernels.reduce((s, k) => s + k.ms, 0)).toBeCloseTo(total, 6);
  });

  test("has its contractions tuned", async () => {
    const loop = jit((n: Tensor, x: Tensor) =>
      whileLoop(
        ([i]: readonly [Tensor, Tensor]) => less(i, n),
        ([i, v]: readonly [Tensor, Tensor]) => [add(i, 1), tanh(matmul(v, v))] as const,
        [whole(0), x] as const,
      ),
    );
    const { adapters } = await loop.lower(whole(1), ones([64, 64])).tune();
    expect(Object.keys(adapters[device.name]!).length).toBe(1);
  });
});

describe("a device that is lost in the middle", () => {
  test("rejects what is read, and what follows; a fresh one computes", async () => {
    const loop = jit(halved);
    const x = loop(whole(1_000_000_000), ones([rows, rows]));
    const y = add(x, 1);
    await new Promise((done) => setTimeout(done, 300));
    device.destroy();
    await expect(y.data()).rejects.toThrow(/a step of a program failed .*(lost|destroyed)/is);
    await expect(x.data()).rejects.toThrow(/a step of a program failed/);
    await initBackend("webgpu", { gpu });
    await expectAll(loop(whole(40), ones([rows, rows])), 2);
  });

  test("and one that refuses to be read ends the loop", async () => {
    const read = vi.spyOn(device, "read").mockRejectedValue(new Error("no more"));
    const x = jit(halved)(whole(10), ones([rows, rows]));
    await expect(x.data()).rejects.toThrow("a step of a program failed (no more)");
    const asked = read.mock.calls.length;
    await new Promise((done) => setTimeout(done, 50));
    expect(read.mock.calls.length).toBe(asked);
  });
});
