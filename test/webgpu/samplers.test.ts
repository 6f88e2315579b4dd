/**
 * Samplers that reject, as loops of shaders: the draws of the reference. Sums of products are rounded once there and once or twice
 * here, quotients and roots are within some ulp: an element may differ in its last bits, and one in millions accept another
 * candidate. Nothing is left to JavaScript, and no argument makes a loop go on for ever.
 */
import { describe, expect, test } from "vitest";
import { exp, grad, jit, mul, random, scan, setBackend, tensor, type Tensor } from "../../src/index.js";
import { erf } from "../../src/ir/scalar/erf.js";
import { igamma } from "../../src/ir/scalar/igamma.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { ownDevice } from "./own-device.js";

useDriver(ownDevice());

type Draw = (key: Tensor) => Tensor;

const drawn = (backend: "js" | "webgpu", draw: Draw, seed: number): number[] => {
  setBackend(backend);
  return Array.from(jit(draw)(random.key(seed)).dataSync());
};

const size = 4000;

const cycle = (values: readonly number[], length = size): Tensor =>
  tensor(Array.from({ length }, (_, i) => values[i % values.length]!));

const shapes = [0, 1e-30, 0.01, 0.3, 0.999, 1, 1.5, 3, 20, 1e5, 1e30, Infinity, NaN, -0.5, -1, -Infinity];
const means = [0, 0.01, 3, 9.99, 10, 11, 15, 100, 1e3, NaN, -1, -20, -Infinity];
const counts = [0, 1, 10, 100, 1000, 1e5, 1e7, NaN, -1, Infinity, 15.5, 1e30, -Infinity];
const chances = [0, 0.01, 0.5, 0.3, 0.999, 1, 1.5, -0.1, NaN, 0.7, 1e-6, 0.25, 0.75, 1e-40, Infinity];

const floats: Record<string, Draw> = {
  gamma: (k) => random.gamma(k, cycle(shapes)),
  loggamma: (k) => random.loggamma(k, cycle(shapes)),
  "gamma as float16": (k) => random.gamma(k, 2.5, [size]).cast("float16"),
  chisquare: (k) => random.chisquare(k, cycle([0.5, 3, 40])),
  t: (k) => random.t(k, cycle([0.5, 3, 40])),
  f: (k) => random.f(k, cycle([2, 7]), 9),
  beta: (k) => random.beta(k, cycle([0.3, 1, 7]), 2),
  dirichlet: (k) => random.dirichlet(k, tensor([0.4, 1, 5]), [size]),
  generalizedNormal: (k) => random.generalizedNormal(k, 1.5, [size]),
  ball: (k) => random.ball(k, 3, { p: 1.5, shape: [size] }),
};
const integers: Record<string, Draw> = {
  poisson: (k) => random.poisson(k, cycle(means)),
  "poisson of small means": (k) => random.poisson(k, cycle([0, 0.5, 3])),
  "poisson of large means": (k) => random.poisson(k, cycle([10, 1e3, 1e4])),
  binomial: (k) => random.binomial(k, cycle(counts), cycle(chances)),
  "binomial by inversion": (k) => random.binomial(k, cycle([3, 12, 20]), 0.3),
  "binomial by rejection": (k) => random.binomial(k, cycle([90, 1e3, 1e6]), 0.3),
  multinomial: (k) => random.multinomial(k, 60, tensor([0.2, 0.3, 0.5]), [size]),
};

const rowsOf = (draws: Record<string, Draw>): { name: string; draw: Draw }[] =>
  Object.entries(draws).map(([name, draw]) => ({ name, draw }));

const isNear = (x: number, y: number, relative: number, absolute: number): boolean =>
  Object.is(x, y) || x === y || Math.abs(x - y) <= Math.max(relative * Math.abs(y), absolute);

/** How many of the samples of some seeds are near the reference's. */
const agreement = (draw: Draw, near: (got: number, want: number) => boolean): number => {
  let [agreeing, all] = [0, 0];
  for (const seed of [0, 7, 600]) {
    const want = drawn("js", draw, seed);
    drawn("webgpu", draw, seed).forEach((got, i) => {
      all++;
      if (near(got, want[i]!)) agreeing++;
    });
  }
  return agreeing / all;
};

describe.each(rowsOf({ ...floats, ...integers }))("$name", ({ draw }) => {
  test("is a shader", () => {
    setBackend("webgpu");
    const { kernels } = jit(draw).lower(random.key(0));
    expect(kernels.flatMap((k) => k.calls)).toEqual([]);
    expect(kernels.some((k) => k.source.includes("break;"))).toBe(true);
  });
});

test.each(rowsOf(floats))("$name takes the draws of the reference", ({ name, draw }) => {
  // float16s are a rounding of what may differ; logarithms are near 0 where their arguments are near 1.
  const relative = name.includes("float16") ? 1e-3 : 1e-5;
  const absolute = name === "loggamma" ? 1e-5 : 1e-37;
  expect(agreement(draw, (got, want) => isNear(got, want, relative, absolute))).toBeGreaterThan(0.999);
});

test.each(rowsOf(integers))("$name takes the draws of the reference", ({ draw }) => {
  // Of a large mean the count may be the next one; the logarithms of its density have few digits after the point.
  expect(agreement(draw, (got, want) => isNear(got, want, 2e-7, 0))).toBeGreaterThan(0.999);
});

test("all elements of a sample are of its support", () => {
  for (const seed of [1, 2, 3]) {
    for (const name of ["poisson of large means", "binomial by inversion", "binomial by rejection"])
      for (const x of drawn("webgpu", integers[name]!, seed)) expect(x).toBeGreaterThanOrEqual(0);
    for (const x of drawn("webgpu", (k) => random.gamma(k, cycle([0.3, 1, 20])), seed))
      expect(x).toBeGreaterThan(0);
  }
});

