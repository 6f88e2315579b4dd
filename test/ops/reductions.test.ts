import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { grad, jacrev, tensor, type Tensor, vmap } from "../../src/index.js";
import type { GoldenArray, GoldenCase, GoldenData } from "../golden/load.js";
import { type Options, testGolden } from "./golden-cases.js";

type Reduction = (x: Tensor, options?: object) => Tensor;
const functions = fx as unknown as Readonly<Record<string, Reduction>>;

/** JAX says `correction` where NumPy says `ddof`. */
const renamed = ({ correction, ...rest }: Options): object =>
  correction === undefined ? rest : { ...rest, ddof: correction };

const first = (c: GoldenCase): GoldenData => (c.args[0] as GoldenArray).data;

/** JAX multiplies in float32, where 1e20 · 1e20 overflows before · 1e-30 comes; here products are kept in float64. */
const overflows = (c: GoldenCase): boolean =>
  c.fn.endsWith("prod") && first(c).some((x) => x === Math.fround(1e20));

/** Three in a row that tie: which halves are halved again depends on the order in which they meet. */
const triplyTied = (c: GoldenCase): boolean => c.fn.startsWith("cum") && first(c).every((x) => x === 5);

describe("golden", () => {
  const names = [
    "sum",
    "prod",
    "max",
    "min",
    "mean",
    "var",
    "std",
    "logsumexp",
    "any",
    "all",
    "argmax",
    "argmin",
    "cumsum",
    "cumprod",
    "cummax",
    "cummin",
  ];
  for (const fn of names)
    testGolden("reductions", fn, (args, options) => functions[fn]!(args[0]!, renamed(options)), {
      rtol: 1e-5,
      skip: overflows,
      skipGradient: triplyTied,
    });
  testGolden(
    "nn",
    "norm",
    (args, options) => {
      const { ord, ...rest } = options as { ord?: string | number };
      return fx.norm(
        args[0]!,
        ord === undefined ? rest : { ...rest, ord: typeof ord === "string" ? Number(ord) : ord },
      );
    },
    { skipGradient: (c) => first(c).every((x) => x === 0) },
  ); // NaN in JAX
});

const x = tensor([
  [1, -2, 3],
  [4, 5, -6],
]);

describe("options", () => {
  test("axes: one, negative, several, none", () => {
    expect(fx.sum(x, { axis: [0, -1] }).toArray()).toBe(5);
    expect(fx.sum(x, { axis: -1 }).toArray()).toEqual([2, 3]);
    expect(fx.sum(x, { axis: null }).toArray()).toBe(5);
    expect(fx.sum(x, { axis: [] }).toArray()).toEqual([
      [1, -2, 3],
      [4, 5, -6],
    ]);
    expect(fx.max(x, { keepdims: true }).toArray()).toEqual([[5]]);
  });
  test("where and initial", () => {
    const some = fx.greater(x, 0);
    expect(fx.sum(x, { axis: 1, where: some }).toArray()).toEqual([4, 9]);
    expect(fx.prod(x, { where: some }).toArray()).toBe(60);
    expect(fx.mean(x, { axis: 1, where: some }).toArray()).toEqual([2, 4.5]);
    expect(fx.min(x, { axis: 1, where: some }).toArray()).toEqual([1, 4]);
    expect(fx.max(x, { axis: 0, initial: 4 }).toArray()).toEqual([4, 5, 4]);
    expect(fx.sum(x, { initial: 100 }).toArray()).toBe(105);
    expect(fx.std(x, { where: tensor([true, true, false]) }).toArray()).toBeCloseTo(Math.sqrt(7.5), 6);
    expect(grad((v: Tensor) => fx.mean(v, { where: some }))(x).toArray()).toEqual([
      [0.25, 0, 0.25],
      [0.25, 0.25, 0],
    ]);
  });
  test("dtypes", () => {
    expect(fx.sum(tensor([true, true, false])).dtype).toBe("int32");
    expect(fx.sum(tensor([100, 100], { dtype: "int8" })).item()).toBe(200);
    expect(fx.sum(tensor([200, 100], { dtype: "uint8" })).dtype).toBe("uint32");
    expect(fx.sum(tensor([1, 2], { dtype: "int32" }), { dtype: "float64" }).dtype).toBe("float64");
    expect(fx.mean(tensor([1, 2], { dtype: "int32" })).item()).toBe(1.5);
    expect(fx.var(tensor([1, 2], { dtype: "uint8" })).item()).toBe(0.25);
    expect(fx.cumsum(tensor([true, true])).toArray()).toEqual([1, 2]);
    expect(fx.argmax(x).dtype).toBe("int32");
  });
  test("data-last and methods", () => {
    expect(fx.sum({ axis: 0 })(x).toArray()).toEqual([5, 3, -3]);
    expect(fx.sum()(x).toArray()).toBe(5);
    expect(x.mean({ axis: 0 }).toArray()).toEqual([2.5, 1.5, -1.5]);
    expect(x.argmax({ axis: 1, keepdims: true }).toArray()).toEqual([[2], [1]]);
  });
});

