/** What holds of every sampler: purity, shapes, vmap, jit, derivatives, errors. Values are in random-golden.test.ts. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { grad, jit, random, sum, type Tensor, tensor, vmap } from "../../src/index.js";

const flat = (x: Tensor): readonly number[] => [...x.dataSync()];
const key = random.key(17);

describe("keys", () => {
  test("a traced seed gives the key of its number", () => {
    for (const seed of [0, 5, -1, 2 ** 31 - 1])
      expect(flat(random.key(tensor(seed, { dtype: "int32" })))).toEqual(flat(random.key(seed)));
    expect(flat(random.key(tensor(4e9, { dtype: "uint32" })))).toEqual([0, 4e9]);
    const seeds = tensor([1, 2, 3], { dtype: "int32" });
    expect(flat(vmap((s: Tensor) => random.key(s))(seeds) as Tensor)).toEqual([0, 1, 0, 2, 0, 3]);
  });

  test("split gives a tuple, an array or a tensor of the same keys", () => {
    const [k1, k2] = random.split(key);
    expectTypeOf(k1).toEqualTypeOf<Tensor>();
    const three = random.split(key, 3);
    expectTypeOf(three).toEqualTypeOf<readonly [Tensor, Tensor, Tensor]>();
    const n: number = 4;
    expectTypeOf(random.split(key, n)).toEqualTypeOf<readonly Tensor[]>();
    expect(three.map((k) => k.toArray())).toEqual(random.split(key, [3]).toArray());
    expect([k1.toArray(), k2.toArray()]).toEqual(random.split(key, [2]).toArray());
    expect(random.split(key, 0)).toEqual([]);
    expect(random.split(key, [2, 0]).shape).toEqual([2, 0, 2]);
  });

  test("split and foldIn are the same hash, so a child equals its index folded in", () => {
    random.split(key, 5).forEach((k, i) => expect(flat(k)).toEqual(flat(random.foldIn(key, i))));
  });

  test("foldIn takes traced integers, modulo 2^32", () => {
    const steps = tensor([0, 1, -1], { dtype: "int32" });
    const folded = vmap((s: Tensor) => random.foldIn(key, s))(steps) as Tensor;
    expect(flat(folded)).toEqual([0, 1, 2 ** 32 - 1].flatMap((s) => flat(random.foldIn(key, s))));
    expect(flat(random.foldIn(key, -1))).toEqual(flat(random.foldIn(key, 2 ** 32 - 1)));
  });

  test("a loop over foldIn compiles one program", () => {
    const draw = jit((k: Tensor, step: Tensor) => random.uniform(random.foldIn(k, step), [2]));
    const seen = new Set(
      [0, 1, 2, 3].map((i) => flat(draw(key, tensor(i, { dtype: "int32" })) as Tensor).join()),
    );
    expect(seen.size).toBe(4);
  });
});

/** One call of every sampler; `k` may be traced. */
const samplers: Readonly<
  Record<Exclude<keyof typeof random, "key" | "split" | "foldIn">, (k: Tensor) => Tensor>
