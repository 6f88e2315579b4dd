/**
 * The logarithmic derivative of Γ on float64.
 *
 * On [1, 2] `(x - root)` times a rational function, which keeps the relative accuracy at the positive
 * root; recurrence to [1, 2] below 10; the asymptotic series above; reflection below 0.
 * Coefficients: test/ir/scalar/fit.py. Formulas: DLMF 5.5.2, 5.5.4, 5.11.2.
 */

import { cotPi } from "./trigonometry-pi.js";

/** ψ(x) for x in [1, 2]. */
function nearRoot(x: number): number {
  const t = x - 1;
  const p =
    1.2503801375034054 +
    t *
      (1.8675925104074453 +
        t *
          (0.9711327526262392 +
            t *
              (0.21631407251432455 +
                t * (0.01996408274151926 + t * (0.0005811135063985677 + t * 1.0894678528383955e-6)))));
  const q =
    1 +
    t *
      (2.1771665986671342 +
        t *
          (1.6630736963665909 +
            t *
              (0.5710455727133128 +
                t * (0.09111902253303285 + t * (0.006100975692434821 + t * 0.00012043151172286901)))));
  // The root in three parts; the first subtraction is exact near it.
  const distance = x - 1.4616321437060833 - 1.2622790417082808e-9 - 1.8248865969093942e-18;
  return distance * (p / q);
}

/** `log x - ψ(x)` for x ≥ 10: 1/(2x) + Σ B₂ₖ/(2k x²ᵏ). */
export function logMinusDigamma(x: number): number {
  const z = 1 / (x * x);
  const series =
    1 / 12 +
    z *
      (-1 / 120 +
        z *
          (1 / 252 +
            z * (-1 / 240 + z * (1 / 132 + z * (-691 / 32760 + z * (1 / 12 + z * (-3617 / 8160)))))));
  return 0.5 / x + z * series;
}

/** ψ(x) = Γ'(x)/Γ(x): NaN at 0, -1, -2, … and -Infinity. Within 4 ulp, absolutely so near negative roots. */
export function digamma(x: number): number {
  if (x <= 0) return Math.floor(x) === x ? NaN : digamma(1 - x) - Math.PI * cotPi(x);
  if (x < 1) return nearRoot(x + 1) - 1 / x;
  if (!(x < 10)) return Math.log(x) - logMinusDigamma(x);
  let sum = 0;
  let y = x;
  while (y > 2) sum += 1 / --y;
  return nearRoot(y) + sum;
}
