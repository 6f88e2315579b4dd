/** Every sampler against jax.random. JAX's results with fused multiply-add are the ones to meet. */
import { describe, expect, test } from "vitest";
import { grad, random, type Tensor, tensor, vjp } from "../../src/index.js";
import { type GoldenArray, type GoldenCase, type GoldenValue, isGoldenArray, loadGolden } from "../golden/load.js";

const { cases } = loadGolden("random");

/** Bits, integers, and the floats that DESIGN promises to the bit. */
const exact = new Set(["key", "split", "foldIn", "bits", "uniform", "randint", "bernoulli", "rademacher", "categorical"]);
for (const fn of ["permutation", "choice", "geometric", "poisson", "binomial"]) exact.add(fn);

/** Relative tolerances of the others, in float32. */
const ulp = 2 ** -23;
const relative: Readonly<Record<string, number>> = {
  normal: 0, truncatedNormal: 4 * ulp, gumbel: 2 * ulp, exponential: 2 * ulp, laplace: 4 * ulp, logistic: 8 * ulp,
  cauchy: 8 * ulp, maxwell: 2 * ulp, pareto: 4 * ulp, weibullMin: 4 * ulp, rayleigh: 2 * ulp, lognormal: 2 * ulp,
  triangular: 2 * ulp, wald: 8 * ulp, gamma: 4 * ulp, loggamma: 4 * ulp, beta: 8 * ulp, dirichlet: 8 * ulp, t: 4 * ulp,
  chisquare: 4 * ulp, f: 8 * ulp, generalizedNormal: 4 * ulp, ball: 4 * ulp,
};
/** Routines that these need (Cholesky, QR) do not exist yet. */
const absent = new Set(["threefry2x32", "multivariateNormal", "orthogonal"]);

const toTensor = ({ data, shape, dtype }: GoldenArray): Tensor => tensor(data, { shape, dtype });
const argument = (x: GoldenValue): unknown => (isGoldenArray(x) ? toTensor(x) : x);

type Sampler = (...args: readonly unknown[]) => Tensor | readonly Tensor[];

const functionOf = (c: GoldenCase): Sampler => (random as unknown as Record<string, Sampler>)[c.fn]!;

const optionsOf = (c: GoldenCase): readonly unknown[] =>
  c.options === undefined
    ? []
    : [Object.fromEntries(Object.entries(c.options).map(([k, v]) => [k, argument(v)]))];

/** Optional positional arguments that a case leaves out, before its options. */
const positions: Readonly<Record<string, number>> = { categorical: 2, permutation: 2, bernoulli: 3, choice: 3, ball: 2 };

const call = (c: GoldenCase, args: readonly unknown[]): Tensor | readonly Tensor[] => {
  const missing = Math.max(0, c.options === undefined ? 0 : (positions[c.fn] ?? 0) - args.length);
  return functionOf(c)(...args, ...Array<undefined>(missing).fill(undefined), ...optionsOf(c));
};

const wanted = (c: GoldenCase): GoldenArray => c.outFma ?? (c.out as GoldenArray);

const values = (y: Tensor | readonly Tensor[]): readonly number[] =>
  Array.isArray(y) ? (y as readonly Tensor[]).flatMap((k) => [...k.dataSync()]) : [...(y as Tensor).dataSync()];

const expectNear = (got: readonly number[], want: ArrayLike<number>, tolerance: number): void => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    const y = want[i]!;
    if (Object.is(x, y) || x === y) return;
    const error = Math.abs(x - y) / Math.abs(y);
    if (!(error <= tolerance)) expect.fail(`element ${i}: got ${x}, want ${y}, off by ${error / ulp} ulp`);
  });
};

const toleranceOf = (c: GoldenCase): number => {
  if (exact.has(c.fn)) return 0;
  return c.options?.["dtype"] === "float64" ? 1e-12 : relative[c.fn]!;
};

describe("samples are JAX's", () => {
  test.each(cases.filter((c) => !absent.has(c.fn)).map((c, i) => [`${c.fn} #${i}`, c] as const))("%s", (_name, c) => {
    const y = call(c, c.args.map(argument));
    const want = wanted(c);
    if (!Array.isArray(y)) {
      expect((y as Tensor).shape).toEqual(want.shape);
      expect((y as Tensor).dtype).toBe(want.dtype);
    }
    expectNear(values(y), want.data, toleranceOf(c));
  });

  test("nothing in the file is left out", () => {
    const known = new Set([...exact, ...Object.keys(relative), ...absent]);
    expect(cases.map((c) => c.fn).filter((fn) => !known.has(fn))).toEqual([]);
  });
});

describe("gradients are JAX's", () => {
  test.each(cases.filter((c) => c.grads !== undefined).map((c, i) => [`${c.fn} #${i}`, c] as const))("%s", (_name, c) => {
    const { argnums, cotangent, values: want } = c.grads!;
    const args = c.args.map(argument);
    const f = (x: Tensor): Tensor => call(c, args.map((a, i) => (i === argnums[0] ? x : a))) as Tensor;
    const [, pullback] = vjp(f, args[argnums[0]!] as Tensor);
    const [g] = pullback(toTensor(cotangent)) as readonly [Tensor];
    expectNear([...g.dataSync()], want[0]!.data, 2e-5);
  });
});