> = {
  bits: (k) => random.bits(k, [2, 3]),
  uniform: (k) => random.uniform(k, [2, 3], { minval: -1, maxval: tensor([1, 2, 3]) }),
  normal: (k) => random.normal(k, [2, 3]),
  randint: (k) => random.randint(k, [5], -3, 100),
  bernoulli: (k) => random.bernoulli(k, tensor([0.2, 0.8])),
  rademacher: (k) => random.rademacher(k, [4]),
  geometric: (k) => random.geometric(k, 0.3, [4]),
  exponential: (k) => random.exponential(k, [3]),
  laplace: (k) => random.laplace(k, [3]),
  logistic: (k) => random.logistic(k, [3]),
  cauchy: (k) => random.cauchy(k, [3]),
  pareto: (k) => random.pareto(k, 2, [3]),
  weibullMin: (k) => random.weibullMin(k, 2, 1.5, [3]),
  rayleigh: (k) => random.rayleigh(k, 2, [3]),
  triangular: (k) => random.triangular(k, 0, 1, 3, [3]),
  truncatedNormal: (k) => random.truncatedNormal(k, tensor([-1, 0]), 2),
  lognormal: (k) => random.lognormal(k, 0.5, [3]),
  maxwell: (k) => random.maxwell(k, [3]),
  doubleSidedMaxwell: (k) => random.doubleSidedMaxwell(k, 1, 2, [3]),
  wald: (k) => random.wald(k, 2, [3]),
  gumbel: (k) => random.gumbel(k, [3], { mode: "highest" }),
  categorical: (k) =>
    random.categorical(
      k,
      tensor([
        [0, 1, 2],
        [2, 1, 0],
      ]),
      { shape: [4, 2] },
    ),
  permutation: (k) => random.permutation(k, 7),
  choice: (k) => random.choice(k, tensor([1, 2, 3, 4]), [5], { p: tensor([0.1, 0.2, 0.3, 0.4]) }),
  gamma: (k) => random.gamma(k, tensor([0.3, 2, 20])),
  loggamma: (k) => random.loggamma(k, tensor([0.01, 2])),
  chisquare: (k) => random.chisquare(k, 3, [2]),
  f: (k) => random.f(k, 3, 5, [2]),
  beta: (k) => random.beta(k, 0.5, 2, [3]),
  dirichlet: (k) => random.dirichlet(k, tensor([0.5, 1, 2]), [2]),
  t: (k) => random.t(k, 3, [3]),
  generalizedNormal: (k) => random.generalizedNormal(k, 1.5, [3]),
  ball: (k) => random.ball(k, 3, { shape: [2] }),
  poisson: (k) => random.poisson(k, tensor([0.5, 5, 50])),
  binomial: (k) => random.binomial(k, tensor([5, 50, 500]), 0.4),
  multinomial: (k) => random.multinomial(k, 10, tensor([0.2, 0.3, 0.5])),
  multivariateNormal: (k) =>
    random.multivariateNormal(
      k,
      tensor([1, 2]),
      tensor([
        [2, 1],
        [1, 3],
      ]),
      [3],
    ),
  orthogonal: (k) => random.orthogonal(k, 3, { m: 2 }),
};

describe.each(Object.entries(samplers))("%s", (_name, sample) => {
  test("is a function of its key", () => {
    const [a, b, other] = [sample(key), sample(random.key(17)), sample(random.key(18))];
    expect(flat(a)).toEqual(flat(b));
    expect(flat(a)).not.toEqual(flat(other));
  });

  test("jitted it gives the same bits", () => {
    expect(flat(jit(sample)(key))).toEqual(flat(sample(key)));
  });

  test("mapped over keys it equals a loop", () => {
    const mapped = vmap(sample)(random.split(key, [3])) as Tensor;
    const looped = random.split(key, 3).map(sample);
    expect(mapped.shape).toEqual([3, ...looped[0]!.shape]);
    expect(flat(mapped)).toEqual(looped.flatMap(flat));
  });
});

