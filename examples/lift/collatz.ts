/** Collatz: which number below a bound takes the most steps to 1? */
import { arange, argmax, lift } from "fluxion";

/** Steps of n → n / 2 or 3 n + 1 until 1. float32 holds every number on the way from starts below 100,000 or so. */
export const steps = lift((n: number) => {
  let k = 0;
  while (n !== 1) {
    n = n % 2 === 0 ? n / 2 : 3 * n + 1;
    k++;
  }
  return k;
});

/** The start below `bound` with the longest way, and how long it is. float64, in which all numbers are exact. */
export const longest = (bound: number): { readonly start: number; readonly steps: number } => {
  const counts = steps(arange(1, bound, 1, { dtype: "float64" }));
  const at = argmax(counts).item() as number;
  return { start: at + 1, steps: counts.at(at).item() as number };
};
