import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erfInv, erfInvF32 } from "../../../src/ir/scalar/erf-inv.js";
import { erf, erfc } from "../../../src/ir/scalar/erf.js";
import { digamma, hurwitzZeta, lgamma, lgamma1p, polygamma, trigamma } from "../../../src/ir/scalar/gamma.js";
import { igamma, igammac, randomGammaGrad } from "../../../src/ir/scalar/igamma.js";
import { logistic } from "../../../src/ir/scalar/logistic.js";
import { pow } from "../../../src/ir/scalar/pow.js";
import { roundEven } from "../../../src/ir/scalar/round.js";
import { rsqrt } from "../../../src/ir/scalar/rsqrt.js";

fc.configureGlobal({ seed: 20240607 });

const denormal = 5e-324;
const huge = Number.MAX_VALUE;

/** jax.lax.erf_inv of float32 values, jax 0.10.2 on a CPU. */
const jaxErfInv: readonly (readonly [number, number])[] = [
  [0.27392337, 0.24773435],
  [-0.46042657, -0.4337805],
  [-0.918053, -1.2300115],
  [-0.96694475, -1.5071359],
  [0.6265405, 0.6293333],
  [0.82551116, 0.96019506],
  [0.21327156, 0.19131577],
  [0.4589931, 0.43224812],
  [0.99999905, 3.465505],
  [0.994114, 1.9474175],
  [0.9999989, 3.4491086],
  [0.9999419, 2.842804],
  [0.9999994, 3.5302258],
  [0.99547005, 2.0072546],
  [0.9989343, 2.31407],
  [0.9999998, 3.6911771],
  [2.2447662e-24, 1.9893721e-24],
  [3.5334928e-14, 3.131476e-14],
  [3.716053e-18, 3.293266e-18],
  [0.99999994, 3.8325067],
];

/** [function, argument, value], compared with Object.is. */
const cases: readonly (readonly [(x: number) => number, number, number])[] = [
  [erf, NaN, NaN],
  [erf, 0, 0],
  [erf, -0, -0],
  [erf, denormal, denormal],
  [erf, -denormal, -denormal],
  [erf, Infinity, 1],
  [erf, -Infinity, -1],
  [erf, huge, 1],
  [erfc, NaN, NaN],
  [erfc, 0, 1],
  [erfc, -0, 1],
  [erfc, denormal, 1],
  [erfc, Infinity, 0],
  [erfc, -Infinity, 2],
  [erfc, -huge, 2],
  [erfc, 30, 0],
  [erfInv, NaN, NaN],
  [erfInv, 0, 0],
  [erfInv, -0, -0],
  [erfInv, 1, Infinity],
  [erfInv, -1, -Infinity],
  [erfInv, 1.0000000000000002, NaN],
  [erfInv, -Infinity, NaN],
  [erfInv, denormal, denormal],
  [erfInvF32, NaN, NaN],
  [erfInvF32, 0, 0],
  [erfInvF32, -0, -0],
  [erfInvF32, 1, Infinity],
  [erfInvF32, -1, -Infinity],
  [erfInvF32, 2, NaN],
  [lgamma, NaN, NaN],
  [lgamma, 0, Infinity],
  [lgamma, -0, Infinity],
  [lgamma, 1, 0],
  [lgamma, 2, 0],
  [lgamma, -3, Infinity],
  [lgamma, Infinity, Infinity],
  [lgamma, -Infinity, Infinity],
  [lgamma, huge, Infinity],
  [lgamma, -huge, Infinity],
  [lgamma, denormal, 744.4400719213812],
  [lgamma, -denormal, 744.4400719213812],
  [lgamma1p, denormal, -denormal],
  [digamma, NaN, NaN],
  [digamma, 0, NaN],
  [digamma, -0, NaN],
  [digamma, -4, NaN],
  [digamma, Infinity, Infinity],
  [digamma, -Infinity, NaN],
  [digamma, denormal, -Infinity],
  [digamma, -denormal, Infinity],
  [trigamma, NaN, NaN],
  [trigamma, 0, Infinity],
  [trigamma, -1, Infinity],
  [trigamma, Infinity, 0],
  [trigamma, -Infinity, NaN],
  [trigamma, denormal, Infinity],
  [logistic, NaN, NaN],
  [logistic, 0, 0.5],
  [logistic, Infinity, 1],
  [logistic, -Infinity, 0],
  [logistic, 800, 1],
  [logistic, -744, 1e-323],
  [rsqrt, NaN, NaN],
  [rsqrt, 0, Infinity],
  [rsqrt, -0, -Infinity],
  [rsqrt, -1, NaN],
  [rsqrt, Infinity, 0],
  [rsqrt, 0.25, 2],
  [roundEven, NaN, NaN],
  [roundEven, -0, -0],
  [roundEven, 0.5, 0],
  [roundEven, -0.5, -0],
  [roundEven, -0.2, -0],
  [roundEven, 1.5, 2],
  [roundEven, 2.5, 2],
  [roundEven, -1.5, -2],
  [roundEven, -2.5, -2],
  [roundEven, 0.49999999999999994, 0],
  [roundEven, 4503599627370494.5, 4503599627370494],
  [roundEven, 4503599627370495.5, 4503599627370496],
  [roundEven, 9007199254740991, 9007199254740991],
  [roundEven, -Infinity, -Infinity],
];

