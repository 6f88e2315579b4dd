/** The scalar functions behind samplers: single roundings, neighbours, XLA's logarithms, derivatives of gamma samples. */
import { describe, expect, test } from "vitest";
import { fmaF32, fmaF64 } from "../../../src/ir/scalar/fma.js";
import {
  logGammaCurvature,
  logGammaGrad,
  randomGammaCurvature,
  randomGammaGrad,
} from "../../../src/ir/scalar/igamma.js";
import { lgammaF32 } from "../../../src/ir/scalar/lgamma-f32.js";
import { log1pF32, logF32 } from "../../../src/ir/scalar/log-f32.js";
import { nextAfterF32, nextAfterF64 } from "../../../src/ir/scalar/next-after.js";

type Pairs = readonly (readonly [x: number, y: number])[];

/** x, y, z and x y + z rounded once, by Python's fractions. */
const fused: readonly (readonly [number, number, number, number])[] = [
  [32217.941905166022, -4635.508350782824, 115985.68719045108, -149230553.05924255],
  [2.4325071480661613, -0.47099477171638526, 1.1456981489018971, 1.2894416351791704e-16],
  [39990052.10370648, -0.005361698089027084, -1.8878755015769202e-6, -214414.58594642443],
  [-1.421476399364887e-8, 1.3772619502265152e-10, 1.9577453579902495e-18, 4.184102771745789e-34],
  [-3.5037591943926246e-7, 436569.76458952413, -57966.69078279607, -57966.843746328734],
  [1.4169072696266388e-7, 0.05896309248154058, -8.354523437676268e-9, -2.3950676969317682e-24],
  [-24679898.499112576, -518716.7718011221, -5.42676602888618e-7, 12801877277839.035],
  [0.00018183972921718842, -1.4217272359088622e-6, 3.3608444427788005e-10, 7.75579486795108e-11],
  [770.2915752842785, -633981165.0933015, 3.5748044917137315e-6, -488350350360.28143],
  [125242403.93019277, -4.350263954958386e-10, 0.0544837515449856, -7.28265012120851e-18],
  [-91368222.6723516, -1.0558905913213416e-8, -1410506.793665057, -1410505.8289165904],
  [1.9205733650858395e-10, 6290.07650289758, -1.2080553395817374e-6, 1.4847995519562596e-22],
  [-0.00339044960506971, 0.6370361492941417, 7.492821031233091e-7, -0.002159089678686328],
  [-1230.87183958089, -3.953612298846481e-5, -0.048663900432708004, -2.897869733328723e-18],
  [0.0035095349739884853, 1.284781431362516e-9, 0.006133243243897607, 0.006133243248406592],
  [-34.2567741844837, 0.1706170477311253, 5.844789676148436, -3.345661703839545e-16],
  [1.0000000000000002, 1.0000000000000002, 6.842277657836021e-49, 1.0000000000000004],
  [1.0000000000000002, 0.9999999999999999, -6.223015277861142e-61, 1.0],
  [9007199254740994.0, 1.0, 1.0, 9007199254740996.0],
  [3.0, 0.3333333333333333, -1.0, -5.551115123125783e-17],
  [1.0, 1.1102230246251565e-16, 1.0, 1.0],
  [1.0000000009313226, 1.0000000009313226, 9.62964972193618e-35, 1.0000000018626451],
  [1.0000000149011612, 1.0000000074505806, 7.006492321624085e-46, 1.000000022351742],
];

describe("fma", () => {
  test.each(fused)("%d · %d + %d, float64", (x, y, z, want) => {
    expect(fmaF64(x, y, z)).toBe(want);
    expect(fmaF64(-x, y, -z)).toBe(-want);
  });

  test("float64: infinities, NaN, overflow and huge operands fall back to two roundings", () => {
    expect(fmaF64(Infinity, 1, 1)).toBe(Infinity);
    expect(fmaF64(Infinity, 1, -Infinity)).toBeNaN();
    expect(fmaF64(1e200, 1e200, 1)).toBe(Infinity);
    expect(fmaF64(2, 3, 1e300)).toBe(1e300);
    expect(fmaF64(0, 5, 7)).toBe(7);
  });

  test("float32 rounds once", () => {
    const x = Math.fround(1 + 2 ** -12);
    expect(fmaF32(x, x, -1)).toBe(2 ** -11 + 2 ** -24);
    expect(Math.fround(Math.fround(x * x) - 1)).toBe(2 ** -11);
  });
});

describe("nextAfter", () => {
  test.each([
    [1, 2, 1 + 2 ** -23, 1 + 2 ** -52],
    [1, 0, 1 - 2 ** -24, 1 - 2 ** -53],
    [-2, 0, -2 + 2 ** -23, -2 + 2 ** -52],
    [0, 1, 2 ** -149, 2 ** -1074],
    [0, -1, -(2 ** -149), -(2 ** -1074)],
    [5, 5, 5, 5],
    [Infinity, 0, 3.4028234663852886e38, Number.MAX_VALUE],
    [4294967296, 0, 4294967296 - 256, 4294967296 - 2 ** -21],
  ])("%d towards %d", (x, y, single, double) => {
    expect(nextAfterF32(x, y)).toBe(single);
    expect(nextAfterF64(x, y)).toBe(double);
    expect(nextAfterF64(-x, -y)).toBe(-double + 0 || -double);
  });

  test("the least numbers end at zero, NaN stays", () => {
    expect(nextAfterF32(2 ** -149, 0)).toBe(0);
    expect(nextAfterF64(-(2 ** -1074), 0)).toBe(-0);
    expect(nextAfterF32(NaN, 0)).toBeNaN();
    expect(nextAfterF64(0, NaN)).toBeNaN();
  });
});

