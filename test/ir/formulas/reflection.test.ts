/**
 * Γ's relatives as machines without float64 compute them. At negative arguments they are differences, whose errors are measured in
 * ulp of the larger of the result, what it is mirrored from, and 1; high orders of polygamma are formulas of their own there.
 */
import { expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { digamma, lgamma, polygamma } from "../../../src/ir/scalar/gamma.js";
import { between, spread } from "../../numerics/floats.js";
import { compile } from "./machine.js";

interface Row {
  readonly name: "lgamma" | "digamma" | "polygamma";
  readonly attrs: object;
  readonly exact: (x: number) => number;
  readonly mirrored: (x: number) => number;
  readonly worst: number;
  readonly size: number;
}

const rows: readonly Row[] = [
  { name: "lgamma", attrs: {}, exact: lgamma, mirrored: (x) => lgamma(-x), worst: 2.6, size: 221 },
  { name: "digamma", attrs: {}, exact: digamma, mirrored: (x) => digamma(1 - x), worst: 4.5, size: 142 },
  {
    name: "polygamma",
    attrs: { n: 1 },
    exact: (x) => polygamma(1, x),
    mirrored: () => 0,
    worst: 6,
    size: 102,
  },
  {
    name: "polygamma",
    attrs: { n: 2 },
    exact: (x) => polygamma(2, x),
    mirrored: (x) => polygamma(2, 1 - x),
    worst: 7,
    size: 115,
  },
  ...(
    [
      [3, 8, 152],
      [6, 14.5, 225],
      [20, 43, 799],
    ] as const
  ).map(([n, worst, size]) => ({
    name: "polygamma" as const,
    attrs: { n },
    exact: (x: number) => polygamma(n, x),
    mirrored: (x: number) => polygamma(n, 1 - x),
    worst,
    size,
  })),
];

const xs = [...between(-30, 0, 40_000), ...between(-4, 0, 40_000), ...spread(40_000).filter((x) => x < 0)];
const poles = [-1, -2, -3, -100, -(2 ** 23), -1e10, -Infinity];

test.each(rows)("$name $attrs", ({ name, attrs, exact, mirrored, worst, size }) => {
  const { lower } = specialFunctions[name];
  const formula = (lower._tag === "Elementwise" ? lower.otherwise : undefined) as Formula<object>;
  const { run, size: measured } = compile(
    (m, x) => formula(m, [x], "float32", attrs),
    1,
    "twice",
    "float32",
    false,
  );
  let [largest, at] = [0, NaN];
  for (const x of xs) {
    const [got, want] = [run(x), Math.fround(exact(x))];
    if (Object.is(got, want)) continue;
    const scale = Math.max(Math.abs(want), Math.abs(mirrored(x)), 1);
    const error = Math.abs(got - exact(x)) / 2 ** (Math.floor(Math.log2(scale)) - 23);
    if (!(error <= largest)) [largest, at] = [error, x];
  }
  expect(largest, `at ${at}: got ${run(at)}, exactly ${exact(at)}`).toBeLessThanOrEqual(worst);
  expect(largest).toBeGreaterThan(worst - 1); // or the table is too generous
  expect(poles.map((x) => run(x))).toEqual(poles.map((x) => Math.fround(exact(x))));
  expect(measured).toBe(size);
});

test.each([
  [3, 5.5],
  [6, 7.6],
  [20, 22.6],
])("polygamma of order %d of positive numbers", (n, worst) => {
  const { lower } = specialFunctions.polygamma;
  const formula = (lower._tag === "Elementwise" ? lower.formula : undefined) as Formula<object>;
  const { run } = compile((m, x) => formula(m, [x], "float32", { n }), 1, "twice", "float32", false);
  let [largest, at] = [0, NaN];
  for (const x of [...between(0, 40, 40_000), ...spread(40_000).filter((x) => x > 0)]) {
    const [got, exact] = [run(x), polygamma(n, x)];
    const want = Math.fround(exact);
    if (Object.is(got, want) || Math.abs(want) < 2 ** -126) continue;
    const error = Math.abs(got - exact) / 2 ** (Math.floor(Math.log2(Math.abs(want))) - 23);
    if (!(error <= largest)) [largest, at] = [error, x];
  }
  expect(largest, `at ${at}: got ${run(at)}, exactly ${polygamma(n, at)}`).toBeLessThanOrEqual(worst);
  expect(largest).toBeGreaterThan(worst - 1); // or the table is too generous
});

test("above order 20 machines without float64 have no polygamma", () => {
  const { lower } = specialFunctions.polygamma;
  const formula = (lower._tag === "Elementwise" ? lower.formula : undefined) as Formula<object>;
  expect(() =>
    compile((m, x) => formula(m, [x], "float32", { n: 21 }), 1, "twice", "float32", false),
  ).toThrow("expected a formula");
});
