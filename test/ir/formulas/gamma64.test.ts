/**
 * Γ's relatives and erfInv by their formulas in float64: the worst error over golden results (make_gamma.py), special values,
 * closeness to the reference, and what they cost. Below 0 they are differences, whose errors are in ulp of the larger of the
 * result, what it is mirrored from, and 1.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { digamma, lgamma, polygamma } from "../../../src/ir/scalar/gamma.js";
import { ulpOf } from "../../numerics/doubles.js";
import { compile } from "./machine.js";

type Golden = readonly (readonly [x: number, nearest: number, off: number])[];

const golden = JSON.parse(readFileSync(new URL("gamma.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>;

interface Row {
  /** As in the golden file. */
  readonly name: string;
  readonly primitive: keyof typeof specialFunctions;
  readonly attrs?: object;
  /** What it is mirrored from, where that is what is tested. */
  readonly mirrored?: (x: number) => number;
  readonly worst: number;
  readonly size: number;
  /** Where it is compared with the reference, and how far they may be apart, in ulp. */
  readonly range: readonly [number, number];
  readonly apart: number;
}

const polygammaRow = (n: number, worst: number, size: number, apart: number): Row => ({
  name: `polygamma ${n}`,
  primitive: "polygamma",
  attrs: { n },
  worst,
  size,
  range: [0, 60],
  apart,
});

const below = (n: number, worst: number, size: number): Row => ({
  ...polygammaRow(n, worst, size, 25),
  name: `polygamma ${n} below 0`,
  mirrored: (x) => polygamma(n, 1 - x),
  range: [-20, 0],
});

const rows: readonly Row[] = [
  { name: "lgamma", primitive: "lgamma", worst: 4.2, size: 185, range: [0, 40], apart: 7 },
  { name: "digamma", primitive: "digamma", worst: 3.1, size: 152, range: [0, 40], apart: 6 },
  { name: "erfInv", primitive: "erfInv", worst: 3.5, size: 145, range: [-1, 1], apart: 5 },
  polygammaRow(1, 4.5, 65, 9),
  polygammaRow(2, 5.4, 80, 11),
  polygammaRow(5, 6.7, 111, 14),
  polygammaRow(20, 14.8, 355, 24),
  {
    name: "lgamma below 0",
    primitive: "lgamma",
    mirrored: (x) => lgamma(-x),
    worst: 2.4,
    size: 289,
    range: [-20, 0],
    apart: 8,
  },
  {
    name: "digamma below 0",
    primitive: "digamma",
    mirrored: (x) => digamma(1 - x),
    worst: 3.5,
    size: 197,
    range: [-20, 0],
    apart: 8,
  },
  below(1, 3.2, 118),
  below(2, 5.4, 134),
  below(5, 10.8, 169),
];

const specials = [0, NaN, Infinity, 1, 2, 3, 0.5, 5e-324, 2 ** -1022, 1e-310, 1e300, 1e308, 2 ** 52 + 1];

describe.each(rows)(
  "$name",
  ({ name, primitive, attrs = {}, mirrored, worst, size, range: [lo, hi], apart }) => {
    const { lower } = specialFunctions[primitive];
    if (lower._tag !== "Elementwise") throw new Error(`${name} is no elementwise primitive`);
    const made = (formula: Formula<object>) =>
      compile((m, x) => formula(m, [x], "float64", attrs), 1, "twice", "float64");
    const compiled = made((mirrored === undefined ? lower.formula : lower.otherwise) as Formula<object>);
    const { run } = compiled;
    const reference = lower.scalar("float64", attrs as never);
    const unit = (x: number, y: number): number =>
      ulpOf(mirrored === undefined ? y : Math.max(Math.abs(y), Math.abs(mirrored(x)), 1));

    test("error", () => {
      let [largest, at] = [0, NaN];
      for (const [x, nearest, off] of golden[name]!) {
        const error = Math.abs(
          (run(x) - nearest) / unit(x, nearest) - (off * ulpOf(nearest)) / unit(x, nearest),
        );
        if (!(error <= largest)) [largest, at] = [error, x];
      }
      expect(largest, `at ${at}`).toBeLessThanOrEqual(worst);
      expect(largest).toBeGreaterThan(worst - 0.3); // or the table is too generous
    });

    const check = (x: number): void => {
      const [got, want] = [run(x), reference(x)];
      if (!Object.is(got, want) && !(want !== 0 && Math.abs(got - want) <= apart * unit(x, want)))
        expect.fail(`at ${x}: got ${got}, not ${want}`);
    };

    test("is close to the reference", () => {
      for (let k = 1; k <= 30_000; k++) check(lo + (hi - lo) * ((k * 0.618033988749895) % 1));
    });

    test("special values", () => {
      const outside = lower.beyond as Formula<object> | undefined;
      const isOutside = outside === undefined ? null : made(outside).run;
      const signed = specials.flatMap((x) => [x, -x]);
      for (const x of signed)
        if (isOutside === null || Boolean(isOutside(x)) === (mirrored !== undefined)) check(x);
    });

    test("cost", () => expect(compiled.size).toBe(size));
  },
);
