/** Contractions in tiles of shared memory, as on a graphics card, against the reference. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  add,
  conv,
  getBackend,
  grad,
  jit,
  matmul,
  mul,
  random,
  relu,
  setBackend,
  sum,
  type Tensor,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { syncDriver } from "./sync-driver.js";

const before = getBackend();
beforeAll(() => {
  useDriver(syncDriver({ software: false }));
});
afterAll(() => {
  setBackend(before);
});

const expectEqual = (f: (...xs: Tensor[]) => Tensor, ...xs: readonly Tensor[]): void => {
  setBackend("js");
  const want = f(...xs).dataSync();
  setBackend("webgpu");
  const got = jit(f)(...xs).dataSync();
  const largest = Math.max(...Array.from(want, Math.abs));
  got.forEach((g, i) => {
    if (!(Math.abs(g - want[i]!) <= 1e-5 * largest)) expect(g, `element ${i}`).toBe(want[i]);
  });
};

const normal = (seed: number, ...shape: number[]): Tensor => {
  const x = random.normal(random.key(seed), shape);
  setBackend("js");
  x.dataSync();
  return x;
};

describe("tiles", () => {
  test("are what a large product becomes", () => {
    const x = normal(1, 64, 64);
    setBackend("webgpu");
    const { kernels } = jit((y: Tensor) => matmul(y, y)).lower(x);
    expect(kernels[0]!.source).toContain("var<workgroup> tile_a");
  });

  test.each([
    [64, 64, 64],
    [130, 70, 33],
    [257, 19, 40],
    [8, 300, 9],
    [3, 5000, 40],
    [65, 17, 257],
  ])("%i × %i × %i", (m, k, n) => {
    expectEqual((x, y) => matmul(x, y), normal(1, m, k), normal(2, k, n));
    expectEqual((x, y) => relu(add(matmul(mul(x, 2), y.transpose()), 1)), normal(3, m, k), normal(4, n, k));
  });

  test("any sizes and batches", { timeout: 120_000 }, () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), size, size, size, (b, m, k, n) => {
        expectEqual((x, y) => matmul(x, y), normal(1, b, m, k), normal(2, b, k, n));
      }),
      { seed: 5, numRuns: 12 },
    );
  });

  test("convolutions, their gradients with them", { timeout: 120_000 }, () => {
    const loss = (x: Tensor, w: Tensor): Tensor =>
      sum(mul(conv(x, w, { padding: "SAME" }), conv(x, w, { padding: "SAME" })));
    const x = normal(1, 4, 3, 14, 14);
    const w = normal(2, 8, 3, 3, 3);
    expectEqual((a, b) => conv(a, b, { stride: 2 }), x, w);
    expectEqual((a, b) => grad(loss, { argnums: 1 })(a, b), x, w);
    expectEqual((a, b) => grad(loss)(a, b), x, w);
  });
});