describe("special values", () => {
  it.each(cases.map(([f, x, y]) => [f.name, x, y, f] as const))("%s(%d) is %d", (_, x, y, f) => {
    expect(f(x)).toBe(y);
  });

  it.each([
    [0, 1, digamma(1)],
    [1, 0, Infinity],
    [2, 0, NaN],
    [2, -3, NaN],
    [3, -3, Infinity],
    [2, Infinity, -0],
    [1.5, 1, NaN],
    [-1, 1, NaN],
    [1, NaN, NaN],
    [1e9, 0.5, -Infinity],
    [1e9, 1e12, -0],
    [1e9 + 1, -0.3, Infinity],
    [1e9, -0.7, -Infinity],
    [1e9, -0.3, Infinity],
  ])("polygamma(%d, %d) is %d", (n, x, y) => {
    expect(polygamma(n, x)).toBe(y);
  });

  it.each([
    [1, 2, Infinity],
    [0.5, 2, NaN],
    [2, 0, Infinity],
    [2, -1, Infinity],
    [2, -0.5, NaN],
    [2, Infinity, 0],
    [Infinity, 1, 1],
    [NaN, 1, NaN],
  ])("hurwitzZeta(%d, %d) is %d", (s, q, y) => {
    expect(hurwitzZeta(s, q)).toBe(y);
  });

  it.each([
    [1, 0, 0, 1],
    [0, 1, 1, 0],
    [1, Infinity, 1, 0],
    [Infinity, 1, 0, 1],
    [0, 0, NaN, NaN],
    [Infinity, Infinity, NaN, NaN],
    [-1, 1, NaN, NaN],
    [1, -1, NaN, NaN],
    [NaN, 1, NaN, NaN],
    [1, NaN, NaN, NaN],
  ])("igamma and igammac of %d, %d", (a, x, p, q) => {
    expect(igamma(a, x)).toBe(p);
    expect(igammac(a, x)).toBe(q);
  });

  it.each([
    [1, 0, 0],
    [0, 1, NaN],
    [-1, 1, NaN],
    [1, -1, NaN],
    [1, Infinity, NaN],
    [NaN, 1, NaN],
  ])("randomGammaGrad(%d, %d) is %d", (a, x, y) => {
    expect(randomGammaGrad(a, x)).toBe(y);
  });

  it.each([
    [1, NaN, 1],
    [1, Infinity, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [NaN, 0, 1],
    [0, -1, Infinity],
    [-0, -1, -Infinity],
    [-8, 1 / 3, NaN],
    [2, 10, 1024],
  ])("pow(%d, %d) is %d", (x, y, z) => {
    expect(pow(x, y)).toBe(z);
  });
});

describe("laws", () => {
  const double = fc.double({ noNaN: true });
  const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

  it("erf is odd and monotone between -1 and 1", () => {
    fc.assert(
      fc.property(double, double, (x, y) => {
        expect(erf(-x)).toBe(-erf(x));
        expect(Math.abs(erf(x))).toBeLessThanOrEqual(1);
        if (x < y) expect(erf(x)).toBeLessThanOrEqual(erf(y) * (1 + Math.sign(erf(y)) * 2.3e-16));
      }),
    );
  });

  it("erfc(x) + erfc(-x) = 2", () => {
    fc.assert(
      fc.property(double, (x) => {
        expect(Math.abs(erfc(x) + erfc(-x) - 2)).toBeLessThan(5e-16);
      }),
    );
  });

  it("erfInv inverts erf", () => {
    fc.assert(
      fc.property(between(-1, 1), (x) => {
        expect(Math.abs(erf(erfInv(x)) - x)).toBeLessThanOrEqual(4.5e-16 * Math.abs(x) + denormal);
      }),
    );
  });

  it("erfInvF32 gives the bits of JAX on the CPU", () => {
    for (const [x, y] of jaxErfInv) expect(erfInvF32(Math.fround(x))).toBe(Math.fround(y));
  });

  it("lgamma(x + 1) = lgamma(x) + log x", () => {
    fc.assert(
      fc.property(between(1e-3, 1e6), (x) => {
        const error = lgamma(x + 1) - lgamma(x) - Math.log(x);
        expect(Math.abs(error)).toBeLessThan(4e-15 * Math.max(10, Math.abs(lgamma(x))));
      }),
    );
  });

  it("digamma and its derivatives are the derivatives of lgamma", () => {
    fc.assert(
      fc.property(between(-4.9, 20), fc.integer({ min: 0, max: 5 }), (x, n) => {
        fc.pre(Math.abs(x - Math.round(x)) > 0.1 || x > 0.5);
        const h = 1e-4;
        const f = n === 0 ? lgamma : (y: number) => polygamma(n - 1, y);
        const difference = (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
        expect(Math.abs(difference / polygamma(n, x) - 1)).toBeLessThan(n === 0 ? 1e-4 : 1e-5);
      }),
    );
  });

  it("the incomplete gamma functions add up to 1 and P grows with x", () => {
    fc.assert(
      fc.property(between(1e-6, 1e6), between(0, 3), (a, ratio) => {
        const x = a * ratio;
        expect(Math.abs(igamma(a, x) + igammac(a, x) - 1)).toBeLessThan(1e-15);
        expect(igamma(a, x * 1.01)).toBeGreaterThanOrEqual(igamma(a, x) * (1 - 1e-13));
      }),
    );
  });

  it("the methods for the incomplete gamma functions meet at a = 100", () => {
    for (const x of [60, 90, 99, 100, 101, 110, 150]) {
      const ratio = (a: number): number => Math.log(igamma(a, x)) + Math.log(igammac(a, x));
      const slope = (ratio(99.99) - ratio(99.98)) / 0.01;
      expect(Math.abs(ratio(100) - ratio(99.99) - slope * 0.01)).toBeLessThan(1e-4);
      expect(Math.abs(randomGammaGrad(100, x) / randomGammaGrad(99.999999, x) - 1)).toBeLessThan(1e-8);
    }
  });

  it("roundEven agrees with adding and subtracting 2^52", () => {
    const magic = 2 ** 52;
    fc.assert(
      fc.property(between(-1e6, 1e6), fc.integer({ min: -1000, max: 1000 }), (x, n) => {
        for (const y of [Math.abs(x), Math.abs(n + 0.5)]) expect(roundEven(y)).toBe(y + magic - magic);
      }),
    );
  });
});
