/**
 * The logarithm of |Γ(x)| on float64.
 *
 * On [1/2, 3] `(x - 1)(x - 2)` times a rational function, which keeps the relative accuracy at the
 * zeros 1 and 2; recurrence to [2, 3] below 8; Stirling's series above; reflection below -1/2.
 * Coefficients: test/ir/scalar/fit.py and test/ir/formulas/fit_rational.py. Formulas: DLMF 5.5.1, 5.5.3, 5.11.1.
 */

import { absSinPi } from "./trigonometry-pi.js";

/** lgamma(1 + t) for t in [-1/2, 0]. */
function belowOne(t: number): number {
  const p =
    0.5772156649015329 +
    t *
      (1.7369266978027529 +
        t *
          (1.9699015295358655 +
            t *
              (1.0350846737348625 +
                t * (0.24620346140411598 + t * (0.02086490827504417 + t * 0.00017413923077204199)))));
  const q =
    1 +
    t *
      (3.43403373618329 +
        t *
          (4.6025582785885595 +
            t *
              (3.023563853535427 +
                t * (0.9970614199290779 + t * (0.1489306986972712 + t * 0.007139563556698784)))));
  return t * (t - 1) * (p / q);
}

/** lgamma(1/2 + t) for t in [0, 1/2]. */
function aboveHalf(t: number): number {
  const p =
    0.7631532572329335 +
    t *
      (4.508462262747869 +
        t *
          (10.201162048869067 +
            t *
              (11.072650489568698 +
                t *
                  (5.89410088272053 +
                    t * (1.3934924342709312 + t * (0.1085068955496925 + t * 0.0006875169150996631))))));
  const q =
    1 +
    t *
      (6.671530560736708 +
        t *
          (17.522590153378705 +
            t *
              (22.99208789344773 +
                t *
                  (15.794060723664863 +
                    t * (5.432098628547611 + t * (0.8073306487210425 + t * 0.03528352331121571))))));
  return (t - 0.5) * (t - 1.5) * (p / q);
}

/** lgamma(1 + t) for t in [0, 1]. */
function aboveOne(t: number): number {
  const p =
    0.5772156649015329 +
    t *
      (1.5266184730966004 +
        t *
          (1.4930605983586913 +
            t *
              (0.6620976499212197 +
                t *
                  (0.13010128282514377 +
                    t * (0.009060657389383225 + t * (7.137711555893187e-5 + t * -7.978941098521763e-7))))));
  const q =
    1 +
    t *
      (3.0696842607718264 +
        t *
          (3.621645643899702 +
            t *
              (2.0587168639115454 +
                t * (0.5774290623672858 + t * (0.0725453126933089 + t * 0.002977597285715616)))));
  return t * (t - 1) * (p / q);
}

/** lgamma(2 + t) for t in [0, 1]. */
function aboveTwo(t: number): number {
  const p =
    0.42278433509846713 +
    t *
      (0.5440100792360197 +
        t *
          (0.2553510000648727 +
            t *
              (0.053104061827214825 +
                t * (0.0046911918684081596 + t * (0.00013366738499181725 + t * 2.772339077568626e-7)))));
  const q =
    1 +
    t *
      (1.5240095893342613 +
        t *
          (0.8876169195913308 +
            t *
              (0.24668040558112234 +
                t * (0.03323727383962931 + t * (0.001936433097616148 + t * 3.397001639637202e-5)))));
  return t * (t + 1) * (p / q);
}

/** `lgamma(x) - (x - 1/2) log x + x - log(2π)/2` for x ≥ 8: Stirling's series, B₂ₖ/(2k(2k-1)x²ᵏ⁻¹). */
export function stirlingCorrection(x: number): number {
  const z = 1 / (x * x);
  const series =
    1 / 12 +
    z *
      (-1 / 360 +
        z *
          (1 / 1260 +
            z * (-1 / 1680 + z * (1 / 1188 + z * (-691 / 360360 + z * (1 / 156 + z * (-3617 / 122400)))))));
  return series / x;
}

/** lgamma(x) for x > 3. */
function large(x: number): number {
  if (x < 8) {
    let product = 1;
    let y = x;
    while (y > 3) product *= --y;
    return aboveTwo(y - 2) + Math.log(product);
  }
  const l = Math.log(x) - 1;
  if (x > 1e17) return x * l;
  return (x - 0.5) * l + (0.4189385332046727 + stirlingCorrection(x)); // log(2π)/2 - 1/2
}

/** `lgamma(1 + x)` with full relative accuracy near 0, for x > -1/2. */
export function lgamma1p(x: number): number {
  if (x > 1) return lgamma(1 + x);
  return x < 0 ? belowOne(x) : aboveOne(x);
}

/**
 * `log |Γ(x)|`: Infinity at 0, -1, -2, … and ±Infinity. Within 4 ulp; near the zeros between the
 * negative poles the absolute error is of that size.
 */
export function lgamma(x: number): number {
  if (x > -0.5 && x < 0.5) return lgamma1p(x) - Math.log(Math.abs(x));
  if (x > 3) return large(x);
  if (x >= 2) return aboveTwo(x - 2);
  if (x >= 1) return aboveOne(x - 1) + 0; // 0, not -0, at 1
  if (x >= 0.5) return aboveHalf(x - 0.5);
  if (Number.isNaN(x)) return NaN;
  if (Math.floor(x) === x) return Infinity;
  return Math.log(Math.PI / (-x * absSinPi(x))) - lgamma(-x);
}
