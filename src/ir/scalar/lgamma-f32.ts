/**
 * lgamma in float32 as XLA computes it on CPUs: Lanczos' approximation (C. Lanczos, "A precision approximation of
 * the gamma function", 1964) with g = 7, the product that meets a sum fused with it.
 * Samplers accept or reject by it, so its errors are part of JAX's samples.
 */
import { log1pF32, logF32 } from "./log-f32.js";

const f = Math.fround;
const g = 7;
const base: number = f(0.9999999999998099);
const coefficients: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
].map(f);
const logG: number = f(Math.log(g + 0.5));
const reciprocalG: number = f(1 / (g + 0.5));
const halfLogTwoPi: number = f((Math.log(2) + Math.log(Math.PI)) / 2);

/** What the approximation is made of. */
export const lanczos: Readonly<
  Record<"base" | "g" | "logG" | "reciprocalG" | "halfLogTwoPi", number> & { coefficients: readonly number[] }
> = { base, coefficients, g, logG, reciprocalG, halfLogTwoPi };

/** log Γ(x) for x ≥ 1/2, as XLA rounds it. */
export function lgammaF32(x: number): number {
  const z = f(x - 1);
  let sum = base;
  for (let i = 0; i < coefficients.length; i++) sum = f(sum + f(coefficients[i]! / f(z + (i + 1))));
  const logT = f(logG + log1pF32(f(z * reciprocalG)));
  const power = f(f(z + 0.5) - f(f(g + 0.5 + z) / logT));
  return f(f(power * logT + halfLogTwoPi) + logF32(sum));
}
