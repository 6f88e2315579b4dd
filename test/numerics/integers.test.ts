/** Integers wrap around, shift by their own rules, divide toward zero or downwards as said, and index from the end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { type DType, jit, tensor, type Tensor } from "../../src/index.js";
import { backends, onEachBackend, useBackend } from "../backend.js";

const dtypes = ["int32", "uint32", "int8", "uint8"] as const;
type Integer = (typeof dtypes)[number];

const width: Record<Integer, number> = { int32: 32, uint32: 32, int8: 8, uint8: 8 };
const signed = (d: Integer): boolean => !d.startsWith("u");

/** A big integer as the dtype stores it. */
const wrap = (d: Integer, x: bigint): number =>
  Number(signed(d) ? BigInt.asIntN(width[d], x) : BigInt.asUintN(width[d], x));

const edges: Record<Integer, readonly number[]> = {
  int32: [0, 1, -1, 2, -7, 46341, 65536, 2147483647, -2147483648, 123456789],
  uint32: [0, 1, 2, 7, 46341, 65536, 2147483648, 4294967295, 3000000000],
  int8: [0, 1, -1, 2, -7, 16, 127, -128],
  uint8: [0, 1, 2, 7, 16, 128, 200, 255],
};

const floorDiv = (x: bigint, y: bigint): bigint => (x % y !== 0n && x < 0n !== y < 0n ? x / y - 1n : x / y);

const operations: Record<string, (x: bigint, y: bigint) => bigint | null> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  floorDivide: (x, y) => (y === 0n ? null : floorDiv(x, y)),
  mod: (x, y) => (y === 0n ? null : x - y * floorDiv(x, y)),
  rem: (x, y) => (y === 0n ? null : x % y),
  maximum: (x, y) => (x > y ? x : y),
  minimum: (x, y) => (x < y ? x : y),
  bitwiseAnd: (x, y) => x & y,
  bitwiseOr: (x, y) => x | y,
  bitwiseXor: (x, y) => x ^ y,
};

const call = (name: string, ...xs: readonly unknown[]): Tensor =>
  (fx as unknown as Record<string, (...ts: readonly unknown[]) => Tensor>)[name]!(...xs);

