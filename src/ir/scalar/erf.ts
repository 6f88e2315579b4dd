/**
 * The error function, within 1 ulp, and its complement, within 4, on float64.
 *
 * Near 0, `erf(x) = x + x R(x²)`; elsewhere `erfc(x) = exp(-x²) erfcx(x)`, the scaled function being
 * a rational function on three intervals. Coefficients: test/ir/scalar/fit.py. The scheme is
 * W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969).
 */

/** `erf(x)/x - 1` for `z = x²` in [0, 0.7225]. */
function smallRatio(z: number): number {
  const p =
    0.1283791670955126 +
    z *
      (-0.3173263950073349 +
        z *
          (-0.047539107488137645 +
            z * (-0.008692708804949654 + z * (-0.0004766066602655612 + z * -1.988038474419865e-5))));
  const q =
    1 +
    z *
      (0.4580181921631892 +
        z *
          (0.09266070812479144 +
            z * (0.010467280665063578 + z * (0.0006698114594949339 + z * 1.9797207038844883e-5))));
  return p / q;
}

/** `exp(x²) erfc(x)` for x in [0.85, 2]; `x - 3/4` is exact there. */
function scaledNear(x: number): number {
  const t = x - 0.75;
  const p =
    0.5069376502931389 +
    t *
      (0.6434341591996142 +
        t *
          (0.3683587500814761 +
            t * (0.11495785826490591 + t * (0.019427733458218906 + t * 0.0014213382238497348))));
  const q =
    1 +
    t *
      (1.995130664037937 +
        t *
          (1.7192532822933873 +
            t *
              (0.8218772615244344 +
                t * (0.23085671780615433 + t * (0.03632310007471677 + t * 0.0025193024533696705)))));
  return p / q;
}

/** `exp(x²) erfc(x)` for x in [2, 4]; `x - 2` is exact there. */
function scaledMiddle(x: number): number {
  const t = x - 2;
  const p =
    0.25539567631050575 +
    t *
      (0.33745207426803675 +
        t *
          (0.19476129852556504 +
            t *
              (0.06256602927153047 +
                t * (0.01178012583457865 + t * (0.0012325686867268354 + t * 5.606079017907471e-5)))));
  const q =
    1 +
    t *
      (1.7394520633208235 +
        t *
          (1.3262788029216177 +
            t *
              (0.5753999772955172 +
                t *
                  (0.15364787363373844 +
                    t * (0.025298750956533035 + t * (0.002383401603664143 + t * 9.936515932526505e-5))))));
  return p / q;
}

/** `exp(x²) erfc(x)` for x from 4 to infinity, a rational function of 1/x² over x. */
function scaledFar(x: number): number {
  const s = 1 / (x * x);
  const p =
    0.5641895835477563 +
    s *
      (12.093210395801552 +
        s *
          (82.56124631689788 + s * (207.73564374780346 + s * (163.47249502903318 + s * 18.095628728457065))));
  const q =
    1 +
    s *
      (21.934657335848947 +
        s * (156.553327637958 + s * (431.90251252429334 + s * (422.8486998035103 + s * 98.69338018994513))));
  return p / q / x;
}

/** erfc for x ≥ 0.85, or NaN. */
function erfcTail(x: number): number {
  // exp(-x²) would multiply the rounding error of x² by x²; z has 24 bits, so z² is exact.
  const z = Math.fround(x);
  const d = (z - x) * (z + x);
  const scaled = x < 2 ? scaledNear(x) : x < 4 ? scaledMiddle(x) : scaledFar(x);
  const r = Math.exp(-z * z) * scaled;
  return r + r * (d * (1 + d * (0.5 + d / 6)));
}

/** The error function `2/√π ∫₀ˣ exp(-t²) dt`; odd, ±1 at ±Infinity, NaN at NaN. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 0.85) return x + x * smallRatio(x * x);
  if (a > 6) return Math.sign(x);
  return Math.sign(x) * (1 - erfcTail(a));
}

/** The complementary error function `1 - erf(x)` without cancellation; underflows to 0 above 27.3. */
export function erfc(x: number): number {
  if (x < -6) return 2;
  if (x <= -0.85) return 2 - erfcTail(-x);
  if (x < 0.25) return 1 - (x + x * smallRatio(x * x));
  if (x < 0.85) return 0.5 - (x - 0.5 + x * smallRatio(x * x)); // x - 0.5 is exact: one rounding fewer
  if (x > 28) return 0;
  return erfcTail(x);
}
