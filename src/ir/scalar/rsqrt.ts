/** The reciprocal square root: NaN below 0, ±Infinity at ±0. */
export function rsqrt(x: number): number {
  return 1 / Math.sqrt(x);
}
