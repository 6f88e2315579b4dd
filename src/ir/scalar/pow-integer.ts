/** x to the y in 32-bit integers that wrap, by repeated squaring; a negative exponent gives the truncated reciprocal. */
export const powInteger = (x: number, y: number): number => {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let base = x | 0;
  let result = 1;
  for (let e = y >>> 0; e > 0; e >>>= 1) {
    if ((e & 1) === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
};
