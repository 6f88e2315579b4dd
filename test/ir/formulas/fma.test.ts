/** x · y + z of float64 rounded once, by the formulas and by the reference: against whole numbers without end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Formula } from "../../../src/ir/machine.js";
import { fma } from "../../../src/ir/primitives/fma.js";
import { fmaF64 } from "../../../src/ir/scalar/fma.js";
import { compile } from "./machine.js";

const cell = new Float64Array(1);
const word = new BigUint64Array(cell.buffer);

/** A finite number as a whole number and the power of two that it counts. */
const wholeOf = (x: number): readonly [bigint, number] => {
  cell[0] = Math.abs(x);
  const exponent = Number(word[0]! >> 52n);
  const mantissa = word[0]! & ((1n << 52n) - 1n);
  const sign = x < 0 ? -1n : 1n;
  return exponent === 0 ? [sign * mantissa, -1074] : [sign * (mantissa | (1n << 52n)), exponent - 1075];
};

/** The float64 nearest to whole · 2ᵉ, to the even one of two. */
const nearest = (whole: bigint, e: number): number => {
  const size = whole < 0n ? -whole : whole;
  const length = size.toString(2).length;
  const drop = Math.max(length - 53, -1074 - e);
  const half = drop > 0 ? 1n << BigInt(drop - 1) : 0n;
  const kept = drop > 0 ? size >> BigInt(drop) : size << BigInt(-drop);
  const rest = drop > 0 ? size - (kept << BigInt(drop)) : 0n;
  const up = rest > half || (rest === half && drop > 0 && (kept & 1n) === 1n);
  // `kept` has 53 bits or counts 2⁻¹⁰⁷⁴: both steps are exact, but for an overflow.
  const power = e + drop;
  const first = Math.max(-1000, Math.min(900, power));
  const out = Number(up ? kept + 1n : kept) * 2 ** first * 2 ** (power - first);
  return whole < 0n ? -out : out;
};

const exact = (x: number, y: number, z: number): number => {
  if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0 || y === 0) return x * y + z;
  if (!Number.isFinite(z)) return z;
  const [[mx, ex], [my, ey], [mz, ez]] = [wholeOf(x), wholeOf(y), wholeOf(z)];
  const e = Math.min(ex + ey, ez);
  const sum = ((mx * my) << BigInt(ex + ey - e)) + (mz << BigInt(ez - e));
  return sum === 0n ? 0 : nearest(sum, e);
};

const { lower } = fma.primitive;
const part = (name: "formula" | "beyond" | "otherwise") => {
  const formula = (lower as unknown as Record<string, Formula<object>>)[name]!;
  return compile((m, x, y, z) => formula(m, [x, y, z], "float64", {}), 3, "twice", "float64");
};
const [inside, far, there] = [part("formula"), part("beyond"), part("otherwise")];

const check = (x: number, y: number, z: number): void => {
  const want = exact(x, y, z);
  const isFar = far.run(x, y, z);
  const got = {
    formula: isFar ? want : inside.run(x, y, z),
    otherwise: there.run(x, y, z),
    reference: fmaF64(x, y, z),
  };
  for (const [name, value] of Object.entries(got))
    if (!Object.is(value, want)) expect.fail(`${name} of ${x} · ${y} + ${z}: got ${value}, not ${want}`);
};

/** Few bits or many, of any exponent or of one near 0. */
const number = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 8, max: 15 }).map((n) => n / 8),
      fc.double({ min: 1, max: 2, noNaN: true }),
    ),
    fc.oneof(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -1074, max: 1023 })),
    fc.boolean(),
  )
  .map(([m, e, negative]) => (negative ? -m : m) * 2 ** e);

const runs = { numRuns: 20_000, seed: 20 };

describe("float64", () => {
  test("at special values", () => {
    const sizes = [0, 1, Infinity, NaN, 5e-324, 2 ** -1022, 2 ** -537, 2 ** -540, 2 ** -53, 2 ** -52, 1.5, 3];
    const ends = [1 - 2 ** -53, 1 + 2 ** -52, 2 ** 1023, Number.MAX_VALUE, 2 ** 970, 2 ** -960, 2 ** 512];
    const values = [...sizes, ...ends].flatMap((x) => [x, -x]);
    for (const x of values) for (const y of values) for (const z of values) check(x, y, z);
  });

  test("everywhere", () => {
    fc.assert(fc.property(number, number, number, check), runs);
  });

  test("where the product and z nearly cancel, or are far apart", () => {
    const size = fc.integer({ min: -240, max: 240 });
    fc.assert(
      fc.property(number, number, size, fc.integer({ min: -4, max: 4 }), (x, y, e, ulps) => {
        check(x, y, -x * y * (1 + ulps * 2 ** -52));
        check(x, y, x * y * 2 ** e);
      }),
      runs,
    );
  });

  test("where the result is subnormal, and at ties there", () => {
    const whole = fc.integer({ min: 1, max: 4096 });
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: 0, max: 90 }), fc.integer(), (a, b, e, c) => {
        const [x, z] = [a * 2 ** -1064, (c % 100) * 5e-324];
        const y = b * 2 ** -e;
        for (const near of [y, y * (1 + 2 ** -52), y * (1 - 2 ** -53)]) check(x, near, z);
        check(a * 2 ** -540, b * 2 ** (-530 - (e % 30)), z);
      }),
      runs,
    );
  });

  test("the formula holds nearly everywhere", () => {
    const moderate = fc
      .double({ min: -1e140, max: 1e140, noNaN: true })
      .filter((x) => x === 0 || x ** 2 > 1e-280);
    fc.assert(
      fc.property(
        moderate,
        moderate,
        fc.double({ max: 1e290 }),
        (x, y, z) => z < -1e290 || !far.run(x, y, z),
      ),
    );
  });

  test("cost", () => expect([inside.size, far.size, there.size]).toEqual([53, 13, 160]));
});
