/** Running sums, products, maxima and minima: long rows are cut into parts that go on from each other's totals. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  add,
  cast,
  cummax,
  cummin,
  cumprod,
  cumsum,
  type DType,
  exp,
  getBackend,
  grad,
  greater,
  jit,
  mul,
  pad,
  random,
  scan,
  setBackend,
  sum,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { syncDriver } from "./sync-driver.js";

const before = getBackend();
const device = syncDriver();
afterAll(() => {
  setBackend(before);
  device.destroy();
});

const given = (seed: number, ...shape: number[]): Tensor => {
  setBackend("js");
  const x = random.normal(random.key(seed), shape);
  x.dataSync();
  return x;
};

/** The function on WebGPU, and whether its kernels are cut into parts. */
const on = (
  f: (x: Tensor) => Tensor,
  x: Tensor,
): { readonly data: readonly number[]; readonly cut: boolean } => {
  setBackend("webgpu");
  const g = jit(f);
  const cut = g.lower(x).kernels.some((k) => k.source.includes("scratch"));
  return { data: Array.from(g(x).dataSync()), cut };
};

const expectSame = (f: (x: Tensor) => Tensor, x: Tensor, cut: boolean): void => {
  const got = on(f, x);
  setBackend("js");
  const want = f(x).dataSync();
  expect(got.cut).toBe(cut);
  const largest = Math.max(1, ...Array.from(want, (w) => (Number.isFinite(w) ? Math.abs(w) : 0)));
  got.data.forEach((g, i) => {
    const w = want[i]!;
    if (Object.is(g, w) || g === w) return;
    expect(Math.abs(g - w), `element ${i}: ${g}, ${w}`).toBeLessThanOrEqual(4e-5 * largest);
  });
};

describe.each([
  ["on a graphics card", false],
  ["in software", true],
])("%s", (_, software) => {
  beforeAll(() => {
    useDriver(Object.create(device, { software: { value: software } }) as typeof device);
  });

  const ways = [
    ["cumsum", cumsum],
    ["cumprod", (x: Tensor) => cumprod(add(1, mul(x, 1e-3)))],
    ["cummax", cummax],
    ["cummin", cummin],
  ] as const satisfies readonly (readonly [string, (x: Tensor) => Tensor])[];

  test.each(ways)("%s of one row, of any length", (_name, f) => {
    for (const n of [9, 64, 100, 1000, 65_537]) expectSame((x) => f(x), given(n, n), n >= 9);
  });

  test("rows, whichever axis they are on", () => {
    expectSame((x) => cumsum(x, { axis: 1 }), given(1, 3, 1001), true);
    expectSame((x) => cumsum(x, { axis: 0 }), given(2, 1001, 3), true);
    expectSame((x) => cumsum(x, { axis: 1 }), given(3, 2, 700, 3), true);
  });

  test("many rows are gone through as before", () => {
    expectSame((x) => cumsum(x, { axis: 1 }), given(4, 9000, 9), false);
  });

  test("what is computed before, and gradients, from the other end", () => {
    expectSame((x) => cumsum(exp(mul(x, 0.1))), given(5, 3000), true);
    expectSame((x) => cumsum(pad(x, [[2, 3]])), given(6, 2000), true);
    expectSame((x) => grad((v: Tensor) => sum(mul(cumsum(v), cumsum(v))))(x), given(7, 500), true);
  });

  test.each<DType>(["int32", "uint32", "int8", "uint8"])("%s wraps around", (dtype) => {
    const x = cast(mul(given(8, 5000), 50), dtype);
    x.dataSync();
    expectSame((v) => cumsum(v), x, true);
    expectSame((v) => cumprod(add(mul(v, 2), 1)), x, true);
    expectSame((v) => cummax(v), x, true);
  });

  test("bools, NaN and zeros of both signs", () => {
    expectSame((v) => cumsum(greater(v, 1)), given(9, 3000), true);
    const odd = tensor(Array.from({ length: 2000 }, (_v, i) => (i === 1500 ? NaN : i % 3 === 0 ? -0 : 0)));
    expectSame((v) => cummax(v), odd, true);
    expectSame((v) => cummin(v), odd, true);
    expectSame((v) => where(greater(v, 0), cumsum(v), v), odd, true);
  });

  test("inside loops, in place of what they replace", () => {
    const loop = (x: Tensor): Tensor =>
      scan((c: Tensor, v: Tensor) => [mul(cumsum(add(c, v)), 1e-3), null] as const, x, tensor([1, 2, 3]))[0];
    expectSame(loop, given(10, 4000), false); // in one workgroup
    expectSame(loop, given(10, 70_000), true); // a dispatch for each step
  });

  test("of many numbers are as exact as a sum", () => {
    const n = 1 << 20;
    const { data } = on(() => cumsum(mul(add(random.uniform(random.key(1), [n]), 0), 0.1)), tensor([1]));
    setBackend("js");
    const x = mul(random.uniform(random.key(1), [n]), 0.1).dataSync();
    const total = Array.from(x).reduce((s, v) => s + v, 0);
    expect(Math.abs(data[n - 1]! / total - 1)).toBeLessThan(1e-5);
  });

  test("the same every time", () => {
    const x = given(11, 30_000);
    expect(on((v) => cumsum(v), x).data).toEqual(on((v) => cumsum(v), x).data);
  });
});
