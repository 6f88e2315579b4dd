/** float32 arguments that find what is wrong with a function of them. */
import { between, fromBits, specials, toBits } from "../../numerics/floats.js";

/** Of every sign and exponent, subnormals included, so many mantissas. */
const everyExponent = (each: number): number[] => {
  const out: number[] = [];
  for (let high = 0; high < 512; high++) {
    if (high % 256 === 255) continue;
    // Steps of the golden ratio: no two are close, and each exponent has its own.
    for (let k = 0; k < each; k++)
      out.push(fromBits((high << 23) | (Math.imul(k * 512 + high, 0x9e37_79b1) >>> 9)));
  }
  return out;
};

const everywhere = everyExponent(400);

/** 20 floats on either side of x and of -x. */
const around = (x: number): number[] =>
  Array.from({ length: 41 }, (_, i) => fromBits(toBits(Math.abs(x)) + i - 20)).flatMap((y) => [y, -y]);

/** More than 200,000: everywhere, dense in [lo, hi], and next to thresholds. */
export const samples = (
  [lo, hi]: readonly [number, number],
  thresholds: readonly number[],
): readonly number[] => [
  ...everywhere,
  ...between(lo, hi, 40_000),
  ...specials,
  ...thresholds.flatMap(around),
];
