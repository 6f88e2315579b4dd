/** Running sums, products, maxima and minima: long rows are cut into parts that go on from each other's totals. */
import { expect, test } from "vitest";
import {
  add,
  cast,
  cummax,
  cummin,
  cumprod,
  cumsum,
  type DType,
  exp,
  grad,
  greater,
  mul,
  pad,
  random,
  scan,
  sum,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";
import { inJavaScript, normal } from "../arguments.js";
import {
  byJavaScript,
  expectWithin,
  type F,
  onDevice,
  onEachKind,
  ownDevice,
  sourceOf,
} from "./own-device.js";

const device = ownDevice();

const expectSame = (f: F, x: Tensor, cut: boolean): void => {
  expect(sourceOf(f, x).includes("scratch"), "cut into parts").toBe(cut);
  expectWithin(4e-5, onDevice(f, x), byJavaScript(f, x));
};

onEachKind("", device, () => {
  const ways = [
    ["cumsum", cumsum],
    ["cumprod", (x: Tensor) => cumprod(add(1, mul(x, 1e-3)))],
    ["cummax", cummax],
    ["cummin", cummin],
  ] as const satisfies readonly (readonly [string, (x: Tensor) => Tensor])[];

  test.each(ways)("%s of one row, of any length", (_name, f) => {
    for (const n of [9, 64, 100, 1000, 65_537]) expectSame((x) => f(x), normal(n, n), n >= 9);
  });

  test("rows, whichever axis they are on", () => {
    expectSame((x) => cumsum(x, { axis: 1 }), normal(1, 3, 1001), true);
    expectSame((x) => cumsum(x, { axis: 0 }), normal(2, 1001, 3), true);
    expectSame((x) => cumsum(x, { axis: 1 }), normal(3, 2, 700, 3), true);
  });

  test("many rows are gone through as before", () => {
    expectSame((x) => cumsum(x, { axis: 1 }), normal(4, 9000, 9), false);
  });

  test("what is computed before, and gradients, from the other end", () => {
    expectSame((x) => cumsum(exp(mul(x, 0.1))), normal(5, 3000), true);
    expectSame((x) => cumsum(pad(x, [[2, 3]])), normal(6, 2000), true);
    expectSame((x) => grad((v: Tensor) => sum(mul(cumsum(v), cumsum(v))))(x), normal(7, 500), true);
  });

  test.each<DType>(["int32", "uint32", "int8", "uint8"])("%s wraps around", (dtype) => {
    const x = inJavaScript(() => cast(mul(normal(8, 5000), 50), dtype));
    expectSame((v) => cumsum(v), x, true);
    expectSame((v) => cumprod(add(mul(v, 2), 1)), x, true);
    expectSame((v) => cummax(v), x, true);
  });

  test("bools, NaN and zeros of both signs", () => {
    expectSame((v) => cumsum(greater(v, 1)), normal(9, 3000), true);
    const odd = tensor(Array.from({ length: 2000 }, (_v, i) => (i === 1500 ? NaN : i % 3 === 0 ? -0 : 0)));
    expectSame((v) => cummax(v), odd, true);
    expectSame((v) => cummin(v), odd, true);
    expectSame((v) => where(greater(v, 0), cumsum(v), v), odd, true);
  });

  test("inside loops, in place of what they replace", () => {
    const loop = (x: Tensor): Tensor =>
      scan((c: Tensor, v: Tensor) => [mul(cumsum(add(c, v)), 1e-3), null] as const, x, tensor([1, 2, 3]))[0];
    expectSame(loop, normal(10, 4000), false); // in one workgroup
    expectSame(loop, normal(10, 70_000), true); // a dispatch for each step
  });

  test("of many numbers are as exact as a sum", () => {
    const n = 1 << 20;
    const draws = (): Tensor => mul(random.uniform(random.key(1), [n]), 0.1);
    const total = Array.from(byJavaScript(draws)).reduce((s, v) => s + v, 0);
    expect(Math.abs(onDevice(() => cumsum(draws()))[n - 1]! / total - 1)).toBeLessThan(1e-5);
  });

  test("the same every time", () => {
    const x = normal(11, 30_000);
    expect(onDevice((v) => cumsum(v), x)).toEqual(onDevice((v) => cumsum(v), x));
  });
});
