/** The same numbers for every contender, on every run. */

/** Mulberry32: small, and good enough for data. */
const generator = (seed: number): (() => number) => {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** Float32 numbers between `low` and `high`. */
export const uniform = (seed: number, size: number, low = -1, high = 1): Float32Array<ArrayBuffer> => {
  const next = generator(seed);
  return Float32Array.from({ length: size }, () => low + (high - low) * next());
};

/** Weights for `fanIn` inputs: uniform with variance 2 / fanIn. */
export const weights = (seed: number, size: number, fanIn: number): Float32Array<ArrayBuffer> => {
  const bound = Math.sqrt(6 / fanIn);
  return uniform(seed, size, -bound, bound);
};

/** Whole numbers from 0 to `below`. */
export const integers = (seed: number, size: number, below: number): Int32Array<ArrayBuffer> => {
  const next = generator(seed);
  return Int32Array.from({ length: size }, () => Math.floor(below * next()));
};

/** Axes in another order. */
export const permuted = (
  data: Float32Array,
  shape: readonly number[],
  order: readonly number[],
): Float32Array<ArrayBuffer> => {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const out = new Float32Array(data.length);
  let at = 0;
  const visit = (axis: number, offset: number): void => {
    if (axis === order.length) {
      out[at++] = data[offset]!;
      return;
    }
    const from = order[axis]!;
    for (let i = 0; i < shape[from]!; i++) visit(axis + 1, offset + i * strides[from]!);
  };
  visit(0, 0);
  return out;
};
