/**
 * Formulas of one operand in float32, as the machines of backends compute them, against float64: the worst error over
 * all exponents, and what they cost. `x · y + z` may be rounded once or twice. Where a formula does not hold its
 * reference is asked, as backends do.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { transcendental } from "../../../src/ir/primitives/transcendental.js";
import { erf, erfc } from "../../../src/ir/scalar/erf.js";
import { digamma, lgamma, polygamma } from "../../../src/ir/scalar/gamma.js";
import { logistic } from "../../../src/ir/scalar/logistic.js";
import { ulps } from "../../numerics/floats.js";
import { compile, type Compiled, type Fma } from "./machine.js";
import { samples } from "./samples.js";

interface Row {
  readonly name: string;
  readonly attrs?: object;
  readonly exact: (x: number) => number;
  /** Where samples are dense. */
  readonly dense: readonly [number, number];
  /** Where the formula changes its way, or the result its kind. */
  readonly thresholds: readonly number[];
  /** The worst error there may be, in ulp: what was measured, rounded up. */
  readonly worst: number;
  /** Instructions where a fused multiply-add is two. */
  readonly size: number;
  readonly symmetry?: "odd" | "even";
  readonly rising?: readonly [number, number];
}

/** Numbers that are closest to multiples of π/2 for their size, and large ones. */
const hugeAngles = [
  16_367_173 * 2 ** 72,
  9_919_231 * 2 ** 3,
  13_176_795 * 2 ** 12,
  2 ** 20,
  2 ** 31,
  1e10,
  1e20,
  1e30,
  3.4028235e38,
];

/** Where sines and cosines change their sign, or their polynomial. */
const quarters = Array.from({ length: 400 }, (_, n) => Math.fround((n * Math.PI) / 4));

