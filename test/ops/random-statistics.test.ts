/**
 * Samples have their distributions: Kolmogorov-Smirnov against the distribution function, χ² for integers, and
 * independence of keys. Seeds are fixed, so nothing here fails by chance; a wrong formula fails by a lot.
 */
import { describe, expect, test } from "vitest";
import { getBackend, random, type Tensor, tensor } from "../../src/index.js";
import { erf } from "../../src/ir/scalar/erf.js";
import { lgamma } from "../../src/ir/scalar/gamma.js";
import { igamma } from "../../src/ir/scalar/igamma.js";

const n = 4000;
const keys = [random.key(1), random.foldIn(random.key(2), 3), random.split(random.key(4))[1]];
const flat = (x: Tensor): Float64Array => Float64Array.from(x.dataSync());

/** √n times the greatest distance between the samples' distribution function and `cdf`; above 1.95 once in a thousand. */
const kolmogorov = (samples: Float64Array, cdf: (x: number) => number): number => {
  const sorted = samples.slice().sort();
  const size = sorted.length;
  let d = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    d = Math.max(d, p - i / size, (i + 1) / size - p);
  });
  return d * Math.sqrt(size);
};

const phi = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;
/** The regularised incomplete beta function by Simpson's rule after x = sin²θ; a, b ≥ 1/2. */
const betaCdf = (a: number, b: number) => (x: number) => {
  const top = Math.asin(Math.sqrt(Math.min(1, Math.max(0, x))));
  const density = (t: number): number => 2 * Math.sin(t) ** (2 * a - 1) * Math.cos(t) ** (2 * b - 1);
  const steps = 400;
  let s = 0;
  for (let i = 0; i <= steps; i++)
    s += density((top * i) / steps) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  return ((s * top) / steps / 3) * Math.exp(lgamma(a + b) - lgamma(a) - lgamma(b));
};
const tCdf = (df: number) => (x: number) => {
  const tail = betaCdf(df / 2, 0.5)(df / (df + x * x)) / 2;
  return x > 0 ? 1 - tail : tail;
};
const maxwellCdf = (x: number): number =>
  erf(x / Math.SQRT2) - Math.sqrt(2 / Math.PI) * x * Math.exp((-x * x) / 2);
const waldCdf = (mean: number) => (x: number) => {
  const r = Math.sqrt(1 / x);
  return phi(r * (x / mean - 1)) + Math.exp(2 / mean) * phi(-r * (x / mean + 1));
};
const triangularCdf = (a: number, c: number, b: number) => (x: number) =>
  x < c ? (x - a) ** 2 / ((b - a) * (c - a)) : 1 - (b - x) ** 2 / ((b - a) * (b - c));