/** jax.jit of jnp.log, jnp.log1p and jax.lax.lgamma on a CPU with fused multiply-add. */
const logs: Pairs = [
  [1e-40, -Infinity],
  [1.1754943508222875e-38, -87.3365478515625],
  [1e-30, -69.07755279541016],
  [0.003, -5.80914306640625],
  [0.1, -2.3025851249694824],
  [0.5, -0.6931471824645996],
  [0.70710677, -0.3465736210346222],
  [0.9, -0.10536054521799088],
  [0.99999994, -5.960464477539063e-8],
  [1, 0],
  [1.0000001, 1.1920928244535389e-7],
  [1.5, 0.40546509623527527],
  [2, 0.6931471824645996],
  [10, 2.3025851249694824],
  [12345.678, 9.421061515808105],
  [3e38, 88.59684753417969],
  [0, -Infinity],
  [Infinity, Infinity],
  [-1, NaN],
  [NaN, NaN],
];
const log1ps: Pairs = [
  [-0.99999994, -16.63553237915039],
  [-0.9, -2.3025848865509033],
  [-0.5, -0.6931471824645996],
  [-0.41421357, -0.5347999334335327],
  [-0.4, -0.5108256340026855],
  [-0.1, -0.10536051541566849],
  [-1e-4, -0.00010000499605666846],
  [-1e-20, -9.999999682655225e-21],
  [0, 0],
  [1e-5, 9.999949725170154e-6],
  [0.3, 0.2623642683029175],
  [0.41421357, 0.3465735614299774],
  [0.5, 0.40546509623527527],
  [10, 2.397895336151123],
  [1e30, 69.07755279541016],
  [-1, -Infinity],
  [NaN, NaN],
];
const lgammas: Pairs = [
  [0.5, 0.57236480712890625],
  [0.7, 0.2608675956726074],
  [1, 4.76837158203125e-7],
  [1.5, -0.12078189849853516],
  [2, 0],
  [2.5, 0.2846829891204834],
  [3, 0.6931474208831787],
  [10, 12.801830291748047],
  [11.5, 16.292001724243164],
  [100, 359.13421630859375],
  [1001, 5912.12841796875],
  [1e5, 1051287.75],
  [1e6, 12815505],
];

describe("XLA's float32 functions, bit for bit", () => {
  test.each([
    ["log", logF32, logs],
    ["log1p", log1pF32, log1ps],
    ["lgamma", lgammaF32, lgammas],
  ] as const)("%s", (_name, f, pairs) => {
    for (const [x, y] of pairs) expect(f(Math.fround(x)), `at ${x}`).toBe(Math.fround(y));
  });
});

/** a, x, -(∂P/∂a)/p and -(∂²P/∂a²)/p, by mpmath with 60 digits. */
const slopes: readonly (readonly [number, number, number, number])[] = [
  [0.3, 0.01, 0.14920695356145888, -0.6249652713733688],
  [0.3, 2, 3.5641103212469214, 6.426843836175303],
  [2.5, 1, 0.6507938596862822, -0.6246477269996],
  [2.5, 6, 1.6029866492202411, 1.4298844536853936],
  [50, 45, 0.9514101922116238, -0.10044033164595884],
  [50, 70, 1.1815725627654057, 0.39819021973938307],
  [200, 150, 0.8637637477907576, -0.24859459899827802],
  [200, 190, 0.9753850603205174, -0.05005360543493086],
  [200, 230, 1.0724010427863757, 0.14994109098169348],
  [200, 80, 0.6113558260391685, -0.5604112342613476],
  [1000, 990, 0.9951490959698877, -0.010002499155937148],
];

describe("derivatives of a gamma sample by its shape", () => {
  test.each(slopes)("a = %d, x = %d", (a, x, first, second) => {
    const near = (got: number, want: number): void =>
      expect(Math.abs(got / want - 1)).toBeLessThanOrEqual(1e-13);
    near(randomGammaGrad(a, x), first);
    near(randomGammaCurvature(a, x), second);
    near(logGammaGrad(a, Math.log(x)) * x, first);
    near(logGammaCurvature(a, Math.log(x)) * x, second);
  });

  test("of the logarithm also where the sample underflows", () => {
    for (const l of [-599.999999, -600.000001]) {
      expect(logGammaGrad(0.2, l)).toBeCloseTo(2998.55, 1);
      expect(logGammaCurvature(0.2, l) / -1798259.84).toBeCloseTo(1, 5);
    }
    expect(logGammaGrad(0.01, -1e5)).toBeCloseTo(9999943.91, 1);
  });

  test("NaN outside the domain, 0 at 0", () => {
    for (const f of [randomGammaGrad, randomGammaCurvature]) {
      expect(f(0, 1)).toBeNaN();
      expect(f(1, -1)).toBeNaN();
      expect(f(NaN, 1)).toBeNaN();
      expect(f(1, 0)).toBe(0);
    }
    expect(logGammaGrad(-1, -700)).toBeNaN();
    expect(logGammaCurvature(-1, -700)).toBeNaN();
  });
});