describe("nothing to reduce", () => {
  const none = fx.zeros([0, 3]);
  test("has the identity where there is one", () => {
    expect(fx.sum(none, { axis: 0 }).toArray()).toEqual([0, 0, 0]);
    expect(fx.prod(none, { axis: 0 }).toArray()).toEqual([1, 1, 1]);
    expect(fx.all(none).toArray()).toBe(true);
    expect(fx.any(none, { axis: 0 }).toArray()).toEqual([false, false, false]);
    expect(fx.logsumexp(none, { axis: 0 }).toArray()).toEqual([-Infinity, -Infinity, -Infinity]);
    expect(fx.mean(none, { axis: 0 }).toArray()).toEqual([NaN, NaN, NaN]);
    expect(fx.var(none, { axis: 0 }).toArray()).toEqual([NaN, NaN, NaN]);
    expect(fx.max(none, { axis: 0, initial: -1 }).toArray()).toEqual([-1, -1, -1]);
    expect(fx.max(none, { axis: 1 }).toArray()).toEqual([]);
    expect(fx.cumsum(none, { axis: 0 }).shape).toEqual([0, 3]);
  });
  test("is NaN for medians, as in NumPy", () => {
    expect(fx.median(none).item()).toBeNaN();
    expect(fx.median(none, { axis: 0 }).toArray()).toEqual([NaN, NaN, NaN]);
    expect(fx.median(none, { axis: 1 }).shape).toEqual([0]);
    expect(fx.nanmedian(none, { axis: 0, keepdims: true }).toArray()).toEqual([[NaN, NaN, NaN]]);
    expect(fx.nanquantile(none, tensor([0.2, 0.5]), { axis: 0 }).shape).toEqual([2, 3]);
    expect(fx.nanpercentile(none, 50).item()).toBeNaN();
  });
  test("throws where there is none", () => {
    expect(() => fx.max(none)).toThrow(
      "max: expected at least one element to reduce, got float32[0,3]: give an initial value",
    );
    expect(() => fx.argmin(none, { axis: 0 })).toThrow(
      "argmin: expected at least one element along the axis, got float32[0,3]",
    );
    expect(() => fx.quantile(none, 0.5)).toThrow(
      "quantile: expected at least one element to reduce, got float32[0,3]",
    );
  });
});

test("errors say what is wrong in the user's words", () => {
  expect(() => fx.sum(x, { axis: 2 })).toThrow("sum: expected an axis from -2 to 1, got 2");
  expect(() => fx.sum(x, { axis: [0, -2] })).toThrow("sum: expected different axes, got [0,0]");
  expect(() => fx.mean(x, { axis: NaN })).toThrow("mean: expected an axis from -2 to 1, got NaN");
  expect(() => fx.sum(x, 0 as never)).toThrow(
    "sum: expected options { axis, keepdims, dtype, where, initial }, got 0",
  );
  expect(() => fx.sum(x, { dim: 0 } as never)).toThrow(
    "sum: expected options { axis, keepdims, dtype, where, initial }, got dim",
  );
  expect(() => fx.sum([1, 2] as never)).toThrow(
    "sum: expected a tensor, number or boolean, got an array (wrap it in tensor(...))",
  );
  expect(() => fx.sum(x, { where: tensor([true, false]) })).toThrow(
    "sum: expected shapes that broadcast together, got [2] and [2,3]",
  );
  expect(() => fx.sum(fx.ones([3]), { where: fx.ones([2, 3]) })).toThrow(
    "sum: expected a where that broadcasts to [3], got bool[2,3]",
  );
  expect(() => fx.average(x, { weights: tensor([1, 2]) })).toThrow(
    "average: expected weights of shape [2,3], or one for each element along one axis, got float32[2]",
  );
  expect(() => fx.norm(x, { ord: 2 })).toThrow(
    'norm: expected an ord of matrices ("fro", 1, -1, Infinity, -Infinity), got 2',
  );
  expect(() => fx.quantile(x, 1.5)).toThrow(
    "quantile: expected a q from 0 to 1, or a tensor of them, got 1.5",
  );
  expect(() => fx.bincount(x, { length: 2 })).toThrow(
    "bincount: expected operands of an integer or bool dtype, got float32",
  );
});

