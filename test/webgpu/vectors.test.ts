/** Memory read and written four words at a time, against word by word: the same bits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import type { DType, Tensor } from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { ownDevice } from "./own-device.js";

const device = ownDevice();

const like = (properties: Partial<Driver>): Driver =>
  Object.assign(Object.create(device) as Driver, properties);

/** As a processor that plays a graphics card, and as a graphics card. */
const kinds = [
  ["in blocks", like({ software: true })],
  ["in tiles", like({ software: false, matrices: null })],
] as const;

type F = (...xs: Tensor[]) => Tensor;

const random = (seed: number, dtype: DType, ...shape: number[]): Tensor => {
  fx.setBackend("js");
  const key = fx.random.key(seed);
  const isFloat = dtype === "float32" || dtype === "float16";
  const x = isFloat
    ? fx.cast(fx.mul(fx.random.normal(key, shape), 3), dtype)
    : fx.cast(fx.random.randint(key, shape, -100, 100), dtype);
  x.dataSync();
  return x;
};

const run = (driver: Driver, f: F, xs: readonly Tensor[]): { source: string; bits: string } => {
  fx.setBackend("webgpu");
  useDriver(driver);
  const g = fx.jit(f);
  const source = g
    .lower(...xs)
    .kernels.map((k) => k.source)
    .join("\n");
  const y = g(...xs).dataSync() as ArrayLike<number>;
  return { source, bits: Array.from(y, (v) => (Object.is(v, -0) ? "-0" : String(v))).join() };
};

const vectors = /heap: array<vec4<u32>>;/;

/** The same bits as word by word; `kernels` are those that see memory as vectors. */
const expectSame = (
  driver: Driver,
  kernels: number | "some" | "any",
  f: F,
  ...xs: readonly Tensor[]
): string => {
  const four = run(driver, f, xs);
  const one = run(Object.assign(Object.create(driver) as Driver, { vectors: false }), f, xs);
  const found = four.source.match(new RegExp(vectors, "g"))?.length ?? 0;
  if (kernels === "some") expect(found).toBeGreaterThan(0);
  else if (kernels !== "any") expect(found).toBe(kernels);
  expect(one.source).not.toMatch(vectors);
  expect(four.bits === one.bits, four.source).toBe(true);
  return four.source;
};

const [, software] = kinds[0];

