/** The logistic sigmoid `1 / (1 + exp(-x))`, with full relative accuracy where it underflows. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x); // exp(-x) would overflow below -709 although the result does not underflow yet
  return e / (1 + e);
}