describe("derivatives where they are easily wrong", () => {
  const gradOf = (f: (v: Tensor) => Tensor, at: readonly number[]): unknown =>
    grad((v: Tensor) => fx.sum(f(v)))(tensor(at)).toArray();
  test("roots at 0", () => {
    expect(gradOf((v) => fx.norm(v), [0, 0])).toEqual([0, 0]);
    expect(gradOf((v) => fx.norm(v, { ord: 3 }), [0, 0])).toEqual([0, 0]);
    expect(gradOf((v) => fx.std(v), [2, 2])).toEqual([0, 0]);
    expect(gradOf((v) => fx.norm(v), [3, 4])).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });
  test("logsumexp of infinities", () => {
    expect(gradOf((v) => fx.logsumexp(v), [-Infinity, -Infinity])).toEqual([0, 0]);
    expect(gradOf((v) => fx.logsumexp(v), [-Infinity, 0])).toEqual([0, 1]);
    expect(fx.logsumexp(tensor([Infinity, 0])).item()).toBe(Infinity);
    expect(fx.logsumexp(tensor([NaN, 0])).item()).toBeNaN();
  });
  test("logsumexp's Hessian is diag(p) − p pᵀ", () => {
    const h = jacrev(grad((v: Tensor) => fx.logsumexp(v)))(tensor([0, 0])) as Tensor;
    expect(h.toArray()).toEqual([
      [0.25, -0.25],
      [-0.25, 0.25],
    ]);
  });
  test("the variance's Hessian is 2/n (I − 1/n)", () => {
    const h = jacrev(grad((v: Tensor) => fx.var(v)))(tensor([1, 5])) as Tensor;
    expect(h.toArray()).toEqual([
      [0.5, -0.5],
      [-0.5, 0.5],
    ]);
  });
  test("products with zeros", () => {
    expect(gradOf((v) => fx.prod(v), [2, 0, 3])).toEqual([0, 6, 0]);
    expect(gradOf((v) => fx.prod(v), [0, 0, 3])).toEqual([0, 0, 0]);
  });
  test("NaN that is left out gives and takes nothing", () => {
    expect(gradOf((v) => fx.nanmean(v), [1, NaN, 3])).toEqual([0.5, 0, 0.5]);
    expect(gradOf((v) => fx.nanvar(v), [1, NaN, 3])).toEqual([-1, 0, 1]);
    expect(gradOf((v) => fx.nanmax(v), [1, NaN, 3])).toEqual([0, 0, 1]);
  });
});

describe("nan", () => {
  test("all NaN", () => {
    const nans = tensor([
      [NaN, NaN],
      [1, NaN],
    ]);
    expect(fx.nansum(nans, { axis: 1 }).toArray()).toEqual([0, 1]);
    expect(fx.nanprod(nans, { axis: 1 }).toArray()).toEqual([1, 1]);
    expect(fx.nanmean(nans, { axis: 1 }).toArray()).toEqual([NaN, 1]);
    expect(fx.nanmax(nans, { axis: 1 }).toArray()).toEqual([NaN, 1]);
    expect(fx.nanmin(nans, { axis: 1 }).toArray()).toEqual([NaN, 1]);
    expect(fx.nanargmax(nans, { axis: 1 }).toArray()).toEqual([-1, 0]);
    expect(fx.nanstd(nans, { axis: 1 }).toArray()).toEqual([NaN, 0]);
  });
  test("integers have none", () => {
    const i = tensor([3, 1, 2], { dtype: "int32" });
    expect(fx.nansum(i).item()).toBe(6);
    expect(fx.nanmax(i).dtype).toBe("int32");
    expect(fx.nanmean(i).item()).toBe(2);
    expect(fx.nanargmin(i).item()).toBe(1);
  });
});