describe("elementwise kernels", () => {
  test.each([
    ["arithmetic", (x, y) => fx.tanh(fx.add(fx.mul(x, y), 1))],
    ["a row for all", (x, y) => fx.mul(x, fx.slice(y, [0, 0], [1, 24]))],
    ["a column for all", (x) => fx.mul(x, fx.slice(x, [0, 3], [10, 4]))],
    ["extremes and quotients", (x, y) => fx.minimum(fx.maximum(x, 0), fx.div(x, y))],
    ["comparisons", (x, y) => fx.where(fx.logicalAnd(fx.greater(x, y), fx.notEqual(x, 0)), x, -0)],
    ["positions", (x) => fx.add(x, fx.reshape(fx.arange(240), [10, 24]))],
    ["formulas that branch", (x, y) => fx.add(fx.sin(fx.mul(x, 1e5)), fx.pow(fx.abs(x), y))],
    ["lgamma, erf", (x, y) => fx.add(fx.lgamma(x), fx.erf(y))],
    ["draws that reject", (x) => fx.random.gamma(fx.random.key(3), fx.add(fx.abs(x), 0.2))],
    ["counts drawn", (x) => fx.random.poisson(fx.random.key(3), fx.mul(fx.abs(x), 9))],
    ["whole numbers", (x) => fx.rem(fx.cast(fx.mul(x, 10), "int32"), 7)],
    ["bits", (x) => fx.bitwiseXor(fx.cast(fx.mul(x, 10), "uint8"), 77)],
  ] satisfies [string, F][])("%s", (_, f: F) => {
    for (const shape of [
      [10, 24],
      [1, 24],
    ])
      expectSame(software, "some", f, random(1, "float32", 10, 24), random(2, "float32", ...shape));
  });

  test.each(["float32", "float16", "int32", "uint32", "int8", "uint8", "bool"] as const)("of %s", (dtype) => {
    const f: F = dtype === "bool" ? (x, y) => fx.logicalXor(x, y) : (x, y) => fx.sub(fx.mul(x, y), x);
    expectSame(software, 1, f, random(1, dtype, 12, 20), random(2, dtype, 12, 20));
    const casts: F = (x) => fx.cast(x, dtype);
    expectSame(software, dtype === "float32" ? 0 : 1, casts, random(3, "float32", 12, 20));
  });

  test("numbers that are none, and infinite ones", () => {
    const some = [NaN, Infinity, -Infinity, 0, -0, 1e-45, -3.5, 3e38];
    const pairs = some.flatMap((a) => some.map((b) => [a, b] as const));
    const [x, y] = [0, 1].map((i) => fx.tensor(pairs.map((p) => p[i as 0 | 1]))) as [Tensor, Tensor];
    for (const f of [
      fx.minimum,
      fx.maximum,
      fx.equal,
      fx.less,
      (a: Tensor, b: Tensor) => fx.add(fx.cast(a, "int32"), fx.cast(b, "int32")),
      (a: Tensor, b: Tensor) => fx.add(fx.cast(a, "uint32"), fx.cast(b, "uint8")),
    ])
      expectSame(software, 1, f as F, x, y);
  });

  test("whole numbers divided, by zero and -1 too", () => {
    const some = [0, 1, -1, 7, -7, -2147483648, 2147483647, 5];
    const pairs = some.flatMap((a) => some.map((b) => [a, b] as const));
    for (const dtype of ["int32", "uint32"] as const) {
      const [x, y] = [0, 1].map((i) =>
        fx.tensor(
          pairs.map((p) => (dtype === "int32" ? p[i as 0 | 1] : p[i as 0 | 1] >>> 0)),
          { dtype },
        ),
      ) as [Tensor, Tensor];
      expectSame(software, 1, (a, b) => fx.floorDivide(a, b), x, y);
    }
  });

  test("end within a vector, and leave what follows alone", () => {
    for (const n of [1, 2, 3, 5, 63, 65, 1023]) {
      const f: F = (x, y) => fx.add(fx.mul(x, y), x);
      expectSame(software, n === 1 ? 0 : 1, f, random(1, "float32", n), random(2, "float32", n));
    }
    // Parts of one array, written side by side by several kernels.
    const parts: F = (x, y) => fx.concatenate([fx.mul(x, 2), fx.cumsum(y), fx.exp(x)]);
    for (const n of [5, 8, 13])
      expectSame(software, "any", parts, random(1, "float32", n), random(2, "float32", n));
  });

  test("views that are no vectors go word by word", () => {
    const x = random(1, "float32", 24, 24);
    for (const f of [
      (a: Tensor) => fx.mul(fx.transpose(a), 2),
      (a: Tensor) => fx.mul(fx.flip(a, { axis: 1 }), 2),
      (a: Tensor) => fx.mul(fx.slice(a, [0, 1], [24, 21]), 2),
      (a: Tensor) =>
        fx.mul(
          fx.pad(a, [
            [0, 0],
            [1, 3],
          ]),
          2,
        ),
    ])
      expectSame(software, 0, f, x);
    expectSame(software, 1, (a) => fx.mul(fx.slice(a, [1, 4], [23, 16]), 2), x);
    expectSame(software, "some", (a) => fx.mul(fx.roll(a, 8, { axis: 1 }), 2), x);
  });
});

const element = fc.constantFrom<DType>("float32", "float16", "int32", "bool");
const extent = fc.constantFrom(1, 2, 3, 4, 8, 12, 17, 20);

