/** Pseudo-random numbers from one 32-bit seed: an arbitrary draws the seed, everything else follows from it. */

/** A number in [0, 1). */
export type Random = () => number;

/** mulberry32 (T. Ettinger): small, fast, good enough to choose test values. */
export const random = (seed: number): Random => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

export const between = (r: Random, lo: number, hi: number): number => lo + (hi - lo) * r();

/** An integer from `lo` to `hi`, both included. */
export const integer = (r: Random, lo: number, hi: number): number => lo + Math.floor(r() * (hi - lo + 1));

export const chance = (r: Random, p: number): boolean => r() < p;

export const oneOf = <T>(r: Random, xs: readonly T[]): T => xs[Math.floor(r() * xs.length)]!;

export const shuffled = <T>(r: Random, xs: readonly T[]): T[] => {
  const out = [...xs];
  for (let i = out.length - 1; i > 0; i--) {
    const j = integer(r, 0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
};

/** Some members of `xs`, in order. */
export const some = <T>(r: Random, xs: readonly T[], p = 0.5): T[] => xs.filter(() => chance(r, p));

/** Some members of `xs`, in order; at least one. */
export const atLeastOne = <T>(r: Random, xs: readonly T[]): T[] => {
  const chosen = some(r, xs);
  return chosen.length === 0 ? [oneOf(r, xs)] : chosen;
};