describe("parameters may be mapped and differentiated", () => {
  test("over parameters of one key", () => {
    const shapes = tensor([0.3, 1, 8]);
    const mapped = vmap((a: Tensor) => random.gamma(key, a, [2]))(shapes) as Tensor;
    expect(flat(mapped)).toEqual([0.3, 1, 8].flatMap((a) => flat(random.gamma(key, a, [2]))));
    const rates = tensor([3, 30]);
    const counts = vmap((l: Tensor) => random.poisson(key, l, [4]))(rates) as Tensor;
    expect(flat(counts)).toEqual([3, 30].flatMap((l) => flat(random.poisson(key, l, [4]))));
  });

  /** d/dp of the sum of a sample: central differences in float64, of samplers that are smooth in p at a fixed key. */
  const smooth: Readonly<Record<string, readonly [(p: Tensor) => Tensor, number]>> = {
    uniform: [(p) => random.uniform(key, [4], { minval: p, maxval: 5, dtype: "float64" }), 1],
    truncatedNormal: [(p) => random.truncatedNormal(key, p, 2, [4], { dtype: "float64" }), -0.5],
    pareto: [(p) => random.pareto(key, p, [4]), 2],
    weibullMin: [(p) => random.weibullMin(key, 1, p, [4]), 1.5],
    rayleigh: [(p) => random.rayleigh(key, p, [4]), 2],
    triangular: [(p) => random.triangular(key, 0, p, 3, [4]), 1],
    lognormal: [(p) => random.lognormal(key, p, [4]), 0.5],
    wald: [(p) => random.wald(key, p, [4]), 2],
    multivariateNormal: [
      (p) =>
        random.multivariateNormal(key, tensor([0, 0], { dtype: "float64" }), spd(p), [3], {
          dtype: "float64",
        }),
      2,
    ],
  };
  const spd = (p: Tensor): Tensor =>
    tensor(
      [
        [1, 0.5],
        [0.5, 1],
      ],
      { dtype: "float64" },
    ).mul(p);

  const value = (f: (p: Tensor) => Tensor, p: number): number =>
    sum(f(tensor(p, { dtype: "float64" }))).item();

  test.each(Object.entries(smooth))("%s", (_name, [f, p]) => {
    const h = 1e-5;
    const want = (value(f, p + h) - value(f, p - h)) / (2 * h);
    const got = grad((x: Tensor) => sum(f(x)))(tensor(p, { dtype: "float64" })).item();
    expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(want)));
  });

  /** For rejection samplers the derivative is the distribution's: its mean over samples is that of the mean. */
  const means: Readonly<Record<string, readonly [(p: Tensor) => Tensor, number, number]>> = {
    "E gamma(a) = a": [(a) => random.gamma(key, a, [20000]), 2.5, 1],
    "E gamma(a) = a, small a": [(a) => random.gamma(key, a, [20000]), 0.3, 1],
    "E log gamma(a) = digamma(a)": [(a) => random.loggamma(key, a, [20000]), 1, Math.PI ** 2 / 6],
    "E chisquare(k) = k": [(k) => random.chisquare(key, k, [20000]), 3, 1],
    "E beta(a, 2) = a / (a + 2)": [(a) => random.beta(key, a, 2, [20000]), 2, 2 / 16],
  };

  test.each(Object.entries(means))("%s", (_name, [f, p, want]) => {
    const d = grad((x: Tensor) => sum(f(x)).div(20000))(tensor(p));
    expect(Math.abs(d.item() - want)).toBeLessThanOrEqual(0.03 * want);
  });

  test("a gamma sample twice: E d² log gamma / da² = digamma''", () => {
    const f = (a: Tensor): Tensor => sum(random.loggamma(key, a, [20000], { dtype: "float64" })).div(20000);
    const d2 = grad((x: Tensor) => grad(f)(x))(tensor(1.5, { dtype: "float64" })).item();
    expect(d2).toBeCloseTo(-0.8287966442343199, 1); // polygamma(2, 3/2)
  });

  test("a third derivative of a gamma sample is refused", () => {
    const f = (a: Tensor): Tensor => random.gamma(key, a);
    expect(() => grad((x: Tensor) => grad((y: Tensor) => grad(f)(y))(x))(tensor(2))).toThrow(
      "gamma: expected at most two derivatives of a sample by its shape parameter, got a third",
    );
  });

  test("no derivative is NaN where a sample underflows", () => {
    const a = tensor([1e-6, 1e-4, 0.01]);
    for (const f of [random.gamma, random.loggamma])
      expect(flat(grad((x: Tensor) => sum(f(key, x)))(a)).every(Number.isFinite)).toBe(true);
  });
});

