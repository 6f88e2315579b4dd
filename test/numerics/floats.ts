/** Samples of float32, and distances in units in the last place. */

const bits = new Uint32Array(1);
const view = new Float32Array(bits.buffer);

export const fromBits = (n: number): number => {
  bits[0] = n >>> 0;
  return view[0]!;
};

export const toBits = (x: number): number => {
  view[0] = x;
  return bits[0]!;
};

/** NaN, zeros, infinities, the smallest and largest of each kind, and numbers next to special ones. */
export const specials: readonly number[] = (() => {
  const around = (x: number): number[] => [-2, -1, 0, 1, 2].map((d) => fromBits(toBits(x) + d));
  const positive = [
    ...around(1),
    ...around(2),
    ...around(0.5),
    ...around(Math.PI),
    ...around(Math.PI / 2),
    ...around(Math.PI / 4),
    ...around(Math.E),
    ...around(88.72284),
    ...around(103.97208),
    ...around(2 ** 24),
    ...around(2 ** 31),
    ...around(2 ** -126),
    fromBits(1),
    fromBits(2),
    fromBits(0x7f7f_ffff),
    0,
    Infinity,
    Math.fround(1e-10),
    Math.fround(1e-20),
    1e10,
    3,
    4,
    5,
    10,
    100,
  ];
  return [...positive, ...positive.map((x) => -x), NaN];
})();

/** `count` bit patterns spread evenly over all finite floats of both signs, subnormals included. */
export const spread = (count: number): number[] => {
  const out: number[] = [];
  for (let i = 0; out.length < count; i++) {
    const x = fromBits(Math.imul(i, 0x9e37_79b1)); // the golden ratio: no two are close
    if (Number.isFinite(x)) out.push(x);
  }
  return out;
};

/** `count` numbers spread evenly from `lo` to `hi`. */
export const between = (lo: number, hi: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.fround(lo + ((hi - lo) * (i + 0.5)) / count));

/** The distance of a float32 from the exact result, in the spacing of floats there. NaN must meet NaN, and ±0 itself. */
export const ulps = (got: number, exact: number): number => {
  const rounded = Math.fround(exact);
  if (Object.is(got, rounded)) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) return Infinity;
  if (got === 0 && exact === 0) return Infinity; // the other zero
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact) || 2 ** -149)) - 23, -149);
  return Math.abs(got - exact) / 2 ** exponent;
};
