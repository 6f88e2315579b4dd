/**
 * log and log1p in float32, operation by operation as XLA's compiler for CPUs has them (the polynomials are Cephes'
 * `logf` and `log1pf`), with fused multiply-add. Arguments must be float32 values.
 *
 * Samples drawn by JAX depend on these bits. A product of two float32 numbers is exact in float64, so `f(a * b + c)`
 * is a fused multiply-add (twice rounded, which has not been seen to matter).
 */
const f = Math.fround;
const float = new Float32Array(1);
const bitsOf = new Int32Array(float.buffer);
const smallestNormal = 2 ** -126;

type Three = readonly [number, number, number];
type Six = readonly [number, number, number, number, number, number];

/** The polynomials of log, from the highest power down. */
export const logA: Three = [f(7.0376836292e-2), f(-1.151461031e-1), f(1.167699874e-1)];
export const logB: Three = [f(-1.2420140846e-1), f(1.4249322787e-1), f(-1.6668057665e-1)];
export const logC: Three = [f(2.0000714765e-1), f(-2.4999993993e-1), f(3.3333331174e-1)];
const [a0, a1, a2] = logA;
const [b0, b1, b2] = logB;
const [c0, c1, c2] = logC;
export const rootHalf: number = f(0.70710677);
export const ln2Low: number = f(-2.1219444e-4);
export const ln2High: number = f(0.693359375);

/** The natural logarithm as XLA rounds it. Subnormal numbers count as 0. */
export function logF32(x: number): number {
  if (!(x >= smallestNormal)) return x >= 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  float[0] = x;
  let e = (bitsOf[0]! >> 23) - 126;
  bitsOf[0] = (bitsOf[0]! & 0x007fffff) | 0x3f000000;
  const m = float[0]; // x = m 2^e, m in [0.5, 1)
  let t = f(m - 1);
  if (m < rootHalf) {
    t = f(t + m);
    e -= 1;
  }
  const t2 = f(t * t);
  const t3 = f(t2 * t);
  const a = f(f(a0 * t + a1) * t + a2);
  const b = f(f(b0 * t + b1) * t + b2);
  const c = f(f(c0 * t + c1) * t + c2);
  const p = f(f(a * t3 + b) * t3 + c);
  const tail = f(p * t3 + f(ln2Low * e));
  return f(ln2High * e + f(f(t - 0.5 * t2) + tail));
}

/** Those of log1p's quotient; the second begins with 1. */
export const log1pFirst: number = f(4.5270000862e-5);
export const log1pP: Six = [
  f(0.49854102823),
  f(6.5787325942),
  f(29.911919328),
  f(60.949667981),
  f(57.11296359),
  f(20.039553499),
];
const [p1, p2, p3, p4, p5, p6] = log1pP;
export const log1pQ: Six = [
  f(15.062909083),
  f(83.047565968),
  f(221.76239823),
  f(309.09872225),
  f(216.42788614),
  f(60.118660498),
];
const [q1, q2, q3, q4, q5, q6] = log1pQ;
export const rootTwoMinusOne: number = f(0.41421357);

/** log(1 + x) as XLA rounds it. */
export function log1pF32(x: number): number {
  if (!(Math.abs(x) < rootTwoMinusOne)) return logF32(f(x + 1));
  let p = f(log1pFirst * x + p1);
  p = f(p * x + p2);
  p = f(p * x + p3);
  p = f(p * x + p4);
  p = f(p * x + p5);
  p = f(p * x + p6);
  let q = f(x + q1);
  q = f(q * x + q2);
  q = f(q * x + q3);
  q = f(q * x + q4);
  q = f(q * x + q5);
  q = f(q * x + q6);
  const x2 = f(x * x);
  return f(x + f(-0.5 * x2 + f(f(x2 * x) * f(p / q))));
}