describe("edges", () => {
  test("empty and scalar shapes", () => {
    expect(random.normal(key, [0, 3]).toArray()).toEqual([]);
    expect(random.uniform(key).shape).toEqual([]);
    expect(random.permutation(key, 0).shape).toEqual([0]);
    expect(random.permutation(key, tensor([[1], [2]]), { axis: 1 }).toArray()).toEqual([[1], [2]]);
    expect(random.choice(key, 5, [0]).shape).toEqual([0]);
    expect(random.poisson(key, 20, [0]).shape).toEqual([0]);
    expect(random.binomial(key, 20, 0.5, [0]).shape).toEqual([0]);
    expect(random.dirichlet(key, tensor([1, 2]), [0]).shape).toEqual([0, 2]);
    expect(random.multinomial(key, 3, tensor([[]], { shape: [2, 0] })).shape).toEqual([2, 0]);
    expect(random.categorical(key, tensor([[1, 2]], { shape: [1, 2] }), { shape: [0, 1] }).shape).toEqual([
      0, 1,
    ]);
    expect(random.orthogonal(key, 0).shape).toEqual([0, 0]);
  });

  test("parameters outside their domain", () => {
    expect(random.gamma(key, tensor([NaN, -3])).toArray()).toEqual([NaN, NaN]);
    expect(
      random.binomial(key, tensor([-1, 5, 5, 5, Infinity]), tensor([0.5, -0.1, 1.1, NaN, 0.5])).toArray(),
    ).toEqual([NaN, NaN, NaN, NaN, Infinity]);
    expect(random.binomial(key, tensor([5, 5, 0]), tensor([0, 1, 0.5])).toArray()).toEqual([0, 5, 0]);
    expect(random.poisson(key, tensor([0, 0])).toArray()).toEqual([0, 0]);
    expect(random.bernoulli(key, tensor([0, 1])).toArray()).toEqual([false, true]);
    expect(random.multivariateNormal(key, tensor([0]), tensor([[-1]])).toArray()).toEqual([NaN]);
  });

  test("randint covers whole dtypes and nothing else", () => {
    const bytes = flat(random.randint(key, [5000], 0, 256, { dtype: "uint8" }));
    expect([Math.min(...bytes), Math.max(...bytes), new Set(bytes).size]).toEqual([0, 255, 256]);
    const words = flat(random.randint(key, [5000], 0, 2 ** 32, { dtype: "uint32" }));
    expect(Math.max(...words)).toBeGreaterThan(2 ** 32 - 2 ** 22);
    const ints = flat(random.randint(key, [5000], -(2 ** 31), 2 ** 31));
    expect(Math.min(...ints)).toBeLessThan(-(2 ** 31) + 2 ** 22);
    const low = tensor([0, 10, -5], { dtype: "int32" });
    const each = flat(random.randint(key, [100, 3], low, low.add(3)));
    each.forEach((x, i) => expect([0, 1, 2]).toContain(x - [0, 10, -5][i % 3]!));
    const wide = tensor([0, 2 ** 32 - 1], { dtype: "uint32" });
    expect(
      flat(random.randint(key, [50, 2], wide, wide))
        .filter((_, i) => i % 2 === 1)
        .every((x) => x === 2 ** 31 - 1),
    ).toBe(true);
  });

  test("permutation moves every element once", () => {
    for (const n of [1, 2, 10, 3000])
      expect([...flat(random.permutation(key, n))].sort((a, b) => a - b)).toEqual(
        Array.from({ length: n }, (_, i) => i),
      );
    const x = tensor(Array.from({ length: 60 }, (_, i) => i)).reshape([3, 4, 5]);
    const y = random.permutation(key, x, { axis: -2, independent: true });
    const lines = (t: Tensor): string =>
      JSON.stringify(
        (t.transpose([0, 2, 1]).reshape([15, 4]).toArray() as number[][]).map((l) =>
          [...l].sort((a, b) => a - b),
        ),
      );
    expect(lines(y)).toBe(lines(x));
    expect(y.dtype).toBe("float32");
    expect(random.permutation(key, tensor([true, false])).dtype).toBe("bool");
  });

  test("choice without replacement repeats nothing", () => {
    const p = tensor([0.1, 0.2, 0.3, 0.4]);
    for (const options of [{ replace: false }, { replace: false, p }])
      expect(new Set(flat(random.choice(key, 4, [4], options))).size).toBe(4);
    expect(flat(random.choice(key, 3, [200], { p: tensor([0, 1, 0]) })).every((x) => x === 1)).toBe(true);
  });

  test("float64 parameters draw in float64", () => {
    const a = tensor(2, { dtype: "float64" });
    expect(random.gamma(key, a).dtype).toBe("float64");
    expect(random.beta(key, a, 1).dtype).toBe("float64");
    expect(random.categorical(key, tensor([0, 1], { dtype: "float64" })).dtype).toBe("int32");
    expect(random.gamma(key, tensor(2, { dtype: "int32" })).dtype).toBe("float32");
  });
});

