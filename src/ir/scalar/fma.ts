/** Fused multiply-add: `x · y + z` rounded once. */

const f = Math.fround;

/**
 * On float32 values. Their product is exact in float64; rounding the sum twice (to float64, then to float32) differs
 * from rounding it once only where the float64 sum lies within 2⁻⁵³ of halfway between two float32 numbers.
 */
export const fmaF32 = (x: number, y: number, z: number): number => f(x * y + z);

const splitter = 2 ** 27 + 1;
const cell = new Float64Array(1);
const words = new BigInt64Array(cell.buffer);

/** The error of the float64 product `p = x · y` (T. J. Dekker, 1971). */
const productError = (x: number, y: number, p: number): number => {
  const cx = splitter * x;
  const xh = cx - (cx - x);
  const xl = x - xh;
  const cy = splitter * y;
  const yh = cy - (cy - y);
  const yl = y - yh;
  return xl * yl - (p - xh * yh - xl * yh - xh * yl);
};

/** The error of the float64 sum `s = x + y` (D. E. Knuth's two-sum). */
const sumError = (x: number, y: number, s: number): number => {
  const t = s - x;
  return x - (s - t) + (y - t);
};

/** `x + y` rounded to odd: towards the neighbour with an odd last bit, unless exact. */
const addToOdd = (x: number, y: number): number => {
  const s = x + y;
  const error = sumError(x, y, s);
  if (error === 0) return s;
  cell[0] = s;
  if ((words[0]! & 1n) === 0n) words[0] = words[0]! + (error > 0 === s > 0 ? 1n : -1n);
  return cell[0];
};

/**
 * On float64 values: S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms
 * using rounding to odd", IEEE Transactions on Computers 57 (2008). Where a product's parts would overflow or
 * underflow the plain `x * y + z` is returned.
 */
export const fmaF64 = (x: number, y: number, z: number): number => {
  const p = x * y;
  const size = Math.abs(p);
  if (!(size < 2 ** 970 && Math.abs(x) < 2 ** 970 && Math.abs(y) < 2 ** 970 && Math.abs(z) < 2 ** 970))
    return p + z;
  if (size < 2 ** -960) return p + z;
  const low = productError(x, y, p);
  const th = z + low;
  const tl = sumError(z, low, th);
  const vh = p + th;
  const vl = sumError(p, th, vh);
  return vh + addToOdd(tl, vl);
};