describe.each(kinds)("%s", (name, driver) => {
  test("random views and arithmetic", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(element, element, extent, extent, extent, fc.nat(5), (da, db, a, b, c, view) => {
        const f: F = (x, y) => {
          const z = [
            y,
            fx.transpose(fx.transpose(y, [2, 1, 0]), [2, 1, 0]),
            fx.reshape(fx.reshape(y, [a * b, c]), [a, b, c]),
            fx.slice(y, [0, 0, 0], [a, b, 1]),
            fx.slice(y, [0, 0, 0], [1, b, c]),
            fx.flip(y, { axis: 0 }),
          ][view]!;
          return fx.where(fx.greater(fx.cast(x, "float32"), 0), fx.cast(z, "float32"), fx.cast(x, "float32"));
        };
        expectSame(driver, "any", f, random(1, da, a, b, c), random(2, db, a, b, c));
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  const product = (m: number, k: number, n: number, ...batch: number[]): void => {
    const x = random(1, "float32", ...batch, m, k);
    const xt = random(2, "float32", ...batch, k, m);
    const y = random(3, "float32", ...batch, k, n);
    const yt = random(4, "float32", ...batch, n, k);
    const t = (z: Tensor): Tensor => fx.swapAxes(z, -1, -2);
    expectSame(driver, "any", (a, b) => fx.matmul(a, b), x, y);
    expectSame(driver, "any", (a, b) => fx.matmul(t(a), b), xt, y);
    expectSame(driver, "any", (a, b) => fx.matmul(a, t(b)), x, yt);
    expectSame(driver, "any", (a, b) => fx.relu(fx.add(fx.matmul(t(a), t(b)), 1)), xt, yt);
  };

  // Enough of them, so that each invocation has four columns.
  test.each([
    [64, 64, 20, 64],
    [64, 33, 24, 36],
    [32, 130, 16, 68],
    [1, 16, 1024, 2048], // cut along its depth
    [1, 512, 12, 512],
  ])("%i of %i × %i × %i", (b, m, k, n) => {
    const follow: F = (x, y, z) => fx.tanh(fx.add(fx.matmul(fx.mul(x, 0.1), y), z));
    const xs = [
      random(1, "float32", b, m, k),
      random(3, "float32", b, k, n),
      random(5, "float32", n),
    ] as const;
    const source = expectSame(driver, "some", follow, ...xs);
    expect(source.includes("var<workgroup> tile_a")).toBe(name === "in tiles");
  });

  test("operands either way round", () => {
    product(33, 24, 36, 64);
  });

  test("float16s, their products and results", () => {
    const [x, y] = [random(1, "float16", 64, 20, 24), random(2, "float16", 64, 24, 36)] as const;
    expectSame(driver, "some", (a, b) => fx.matmul(a, b), x, y);
  });

  test("any sizes and batches", { timeout: 120_000 }, () => {
    const size = fc.integer({ min: 1, max: 70 });
    const four = fc.integer({ min: 2, max: 18 }).map((n) => 4 * n);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.oneof(size, four),
        fc.oneof(size, four),
        four,
        (b, m, k, n) => {
          product(m, k, n, b);
        },
      ),
      { numRuns: 6, seed: 5 },
    );
  });

  test("convolutions, attention, their gradients with them", { timeout: 120_000 }, () => {
    const x = random(1, "float32", 4, 4, 16, 16);
    const w = random(2, "float32", 8, 4, 3, 3);
    const loss: F = (a, b) => fx.sum(fx.square(fx.conv(a, b, { padding: "SAME" })));
    expectSame(driver, "any", loss, x, w);
    expectSame(driver, "any", (a, b) => fx.grad((z: Tensor) => loss(a, z))(b), x, w);
    const q = random(3, "float32", 2, 2, 16, 32);
    const attended: F = (a) => fx.grad((z: Tensor) => fx.sum(fx.square(fx.dotProductAttention(z, z, z))))(a);
    expectSame(driver, "any", attended, q);
  });

  test("in loops and branches", () => {
    const x = random(1, "float32", 64, 64);
    const loop: F = (a) => fx.foriLoop(0, 5, (_, y) => fx.mul(fx.tanh(fx.matmul(y, a)), 0.5), a);
    expectSame(driver, "any", loop, x);
    const branch: F = (a) =>
      fx.cond(
        fx.greater(fx.sum(a), 1e9),
        (y: Tensor) => fx.matmul(y, y),
        (y: Tensor) => fx.mul(fx.matmul(y, fx.transpose(y)), 2),
        a,
      );
    expectSame(driver, "any", branch, x);
  });

  test("in loops of unknown length, whose flags are beside the parts of sums", () => {
    const loop: F = (x, y) =>
      fx.whileLoop(
        ([i]: readonly [Tensor, Tensor]) => fx.less(i, 2),
        ([i, z]): [Tensor, Tensor] => [fx.add(i, 1), fx.tanh(fx.matmul(z, y))],
        [fx.tensor(0), x] as [Tensor, Tensor],
      )[1];
    expectSame(driver, "some", loop, random(1, "float32", 16, 1024), random(2, "float32", 1024, 1024));
  });
});
