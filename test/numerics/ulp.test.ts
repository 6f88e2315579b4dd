/**
 * The contract on float32 elementwise functions: within 2 ulp of the exact result over the whole finite range,
 * subnormals, infinities, signed zeros and NaN included; within 4 for pow, lgamma, digamma and sinc. `erfInv` is XLA's
 * polynomial in float32, on whose bits random.normal depends: it is only held to 40.
 */
import { expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { jit, tensor, type Tensor, vmap } from "../../src/index.js";
import { between, specials, spread, ulps } from "./floats.js";
import * as truth from "./truth.js";
import { onEachBackend } from "../backend.js";

interface Unary {
  readonly name: string;
  readonly exact: (x: number) => number;
  readonly allowed: number;
  /** Where the sweep is dense, beside the whole range. */
  readonly dense?: readonly [number, number];
  /** Results smaller than this are not held to it. */
  readonly least?: number;
}

const unary = (
  name: string,
  exact: (x: number) => number,
  dense: readonly [number, number] = [-10, 10],
  allowed = 2,
): Unary => ({
  name,
  exact,
  allowed,
  dense,
});

const exactly = (name: string, exact: (x: number) => number): Unary => ({ name, exact, allowed: 0 });

/** Halves to even. */
const roundEven = (x: number): number => {
  const r = Math.round(x);
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0
    ? r - 1
    : Object.is(r, 0) && (x < 0 || Object.is(x, -0))
      ? -0
      : r;
};

const functions: readonly Unary[] = [
  exactly("neg", (x) => -x),
  exactly("abs", Math.abs),
  exactly("sign", Math.sign),
  exactly("floor", Math.floor),
  exactly("ceil", Math.ceil),
  exactly("trunc", Math.trunc),
  exactly("round", roundEven),
  exactly("square", (x) => x * x),
  exactly("reciprocal", (x) => 1 / x),
  exactly("sqrt", Math.sqrt),
  unary("rsqrt", (x) => 1 / Math.sqrt(x), [0, 10]),
  unary("cbrt", Math.cbrt),
  unary("exp", Math.exp, [-104, 89]),
  unary("exp2", (x) => 2 ** x, [-150, 129]),
  unary("expm1", Math.expm1, [-20, 89]),
  unary("log", Math.log, [0, 3]),
  unary("log2", Math.log2, [0, 3]),
  unary("log10", Math.log10, [0, 3]),
  unary("log1p", Math.log1p, [-1, 1]),
  unary("sin", Math.sin, [-100, 100]),
  unary("cos", Math.cos, [-100, 100]),
  unary("tan", Math.tan, [-100, 100]),
  unary("asin", Math.asin, [-1, 1]),
  unary("acos", Math.acos, [-1, 1]),
  unary("atan", Math.atan),
  unary("sinh", Math.sinh, [-90, 90]),
  unary("cosh", Math.cosh, [-90, 90]),
  unary("tanh", Math.tanh),
  unary("asinh", Math.asinh),
  unary("acosh", Math.acosh, [1, 5]),
  unary("atanh", Math.atanh, [-1, 1]),
  unary("sigmoid", truth.logistic, [-104, 20]),
  unary("logit", (x) => Math.log(x) - Math.log1p(-x), [0, 1]),
  unary("erf", truth.erf, [-4, 4]),
  unary("erfc", truth.erfc, [-4, 11]),
  unary("lgamma", truth.lgamma, [-30, 30], 4),
  unary("digamma", truth.digamma, [-30, 30], 4),
  // At integers it is 0, of either sign.
  { ...unary("sinc", (x) => (x === 0 ? 1 : truth.sinPi(x) / (Math.PI * x)), [-20, 20], 4), least: 1e-300 },
  unary("degrees", (x) => (x * 180) / Math.PI),
  unary("radians", (x) => (x * Math.PI) / 180),
  unary("softplus", truth.softplus, [-104, 20]),
  unary("logSigmoid", (x) => -truth.softplus(-x), [-20, 104]),
  unary("softSign", (x) => x / (1 + Math.abs(x))),
  // Products of a sigmoid: where that is subnormal, it has no digits to give.
  { ...unary("silu", (x) => x * truth.logistic(x), [-87, 20], 4), least: 2 ** -118 },
  { ...unary("mish", (x) => x * Math.tanh(truth.softplus(x)), [-87, 20], 4), least: 2 ** -118 },
  unary("elu", (x) => (x > 0 ? x : Math.expm1(x)), [-20, 5]),
];

const call = (name: string, ...xs: Tensor[]): Tensor =>
  (fx as unknown as Record<string, (...ts: Tensor[]) => Tensor>)[name]!(...xs);

interface Worst {
  ulps: number;
  at: string;
}

const worstOf = (
  got: ArrayLike<number>,
  inputs: readonly (readonly number[])[],
  exact: (...xs: number[]) => number,
  least = 0,
): Worst => {
  let worst: Worst = { ulps: 0, at: "" };
  for (let i = 0; i < got.length; i++) {
    const xs = inputs.map((a) => a[i]!);
    const want = exact(...xs);
    if (Math.abs(want) < least) continue;
    const d = ulps(got[i]!, want);
    if (!(d <= worst.ulps))
      worst = { ulps: d, at: `f(${xs.join(", ")}) = ${String(want)}, got ${String(got[i])}` };
  }
  return worst;
};

const everywhere = [...spread(20_000), ...specials];

onEachBackend("functions of one number", () => {
  test.each(functions)("$name", ({ name, exact, allowed, dense, least }) => {
    const inputs = [...everywhere, ...(dense === undefined ? [] : between(...dense, 20_000))];
    const worst = worstOf(call(name, tensor(inputs)).dataSync(), [inputs], exact, least);
    expect(worst.ulps, worst.at).toBeLessThanOrEqual(allowed);
  });

  test("erfInv is XLA's", () => {
    const inputs = [...between(-1, 1, 20_000), ...everywhere.filter((x) => Math.abs(x) < 1)];
    const back = call("erfInv", tensor(inputs)).dataSync();
    // erf of the result, in 64 bits, is x within what 40 ulp of the result are worth.
    back.forEach((y, i) => {
      const [x, slope] = [inputs[i]!, (2 / Math.sqrt(Math.PI)) * Math.exp(-y * y)];
      if (Math.abs(x) < 0.999)
        expect(Math.abs(truth.erf(y) - x)).toBeLessThanOrEqual(40 * 2 ** -23 * Math.abs(y) * slope + 1e-45);
    });
    expect(Array.from(call("erfInv", tensor([1, -1, 0, -0, NaN, 2])).dataSync())).toEqual([
      Infinity,
      -Infinity,
      0,
      -0,
      NaN,
      NaN,
    ]);
  });

  test("jit and vmap change no bit", () => {
    const inputs = [...between(-10, 10, 500), ...specials];
    for (const { name } of functions) {
      const x = tensor(inputs);
      const plain = call(name, x).dataSync();
      expect(jit((y: Tensor) => call(name, y))(x).dataSync()).toEqual(plain);
      expect(vmap((y: Tensor) => call(name, y))(x).dataSync()).toEqual(plain);
    }
  });
});

/** Pairs of all specials, pairs over the whole range, and pairs of moderate size. */
const pairs = ((): readonly [number[], number[]] => {
  const [wide, wide2] = [spread(20_000), spread(20_000).reverse()];
  const few = specials.filter((_, i) => i % 2 === 0 || i > 60);
  const [left, right] = [few.flatMap((x) => few.map(() => x)), few.flatMap(() => few)];
  const near = between(-20, 20, 10_000);
  const stirred = near.map((_, i) => near[(i * 7919) % near.length]!);
  return [
    [...wide, ...left, ...near],
    [...wide2, ...right, ...stirred],
  ];
})();

const floorMod = (x: number, y: number): number => {
  const r = x % y;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
};

interface Binary {
  readonly name: string;
  readonly exact: (x: number, y: number) => number;
  readonly allowed: number;
}

const binaries: readonly Binary[] = [
  { name: "add", exact: (x, y) => x + y, allowed: 0 },
  { name: "sub", exact: (x, y) => x - y, allowed: 0 },
  { name: "mul", exact: (x, y) => x * y, allowed: 0 },
  { name: "div", exact: (x, y) => x / y, allowed: 0 },
  { name: "rem", exact: (x, y) => x % y, allowed: 0 },
  { name: "maximum", exact: Math.max, allowed: 0 },
  { name: "minimum", exact: Math.min, allowed: 0 },
  { name: "atan2", exact: Math.atan2, allowed: 2 },
  { name: "hypot", exact: (x, y) => Math.hypot(x, y), allowed: 2 },
  // C's and NumPy's: 1 to any power is 1, where JavaScript says NaN.
  {
    name: "pow",
    exact: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y),
    allowed: 4,
  },
  {
    name: "copysign",
    exact: (x, y) => (Math.sign(y) < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
    allowed: 0,
  },
];

onEachBackend("functions of two numbers", () => {
  test.each(binaries)("$name", ({ name, exact, allowed }) => {
    const [x, y] = pairs;
    const got = call(name, tensor(x), tensor(y)).dataSync();
    const worst = worstOf(
      got,
      name === "copysign" ? [x, y.map((v) => (Number.isNaN(v) ? 1 : v))] : [x, y],
      exact,
    );
    expect(worst.ulps, worst.at).toBeLessThanOrEqual(allowed);
  });

  test("mod has the divisor's sign", () => {
    const [x, y] = [
      between(-50, 50, 4000),
      between(-7, 7, 4000).map((_, i, all) => all[(i * 37) % all.length]!),
    ];
    const got = call("mod", tensor(x), tensor(y)).dataSync();
    got.forEach((g, i) =>
      expect(Math.abs(g - floorMod(x[i]!, y[i]!))).toBeLessThanOrEqual(2 ** -23 * Math.abs(y[i]!)),
    );
    expect(Array.from(call("mod", tensor([-1, 1, -0, 5]), tensor([3, -3, 3, Infinity])).dataSync())).toEqual([
      2, -2, -0, 5,
    ]);
  });

  test("logaddexp", () => {
    const [x, y] = [
      between(-90, 90, 4000),
      between(-90, 90, 4000).map((_, i, all) => all[(i * 37) % all.length]!),
    ];
    const exact = (a: number, b: number): number => Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
    const got = call("logaddexp", tensor(x), tensor(y)).dataSync();
    // Where the result is small beside its operands, their last place is what it can be held to.
    got.forEach((g, i) => {
      const w = exact(x[i]!, y[i]!);
      expect(Math.abs(g - w)).toBeLessThanOrEqual(2 * 2 ** -23 * Math.max(Math.abs(w), Math.abs(x[i]!)));
    });
    const inf = Infinity;
    expect(
      Array.from(
        call(
          "logaddexp",
          tensor([inf, -inf, inf, -inf, NaN, 0]),
          tensor([inf, -inf, -inf, 3, 0, -inf]),
        ).dataSync(),
      ),
    ).toEqual([inf, -inf, inf, 3, NaN, 0]);
  });
});
