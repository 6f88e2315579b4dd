/** IEEE 754's binary16: 11 significant bits, exponents from -14 to 15, subnormal numbers down to 2^-24. */

const ofEngine = (Math as { f16round?: (x: number) => number }).f16round;

/** The least number that rounds to infinity. */
const overflow = 65520;

/** Source: ECMA-262, Math.f16round. Adding 1.5 · 2^(52 - 10 + e) leaves x, whose exponent is e, with 10 bits after its first. */
function rounded(x: number): number {
  if (!(Math.abs(x) < overflow)) return x > 0 ? Infinity : x < 0 ? -Infinity : NaN;
  if (x === 0) return x;
  const e = Math.max(-14, Math.floor(Math.log2(Math.abs(x))));
  const big = 1.5 * 2 ** (42 + e);
  const y = x + big - big;
  return y === 0 ? 0 * x : y;
}

/** The float16 nearest to x, of two the even one. */
export const roundToFloat16: (x: number) => number = ofEngine ?? rounded;

/** The value of 16 bits. */
export const float16FromBits = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
};

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);

/** The 16 bits of a float16; of all NaNs the quiet one. */
export const float16ToBits = (x: number): number => {
  if (Number.isNaN(x)) return 0x7e00;
  floats[0] = x;
  const word = words[0]!;
  const sign = (word >>> 16) & 0x8000;
  const size = Math.abs(x);
  if (size === Infinity) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | (size * 2 ** 24);
  return sign | (((word & 0x7fffffff) - (112 << 23)) >>> 13);
};