const rows: readonly Row[] = [
  {
    name: "exp",
    exact: Math.exp,
    dense: [-104, 89],
    thresholds: [88.72284, 89, 103.97208, 104, 87.33655, 0.34657],
    worst: 1,
    size: 28,
    rising: [-104, 89],
  },
  {
    name: "expm1",
    exact: Math.expm1,
    dense: [-20, 89],
    thresholds: [88.72284, 88.37626, 0.40457, 0.28857, 1.0977, 17.4],
    worst: 1.4,
    size: 31,
    rising: [-18, 89],
  },
  {
    name: "log",
    exact: Math.log,
    dense: [0, 3],
    thresholds: [1, 2 / 3, 4 / 3, 2 ** -126, 2 ** 127, 3.4028235e38],
    worst: 0.9,
    size: 42,
    rising: [0, 100],
  },
  {
    name: "log1p",
    exact: Math.log1p,
    dense: [-1, 1],
    thresholds: [1, 1 / 3, 2 / 3, 2 ** -24, 2 ** 24, 2 ** 127, 2.2685491e38, 3.4028235e38],
    worst: 1.6,
    size: 43,
    rising: [-1, 100],
  },
  {
    name: "tanh",
    exact: Math.tanh,
    dense: [-10, 10],
    thresholds: [0.55, 9.01, 9.25, 0.173],
    worst: 1.5,
    size: 44,
    symmetry: "odd",
    rising: [-10, 10],
  },
  {
    name: "sin",
    exact: Math.sin,
    dense: [-6000, 6000],
    thresholds: [...quarters, ...hugeAngles, 6000, 3606.4231, 5935.2905, 2777.0427],
    worst: 1.7,
    size: 34,
    symmetry: "odd",
  },
  {
    name: "cos",
    exact: Math.cos,
    dense: [-6000, 6000],
    thresholds: [...quarters, ...hugeAngles, 6000, 2873.1116, 3497.3733, 4481.607],
    worst: 1.7,
    size: 35,
    symmetry: "even",
  },
  {
    name: "erf",
    exact: erf,
    dense: [-4, 4],
    thresholds: [0.925, 0.9328198, 4, 3.8325],
    worst: 1.45,
    size: 59,
    symmetry: "odd",
    rising: [-4, 4],
  },
  {
    name: "erfc",
    exact: erfc,
    dense: [-4, 10.2],
    thresholds: [0.75, 0.49887755, 1.5521543, 8.308383, 9.1944, 10.054, 10.1],
    worst: 1.7,
    size: 95,
  },
  {
    name: "tan",
    exact: Math.tan,
    dense: [-6000, 6000],
    thresholds: [...quarters, ...hugeAngles, 6000, 224.49817, 2.379077, 1893.6127],
    worst: 1.7,
    size: 44,
    symmetry: "odd",
  },
  {
    name: "asin",
    exact: Math.asin,
    dense: [-1, 1],
    thresholds: [0.5, 0.8378011, 0.8515523, 1],
    worst: 1.3,
    size: 29,
    symmetry: "odd",
  },
  {
    name: "acos",
    exact: Math.acos,
    dense: [-1, 1],
    thresholds: [0.5, 0.49991977, 0.6261713, 1],
    worst: 1.3,
    size: 29,
  },
  {
    name: "atan",
    exact: Math.atan,
    dense: [-4, 4],
    thresholds: [1, 1.034033, 1.0123028, 2 ** 127, 3.4028235e38],
    worst: 1.4,
    size: 33,
    symmetry: "odd",
    rising: [-30, 30],
  },
  {
    name: "sinh",
    exact: Math.sinh,
    dense: [-90, 90],
    thresholds: [1, 1.4422926, 88.72284, 89.41599, 91],
    worst: 1.6,
    size: 40,
    symmetry: "odd",
    rising: [-91, 91],
  },
  {
    name: "cosh",
    exact: Math.cosh,
    dense: [-90, 90],
    thresholds: [4.5634942, 0.34657, 88.72284, 89.41599, 91],
    worst: 1.5,
    size: 28,
    symmetry: "even",
  },
  {
    name: "asinh",
    exact: Math.asinh,
    dense: [-4, 4],
    thresholds: [1, 1.1383737, 8192, 2 ** 126, 2.2685491e38, 3.4028235e38],
    worst: 1.5,
    size: 73,
    symmetry: "odd",
    rising: [-1e5, 1e5],
  },
  {
    name: "acosh",
    exact: Math.acosh,
    dense: [1, 1.2],
    thresholds: [1, 1.0073124, 8192, 2 ** 126, 2.2685491e38, 3.4028235e38],
    worst: 2,
    size: 52,

    rising: [1, 1e5],
  },
  {
    name: "atanh",
    exact: Math.atanh,
    dense: [-1, 1],
    thresholds: [0.5, 0.68979985, 1],
    worst: 0.9,
    size: 63,
    symmetry: "odd",
  },
  {
    name: "cbrt",
    exact: Math.cbrt,
    dense: [-9, 9],
    thresholds: [1, 2 ** -126, 8, 3.4028235e38],
    worst: 0.51,
    size: 38,
    symmetry: "odd",
    rising: [-9, 9],
  },
  {
    name: "lgamma",
    exact: lgamma,
    dense: [0, 12],
    thresholds: [0.5, 1, 2, 4, 8, 4.084e36, 4.0850034e36],
    worst: 2.5,
    size: 138,
  },
  {
    name: "digamma",
    exact: digamma,
    dense: [0, 12],
    thresholds: [1, 2, 4, 8, 1.4616321, 0.97841388],
    worst: 2.6,
    size: 111,
  },
  ...[3.3, 3.9].map((worst, k) => ({
    name: "polygamma",
    attrs: { n: k + 1 },
    exact: (x: number) => polygamma(k + 1, x),
    dense: [0, 12] as const,
    thresholds: [8, 1, 2 ** 64, 2 ** -64],
    worst,
    size: 66 + 10 * k,
  })),
  {
    name: "logistic",
    exact: logistic,
    dense: [-104, 20],
    thresholds: [103.97208, 104, 87.33655, 16.6],
    worst: 1.9,
    size: 34,
    rising: [-104, 20],
  },
];

const primitives: Readonly<Record<string, Primitive>> = { ...transcendental, ...specialFunctions };

