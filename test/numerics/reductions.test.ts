/** Sums that keep their digits, reductions that treat NaN as NumPy does, and the same bits every time. */
import { expect, test } from "vitest";
import * as fx from "../../src/index.js";
import {
  argmax,
  argmin,
  cast,
  cumsum,
  dot,
  full,
  jit,
  matmul,
  max,
  mean,
  min,
  norm,
  prod,
  random,
  sum,
  tensor,
  type Tensor,
  variance,
  vmap,
} from "../../src/index.js";
import { onEachBackend } from "../backend.js";

const f64 = (xs: readonly number[]): Tensor => tensor(xs, { dtype: "float64" });

onEachBackend("sums", (backend) => {
  const tenMillion = 10_000_000;

  test("of 1e7 × 0.1 are within 1e-6, in any way that they are summed", () => {
    const exact = tenMillion * Math.fround(0.1);
    const near = (x: number, want: number): void => expect(Math.abs(x / want - 1)).toBeLessThan(1e-6);
    const x = tensor(new Float32Array(tenMillion).fill(0.1));
    near(sum(x).item(), exact);
    near(jit((y: Tensor) => sum(y))(x).item(), exact);
    near(sum(full([tenMillion], 0.1)).item(), exact);
    near(mean(x).item(), Math.fround(0.1));
    near(
      sum(x.reshape([1000, 10_000]), { axis: 0 })
        .at(7)
        .item(),
      1000 * Math.fround(0.1),
    );
    near(
      sum(x.reshape([1000, 10_000]), { axis: 1 })
        .at(7)
        .item(),
      10_000 * Math.fround(0.1),
    );
    near(dot(x, full([tenMillion], 1)).item(), exact);
    near(sum(x, { dtype: "float64" }).item(), exact);
  });

  test("of a million random numbers agree with an exact sum: to the last place, or nearly where they cancel", () => {
    const x = random.normal(random.key(0), [1_000_003]);
    const data = x.dataSync();
    // Neumaier's sum in float64 is exact to 1e-13 here.
    let [s, c, size] = [0, 0, 0];
    for (const v of data) {
      const t = s + v;
      c += Math.abs(s) >= Math.abs(v) ? s - t + v : v - t + s;
      s = t;
      size += Math.abs(v);
    }
    const trees = backend === "wasm" ? 1e-10 * size : 0; // eight numbers at a time are added in float32
    expect(Math.abs(sum(x).item() - (s + c))).toBeLessThanOrEqual(2 ** -24 * Math.abs(s) + 1e-9 + trees);
    expect(Math.abs(sum(fx.abs(x)).item() - size)).toBeLessThanOrEqual(2 ** -24 * size);
    expect(sum(cast(x, "float64")).item()).toBeCloseTo(s + c, 9);
  });

  test.each([1, 31, 127, 128, 129, 160, 255, 1003, 4096, 70_001])(
    "of %i numbers, also of their squares",
    (n) => {
      const x = random.normal(random.key(n), [3, n]).sub(0.25);
      const check = (got: Tensor, of: Tensor, roundings: number, f: (v: number) => number): void => {
        const columns = of.toArray() as number[][];
        got.dataSync().forEach((v, j) => {
          const parts = columns.map((row) => f(row[j]!));
          const size = parts.reduce((a, b) => a + Math.abs(b), 0);
          expect(Math.abs(v - parts.reduce((a, b) => a + b, 0))).toBeLessThanOrEqual(
            roundings * 2 ** -24 * size,
          );
        });
      };
      const [tree, turn] = n < 128 ? [0, 0] : [3, 7];
      check(sum(x, { axis: 1 }), x.transpose(), 1 + tree, (v) => v);
      check(sum(fx.square(x), { axis: 1 }), x.transpose(), 2 + tree, (v) => v * v);
      if (n > 5000) return;
      const y = random.normal(random.key(n + 1), [n, 39]).add(0.25); // vectors of columns, and some that are left
      const scale = random.uniform(random.key(2), [n, 1]);
      check(sum(y, { axis: 0 }), y, 1 + turn, (v) => v);
      check(sum(fx.square(y), { axis: 0 }), y, 2 + turn, (v) => v * v);
      check(sum(y.mul(scale), { axis: 0 }), y.mul(scale), 2 + turn, (v) => v);
      const [sums, squares] = jit(
        (a: Tensor) => [sum(a, { axis: 0 }), sum(fx.square(a), { axis: 0 })] as const,
      )(y);
      check(sums, y, 1 + turn, (v) => v);
      check(squares, y, 2 + turn, (v) => v * v);
    },
  );

  test("cancel where the parts do", () => {
    expect(sum(tensor([1e8, 1, -1e8])).item()).toBe(1);
    expect(sum(tensor([3e38, 3e38, -3e38, -3e38])).item()).toBe(0);
    expect(dot(tensor([1e19, 1, -1e19]), tensor([1e19, 1, 1e19])).item()).toBe(0); // 1e38 has 16 digits in 64 bits
    expect(dot(tensor([1e7, 1, -1e7]), tensor([1e7, 1, 1e7])).item()).toBe(1);
  });

  test("running sums do not drift", () => {
    const last = cumsum(full([1_000_000], 0.1))
      .at(-1)
      .item();
    expect(Math.abs(last / (1e6 * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
  });

  test("long products of matrices keep float32's digits", () => {
    const n = 4096;
    const a = tensor(new Float32Array(4 * n).fill(0.1), { shape: [4, n] });
    const b = tensor(new Float32Array(4 * n).fill(0.1), { shape: [n, 4] });
    const exact = n * Math.fround(0.1) ** 2;
    for (const v of matmul(a, b).dataSync())
      if (backend === "js") expect(v).toBe(Math.fround(exact));
      else expect(Math.abs(v / exact - 1)).toBeLessThan(1e-6); // tiles add in float32
  });

  test("variance of numbers far from 0", () => {
    const x = tensor([1e6 + 1, 1e6 + 2, 1e6 + 3]);
    expect(variance(x).item()).toBeCloseTo(2 / 3, 5);
    expect(norm(tensor([3e30, 4e30])).item()).toBe(Infinity); // squares beyond float32's range, as in JAX
    expect(norm(f64([3e30, 4e30])).item()).toBeCloseTo(5e30, -20);
  });
});

onEachBackend("NaN", () => {
  const x = tensor([1, NaN, 3]);
  const late = tensor([NaN, 5, NaN]);

  test("is the maximum and minimum of whatever contains it", () => {
    for (const f of [max, min, sum, mean, prod]) {
      expect(f(x).item()).toBeNaN();
      expect(jit((y: Tensor) => f(y))(late).item()).toBeNaN();
    }
    expect(
      max(
        tensor([
          [1, NaN],
          [2, 3],
        ]),
        { axis: 1 },
      ).toArray(),
    ).toEqual([NaN, 3]);
    expect(fx.maximum(tensor([NaN, 1]), tensor([1, NaN])).toArray()).toEqual([NaN, NaN]);
    expect(fx.fmax(tensor([NaN, 1]), tensor([1, NaN])).toArray()).toEqual([1, 1]);
  });

  test("is found first by argmax and argmin", () => {
    expect(argmax(x).item()).toBe(1);
    expect(argmin(x).item()).toBe(1);
    expect(argmax(late).item()).toBe(0);
    expect(
      argmax(
        tensor([
          [1, 2],
          [NaN, NaN],
        ]),
        { axis: 1 },
      ).toArray(),
    ).toEqual([1, 0]);
  });

  test("sorts last; searches and comparisons know it", () => {
    expect(fx.sort(tensor([NaN, 2, -Infinity, NaN, 1])).toArray()).toEqual([-Infinity, 1, 2, NaN, NaN]);
    expect(fx.argsort(x).toArray()).toEqual([0, 2, 1]);
    expect(fx.equal(x, x).toArray()).toEqual([true, false, true]);
    expect(fx.less(x, 10).toArray()).toEqual([true, false, true]);
    expect(fx.notEqual(x, x).toArray()).toEqual([false, true, false]);
    expect(fx.any(fx.isNaN(x)).item()).toBe(1);
  });

  test("passes through running reductions and clip", () => {
    expect(fx.cummax(tensor([1, NaN, 3])).toArray()).toEqual([1, NaN, NaN]);
    expect(fx.cumprod(tensor([2, NaN, 3])).toArray()).toEqual([2, NaN, NaN]);
    expect(fx.clip(x, 0, 2).toArray()).toEqual([1, NaN, 2]);
    expect(fx.relu(x).toArray()).toEqual([1, NaN, 3]);
    expect(fx.maxPool(tensor([[[1, NaN, 3, 4]]]), [2]).toArray()).toEqual([[[NaN, 4]]]);
  });

  test("becomes 0 and true in casts", () => {
    expect(cast(x, "int32").toArray()).toEqual([1, 0, 3]);
    expect(cast(x, "bool").toArray()).toEqual([true, true, true]);
  });
});

onEachBackend("infinities and ties", () => {
  const inf = Infinity;

  test("extremes of infinities", () => {
    expect(argmax(tensor([-inf, -inf])).item()).toBe(0);
    expect(argmin(tensor([inf, inf])).item()).toBe(0);
    expect(max(tensor([-inf])).item()).toBe(-inf);
    expect(sum(tensor([inf, -inf])).item()).toBeNaN();
    expect(prod(tensor([0, inf])).item()).toBeNaN();
  });

  test("the first of equals wins", () => {
    expect(argmax(tensor([1, 3, 3, 2])).item()).toBe(1);
    expect(argmin(tensor([2, 1, 1])).item()).toBe(1);
    expect(argmax(tensor([false, true, true])).item()).toBe(1);
    expect(argmax(tensor([-5, -5], { dtype: "int32" })).item()).toBe(0);
    expect(argmin(tensor([4294967295, 4294967295], { dtype: "uint32" })).item()).toBe(0);
  });

  test("0 and -0", () => {
    expect(Object.is(fx.maximum(tensor(-0), tensor(0)).item(), 0)).toBe(true);
    expect(Object.is(fx.minimum(tensor(0), tensor(-0)).item(), -0)).toBe(true);
    expect(Object.is(sum(tensor([-0, -0])).item(), 0)).toBe(true);
    expect(fx.equal(tensor(0), tensor(-0)).item()).toBe(1);
    expect(Object.is(fx.mul(tensor(-1), 0).item(), -0)).toBe(true);
    expect(Object.is(fx.abs(tensor(-0)).item(), 0)).toBe(true);
  });
});

onEachBackend("the same program gives the same bits", () => {
  const x = random.normal(random.key(5), [37, 53]);
  const w = random.normal(random.key(6), [53, 41]);
  const f = (a: Tensor, b: Tensor): Tensor => fx.softmax(fx.tanh(matmul(fx.exp(a), b)), { axis: 1 });

  test("run after run, read or jitted, alone or among others", () => {
    const first = f(x, w).dataSync();
    for (let i = 0; i < 5; i++) expect(f(x, w).dataSync()).toEqual(first);
    const jitted = jit(f);
    for (let i = 0; i < 5; i++) expect(jitted(x, w).dataSync()).toEqual(first);
    const [among] = jit((a: Tensor, b: Tensor) => [f(a, b), sum(a), matmul(b, b.transpose())] as const)(x, w);
    expect(among.dataSync()).toEqual(first);
  });

  test("row by row under vmap as in a batch", () => {
    const rows = vmap((a: Tensor) => sum(fx.exp(a)))(x).dataSync();
    expect(sum(fx.exp(x), { axis: 1 }).dataSync()).toEqual(rows);
  });

  test("gradients too", () => {
    const g = (): Float32Array =>
      fx
        .grad((a: Tensor) => sum(fx.mul(f(a, w), f(a, w))))(x)
        .dataSync() as Float32Array;
    expect(g()).toEqual(g());
  });
});
