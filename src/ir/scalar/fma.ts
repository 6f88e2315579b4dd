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

/** p + low + z rounded once, and what that lost, or a number of its sign. */
const roundedSum = (p: number, low: number, z: number): readonly [number, number] => {
  const th = z + low;
  const tl = sumError(z, low, th);
  const vh = p + th;
  const rest = addToOdd(tl, sumError(p, th, vh));
  const s = vh + rest;
  return [s, sumError(vh, rest, s)];
};

const exponentMask = 0x7ffn << 52n;

/** The whole e and the number from 1 to 2 (or -2 to -1) whose product with 2ᵉ is x: finite, not 0. */
const partsOf = (x: number): readonly [e: number, mantissa: number] => {
  const subnormal = Math.abs(x) < 2 ** -1022;
  cell[0] = subnormal ? x * 2 ** 54 : x;
  const e = Number((words[0]! & exponentMask) >> 52n) - 1023;
  words[0] = (words[0]! & ~exponentMask) | (1023n << 52n);
  return [subnormal ? e - 54 : e, cell[0]];
};

/** Beyond so many binades apart, the smaller of product and z decides no more than how the larger is rounded. */
const apart = 200;

const within = (x: number, limit: number): number => Math.max(-limit, Math.min(limit, x));

/** s · 2ⁿ rounded once, where s is rounded and `lost` is what that lost, or a number of its sign. */
const scaledOnce = (s: number, lost: number, n: number): number => {
  const first = within(n, 900);
  const second = within(n - first, 1000);
  const scaled = s * 2 ** first * 2 ** second;
  // What is subnormal has been rounded twice, which matters where the second time was a tie: away from what was lost.
  const back = (x: number): number => x * 2 ** -second * 2 ** -first;
  const rest = s - back(scaled);
  const tie = Math.abs(rest) === back(5e-324) / 2;
  return tie && rest * lost > 0 ? scaled + Math.sign(rest) * 5e-324 : scaled;
};

/** Of mantissas and exponents apart: where parts overflow or underflow. */
const fmaAnywhere = (x: number, y: number, z: number): number => {
  if (!Number.isFinite(x) || !Number.isFinite(y) || x === 0 || y === 0) return x * y + z;
  if (!Number.isFinite(z)) return z;
  const [ex, mx] = partsOf(x);
  const [ey, my] = partsOf(y);
  const e = ex + ey;
  const [ez, mz] = z === 0 ? [e, z] : partsOf(z);
  const p = mx * my;
  const [s, lost] = roundedSum(p, productError(mx, my, p), mz * 2 ** within(ez - e, apart));
  return scaledOnce(s, lost, ez - e > apart ? ez - apart : e);
};

/**
 * On float64 values: S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms
 * using rounding to odd", IEEE Transactions on Computers 57 (2008).
 */
export const fmaF64 = (x: number, y: number, z: number): number => {
  const p = x * y;
  const size = Math.abs(p);
  if (!(size < 2 ** 970 && Math.abs(x) < 2 ** 970 && Math.abs(y) < 2 ** 970 && Math.abs(z) < 2 ** 970))
    return fmaAnywhere(x, y, z);
  if (size < 2 ** -960) return x === 0 || y === 0 ? p + z : fmaAnywhere(x, y, z);
  return roundedSum(p, productError(x, y, p), z)[0];
};
