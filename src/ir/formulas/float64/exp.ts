/** eˣ and what is made of it, in float64. */
import type { Doubles } from "./doubles.js";

/** log 2 in two parts: products of the first with whole numbers up to 2²⁰ are exact. */
export const ln2High = 6.9314718036912381649e-1;
export const ln2Low = 1.90821492927058770002e-10;

/** (eʳ - 1 - r) / r² for r from -0.35 to 0.41: Chebyshev's approximation, good to 2⁻⁶⁵. */
const tail = [
  0.5, 0.16666666666666666, 0.041666666666666664, 0.008333333333333458, 0.0013888888888892313,
  0.00019841269840537249, 2.4801587294309157e-5, 2.755732103077925e-6, 2.755731743534828e-7,
  2.5050109712416904e-8, 2.089389881726376e-9, 1.6885419105721038e-10,
];

/** eˣ - 1 for x = n log 2 + r, as r and the rest of it. */
const expm1Parts = <V>(d: Doubles<V>, x: V, n: V): readonly [r: V, rest: V] => {
  const { f, share, add, sub, mul, polynomial } = d;
  const high = share(sub(x, mul(n, f(ln2High)))); // exact
  const low = share(mul(n, f(ln2Low)));
  const r = share(sub(high, low));
  const lost = sub(sub(high, r), low);
  return [r, add(mul(mul(polynomial(r, tail), r), r), lost)];
};

/** p 2ⁿ for n from -1075 to 1025, rounded once. */
export const scaled = <V>({ f, share, sub, mul, nearest, twoTo }: Doubles<V>, p: V, n: V): V => {
  const half = share(nearest(mul(n, f(0.5))));
  return mul(mul(p, twoTo(half)), twoTo(sub(n, half)));
};

/** e to the (r + rest), less 1. */
export const expm1OfSum = <V>({ add, mul, polynomial }: Doubles<V>, r: V, rest: V | null): V => {
  const curve = mul(mul(polynomial(r, tail), r), r);
  return add(rest === null ? curve : add(curve, rest), r);
};

/** e to the (r + rest), times 2ⁿ. */
export const expSum = <V>(d: Doubles<V>, r: V, rest: V, n: V): V => {
  return scaled(d, d.add(expm1OfSum(d, r, rest), d.f(1)), n);
};

export const exp64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, mul, nearest, lesser, greater } = d;
  const a = share(greater(lesser(x, f(710)), f(-746)));
  const n = share(nearest(mul(a, f(Math.LOG2E))));
  const [r, rest] = expm1Parts(d, a, n);
  return scaled(d, add(add(rest, r), f(1)), n);
};

/**
 * 2ⁿ (eʳ - 1) + (2ⁿ - 1), as twice its half, which does not overflow before. n is 0 up to x = 0.4, beyond log(2)/2, so
 * that the sum of both parts is no smaller than the first.
 */
export const expm164 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, nearest, twoTo, lesser, greater, withSignOf } = d;
  const v = share(x);
  const a = share(greater(lesser(v, f(710)), f(-80)));
  const n = share(nearest(mul(sub(a, f(0.058)), f(Math.LOG2E))));
  const [r, rest] = expm1Parts(d, a, n);
  const scale = share(twoTo(sub(n, f(1))));
  const half = share(add(mul(add(rest, r), scale), sub(scale, f(0.5))));
  return withSignOf(add(half, half), v);
};

/** (tanh(x) / x - 1) / x² in x², for |x| ≤ 0.55: Chebyshev's approximation, good to 2⁻⁶¹. */
const tanhTail = [
  -0.3333333333333333, 0.1333333333333331, -0.05396825396821879, 0.02186948853398635, -0.008863235460679613,
  0.0035921267295734275, -0.0014558186864554496, 0.0005899026237124123, -0.00023846157969650025,
  9.452255377009541e-5, -3.367891144678229e-5, 7.847998977427454e-6,
];

/** A polynomial near 0, 1 - 2 / (e²ˣ + 1) elsewhere. */
export const tanh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, lesser, lt, select, polynomial, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(a, a));
  const small = add(mul(mul(polynomial(z, tanhTail), z), a), a);
  const e = exp64(d, share(lesser(add(a, a), f(44)))); // from there on it is 1
  const large = sub(f(1), div(f(2), add(e, f(1))));
  return withSignOf(select(lt(a, f(0.55)), small, large), v);
};

/** y = e / (1 + e) with e = exp(-|x|), or 1 - y; the quotient is corrected by the rounding of 1 + e. */
export const logistic64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, or, lt, select } = d;
  const v = share(x);
  const e = share(exp64(d, share(or(v, f(-0)))));
  const whole = share(add(e, f(1)));
  const q = share(div(e, whole));
  const y = share(add(mul(q, sub(sub(whole, f(1)), e)), q));
  return select(lt(v, f(0)), y, sub(f(1), y));
};

/** (sinh(x) / x - 1) / x² in x², for |x| ≤ 1: Chebyshev's approximation, good to 2⁻⁷¹. */
const sinhTail = [
  0.16666666666666666, 0.008333333333333333, 0.00019841269841269768, 2.7557319224043122e-6,
  2.5052108363187792e-8, 1.6059048534903938e-10, 7.646614499148207e-13, 2.8448590004367615e-15,
];

/** eᵃ/2 for a ≥ 0, finite where the hyperbolic functions are. */
const halfExp = <V>(d: Doubles<V>, a: V): V => {
  const { f, share, add, sub, mul, nearest, lesser } = d;
  const v = share(lesser(a, f(711)));
  const n = share(nearest(mul(v, f(Math.LOG2E))));
  const [r, rest] = expm1Parts(d, v, n);
  return share(scaled(d, add(add(rest, r), f(1)), share(sub(n, f(1)))));
};

/** x as a polynomial near 0, (eˣ - e⁻ˣ) / 2 elsewhere. */
export const sinh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, lt, select, polynomial, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const half = halfExp(d, a);
  const z = share(mul(a, a));
  const small = add(mul(mul(polynomial(z, sinhTail), z), a), a);
  return withSignOf(select(lt(a, f(1)), small, sub(half, div(f(0.25), half))), v);
};

/** (eˣ + e⁻ˣ) / 2. */
export const cosh64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, div, abs } = d;
  const half = halfExp(d, share(abs(x)));
  return add(half, div(f(0.25), half));
};
