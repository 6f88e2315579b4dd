/** Sources of values: `n` numbers for an operand of a dtype. */
import { type DType, highest, isFloat, lowest } from "../../src/ir/dtype.js";
import { between, chance, integer, oneOf, type Random, shuffled } from "../random.js";

export type Values = (r: Random, n: number, dtype: DType) => number[];

/** Each value by itself. */
export const each =
  (f: (r: Random, dtype: DType) => number): Values =>
  (r, n, dtype) =>
    Array.from({ length: n }, () => f(r, dtype));

/** What makes arithmetic go wrong. */
const awkward: readonly number[] = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  2,
  -3,
  1e-40,
  -1e-40,
  3e38,
  -3e38,
  1e10,
  5e-324,
  1e300,
  -1e300,
  1e-300,
  4294967296.5,
];

/** Any value that the dtype can hold, awkward ones often. */
export const anyValue = (r: Random, dtype: DType): number => {
  if (dtype === "bool") return integer(r, 0, 1);
  if (isFloat(dtype)) return chance(r, 0.4) ? oneOf(r, awkward) : between(r, -4, 4);
  const [lo, hi] = [lowest(dtype), highest(dtype)];
  if (chance(r, 0.3)) return oneOf(r, [lo, hi, lo + 1, hi - 1, 0, 1]);
  return chance(r, 0.3) ? integer(r, lo, hi) : integer(r, Math.max(lo, -9), 9);
};
export const anything: Values = each(anyValue);

/** A tame value of the dtype. */
export const plainValue = (r: Random, dtype: DType): number => {
  if (dtype === "bool") return integer(r, 0, 1);
  if (isFloat(dtype)) return between(r, -2, 2);
  return integer(r, lowest(dtype) < 0 ? -5 : 0, 7);
};
export const plain: Values = each(plainValue);

/** Some exact zeros among the values: products must differentiate there. */
export const withZeros: Values = each((r, dtype) => (chance(r, 0.2) ? 0 : plainValue(r, dtype)));

export const inside = (lo: number, hi: number): Values => each((r) => between(r, lo, hi));

/** Values at least 0.1 apart: no ties, and no tie within a finite difference. */
export const distinct: Values = (r, n, dtype) => {
  const places = shuffled(
    r,
    Array.from({ length: n }, (_, i) => i - Math.floor(n / 2)),
  );
  if (dtype === "bool") return places.map((p) => p & 1);
  return places.map((p) =>
    isFloat(dtype) ? p / 4 + between(r, -0.04, 0.04) : lowest(dtype) < 0 ? p : p + n,
  );
};

export const integers = (lo: number, hi: number): Values => each((r) => integer(r, lo, hi));
