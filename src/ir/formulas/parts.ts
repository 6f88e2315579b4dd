/** Numbers as sums of short ones. */

/**
 * x + rest in parts, each of so many bits but for the last: the products of the others with integers of 24 - `bits` bits
 * are exact.
 */
export const inParts = (x: number, rest: number, bits: number, count: number): readonly number[] => {
  const parts: number[] = [];
  let left = x;
  while (parts.length < count - 1) {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(left))) - bits + 1);
    const part = Math.trunc(left / unit) * unit;
    parts.push(part);
    left -= part;
  }
  return [...parts, left + rest];
};
