/**
 * Samplers that reject, as loops of WebAssembly: in float32 the bits of the reference, in vectors and one at a time; in float64
 * the same draws, but for the last bits of logarithms and powers. Nothing is left to JavaScript.
 */
import { describe, expect, test } from "vitest";
import { jit, random, tensor, type Tensor } from "../../../src/index.js";
import { on } from "../../backend.js";

type Dtype = "float32" | "float64";
type Draw = (key: Tensor) => Tensor;

/** Vectors, and some elements after the last one. */
const size = 2003;

const cycle = (values: readonly number[], dtype: Dtype, length = size): Tensor =>
  tensor(
    Array.from({ length }, (_, i) => values[i % values.length]!),
    { dtype },
  );

const shapes = [0, 1e-30, 0.01, 0.3, 0.999, 1, 1.5, 3, 20, 1e5, 1e30, Infinity, NaN, -1, -Infinity];
const means = [0, 0.01, 3, 9.99, 10, 11, 15, 100, 1e5, 1e7, NaN, -1, -20, -Infinity];
const counts = [0, 1, 10, 100, 1000, 1e5, 1e7, NaN, -1, Infinity, 15.5, -Infinity];
const chances = [0, 0.01, 0.5, 0.3, 0.999, 1, 1.5, -0.1, NaN, 0.7, 1e-6, 0.25, 0.75];

const gammas = (dtype: Dtype, length?: number): Record<string, Draw> => ({
  gamma: (k) => random.gamma(k, cycle(shapes, dtype, length), undefined, { dtype }),
  loggamma: (k) => random.loggamma(k, cycle(shapes, dtype, length), undefined, { dtype }),
  beta: (k) => random.beta(k, cycle([0.3, 1, 7], dtype, length), 2, undefined, { dtype }),
});
const numbers = (dtype: Dtype, length?: number): Record<string, Draw> => ({
  binomial: (k) =>
    random.binomial(k, cycle(counts, dtype, length), cycle(chances, dtype, length), undefined, { dtype }),
});
const constantNumbers = (dtype: Dtype): Record<string, Draw> => ({
  "binomial with constants, by rejection": (k) => random.binomial(k, 40, 0.5, [size], { dtype }),
  "binomial with constants, by inversion": (k) => random.binomial(k, 10, 0.3, [size], { dtype }),
  "gamma with a constant": (k) => random.gamma(k, 0.7, [size], { dtype }),
});
const poissons = (length?: number): Record<string, Draw> => ({
  poisson: (k) => random.poisson(k, cycle(means, "float32", length)),
  "poisson of small means": (k) => random.poisson(k, cycle([0, 0.5, 3], "float32", length)),
  "poisson of large means": (k) => random.poisson(k, cycle([10, 1e3, 1e9], "float32", length)),
});

const drawn = (backend: "js" | "wasm", draw: Draw, seed: number): number[] =>
  on(backend, () => Array.from(jit(draw)(random.key(seed)).dataSync()));

const kernelsOf = (draw: Draw) => on("wasm", () => jit(draw).lower(random.key(0))).kernels;

describe.each(
  Object.entries({
    ...gammas("float32"),
    ...numbers("float32"),
    ...constantNumbers("float32"),
    ...poissons(),
  }).map(([name, draw]) => ({
    name,
    draw,
  })),
)("$name of float32", ({ name, draw }) => {
  test("in vectors, without JavaScript", () => {
    const kernels = kernelsOf(draw);
    expect(kernels.flatMap((k) => k.calls)).toEqual([]);
    expect(Math.max(...kernels.map((k) => k.lanes))).toBe(4);
  });

  // beta divides exponentials, which have formulas of their own.
  test.skipIf(name === "beta")("has the bits of the reference", () => {
    for (const seed of [0, 7, 600]) expect(drawn("wasm", draw, seed)).toEqual(drawn("js", draw, seed));
  });
});

test.each([1, 2, 3])("%d elements, one at a time", (length) => {
  const { beta: _, ...exact } = gammas("float32", length);
  for (const draw of Object.values({ ...exact, ...numbers("float32", length), ...poissons(length) }))
    for (let seed = 0; seed < 5; seed++) expect(drawn("wasm", draw, seed)).toEqual(drawn("js", draw, seed));
});

describe.each(
  Object.entries({ ...gammas("float64"), ...numbers("float64"), ...constantNumbers("float64") }).map(
    ([name, draw]) => ({ name, draw }),
  ),
)("$name of float64", ({ name, draw }) => {
  const isLog = name === "loggamma";

  test("without JavaScript", () => {
    expect(kernelsOf(draw).flatMap((k) => k.calls)).toEqual([]);
  });

  test("takes the draws of the reference", () => {
    for (const seed of [0, 7, 600]) {
      const want = drawn("js", draw, seed);
      drawn("wasm", draw, seed).forEach((got, i) => {
        const y = want[i]!;
        // Logarithms are near 0 where their arguments are near 1.
        const scale = isLog ? Math.max(1, Math.abs(y)) : Math.abs(y);
        if (!Object.is(got, y) && !(Math.abs(got - y) <= 2e-14 * scale))
          expect.fail(`element ${i}: got ${got}, not ${y}`);
      });
    }
  });
});