describe("norm", () => {
  const m = tensor([
    [1, -2],
    [3, 4],
  ]);
  test("of matrices", () => {
    expect(fx.norm(m, { ord: 1 }).item()).toBe(6);
    expect(fx.norm(m, { ord: -1 }).item()).toBe(4);
    expect(fx.norm(m, { ord: Infinity }).item()).toBe(7);
    expect(fx.norm(m, { ord: -Infinity }).item()).toBe(3);
    expect(fx.norm(m, { ord: "fro", keepdims: true }).toArray()).toEqual([[Math.fround(Math.sqrt(30))]]);
    const batch = fx.broadcastTo(m, [3, 2, 2]);
    expect(fx.norm(batch, { ord: 1, axis: [1, 2] }).toArray()).toEqual([6, 6, 6]);
    expect(fx.norm(batch, { ord: 1, axis: [2, 1] }).toArray()).toEqual([7, 7, 7]);
  });
  test("of vectors", () => {
    const v = tensor([3, 0, -4]);
    const of = (ord: number): number => fx.norm(v, { ord }).item();
    expect([of(0), of(1), of(2), of(Infinity), of(-Infinity)]).toEqual([2, 7, 5, 4, 0]);
    expect(of(3)).toBeCloseTo(91 ** (1 / 3), 5);
    expect(of(0.5)).toBeCloseTo((Math.sqrt(3) + 2) ** 2, 4);
    expect(of(-1)).toBe(0);
  });
});

describe("running", () => {
  test("flattened without an axis, backwards on demand", () => {
    expect(fx.cumsum(x).toArray()).toEqual([1, -1, 2, 6, 11, 5]);
    expect(fx.cumprod(x, { axis: 0, reverse: true }).toArray()).toEqual([
      [4, -10, -18],
      [4, 5, -6],
    ]);
  });
  test("log Σ exp neither overflows nor forgets what is small", () => {
    const v = fx.cumlogsumexp(tensor([-1000, -1000, 1000, 0])).dataSync();
    expect(v[1]).toBeCloseTo(-1000 + Math.LN2, 3);
    expect(Array.from(v.slice(2))).toEqual([1000, 1000]);
    const y = tensor([-Infinity, -Infinity, 1]);
    expect(fx.cumlogsumexp(y).toArray()).toEqual([-Infinity, -Infinity, 1]);
    const g = grad((t: Tensor) => fx.sum(fx.cumlogsumexp(t)))(tensor([0, 0])).toArray();
    expect(g).toEqual([1.5, 0.5]);
    expect(fx.cumlogsumexp(tensor([0, 0, 0]), { reverse: true }).dataSync()[0]).toBeCloseTo(Math.log(3), 6);
  });
  test("differences", () => {
    expect(fx.diff(x, { axis: 0 }).toArray()).toEqual([[3, 7, -9]]);
    expect(fx.diff(x, { n: 5 }).shape).toEqual([2, 0]);
    expect(fx.diff(x, { n: 0 }).toArray()).toEqual(x.toArray());
    expect(fx.diff(tensor([true, true, false])).toArray()).toEqual([false, true]);
    expect(fx.diff(x, { append: fx.zeros([2, 2]) }).shape).toEqual([2, 4]);
  });
});

describe("quantiles", () => {
  const v = tensor([7, 1, 3, 10]);
  test.each([
    ["linear", 5.8],
    ["lower", 3],
    ["higher", 7],
    ["midpoint", 5],
    ["nearest", 7],
  ] as const)("%s", (method, want) => {
    expect(fx.quantile(v, 0.56666666, { method }).item()).toBeCloseTo(want, 5);
    expect(fx.quantile(v, tensor(0.56666666), { method }).item()).toBeCloseTo(want, 5);
  });
  test("axes, tensors of q, keepdims", () => {
    const m = tensor([
      [3, 1, 2],
      [9, 7, 8],
    ]);
    expect(fx.quantile(m, tensor([0, 0.5, 1]), { axis: 1 }).toArray()).toEqual([
      [1, 7],
      [2, 8],
      [3, 9],
    ]);
    expect(fx.quantile(m, tensor([0, 1]), { axis: 1, keepdims: true }).shape).toEqual([2, 2, 1]);
    expect(fx.quantile(m, 0.25, { axis: [0, 1], keepdims: true }).shape).toEqual([1, 1]);
    expect(fx.percentile(m, 50, { axis: 0 }).toArray()).toEqual([6, 4, 5]);
    expect(fx.median(m).item()).toBe(5);
  });
  test("NaN and infinities", () => {
    expect(
      fx
        .median(
          tensor([
            [1, NaN, 2],
            [1, 2, 3],
          ]),
          { axis: 1 },
        )
        .toArray(),
    ).toEqual([NaN, 2]);
    expect(fx.median(tensor([Infinity, Infinity, 1, Infinity])).item()).toBe(Infinity);
    expect(fx.quantile(v, tensor([-0.1, 1.1])).toArray()).toEqual([NaN, NaN]);
  });
  test("without NaN", () => {
    const m = tensor([
      [3, NaN, 1, 2],
      [NaN, NaN, NaN, 4],
      [NaN, NaN, NaN, NaN],
      [9, 8, 7, 6],
    ]);
    expect(fx.nanmedian(m, { axis: 1 }).toArray()).toEqual([2, 4, NaN, 7.5]);
    expect(fx.nanquantile(m, tensor([0, 1]), { axis: 1 }).toArray()).toEqual([
      [1, 4, NaN, 6],
      [3, 4, NaN, 9],
    ]);
    expect(fx.nanpercentile(m, 100).item()).toBe(9);
    expect(grad((t: Tensor) => fx.nanmedian(t))(tensor([3, NaN, 1, 8])).toArray()).toEqual([1, 0, 0, 0]);
    expect(() => fx.median(m, { method: "lower" } as never)).toThrow(
      "median: expected options { axis, keepdims }, got method",
    );
  });
  test("the gradient goes to the neighbours", () => {
    expect(grad((t: Tensor) => fx.median(t))(v).toArray()).toEqual([0.5, 0, 0.5, 0]);
    expect(grad((t: Tensor) => fx.quantile(t, tensor(0.5)))(v).toArray()).toEqual([0.5, 0, 0.5, 0]);
  });
  test("vmap", () => {
    expect(
      vmap((t: Tensor) => fx.median(t))(
        tensor([
          [3, 1, 2],
          [9, 7, 8],
        ]),
      ).toArray(),
    ).toEqual([2, 8]);
  });
});