const continuous: Readonly<Record<string, readonly [(k: Tensor) => Tensor, (x: number) => number]>> = {
  uniform: [(k) => random.uniform(k, [n]), (x) => x],
  "uniform with bounds": [(k) => random.uniform(k, [n], { minval: -2, maxval: 3 }), (x) => (x + 2) / 5],
  "uniform float64": [(k) => random.uniform(k, [n], { dtype: "float64" }), (x) => x],
  normal: [(k) => random.normal(k, [n]), phi],
  "normal float64": [(k) => random.normal(k, [n], { dtype: "float64" }), phi],
  truncatedNormal: [
    (k) => random.truncatedNormal(k, -1, 2, [n]),
    (x) => (phi(x) - phi(-1)) / (phi(2) - phi(-1)),
  ],
  lognormal: [(k) => random.lognormal(k, 0.5, [n]), (x) => phi(Math.log(x) / 0.5)],
  exponential: [(k) => random.exponential(k, [n]), (x) => 1 - Math.exp(-x)],
  laplace: [(k) => random.laplace(k, [n]), (x) => (x < 0 ? Math.exp(x) / 2 : 1 - Math.exp(-x) / 2)],
  logistic: [(k) => random.logistic(k, [n]), (x) => 1 / (1 + Math.exp(-x))],
  cauchy: [(k) => random.cauchy(k, [n]), (x) => 0.5 + Math.atan(x) / Math.PI],
  gumbel: [(k) => random.gumbel(k, [n]), (x) => Math.exp(-Math.exp(-x))],
  "gumbel high": [(k) => random.gumbel(k, [n], { mode: "high" }), (x) => Math.exp(-Math.exp(-x))],
  "gumbel highest": [(k) => random.gumbel(k, [n], { mode: "highest" }), (x) => Math.exp(-Math.exp(-x))],
  pareto: [(k) => random.pareto(k, 2.5, [n]), (x) => 1 - x ** -2.5],
  weibullMin: [(k) => random.weibullMin(k, 2, 1.5, [n]), (x) => 1 - Math.exp(-((x / 2) ** 1.5))],
  rayleigh: [(k) => random.rayleigh(k, 1.5, [n]), (x) => 1 - Math.exp(-(x ** 2) / (2 * 1.5 ** 2))],
  triangular: [(k) => random.triangular(k, -1, 0, 3, [n]), triangularCdf(-1, 0, 3)],
  maxwell: [(k) => random.maxwell(k, [n]), maxwellCdf],
  doubleSidedMaxwell: [
    (k) => random.doubleSidedMaxwell(k, 1, 2, [n]),
    (x) => 0.5 + (Math.sign(x - 1) * maxwellCdf(Math.abs(x - 1) / 2)) / 2,
  ],
  wald: [(k) => random.wald(k, 2, [n]), waldCdf(2)],
  "gamma 0.3": [(k) => random.gamma(k, 0.3, [n]), (x) => igamma(0.3, x)],
  "gamma 1": [(k) => random.gamma(k, 1, [n]), (x) => igamma(1, x)],
  "gamma 7.5": [(k) => random.gamma(k, 7.5, [n]), (x) => igamma(7.5, x)],
  "gamma 200": [(k) => random.gamma(k, 200, [n]), (x) => igamma(200, x)],
  "gamma float64": [(k) => random.gamma(k, 2, [n], { dtype: "float64" }), (x) => igamma(2, x)],
  loggamma: [(k) => random.loggamma(k, 0.5, [n]), (x) => igamma(0.5, Math.exp(x))],
  chisquare: [(k) => random.chisquare(k, 3, [n]), (x) => igamma(1.5, x / 2)],
  f: [(k) => random.f(k, 4, 6, [n]), (x) => betaCdf(2, 3)((4 * x) / (4 * x + 6))],
  beta: [(k) => random.beta(k, 0.5, 2, [n]), betaCdf(0.5, 2)],
  "dirichlet's first": [(k) => column(random.dirichlet(k, tensor([0.5, 1, 1]), [n]), 0), betaCdf(0.5, 2)],
  t: [(k) => random.t(k, 3, [n]), tCdf(3)],
  generalizedNormal: [
    (k) => random.generalizedNormal(k, 1.5, [n]),
    (x) => 0.5 + (Math.sign(x) * igamma(1 / 1.5, Math.abs(x) ** 1.5)) / 2,
  ],
  "ball's radius": [
    (k) =>
      random
        .ball(k, 3, { shape: [n] })
        .square()
        .sum({ axis: -1 })
        .sqrt(),
    (r) => r ** 3,
  ],
  "multivariateNormal's second": [
    (k) =>
      column(
        random.multivariateNormal(
          k,
          tensor([0, 1]),
          tensor([
            [2, 1],
            [1, 3],
          ]),
          [n],
        ),
        1,
      ),
    (x) => phi((x - 1) / Math.sqrt(3)),
  ],
  "orthogonal's corner": [
    // The square of one coordinate of a uniform direction in three dimensions.
    (k) => column(random.orthogonal(k, 3, { m: 1, shape: [n] }).reshape([n, 3]), 0),
    (x) => (1 + x) / 2,
  ],
};

const column = (x: Tensor, i: number): Tensor => x.at(":", i);

describe("continuous distributions", () => {
  test.each(Object.entries(continuous))("%s", (_name, [sample, cdf]) => {
    for (const k of keys) expect(kolmogorov(flat(sample(k)), cdf)).toBeLessThan(1.95);
  });

  test("the test itself tells distributions apart", () => {
    expect(kolmogorov(flat(random.normal(keys[0]!, [n])), (x) => phi(x - 0.1))).toBeGreaterThan(1.95);
    expect(kolmogorov(flat(random.gamma(keys[0]!, 2, [n])), (x) => igamma(2.15, x))).toBeGreaterThan(1.95);
  });
});

/** χ² of counts against probabilities, as a quantile of the χ² distribution. Rare values share the last cell. */
const chiSquareLevel = (samples: Float64Array, first: number, pmf: (k: number) => number): number => {
  const expectedOf: number[] = [];
  let left = 1;
  for (let k = first; left * samples.length > 10 && expectedOf.length < 300; k++) {
    expectedOf.push(pmf(k) * samples.length);
    left -= pmf(k);
  }
  const cells = new Float64Array(expectedOf.length);
  for (const x of samples) {
    const at = Math.min(x - first, cells.length - 1);
    cells[at] = cells[at]! + 1;
  }
  expectedOf[expectedOf.length - 1] = expectedOf[expectedOf.length - 1]! + Math.max(0, left * samples.length);
  let statistic = 0;
  let degrees = -1;
  let want = 0;
  let have = 0;
  expectedOf.forEach((e, i) => {
    want += e;
    have += cells[i]!;
    if (want < 5 && i < expectedOf.length - 1) return; // merge thin cells
    statistic += (have - want) ** 2 / Math.max(want, 1e-9);
    degrees++;
    want = have = 0;
  });
  return igamma(degrees / 2, statistic / 2);
};

const logChoose = (a: number, b: number): number => lgamma(a + 1) - lgamma(b + 1) - lgamma(a - b + 1);
const poissonPmf = (l: number) => (k: number) => Math.exp(k * Math.log(l) - l - lgamma(k + 1));
const binomialPmf = (m: number, p: number) => (k: number) =>
  Math.exp(logChoose(m, k) + k * Math.log(p) + (m - k) * Math.log(1 - p));

