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

const a0 = f(7.0376836292e-2);
const a1 = f(-1.151461031e-1);
const a2 = f(1.167699874e-1);
const b0 = f(-1.2420140846e-1);
const b1 = f(1.4249322787e-1);
const b2 = f(-1.6668057665e-1);
const c0 = f(2.0000714765e-1);
const c1 = f(-2.4999993993e-1);
const c2 = f(3.3333331174e-1);
const rootHalf = f(0.70710677);
const ln2Low = f(-2.1219444e-4);
const ln2High = f(0.693359375);

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

const p0 = f(4.5270000862e-5);
const p1 = f(0.49854102823);
const p2 = f(6.5787325942);
const p3 = f(29.911919328);
const p4 = f(60.949667981);
const p5 = f(57.11296359);
const p6 = f(20.039553499);
const q1 = f(15.062909083);
const q2 = f(83.047565968);
const q3 = f(221.76239823);
const q4 = f(309.09872225);
const q5 = f(216.42788614);
const q6 = f(60.118660498);
const rootTwoMinusOne = f(0.41421357);

/** log(1 + x) as XLA rounds it. */
export function log1pF32(x: number): number {
  if (!(Math.abs(x) < rootTwoMinusOne)) return logF32(f(x + 1));
  let p = f(p0 * x + p1);
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