describe("counting", () => {
  test("bincount", () => {
    const i = tensor([0, 3, 3, 9, -1], { dtype: "int32" });
    expect(fx.bincount(i, { length: 4 }).toArray()).toEqual([2, 0, 0, 2]);
    expect(fx.bincount(i, { length: 4, weights: tensor([0.5, 1, 1, 1, 1]) }).toArray()).toEqual([
      1.5, 0, 0, 2,
    ]);
    expect(
      fx
        .bincount({ length: 2 })(tensor([true, false]))
        .toArray(),
    ).toEqual([1, 1]);
    expect(() => fx.bincount(i, {} as never)).toThrow(
      "bincount: expected a positive whole number as length, got undefined",
    );
  });
  test("histogram", () => {
    const [counts, edges] = fx.histogram(tensor([0, 0.1, 0.2, 0.3, 1]), { bins: 10 });
    expect(counts.toArray()).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 1]);
    expect(edges.shape).toEqual([11]);
    const [some] = fx.histogram(tensor([-1, 0.5, NaN, 2, 3]), { bins: 2, range: [0, 2] });
    expect(some.toArray()).toEqual([1, 1]);
    const [density] = fx.histogram(tensor([0, 0, 1, 4]), { bins: 2, density: true });
    expect(density.toArray()).toEqual([0.375, 0.125]);
    const [given] = fx.histogram(tensor([0, 1, 2.5, 4, 5]), { bins: tensor([0, 1, 4]) });
    expect(given.toArray()).toEqual([1, 3]);
    const [same, at] = fx.histogram(tensor([5, 5]), { bins: 1 });
    expect([same.toArray(), at.toArray()]).toEqual([[2], [4.5, 5.5]]);
  });
});

test("covariance and correlation", () => {
  const m = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]);
  expect(fx.cov(m).toArray()).toEqual([
    [1, -1],
    [-1, 1],
  ]);
  expect(fx.cov(fx.transpose(m), { rowvar: false }).toArray()).toEqual([
    [1, -1],
    [-1, 1],
  ]);
  expect(fx.cov(tensor([1, 2, 3, 4]), { ddof: 0 }).toArray()).toBe(1.25);
  const c = fx.corrcoef(m).dataSync();
  [1, -1, -1, 1].forEach((w, i) => expect(c[i]).toBeCloseTo(w, 6));
  expect(fx.corrcoef(tensor([1, 2, 3])).item()).toBeCloseTo(1, 6);
});

test("average", () => {
  expect(fx.average(x, { axis: 0, weights: tensor([3, 1]) }).toArray()).toEqual([1.75, -0.25, 0.75]);
  expect(fx.average(x, { axis: 1, keepdims: true }).toArray()).toEqual([[Math.fround(2 / 3)], [1]]);
  expect(
    fx.average(tensor([1, 3], { dtype: "int32" }), { weights: tensor([1, 1], { dtype: "int32" }) }).toArray(),
  ).toBe(2);
});

test("sums are accurate", () => {
  expect(fx.sum(fx.full([1_000_000], 0.1)).item()).toBeCloseTo(100000.00149, 1);
  expect(fx.mean(fx.full([49], 0.1)).item()).toBe(Math.fround(0.1));
});