describe.each(dtypes.flatMap((d) => backends.map((b) => [d, b] as const)))("%s, on %s", (d, backend) => {
  useBackend(backend);

  const value = fc.oneof(
    fc.constantFrom(...edges[d]),
    fc.bigInt({ min: -(2n ** 32n), max: 2n ** 32n }).map((x) => wrap(d, x)),
  );
  const list = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 12 });
  const of = (xs: readonly number[], dtype: DType = d): Tensor => tensor(xs, { dtype });

  test.each(Object.keys(operations))("%s wraps around", (name) => {
    fc.assert(
      fc.property(list, (pairs) => {
        const got = Array.from(call(name, of(pairs.map((p) => p[0])), of(pairs.map((p) => p[1]))).dataSync());
        pairs.forEach(([x, y], i) => {
          const want = operations[name]!(BigInt(x), BigInt(y));
          if (want !== null) expect(got[i], `${name}(${String(x)}, ${String(y)})`).toBe(wrap(d, want));
        });
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  test("neg, abs, square and powers wrap around", () => {
    const xs = edges[d];
    const each = (name: string, f: (x: bigint) => bigint, ...more: readonly unknown[]): void => {
      expect(Array.from(call(name, of(xs), ...more).dataSync())).toEqual(
        xs.map((x) => wrap(d, f(BigInt(x)))),
      );
    };
    each("neg", (x) => -x);
    each("square", (x) => x * x);
    each("abs", (x) => (x < 0n ? -x : x));
    each("bitwiseNot", (x) => ~x);
    each("pow", (x) => x ** 3n, 3);
    each("pow", (x) => x ** 7n, 7);
  });

  test("shifts: by the width or more leave nothing, or the sign", () => {
    const bits = width[d];
    for (const by of [0, 1, 3, bits - 1, bits, bits + 1, 100]) {
      const xs = edges[d];
      const left = Array.from(fx.shiftLeft(of(xs), by).dataSync());
      const right = Array.from(fx.shiftRight(of(xs), by).dataSync());
      const logical = Array.from(fx.shiftRightLogical(of(xs), by).dataSync());
      xs.forEach((x, i) => {
        expect(left[i]).toBe(by >= bits ? 0 : wrap(d, BigInt(x) << BigInt(by)));
        expect(right[i]).toBe(wrap(d, BigInt(x) >> BigInt(by)));
        expect(logical[i]).toBe(by >= bits ? 0 : wrap(d, BigInt.asUintN(bits, BigInt(x)) >> BigInt(by)));
      });
    }
  });

  test("jit does the same in one kernel", () => {
    const xs = of(edges[d]);
    const f = (x: Tensor): Tensor => fx.bitwiseXor(fx.mul(fx.add(x, x), x), fx.sub(x, 1));
    expect(jit(f)(xs).dataSync()).toEqual(f(xs).dataSync());
    const want = edges[d].map((x) =>
      wrap(d, BigInt(wrap(d, 2n * BigInt(x) * BigInt(x))) ^ BigInt(wrap(d, BigInt(x) - 1n))),
    );
    expect(Array.from(f(xs).dataSync())).toEqual(want);
  });

  test("comparisons, sorts and extremes respect the sign", () => {
    const xs = edges[d];
    const sorted = [...xs].sort((a, b) => a - b);
    expect(Array.from(fx.sort(of(xs)).dataSync())).toEqual(sorted);
    expect(fx.max(of(xs)).item()).toBe(sorted[sorted.length - 1]);
    expect(fx.min(of(xs)).item()).toBe(sorted[0]);
    expect(fx.argmax(of(xs)).item()).toBe(xs.indexOf(sorted[sorted.length - 1]!));
  });

  test("sums and products wrap in the wide dtype", () => {
    const xs = edges[d];
    const wide = signed(d) ? "int32" : "uint32";
    expect(fx.sum(of(xs)).dtype).toBe(wide);
    expect(fx.sum(of(xs)).item()).toBe(
      wrap(
        wide,
        xs.reduce((s, x) => s + BigInt(x), 0n),
      ),
    );
    expect(fx.prod(of(xs.filter((x) => x !== 0))).item()).toBe(
      wrap(
        wide,
        xs.filter((x) => x !== 0).reduce((s, x) => s * BigInt(x), 1n),
      ),
    );
  });

  test("division by zero is defined: x / 0 is all ones, x rem 0 is x", () => {
    const x = of([7, 0]);
    expect(Array.from(fx.rem(x, of([0, 0])).dataSync())).toEqual([7, 0]);
    expect(fx.div(x, of([0, 0])).dataSync()).toEqual(Float32Array.of(Infinity, NaN)); // div is true division
  });
});

onEachBackend("conversions", () => {
  test("floats truncate and saturate, NaN is 0", () => {
    const x = tensor([1.9, -1.9, 300, -300, 3e9, -3e9, 5e9, NaN, Infinity, -Infinity]);
    expect(fx.cast(x, "int32").toArray()).toEqual([
      1, -1, 300, -300, 2147483647, -2147483648, 2147483647, 0, 2147483647, -2147483648,
    ]);
    expect(fx.cast(x, "uint8").toArray()).toEqual([1, 0, 255, 0, 255, 0, 255, 0, 255, 0]);
    expect(fx.cast(x, "int8").toArray()).toEqual([1, -1, 127, -128, 127, -128, 127, 0, 127, -128]);
    expect(fx.cast(x, "uint32").toArray()).toEqual([1, 0, 300, 0, 3e9, 0, 4294967295, 0, 4294967295, 0]);
    expect(jit((y: Tensor) => fx.cast(y, "uint32"))(x).toArray()).toEqual(fx.cast(x, "uint32").toArray());
  });

  test("integers wrap between widths", () => {
    const x = tensor([-1, 300, 2147483647, -2147483648], { dtype: "int32" });
    expect(fx.cast(x, "uint8").toArray()).toEqual([255, 44, 255, 0]);
    expect(fx.cast(x, "int8").toArray()).toEqual([-1, 44, -1, 0]);
    expect(fx.cast(x, "uint32").toArray()).toEqual([4294967295, 300, 2147483647, 2147483648]);
    expect(fx.cast(x, "bool").toArray()).toEqual([true, true, true, true]);
  });

  test("large integers in float32 round to even", () => {
    expect(fx.cast(tensor([16777217, 16777219], { dtype: "int32" }), "float32").toArray()).toEqual([
      16777216, 16777220,
    ]);
  });
});

onEachBackend("negative indices count from the end", () => {
  const x = tensor([10, 20, 30]);
  const i = tensor([-1, -3, 0], { dtype: "int32" });

  test("in take, at, gathers and updates, eager and jitted", () => {
    expect(fx.take(x, -1).item()).toBe(30);
    expect(fx.take(x, i).toArray()).toEqual([30, 10, 10]);
    expect(jit((a: Tensor, k: Tensor) => fx.take(a, k))(x, i).toArray()).toEqual([30, 10, 10]);
    expect(x.at([-2]).item()).toBe(20);
    expect(fx.at(x, [i]).toArray()).toEqual([30, 10, 10]);
    expect(fx.addAt(x, [i], 1).toArray()).toEqual([12, 20, 31]);
    expect(fx.setAt(x, [-1], 0).toArray()).toEqual([10, 20, 0]);
    expect(fx.takeAlongAxis(x, i, { axis: 0 }).toArray()).toEqual([30, 10, 10]);
  });

  test("axes too", () => {
    const m = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(fx.sum(m, { axis: -1 }).toArray()).toEqual([3, 7]);
    expect(fx.concat([m, m], { axis: -1 }).shape).toEqual([2, 4]);
    expect(fx.expandDims(m, -1).shape).toEqual([2, 2, 1]);
    expect(fx.transpose(m, [-1, -2]).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test("beyond the end they clamp when read and are dropped when written", () => {
    const far = tensor([7, -9], { dtype: "int32" });
    expect(fx.take(x, far).toArray()).toEqual([30, 10]);
    expect(fx.addAt(x, [far], 1).toArray()).toEqual([10, 20, 30]);
  });
});