const discrete: Readonly<Record<string, readonly [(k: Tensor) => Tensor, number, (x: number) => number]>> = {
  bernoulli: [(k) => random.bernoulli(k, 0.3, [n]), 0, (x) => (x === 0 ? 0.7 : 0.3)],
  "bernoulli high": [(k) => random.bernoulli(k, 0.3, [n], { mode: "high" }), 0, (x) => (x === 0 ? 0.7 : 0.3)],
  randint: [(k) => random.randint(k, [n], -3, 14), -3, () => 1 / 17],
  "randint uint8": [(k) => random.randint(k, [n], 0, 256, { dtype: "uint8" }), 0, () => 1 / 256],
  rademacher: [(k) => random.rademacher(k, [n]), -1, (x) => (x === 0 ? 0 : 0.5)],
  geometric: [(k) => random.geometric(k, 0.3, [n]), 1, (x) => 0.3 * 0.7 ** (x - 1)],
  categorical: [
    (k) => random.categorical(k, tensor([1, 2, 3, 4].map(Math.log)), { shape: [n] }),
    0,
    (x) => (x + 1) / 10,
  ],
  "choice with p": [
    (k) => random.choice(k, 4, [n], { p: tensor([0.1, 0.2, 0.3, 0.4]) }),
    0,
    (x) => (x + 1) / 10,
  ],
  "poisson 0.7": [(k) => random.poisson(k, 0.7, [n]), 0, poissonPmf(0.7)],
  "poisson 9.9": [(k) => random.poisson(k, 9.9, [n]), 0, poissonPmf(9.9)],
  "poisson 10": [(k) => random.poisson(k, 10, [n]), 0, poissonPmf(10)],
  "poisson 60": [(k) => random.poisson(k, 60, [n]), 0, poissonPmf(60)],
  "binomial by inversion": [(k) => random.binomial(k, 12, 0.3, [n]), 0, binomialPmf(12, 0.3)],
  "binomial by rejection": [(k) => random.binomial(k, 90, 0.3, [n]), 0, binomialPmf(90, 0.3)],
  "binomial above one half": [(k) => random.binomial(k, 90, 0.7, [n]), 0, binomialPmf(90, 0.7)],
  "multinomial's last": [
    (k) => column(random.multinomial(k, 20, tensor([0.2, 0.3, 0.5]), [n]), 2),
    0,
    binomialPmf(20, 0.5),
  ],
};

describe("discrete distributions", () => {
  test.each(Object.entries(discrete))("%s", (_name, [sample, first, pmf]) => {
    for (const k of keys) expect(chiSquareLevel(flat(sample(k)), first, pmf)).toBeLessThan(0.999);
  });

  test("the test itself tells distributions apart", () => {
    expect(chiSquareLevel(flat(random.poisson(keys[0]!, 5, [n])), 0, poissonPmf(5.3))).toBeGreaterThan(
      0.9999,
    );
  });

  // Each key is a program of its own, and 2,400 of them have shaders of their own: minutes, for the same bits.
  test.skipIf(getBackend() === "webgpu")(
    "all orders are equally likely",
    () => {
      const orders = random.split(keys[0]!, 2400).map((k) => flat(random.permutation(k, 4)).join(""));
      const counts = new Map<string, number>();
      for (const o of orders) counts.set(o, (counts.get(o) ?? 0) + 1);
      expect(counts.size).toBe(24);
      const statistic = [...counts.values()].reduce((s, c) => s + (c - 100) ** 2 / 100, 0);
      expect(igamma(23 / 2, statistic / 2)).toBeLessThan(0.999);
    },
    120_000,
  );
});

describe("keys are independent", () => {
  const correlation = (x: Float64Array, y: Float64Array): number => {
    let s = 0;
    for (let i = 0; i < x.length; i++) s += x[i]! * y[i]!;
    return s / Math.sqrt(x.length);
  };

  test("children, siblings and parents draw uncorrelated normals", () => {
    const parent = random.key(0);
    const family = [
      parent,
      ...random.split(parent, 4),
      ...random.split(random.split(parent)[0], 3),
      random.foldIn(parent, 99),
    ];
    const samples = family.map((k) => flat(random.normal(k, [n])));
    // split(parent, 4) starts with split(parent)[0]; its children are others.
    for (let i = 0; i < samples.length; i++)
      for (let j = 0; j < i; j++) expect(Math.abs(correlation(samples[i]!, samples[j]!))).toBeLessThan(3.9);
  });

  test("neighbouring seeds and neighbouring places too", () => {
    const x = flat(random.normal(random.key(10), [n + 1]));
    const y = flat(random.normal(random.key(11), [n + 1]));
    expect(Math.abs(correlation(x, y))).toBeLessThan(3.9);
    expect(Math.abs(correlation(x.subarray(0, n), x.subarray(1)))).toBeLessThan(3.9);
  });

  test("every bit is set half of the time", () => {
    const words = flat(random.bits(random.key(5), [n]));
    for (let b = 0; b < 32; b++) {
      const ones = words.reduce((s, w) => s + (Math.floor(w / 2 ** b) % 2), 0);
      expect(Math.abs(ones - n / 2) / Math.sqrt(n / 4)).toBeLessThan(3.9);
    }
  });
});
