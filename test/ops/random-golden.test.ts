/** Every sampler against jax.random. JAX's results with fused multiply-add are the ones to meet. */
import { describe, expect, test } from "vitest";
import { getBackend, random, type Tensor, tensor, vjp } from "../../src/index.js";
import {
  type GoldenArray,
  type GoldenCase,
  type GoldenValue,
  isGoldenArray,
  loadGolden,
} from "../golden/load.js";

const { cases } = loadGolden("random");

/** Bits, integers, and the floats that DESIGN promises to the bit. */
const exact = new Set([
  "key",
  "split",
  "foldIn",
  "bits",
  "uniform",
  "randint",
  "bernoulli",
  "rademacher",
  "categorical",
]);
for (const fn of ["permutation", "choice", "geometric", "poisson", "binomial", "multinomial"]) exact.add(fn);

/** What the others may differ by: relatively, in units in the last place of float32, or absolutely near a zero. */
interface Tolerance {
  readonly ulps: number;
  readonly absolute?: number;
}
const tolerances: Readonly<Record<string, Tolerance>> = {
  normal: { ulps: 0 },
  truncatedNormal: { ulps: 4 },
  gumbel: { ulps: 2, absolute: 3e-7 },
  exponential: { ulps: 2 },
  laplace: { ulps: 4 },
  logistic: { ulps: 8 },
  cauchy: { ulps: 8 },
  maxwell: { ulps: 2 },
  doubleSidedMaxwell: { ulps: 4 },
  pareto: { ulps: 4 },
  weibullMin: { ulps: 4 },
  rayleigh: { ulps: 2 },
  lognormal: { ulps: 2 },
  triangular: { ulps: 2 },
  wald: { ulps: 8 },
  gamma: { ulps: 4 },
  loggamma: { ulps: 4 },
  beta: { ulps: 8 },
  dirichlet: { ulps: 8 },
  t: { ulps: 4 },
  chisquare: { ulps: 4 },
  f: { ulps: 8 },
  generalizedNormal: { ulps: 4 },
  ball: { ulps: 4 },
  multivariateNormal: { ulps: 4, absolute: 2e-7 },
  // XLA's own QR in float32 is the coarser one.
  orthogonal: { ulps: 8, absolute: 5e-7 },
};
const ulp = 2 ** -23;

/** The hash itself is no sampler: it is tested with its primitive. */
const elsewhere = new Set(["threefry2x32"]);

const toTensor = ({ data, shape, dtype }: GoldenArray): Tensor => tensor(data, { shape, dtype });
const argument = (x: GoldenValue): unknown => (isGoldenArray(x) ? toTensor(x) : x);

type Sampler = (...args: readonly unknown[]) => Tensor | readonly Tensor[];

const functionOf = (c: GoldenCase): Sampler => (random as unknown as Record<string, Sampler>)[c.fn]!;

const optionsOf = (c: GoldenCase): readonly unknown[] =>
  c.options === undefined
    ? []
    : [Object.fromEntries(Object.entries(c.options).map(([k, v]) => [k, argument(v)]))];

/** Optional positional arguments that a case leaves out, before its options. */
const positions: Readonly<Record<string, number>> = {
  categorical: 2,
  permutation: 2,
  bernoulli: 3,
  choice: 3,
  ball: 2,
  orthogonal: 2,
};

const call = (c: GoldenCase, args: readonly unknown[]): Tensor | readonly Tensor[] => {
  const missing = Math.max(0, c.options === undefined ? 0 : (positions[c.fn] ?? 0) - args.length);
  return functionOf(c)(...args, ...Array<undefined>(missing).fill(undefined), ...optionsOf(c));
};

const wanted = (c: GoldenCase): GoldenArray => c.outFma ?? (c.out as GoldenArray);

const values = (y: Tensor | readonly Tensor[]): readonly number[] =>
  Array.isArray(y)
    ? (y as readonly Tensor[]).flatMap((k) => [...k.dataSync()])
    : [...(y as Tensor).dataSync()];

const expectNear = (
  got: readonly number[],
  want: ArrayLike<number>,
  relative: number,
  absolute = 0,
): void => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    const y = want[i]!;
    if (x === y || Object.is(x, y)) return;
    const error = Math.abs(x - y);
    if (!(error <= relative * Math.abs(y) || error <= absolute))
      expect.fail(`element ${i}: got ${x}, want ${y}, off by ${error / Math.abs(y) / ulp} ulp`);
  });
};

/** Bits are the same everywhere; WGSL may round what is made of them once or twice, and divides within 2.5 ulp. */
const inexact = getBackend() === "webgpu" ? 16 : 0;

const expectSample = (c: GoldenCase, got: readonly number[]): void => {
  const { data } = wanted(c);
  const isDouble = c.options?.["dtype"] === "float64";
  if (exact.has(c.fn)) expectNear(got, data, got.every(Number.isInteger) ? 0 : inexact * ulp);
  else if (isDouble) expectNear(got, data, 1e-12);
  else expectNear(got, data, (tolerances[c.fn]!.ulps + inexact) * ulp, tolerances[c.fn]!.absolute);
};

describe("samples are JAX's", () => {
  test.each(cases.filter((c) => !elsewhere.has(c.fn)).map((c, i) => [`${c.fn} #${i}`, c] as const))(
    "%s",
    (_name, c) => {
      const y = call(c, c.args.map(argument));
      const want = wanted(c);
      if (!Array.isArray(y)) {
        expect((y as Tensor).shape).toEqual(want.shape);
        expect((y as Tensor).dtype).toBe(want.dtype);
      }
      expectSample(c, values(y));
    },
  );

  test("nothing in the file is left out", () => {
    const known = new Set([...exact, ...Object.keys(tolerances), ...elsewhere]);
    expect(cases.map((c) => c.fn).filter((fn) => !known.has(fn))).toEqual([]);
  });
});

describe("gradients are JAX's", () => {
  test.each(cases.filter((c) => c.grads !== undefined).map((c, i) => [`${c.fn} #${i}`, c] as const))(
    "%s",
    (_name, c) => {
      const { argnums, cotangent, values: want } = c.grads!;
      const args = c.args.map(argument);
      const f = (x: Tensor): Tensor =>
        call(
          c,
          args.map((a, i) => (i === argnums[0] ? x : a)),
        ) as Tensor;
      const [, pullback] = vjp(f, args[argnums[0]!] as Tensor);
      const [g] = pullback(toTensor(cotangent)) as readonly [Tensor];
      // XLA's series is in float32: for a shape of 1000 it is 5e-5 away from the derivative, ours 1e-7.
      expectNear([...g.dataSync()], want[0]!.data, 1e-4);
    },
  );
});
