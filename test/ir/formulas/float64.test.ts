/**
 * Formulas in float64, on machines that have its bits: the worst error over golden results (make_double.py), special
 * values, closeness to JavaScript's own functions everywhere, and what they cost.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { transcendental } from "../../../src/ir/primitives/transcendental.js";
import { ulpOf } from "../../numerics/doubles.js";
import { compile, type Compiled } from "./machine.js";

type Golden = readonly (readonly [x: number, nearest: number, off: number])[];
type GoldenPairs = readonly (readonly [x: number, y: number, nearest: number, off: number])[];

const golden = JSON.parse(readFileSync(new URL("double.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
> &
  Readonly<Record<"pow" | "atan2", GoldenPairs>>;

interface Row {
  readonly name: string;
  /** In ulp, over the golden results. */
  readonly worst: number;
  readonly size: number;
  readonly range: readonly [number, number];
  /** How far from the reference, in ulp: 3 but for a reference with larger errors. */
  readonly apart?: number;
}

const rows: readonly Row[] = [
  { name: "exp", worst: 0.8, size: 49, range: [-746, 711] },
  { name: "expm1", worst: 1.4, size: 49, range: [-40, 711] },
  { name: "log", worst: 0.8, size: 49, range: [0, 1e4] },
  { name: "log1p", worst: 0.8, size: 60, range: [-1, 1e4] },
  { name: "sin", worst: 0.75, size: 64, range: [-1e6, 1e6] },
  { name: "cos", worst: 0.75, size: 62, range: [-1e6, 1e6] },
  { name: "tanh", worst: 1.35, size: 88, range: [-23, 23] },
  { name: "tan", worst: 1.8, size: 65, range: [-1e6, 1e6] },
  { name: "sinh", worst: 1.55, size: 76, range: [-711, 711] },
  { name: "cosh", worst: 1.15, size: 52, range: [-711, 711] },
  { name: "logistic", worst: 1.7, size: 59, range: [-746, 40] },
  { name: "atan", worst: 0.8, size: 62, range: [-40, 40] },
  { name: "asin", worst: 0.9, size: 55, range: [-1, 1] },
  { name: "acos", worst: 0.8, size: 59, range: [-1, 1] },
  { name: "asinh", worst: 1.6, size: 69, range: [-40, 40] },
  { name: "acosh", worst: 1.6, size: 62, range: [1, 40] },
  { name: "atanh", worst: 2, size: 59, range: [-1, 1] },
  { name: "cbrt", worst: 0.7, size: 44, range: [-40, 40] },
  { name: "erf", worst: 1.2, size: 106, range: [-6, 6] },
  { name: "erfc", worst: 2.4, size: 166, range: [-6, 27], apart: 6 },
];

const primitives: Readonly<Record<string, Primitive>> = { ...transcendental, ...specialFunctions };

const lowering = (name: string) => {
  const { lower } = primitives[name]!;
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error(`${name} has no formula`);
  return { ...lower, formula: lower.formula as Formula<object> };
};

const formulaOf = (name: string): Compiled => {
  const { formula } = lowering(name);
  return compile((m, x) => formula(m, [x], "float64", {}), 1, "twice", "float64");
};

const referenceOf = (name: string) => lowering(name).scalar("float64", {} as never);

const specials = [
  0,
  NaN,
  Infinity,
  1,
  5e-324,
  2 ** -1022,
  1e-310,
  2 ** -30,
  1e-300,
  1e300,
  1.7976931348623157e308,
  709.782712893384,
  709.7827128933841,
  745.1332191019411,
  745.1332191019412,
  1e4,
].flatMap((x) => [x, -x]);

/**
 * Numbers that are equal or so many ulp apart: results of two functions with errors below 1.7 ulp are next to each other.
 * Zeros have one sign.
 */
const areClose = (got: number, want: number, apart = 3): boolean =>
  Object.is(got, want) || (want !== 0 && Math.abs(got - want) <= apart * ulpOf(want));

describe.each(rows)("$name", ({ name, worst, size, range: [lo, hi], apart }) => {
  const { run, size: measured } = formulaOf(name);

  test("error", () => {
    let [largest, at] = [0, NaN];
    for (const [x, nearest, off] of golden[name]!) {
      const error = Math.abs((run(x) - nearest) / ulpOf(nearest) - off);
      if (!(error <= largest)) [largest, at] = [error, x];
    }
    expect(largest, `at ${at}`).toBeLessThanOrEqual(worst);
    expect(largest).toBeGreaterThan(worst - 0.3); // or the table is too generous
  });

  test("is close to JavaScript's function", () => {
    const reference = referenceOf(name);
    for (let k = 0; k < 50_000; k++) {
      const x = lo + (hi - lo) * ((k * 0.618033988749895) % 1);
      if (!areClose(run(x), reference(x), apart)) expect.fail(`at ${x}: got ${run(x)}, not ${reference(x)}`);
    }
  });

  test("special values", () => {
    const { beyond } = lowering(name);
    const far = beyond as Formula<object> | undefined;
    const isBeyond =
      far === undefined ? () => 0 : compile((m, x) => far(m, [x], "float64", {}), 1, "twice", "float64").run;
    const reference = referenceOf(name);
    for (const x of specials)
      if (!isBeyond(x) && !areClose(run(x), reference(x), apart))
        expect.fail(`at ${x}: got ${run(x)}, not ${reference(x)}`);
  });

  test("cost", () => expect(measured).toBe(size));
});

const moderate = [0.5, 1 / 3, 3];
const wholes = [2 ** 53, 2 ** 53 + 2, 2 ** 52 + 1, 2 ** 64, 1024, 1074, 1080];

describe.each([
  { name: "pow" as const, worst: 0.7, size: 181, more: [...moderate, ...wholes] },
  { name: "atan2" as const, worst: 1.5, size: 79, more: moderate },
])("$name", ({ name, worst, size, more }) => {
  const { formula } = lowering(name);
  const compiled = compile((m, x, y) => formula(m, [x, y], "float64", {}), 2, "twice", "float64");
  const { run } = compiled;

  test("error", () => {
    let [largest, at] = [0, [NaN, NaN]];
    for (const [x, y, nearest, off] of golden[name]) {
      const error = Math.abs((run(x, y) - nearest) / ulpOf(nearest) - off);
      if (!(error <= largest)) [largest, at] = [error, [x, y]];
    }
    expect(largest, `at ${at.join()}`).toBeLessThanOrEqual(worst);
    expect(largest).toBeGreaterThan(worst - 0.2); // or the table is too generous
  });

  test("special values", () => {
    const reference = referenceOf(name);
    const values = [...specials, ...more.flatMap((x) => [x, -x])];
    for (const x of values)
      for (const y of values)
        if (!areClose(run(x, y), reference(x, y)))
          expect.fail(`${name}(${x}, ${y}): got ${run(x, y)}, not ${reference(x, y)}`);
  });

  test("cost", () => expect(compiled.size).toBe(size));
});