const formulaOf = (name: string, fma: Fma, attrs: object = {}): Compiled => {
  const { lower } = primitives[name]!;
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error(`${name} has no formula`);
  const formula = lower.formula as Formula<object>;
  const inside = compile((m, x) => formula(m, [x], "float32", attrs), 1, fma);
  if (lower.beyond === undefined) return inside;
  const beyond = lower.beyond as Formula<object>;
  const isBeyond = compile((m, x) => beyond(m, [x], "float32", attrs), 1, fma).run;
  const there = lower.otherwise as Formula<object> | undefined;
  const reference = lower.scalar("float32", attrs as never);
  const otherwise =
    there === undefined
      ? (x: number): number => Math.fround(reference(x))
      : compile((m, x) => there(m, [x], "float32", attrs), 1, fma).run;
  const run = (x: number): number => (isBeyond(x) ? otherwise(x) : inside.run(x));
  return { ...inside, run };
};

const fmas = ["once", "twice"] as const;

describe.each(rows)("$name", (row) => {
  const xs = samples(row.dense, row.thresholds);

  test.each(fmas)("error, with multiply-add rounded %s", (fma) => {
    const { run } = formulaOf(row.name, fma, row.attrs);
    let [worst, at] = [0, NaN];
    for (const x of xs) {
      const error = ulps(run(x), row.exact(x));
      if (error > worst) [worst, at] = [error, x];
    }
    if (worst > row.worst) expect.fail(`${worst} ulp at ${at}: got ${run(at)}, exactly ${row.exact(at)}`);
    expect(worst).toBeGreaterThan(row.worst - 0.5); // or the table is too generous
  });

  test("NaN and infinities", () => {
    const { run } = formulaOf(row.name, "twice", row.attrs);
    for (const x of [NaN, Infinity, -Infinity]) expect(run(x)).toBe(Math.fround(row.exact(x)));
  });

  test("cost", () => {
    expect(formulaOf(row.name, "twice", row.attrs).size).toBe(row.size);
  });

  test.runIf(row.symmetry !== undefined)("symmetry", () => {
    const { run } = formulaOf(row.name, "once");
    const sign = row.symmetry === "odd" ? -1 : 1;
    fc.assert(fc.property(fc.float({ noNaN: true }), (x) => Object.is(run(-x), sign * run(x))));
  });

  test.runIf(row.rising !== undefined)("rises", () => {
    const { run } = formulaOf(row.name, "once");
    const [min, max] = row.rising!;
    const x = fc.float({ min, max, noNaN: true });
    // Neighbours may change places by an ulp or two; what is further apart may not.
    const step = fc.float({ min: Math.fround(1e-5), max: 1, noNaN: true });
    fc.assert(
      fc.property(x, step, (a, d) => {
        const b = Math.fround(a + d * Math.max(1, Math.abs(a)));
        return run(a) <= run(b);
      }),
    );
  });
});

test.each([
  ["exp", 0, 1],
  ["exp", -0, 1],
  ["log", 1, 0],
  ["log", 2 ** 127, Math.fround(127 * Math.LN2)],
  ["logistic", 0, 0.5],
  ["logistic", 20, 1],
  ["tanh", 10, 1],
] as const)("%s(%f) is exactly %f", (name, x, y) => {
  for (const fma of fmas) expect(formulaOf(name, fma).run(x)).toBe(y);
});

test("logistic stays in [0, 1]", () => {
  const { run } = formulaOf("logistic", "twice");
  fc.assert(fc.property(fc.float({ noNaN: true }), (x) => run(x) >= 0 && run(x) <= 1));
});

test.each([
  ["sin", 166],
  ["cos", 165],
  ["tan", 175],
] as const)("cost of %s beyond its formula", (name, size) => {
  const { lower } = primitives[name]!;
  const otherwise = (lower._tag === "Elementwise" ? lower.otherwise : undefined) as Formula<object>;
  expect(compile((m, x) => otherwise(m, [x], "float32", {}), 1, "twice").size).toBe(size);
});