describe("errors", () => {
  const says = (f: () => unknown): string => {
    try {
      f();
    } catch (e) {
      return (e as Error).message;
    }
    return "nothing";
  };
  const wrong = <T>(x: unknown): T => x as T;

  test.each<readonly [() => unknown, string]>([
    [() => random.key(1.5), "random.key: expected an integer (number or integer scalar tensor), got 1.5"],
    [
      () => random.key(tensor([1, 2], { dtype: "int32" })),
      "random.key: expected an integer (number or integer scalar tensor), got int32[2]",
    ],
    [() => random.key(1, wrong({ x32: true })), "random.key: expected options { x64 }, got x32"],
    [
      () => random.normal(wrong(3), [2]),
      "random.normal: expected a key (uint32[2], from random.key or random.split), got 3",
    ],
    [
      () => random.normal(wrong(random.split(key, 2)), [2]),
      "random.normal: expected a key (uint32[2], from random.key or random.split), got an array of 2 (pass one of them)",
    ],
    [
      () => random.uniform(random.split(key, [5]), [2]),
      "random.uniform: expected a key (uint32[2], from random.key or random.split), got uint32[5,2] (use vmap over several keys)",
    ],
    [() => random.split(key, -1), "random.split: expected a shape of non-negative integers, got -1"],
    [
      () => random.foldIn(key, 0.5),
      "random.foldIn: expected an integer (number or integer scalar tensor), got 0.5",
    ],
    [
      () => random.bits(key, [2], { dtype: "int32" }),
      "random.bits: expected dtype uint32 or uint8, got int32",
    ],
    [
      () => random.normal(key, [2], { dtype: "int32" }),
      "random.normal: expected a float dtype (float32, float64), got int32",
    ],
    [
      () => random.normal(key, [2], wrong({ mean: 1 })),
      "random.normal: expected options { dtype }, got mean",
    ],
    [
      () => random.uniform(key, [2.5]),
      "random.uniform: expected a shape of non-negative integers, got [2.5]",
    ],
    [
      () => random.uniform(key, [2], { minval: tensor([1, 2, 3]) }),
      "random.uniform: expected shapes that broadcast together, got [2] and [3]",
    ],
    [
      () => random.gamma(key, tensor([1, 2]), []),
      "random.gamma: expected parameters that broadcast to shape [], got [2]",
    ],
    [() => random.randint(key, [2], 0, 1.5), "random.randint: expected integer bounds, got 1.5"],
    [() => random.randint(key, [2], 0, tensor(3)), "random.randint: expected integer bounds, got float32[]"],
    [
      () => random.randint(key, [2], 0, 3, { dtype: "float32" }),
      "random.randint: expected an integer dtype (int32, uint32, int8, uint8), got float32",
    ],
    [
      () => random.rademacher(key, [2], { dtype: "uint8" }),
      "random.rademacher: expected a signed dtype (int32, int8, float32, float64), got uint8",
    ],
    [
      () => random.gumbel(key, [2], { mode: wrong("best") }),
      'random.gumbel: expected mode "low" or "high" or "highest", got "best"',
    ],
    [
      () =>
        random.categorical(
          key,
          tensor([
            [1, 2],
            [3, 4],
          ]),
          { shape: [3] },
        ),
      "random.categorical: expected shapes that broadcast together, got [3] and [2]",
    ],
    [
      () =>
        random.categorical(
          key,
          tensor([
            [1, 2],
            [3, 4],
          ]),
          { shape: [] },
        ),
      "random.categorical: expected a shape that ends with [2], got []",
    ],
    [
      () => random.categorical(key, tensor([1, 2]), { shape: [3], replace: false }),
      "random.categorical: expected at most 2 samples without replacement, got 3",
    ],
    [
      () => random.permutation(key, 2.5),
      "random.permutation: expected a non-negative integer or a tensor, got 2.5",
    ],
    [
      () => random.permutation(key, tensor([1]), { axis: 1 }),
      "random.permutation: expected an axis from -1 to 0, got 1",
    ],
    [() => random.choice(key, 0, [1]), "random.choice: expected at least one element to draw from, got 0"],
    [
      () => random.choice(key, 3, [4], { replace: false }),
      "random.choice: expected at most 3 draws without replacement, got 4",
    ],
    [
      () => random.choice(key, 3, [4], { p: tensor([1]) }),
      "random.choice: expected p of shape [3], got float32[1]",
    ],
    [
      () => random.dirichlet(key, 1),
      "random.dirichlet: expected concentrations along at least one axis, got float32[]",
    ],
    [() => random.ball(key, -1), "random.ball: expected a number of dimensions, got -1"],
    [
      () => random.multivariateNormal(key, tensor([1, 2]), tensor([[1]])),
      "random.multivariateNormal: expected a covariance of shape […,2,2], got float32[1,1]",
    ],
  ])("%#", (f, message) => {
    expect(says(f)).toBe(message);
  });
});