describe.each([
  { name: "gamma", loss: (k: Tensor, a: Tensor) => random.gamma(k, a).sum() },
  { name: "loggamma", loss: (k: Tensor, a: Tensor) => random.loggamma(k, a).sum() },
  { name: "beta", loss: (k: Tensor, a: Tensor) => random.beta(k, a, exp(a)).sum() },
  {
    name: "dirichlet",
    loss: (k: Tensor, a: Tensor) => mul(random.dirichlet(k, a.reshape([-1, 4])), a.reshape([-1, 4])).sum(),
  },
])("the gradient of $name by its shape", ({ loss }) => {
  const slope: Draw = (k) => grad((a: Tensor) => loss(k, a))(cycle([0.2, 0.7, 1, 2.5, 30, 99.5, 150, 1e4]));

  test("is a shader", () => {
    setBackend("webgpu");
    expect(
      jit(slope)
        .lower(random.key(0))
        .kernels.flatMap((k) => k.calls),
    ).toEqual([]);
  });

  test("is the reference's", () => {
    expect(agreement(slope, (got, want) => isNear(got, want, 1e-4, 1e-6))).toBeGreaterThan(0.999);
  });
});

test("of gamma at shapes that are none it is NaN", () => {
  const slope: Draw = (k) => grad((a: Tensor) => random.gamma(k, a).sum())(tensor([NaN, -1, Infinity, 0, 2]));
  expect(drawn("webgpu", slope, 0).map(Number.isNaN)).toEqual(drawn("js", slope, 0).map(Number.isNaN));
});

/** √n times the greatest distance between the samples' distribution function and `cdf`; above 1.95 once in a thousand. */
const kolmogorov = (samples: readonly number[], cdf: (x: number) => number): number => {
  const sorted = Float64Array.from(samples).sort();
  const n = sorted.length;
  const gaps = Array.from(sorted, (x, i) => Math.max(cdf(x) - i / n, (i + 1) / n - cdf(x)));
  return gaps.reduce((a, b) => Math.max(a, b)) * Math.sqrt(n);
};

test("poisson of a million: logarithms of densities cancel but for one digit, and some in a hundred accept otherwise", () => {
  const draw: Draw = (k) => random.poisson(k, 1e6, [size]);
  expect(agreement(draw, (got, want) => got === want)).toBeGreaterThan(0.97);
});

test("poisson of more than that ends", () => {
  for (const mean of [1e7, 1e9]) {
    const samples = drawn("webgpu", (k) => random.poisson(k, mean, [size]), 2);
    expect(Math.abs(samples.reduce((s, x) => s + x, 0) / size / mean - 1)).toBeLessThan(1e-3);
  }
});

describe("large samples have their distribution", () => {
  const large = 100_000;

  test.each([0.3, 1, 2.5, 40])("gamma of shape %d", (a) => {
    const samples = drawn("webgpu", (k) => random.gamma(k, a, [large]), 11);
    expect(kolmogorov(samples, (x) => igamma(a, x))).toBeLessThan(1.95);
    expect(kolmogorov(samples, (x) => igamma(a * 1.03, x))).toBeGreaterThan(1.95);
  });

  test.each([3, 50, 1e4])("poisson of mean %d", (mean) => {
    const samples = drawn("webgpu", (k) => random.poisson(k, mean, [large]), 12);
    const average = samples.reduce((s, x) => s + x, 0) / large;
    const variance = samples.reduce((s, x) => s + (x - average) ** 2, 0) / large;
    // Four standard errors.
    expect(Math.abs(average - mean)).toBeLessThan(4 * Math.sqrt(mean / large));
    expect(Math.abs(variance - mean)).toBeLessThan(4 * Math.sqrt((2 * mean ** 2 + mean) / large));
  });

  test.each([12, 90])("binomial of %d trials", (n) => {
    const samples = drawn("webgpu", (k) => random.binomial(k, n, 0.3, [large]), 13);
    const average = samples.reduce((s, x) => s + x, 0) / large;
    const variance = samples.reduce((s, x) => s + (x - average) ** 2, 0) / large;
    const want = n * 0.3 * 0.7;
    expect(Math.abs(average - n * 0.3)).toBeLessThan(4 * Math.sqrt(want / large));
    expect(Math.abs(variance - want)).toBeLessThan(4 * Math.sqrt((2 * want ** 2 + want) / large));
  });

  test("t of many degrees of freedom is nearly normal", () => {
    const samples = drawn("webgpu", (k) => random.t(k, 1e4, [large]), 14);
    expect(kolmogorov(samples, (x) => (1 + erf(x / Math.SQRT2)) / 2)).toBeLessThan(1.95);
  });
});

test("between the barriers of one workgroup: each step of a scan draws, and sums what all have drawn", () => {
  const draw: Draw = (k) =>
    scan(
      (total: Tensor, step: Tensor) => {
        const key = random.foldIn(k, step);
        const drawn = random.gamma(key, cycle([0.5, 2], 300)).sum();
        const counts = random.poisson(key, cycle([2, 20], 300)).sum();
        const next = total.mul(0.5).add(drawn).add(counts);
        return [next, null] as const;
      },
      tensor(0),
      tensor([0, 1, 2, 3, 4], { dtype: "uint32" }),
    )[0];
  setBackend("webgpu");
  const { kernels } = jit(draw).lower(random.key(0));
  expect(kernels.some(({ source }) => source.includes("workgroupBarrier") && source.includes("break;"))).toBe(
    true,
  );
  const [got, want] = [drawn("webgpu", draw, 5)[0]!, drawn("js", draw, 5)[0]!];
  expect(isNear(got, want, 1e-5, 0), `${got}, ${want}`).toBe(true);
});
