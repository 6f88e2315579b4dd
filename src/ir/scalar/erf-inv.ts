/** The inverse of the error function, in float64 and as XLA computes it in float32. */

import { erf, erfc } from "./erf.js";
import { log1pF32 } from "./log-f32.js";

const HALF_SQRT_PI = 0.886226925452758;

/**
 * M. Giles, "Approximating the erfinv function", GPU Computing Gems Jade (2011), table 5: relative
 * error about 3e-7 for `w = -log(1 - x²)` up to 16.
 */
function giles(w: number): number {
  if (w < 5) {
    const t = w - 2.5;
    return (
      1.50140941 +
      t *
        (0.246640727 +
          t *
            (-0.00417768164 +
              t *
                (-0.00125372503 +
                  t *
                    (0.00021858087 +
                      t * (-4.39150654e-6 + t * (-3.5233877e-6 + t * (3.43273939e-7 + t * 2.81022636e-8)))))))
    );
  }
  const t = Math.sqrt(w) - 3;
  return (
    2.83297682 +
    t *
      (1.00167406 +
        t *
          (0.00943887047 +
            t *
              (-0.0076224613 +
                t *
                  (0.00573950773 +
                    t *
                      (-0.00367342844 + t * (0.00134934322 + t * (0.000100950558 + t * -0.000200214257)))))))
  );
}

/** A first guess at the y with erfc(y) = q for tiny q, from `erfc(y) ≈ exp(-y²) / (y √π)`. */
function tailGuess(q: number): number {
  const l = -Math.log(2 * HALF_SQRT_PI * q);
  const y = Math.sqrt(l - 0.5 * Math.log(l));
  return Math.sqrt(l - Math.log(y) - 0.5 / (y * y));
}

/** One step of Halley's method on `erf(y) = x`, where `residual = erf(y) - x` and erf'' = -2y erf'. */
function halley(y: number, residual: number): number {
  const u = residual * HALF_SQRT_PI * Math.exp(y * y);
  return y - u / (1 + y * u);
}

/**
 * The inverse error function, within 2 ulp: ±Infinity at ±1, NaN outside [-1, 1].
 *
 * A first guess is refined by Halley's method, in the tail on erfc of the exact `1 - |x|`.
 */
export function erfInv(x: number): number {
  const a = Math.abs(x);
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN;
  if (a < 1e-8) return x * HALF_SQRT_PI; // the next term is π/12 x²
  const q = 1 - a;
  const w = -Math.log1p(-a * a);
  let y = w < 16 ? a * giles(w) : tailGuess(q);
  if (a < 0.5) y = halley(y, erf(y) - a);
  else {
    y = halley(y, q - erfc(y));
    y = halley(y, q - erfc(y));
  }
  return x < 0 ? -y : y;
}

type Nine = readonly [number, number, number, number, number, number, number, number, number];

/** Giles's polynomials in float32, from the highest power down: up to w = 5, and beyond. */
export const erfInvNear: Nine = [
  Math.fround(2.81022636e-8),
  Math.fround(3.43273939e-7),
  Math.fround(-3.5233877e-6),
  Math.fround(-4.39150654e-6),
  Math.fround(0.00021858087),
  Math.fround(-0.00125372503),
  Math.fround(-0.00417768164),
  Math.fround(0.246640727),
  Math.fround(1.50140941),
];
export const erfInvFar: Nine = [
  Math.fround(-0.000200214257),
  Math.fround(0.000100950558),
  Math.fround(0.00134934322),
  Math.fround(-0.00367342844),
  Math.fround(0.00573950773),
  Math.fround(-0.0076224613),
  Math.fround(0.00943887047),
  Math.fround(1.00167406),
  Math.fround(2.83297682),
];

/**
 * The inverse error function in float32, operation by operation as XLA's `ErfInv32` runs it, so that
 * normal samples drawn from the same bits agree. `x` must be a float32 value.
 *
 * Each step of Horner's scheme is one fused multiply-add, as XLA's compilers emit it: the product of two
 * float32 numbers is exact in float64. A million samples of JAX on a CPU with fused multiply-add have the same bits.
 */
export function erfInvF32(x: number): number {
  const f = Math.fround;
  if (Math.abs(x) === 1) return x * Infinity;
  const w = -log1pF32(-f(x * x));
  const near = w < 5;
  const t = near ? f(w - 2.5) : f(f(Math.sqrt(w)) - 3);
  const [highest, ...others] = near ? erfInvNear : erfInvFar;
  let p = highest;
  for (const c of others) p = f(c + p * t);
  return f(p * x);
}
