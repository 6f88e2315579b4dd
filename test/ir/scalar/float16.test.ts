/** float16: every one of its numbers, and the rounding between all neighbours. */
import { describe, expect, test } from "vitest";
import { float16Nearest } from "../../../src/ir/formulas/float16.js";
import { ofDoubles } from "../../../src/ir/formulas/float64/doubles.js";
import { float16Nearest64 } from "../../../src/ir/formulas/float64/float16.js";
import { float16FromBits, float16ToBits, roundToFloat16 } from "../../../src/ir/scalar/float16.js";
import { compile } from "../formulas/machine.js";

/** All finite numbers from 0 up, in order, and what follows the greatest: 2^16, which rounds to infinity. */
const numbers = Array.from({ length: 0x7c00 }, (_, bits) => float16FromBits(bits));

const { run: formula } = compile(float16Nearest, 1, "twice");
const { run: formula64 } = compile((m, x) => ofDoubles(m, float16Nearest64, x), 1, "twice", "float64");

const roundings = [
  ["the reference", roundToFloat16, (x: number) => x],
  ["the formula", (x: number) => formula(x), Math.fround],
  ["the formula of float64", (x: number) => formula64(x), (x: number) => x],
] as const;

describe("bits", () => {
  test("are those of IEEE 754", () => {
    expect([0x0001, 0x03ff, 0x0400, 0x3555, 0x3c00, 0x7bff].map(float16FromBits)).toEqual([
      2 ** -24,
      1023 * 2 ** -24,
      2 ** -14,
      0.333251953125,
      1,
      65504,
    ]);
    expect([0x8000, 0x7c00, 0xfc00, 0x7e00, 0xc000].map(float16FromBits)).toEqual([
      -0,
      Infinity,
      -Infinity,
      NaN,
      -2,
    ]);
  });

  test("come back from every number", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const x = float16FromBits(bits);
      expect(float16ToBits(x)).toBe(Number.isNaN(x) ? 0x7e00 : bits);
    }
  });

  test("rise with the numbers", () => {
    for (let i = 1; i < numbers.length; i++) expect(numbers[i]!).toBeGreaterThan(numbers[i - 1]!);
  });
});

describe.each(roundings)("%s", (_name, round, given) => {
  test("keeps what float16 has", () => {
    for (const x of [...numbers, Infinity])
      for (const s of [x, -x]) if (!Object.is(round(s), s)) expect(round(s)).toBe(s);
    expect(round(NaN)).toBeNaN();
  });

  test("rounds to the nearest, halves to the even one, between all neighbours", () => {
    const wrong: string[] = [];
    numbers.forEach((low, bits) => {
      const high = numbers[bits + 1] ?? 65536;
      const top = numbers[bits + 1] ?? Infinity;
      const half = (low + high) / 2;
      const near = (half - low) * 2 ** -10;
      for (const [x, want] of [
        [half, bits % 2 === 0 ? low : top],
        [given(half - near), low],
        [given(half + near), top],
        [given(low + near), low],
        [given(high - near), top],
      ] as const)
        for (const sign of [1, -1])
          if (!Object.is(round(sign * x), sign * want))
            wrong.push(`${sign * x}: ${round(sign * x)}, not ${sign * want}`);
    });
    expect(wrong).toEqual([]);
  });

  test("overflows to infinity, and underflows to zeros with their signs", () => {
    for (const x of [65520, 65536, 1e10, given(1e300) === 1e300 ? 1e300 : 3.4e38])
      expect([round(x), round(-x)]).toEqual([Infinity, -Infinity]);
    for (const x of [2 ** -25, 1e-10, 1e-44]) expect([round(x), round(-x)]).toEqual([0, -0]);
  });
});

test.each([
  ["the reference", roundToFloat16],
  ["the formula of float64", formula64],
] as const)("%s rounds once where a float32 on the way would be a tie", (_name, round) => {
  expect(round(1 + 2 ** -11 + 2 ** -40)).toBe(1 + 2 ** -10);
  expect(round(1 + 2 ** -11)).toBe(1);
});
