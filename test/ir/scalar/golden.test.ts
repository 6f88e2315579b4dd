import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { erfInv } from "../../../src/ir/scalar/erf-inv.js";
import { erf, erfc } from "../../../src/ir/scalar/erf.js";
import { digamma, hurwitzZeta, lgamma, polygamma, trigamma } from "../../../src/ir/scalar/gamma.js";
import { igamma, igammac, randomGammaGrad } from "../../../src/ir/scalar/igamma.js";
import { logistic } from "../../../src/ir/scalar/logistic.js";
import { ulpOf } from "../../numerics/doubles.js";

/** Rows of arguments and, last, the correctly rounded value; made by make_golden.py. */
const golden = JSON.parse(readFileSync(new URL("golden.json", import.meta.url), "utf8")) as Record<
  string,
  readonly (readonly number[])[]
>;

interface Claim {
  readonly call: (...x: number[]) => number;
  /** The largest error, in ulp of the value … */
  readonly ulps: number;
  /** … or of 1 where that is more: for functions with zeros that are no float64 numbers. */
  readonly absolute?: boolean;
}

const claims: Record<string, Claim> = {
  erf: { call: erf as Claim["call"], ulps: 1 },
  erfc: { call: erfc as Claim["call"], ulps: 4 },
  erfInv: { call: erfInv as Claim["call"], ulps: 2 },
  lgamma: { call: lgamma as Claim["call"], ulps: 5, absolute: true },
  digamma: { call: digamma as Claim["call"], ulps: 5, absolute: true },
  trigamma: { call: trigamma as Claim["call"], ulps: 5 },
  logistic: { call: logistic as Claim["call"], ulps: 2 },
  polygamma: { call: polygamma as Claim["call"], ulps: 100 },
  hurwitzZeta: { call: hurwitzZeta as Claim["call"], ulps: 10 },
  igamma: { call: igamma as Claim["call"], ulps: 100 },
  igammac: { call: igammac as Claim["call"], ulps: 100 },
  randomGammaGrad: { call: randomGammaGrad as Claim["call"], ulps: 100 },
};

describe.each(Object.entries(claims))("%s", (name, { call, ulps, absolute }) => {
  it(`is within ${ulps} ulp of mpmath`, () => {
    const rows = golden[name] ?? [];
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      const arguments_ = row.slice(0, -1);
      const want = row.at(-1) ?? NaN;
      const scale = ulpOf(absolute ? Math.max(1, Math.abs(want)) : want);
      const error = Math.abs(call(...arguments_) - want) / scale;
      expect(
        error,
        `${name}(${arguments_.join(", ")}) is ${call(...arguments_)}, not ${want}`,
      ).toBeLessThanOrEqual(ulps);
    }
  });
});

describe("positive zeros keep the relative accuracy", () => {
  const near = (name: string, zeros: readonly number[]): readonly (readonly number[])[] =>
    (golden[name] ?? []).filter(([x = NaN]) => zeros.some((zero) => Math.abs(x - zero) < 0.3));

  it.each([
    ["lgamma", lgamma, [1, 2]],
    ["digamma", digamma, [1.4616321449683622]],
  ] as const)("%s", (name, call, zeros) => {
    for (const [x = NaN, y = NaN] of near(name, zeros)) {
      expect(Math.abs(call(x) - y) / ulpOf(y), `${name}(${x})`).toBeLessThanOrEqual(4);
    }
  });
});
