/** Formulas of two operands in float32 against float64: the worst error that was found, and what they cost. */
import { describe, expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { transcendental } from "../../../src/ir/primitives/transcendental.js";
import { pow } from "../../../src/ir/scalar/pow.js";
import { fromBits, specials, spread, ulps } from "../../numerics/floats.js";
import { compile, type Compiled, type Fma } from "./machine.js";

type Pair = readonly [number, number];

interface Row {
  readonly name: string;
  readonly exact: (x: number, y: number) => number;
  /** Where errors are large, from two numbers in [0, 1). */
  readonly hard: readonly ((u: number, v: number) => Pair)[];
  readonly worst: number;
  readonly size: number;
}

/** x in [lo, lo + width), to the power that gives two to the t in [from, from + length). */
const powers =
  (lo: number, width: number, from: number, length: number) =>
  (u: number, v: number): Pair => {
    const x = Math.fround(lo + width * u);
    return [x, Math.fround((from + length * v) / Math.log2(x))];
  };

const rows: readonly Row[] = [
  {
    name: "pow",
    exact: pow,
    hard: [
      powers(1.36, 0.0543, 105, 23),
      powers(0.7072, 0.03, -126, 31),
      powers(1.001, 3, -150, 279),
      powers(1 + 2 ** -22, 2 ** -16, -150, 279),
      powers(2 ** -130, 2 ** -126, -150, 279),
      powers(2 ** 127, 2 ** 127, -150, 279),
      (u, v) => [Math.fround(4 * u), Math.fround(20 * v - 10)],
      (u, v) => [Math.fround(-8 * u), Math.round(40 * v - 20)],
    ],
    worst: 2.9,
    size: 114,
  },
  {
    name: "atan2",
    exact: Math.atan2,
    hard: [
      (u, v) => [Math.fround(4 * u - 2), Math.fround(4 * v - 2)],
      (u, v) => [Math.fround(u + 1), Math.fround(-0.5 * v)],
    ],
    worst: 1.7,
    size: 48,
  },
];

const primitives: Readonly<Record<string, Primitive>> = transcendental;

const formulaOf = (name: string, fma: Fma): Compiled => {
  const { lower } = primitives[name]!;
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error(`${name} has no formula`);
  const formula = lower.formula as Formula<object>;
  return compile((m, x, y) => formula(m, [x, y], "float32", {}), 2, fma);
};

/** Numbers in [0, 1) of two sequences that together fill the square. */
const filling = (k: number): Pair => [(k * 0.754877666246693) % 1, (k * 0.569840290998053) % 1];

const wholes = [2, 3, 4, 5, 7, 101, 2 ** 23, 2 ** 23 + 1, 2 ** 24, 2 ** 24 + 2, 2 ** 33].flatMap((n) => [
  n,
  -n,
]);
const corners = [
  ...specials,
  ...wholes,
  0.5,
  -0.5,
  1.5,
  -1.5,
  2 ** -149,
  -(2 ** -149),
  fromBits(0x7f7f_ffff),
];

describe.each(rows)("$name", (row) => {
  test.each(["once", "twice"] as const)("error, with multiply-add rounded %s", (fma) => {
    const { run } = formulaOf(row.name, fma);
    let [worst, at]: [number, Pair] = [0, [NaN, NaN]];
    const meet = (x: number, y: number): void => {
      const error = ulps(run(x, y), row.exact(x, y));
      if (error > worst) [worst, at] = [error, [x, y]];
    };
    for (const x of corners) for (const y of corners) meet(x, y);
    const anywhere = spread(600);
    for (const x of anywhere) for (const y of anywhere) meet(x, y);
    for (const pair of row.hard) for (let k = 0; k < 150_000; k++) meet(...pair(...filling(k)));
    if (worst > row.worst)
      expect.fail(`${worst} ulp at ${at.join(", ")}: got ${run(...at)}, exactly ${row.exact(...at)}`);
    expect(worst).toBeGreaterThan(row.worst - 0.5); // or the table is too generous
  });

  test("cost", () => {
    expect(formulaOf(row.name, "twice").size).toBe(row.size);
  });
});

test.each([
  [1, NaN, 1],
  [NaN, 0, 1],
  [NaN, -0, 1],
  [-1, Infinity, 1],
  [-1, -Infinity, 1],
  [-0, 0.5, 0],
  [-0, 3, -0],
  [-0, -3, -Infinity],
  [-0, -2, Infinity],
  [0, NaN, NaN],
  [Infinity, NaN, NaN],
  [-Infinity, 0.5, Infinity],
  [-Infinity, 3, -Infinity],
  [-Infinity, -3, -0],
  [-8, 1 / 3, NaN],
  [-2, 2 ** 24 + 2, Infinity],
  [-0.5, 2 ** 24 + 2, 0],
  [2, -149, 2 ** -149],
  [2, -151, 0],
  [2, 128, Infinity],
  [3, 4, 81],
  [10, 10, 1e10],
] as const)("pow(%f, %f) is %f", (x, y, z) => {
  for (const fma of ["once", "twice"] as const) expect(formulaOf("pow", fma).run(x, Math.fround(y))).toBe(z);
});
