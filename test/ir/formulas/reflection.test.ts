/**
 * Γ's relatives at negative arguments as machines without float64 compute them: differences, whose errors are
 * measured in ulp of the larger of the result, what it is mirrored from, and 1.
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
