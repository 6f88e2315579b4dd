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
