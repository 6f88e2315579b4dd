/** Contractions in tiles of shared memory, as on a graphics card, against the reference. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { add, conv, grad, matmul, mul, relu, sum, type Tensor } from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { normal } from "../arguments.js";
import { byJavaScript, expectWithin, type F, onDevice, ownDevice, sourceOf } from "./own-device.js";

const device = ownDevice({ software: false });
beforeAll(() => {
  useDriver(device);
});

const expectEqual = (f: F, ...xs: readonly Tensor[]): void => {
  expectWithin(1e-5, onDevice(f, ...xs), byJavaScript(f, ...xs));
};

describe("tiles", () => {
  test("are what a large product becomes", () => {
    const x = normal(1, 64, 64);
    expect(sourceOf((y) => matmul(y, y), x)).toContain("var<workgroup> tile_a");
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
