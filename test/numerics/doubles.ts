/** Distances between float64 numbers. */

const bits = new BigUint64Array(1);
const view = new Float64Array(bits.buffer);

/** The distance from |x| to the next float64 number. */
export const ulpOf = (x: number): number => {
  view[0] = Math.abs(x);
  bits[0] = bits[0]! + 1n;
  return view[0] - Math.abs(x);
};
