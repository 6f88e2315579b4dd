/** Contenders must agree before they are timed. */
import type { Values } from "./contender.js";

/** The greatest difference between two lists of arrays, relative to the greatest magnitude in each array. */
export const difference = (a: Values, b: Values): number => {
  if (a.length !== b.length) return Infinity;
  return a.reduce((worst, x, i) => Math.max(worst, differenceOf(x, b[i]!)), 0);
};

const differenceOf = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity;
  let scale = 0;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(d)) return Infinity;
    worst = Math.max(worst, d);
    scale = Math.max(scale, Math.abs(a[i]!));
  }
  return scale === 0 ? worst : worst / scale;
};
