/**
 * float16 on devices that store it (`shader-f16`), two elements a word: odd sizes and starts, rows of loops, what is kept
 * and what only passes. SwiftShader does not store it; `.ci/run` runs this on lavapipe as well.
 */
import { describe, expect, test } from "vitest";
import {
  add,
  cast,
  jit,
  matmul,
  mul,
  ones,
  random,
  scan,
  setBackend,
  sort,
  sum,
  take,
  type Tensor,
  tensor,
  transpose,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { Device } from "../../src/jit/backends/wgsl/device.js";
import { decodeHalves, encodeHalves, halvesFrom } from "../../src/jit/backends/wgsl/halves.js";
import { roundToFloat16 } from "../../src/ir/scalar/float16.js";
import { ownDevice, sourceOf } from "./own-device.js";

const device = ownDevice();
useDriver(device);
setBackend("webgpu");

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => roundToFloat16(Math.sin(i) * 9));
const half = (xs: number[]): Tensor => tensor(xs, { dtype: "float16" });

test("elements are packed two in a word, the last one by itself where they are odd", () => {
  const special = Float32Array.of(1, -0, Infinity, -Infinity, 2 ** -24, 65504, NaN);
  const words = encodeHalves(special);
  expect(words.length).toBe(4);
  expect(words[0]).toBe(0x80003c00);
  expect(decodeHalves(words, 7)).toEqual(special);
});

test("arrays of a device that stores them are in a region of their own, half as large", () => {
  const run: number[] = [];
  const fake = { ...device, halves: true, grow: (end: number) => run.push(end), write: () => undefined };
  const memory = new Device(fake);
  expect(memory.allocate(64)).toBeLessThan(halvesFrom);
  expect(memory.allocate(64, 1)).toBeGreaterThanOrEqual(halvesFrom);
  expect(run.map((end) => end >= halvesFrom)).toEqual([false, true]);
  const { used } = memory.stats;
  memory.release(halvesFrom + 64, 64);
  expect(used - memory.stats.used).toBe(256);
});

test("the region of float16s ends where int32 could not number its elements", () => {
  const fake = { ...device, halves: true, capacity: 2 ** 30 - 1, grow: () => undefined };
  const memory = new Device(fake);
  expect(memory.allocate(2 ** 28, 1)).toBe(halvesFrom);
  expect(() => memory.allocate(2 ** 29, 1)).toThrow(
    /^webgpu: expected \d+ bytes of device memory, got 2147483648 at most/,
  );
  expect(memory.allocate(2 ** 29)).toBeLessThan(halvesFrom);
});

describe.skipIf(!device.halves)("with shader-f16 (this adapter has none otherwise)", () => {
  test("what comes in and what stays is stored in 16 bits; what passes between kernels is not", () => {
    const f = (x: Tensor): Tensor => add(matmul(x, x), sum(x));
    const text = sourceOf(f, half([1, 2, 3, 4]).reshape([2, 2]));
    expect(text).toContain("enable f16;");
    expect(text).toContain("f32(halves[");
    expect(text).toMatch(/halves\[[^\]]+\] = f16\(/);
    expect(sourceOf((x) => mul(x, 2), tensor([1, 2]))).not.toContain("f16");
  });

  test.each([4, 7, 255, 1024])("%i of them are read and written four at a time", (n) => {
    const f = (x: Tensor, y: Tensor): Tensor => add(mul(x, y), y);
    const [x, y] = [half(numbers(n)), half(numbers(n).reverse())];
    const text = sourceOf(f, x, y);
    expect(text).toContain("halves: array<vec4<f16>>");
    expect(text).toMatch(/= vec4<f32>\(halves\[/);
    const expected = numbers(n).map((a, i) => {
      const b = numbers(n)[n - 1 - i]!;
      return roundToFloat16(roundToFloat16(a * b) + b);
    });
    expect(jit(f)(x, y).toArray()).toEqual(expected);
  });

  test.each([1, 2, 7, 255, 4097])("%i elements come back as they went", (n) => {
    const xs = numbers(n);
    expect(jit((x: Tensor) => mul(x, 1))(half(xs)).toArray()).toEqual(xs);
    expect(add(half(xs), 0).toArray()).toEqual(xs.map((x) => x + 0));
  });

  test("infinities, NaN, zeros and subnormal numbers", () => {
    const xs = [Infinity, -Infinity, NaN, -0, 0, 2 ** -24, -3 * 2 ** -24, 65504, -65504];
    const f = jit((x: Tensor) => mul(x, 1));
    expect(f(half(xs)).toArray()).toEqual(xs);
    expect(mul(half([300, -300]), 300).toArray()).toEqual([Infinity, -Infinity]);
  });

  test("slices that begin within a word", () => {
    const xs = numbers(35);
    const y = mul(half(xs), 2).reshape([5, 7]);
    y.dataSync();
    for (let i = 0; i < 5; i++)
      expect(y.at(i).toArray()).toEqual(xs.slice(7 * i, 7 * i + 7).map((x) => 2 * x));
    expect(y.reshape([35]).at("3:6").toArray()).toEqual(xs.slice(3, 6).map((x) => 2 * x));
  });

  test("rows of odd length in loops, gathers, sorts, transposes, products", () => {
    const xs = half(numbers(33)).reshape([11, 3]);
    const data = xs.dataSync();
    const [last, rows] = scan(
      (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => [add(c, x), mul(c, x)],
      half([0, 0, 0]),
      xs,
    );
    const carry = [0, 0, 0];
    const want: number[][] = [];
    for (let t = 0; t < 11; t++) {
      want.push(carry.map((c, j) => roundToFloat16(c * data[3 * t + j]!)));
      carry.forEach((c, j) => (carry[j] = roundToFloat16(c + data[3 * t + j]!)));
    }
    expect([last.toArray(), rows.toArray()]).toEqual([carry, want]);
    expect(take(xs.reshape([33]), tensor([32, 1, 31], { dtype: "int32" })).toArray()).toEqual(
      [32, 1, 31].map((i) => data[i]),
    );
    expect(sort(xs.reshape([33])).toArray()).toEqual([...data].sort((a, b) => a - b));
    expect(transpose(xs).at(1).toArray()).toEqual(Array.from({ length: 11 }, (_, i) => data[3 * i + 1]));
    const wide = cast(random.normal(random.key(1), [70, 33]), "float16");
    const exact = matmul(cast(wide, "float32"), transpose(cast(wide, "float32")));
    const got = matmul(wide, transpose(wide)).dataSync();
    exact.dataSync().forEach((x, i) => {
      expect(Math.abs(got[i]! - x)).toBeLessThanOrEqual(2 ** -10 * Math.abs(x) + 2 ** -14);
    });
  });

  test("state that is donated, step after step", () => {
    const step = jit((x: Tensor) => add(x, 1), { donate: [0] });
    let x: Tensor = ones([1001], { dtype: "float16" });
    for (let i = 0; i < 50; i++) x = step(x);
    expect(x.at(1000).item()).toBe(51);
  });
});
