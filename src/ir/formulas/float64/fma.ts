/**
 * x · y + z rounded once in float64: S. Boldo and G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved
 * algorithms using rounding to odd", IEEE Transactions on Computers 57 (2008).
 */
import type { Doubles } from "./doubles.js";
import { normalParts } from "./log.js";

/** Up to here, and for products from the other on, no part overflows or underflows. */
const largest = 2 ** 970;
const smallest = 2 ** -960;

const splitter = 2 ** 27 + 1;

/** Its first 26 bits and the other ones (G. W. Veltkamp). */
const halves = <V>({ f, share, sub, mul }: Doubles<V>, x: V): readonly [V, V] => {
  const c = share(mul(x, f(splitter)));
  const head = share(sub(c, sub(c, x)));
  return [head, share(sub(x, head))];
};

/** What the product p = x · y lost (T. J. Dekker). */
const productError = <V>(d: Doubles<V>, x: V, y: V, p: V): V => {
  const { sub, mul } = d;
  const [xh, xl] = halves(d, x);
  const [yh, yl] = halves(d, y);
  return sub(mul(xl, yl), sub(sub(sub(p, mul(xh, yh)), mul(xl, yh)), mul(xh, yl)));
};

/** x + y as the sum and what it lost (D. E. Knuth). */
const twoSum = <V>({ share, add, sub }: Doubles<V>, x: V, y: V): readonly [V, V] => {
  const s = share(add(x, y));
  const t = share(sub(s, x));
  return [s, share(add(sub(x, sub(s, t)), sub(y, t)))];
};

/** Whether x and y, neither of them 0, have one sign. */
const alike = <V>({ f, and, or, xor, lt }: Doubles<V>, x: V, y: V): V =>
  lt(f(0), or(and(xor(x, y), f(-0)), f(1)));

/** x + y rounded to odd: towards 0, and unless exact with a last bit that is 1. */
const addToOdd = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, mul, or, eq, select } = d;
  const [s, lost] = twoSum(d, x, y);
  const truncated = select(alike(d, s, lost), s, mul(s, f(1 - 2 ** -53)));
  return share(select(eq(lost, f(0)), s, or(truncated, f(5e-324))));
};

/** p + low + z, where low is what p lost, as the number nearest to it and what that lost, or a number of its sign. */
const sumOf = <V>(d: Doubles<V>, p: V, low: V, z: V): readonly [V, V] => {
  const [th, tl] = twoSum(d, z, low);
  const [vh, vl] = twoSum(d, p, th);
  return twoSum(d, vh, addToOdd(d, tl, vl));
};

/** Where all parts are of moderate size, or x or y is 0. */
export const fma64 = <V>(d: Doubles<V>, x: V, y: V, z: V): V => {
  const { f, share, add, mul, eq, select } = d;
  const [a, b, c] = [share(x), share(y), share(z)];
  const p = share(mul(a, b));
  const [sum] = sumOf(d, p, share(productError(d, a, b, p)), c);
  return select(eq(p, f(0)), add(p, c), sum); // of zeros the sign
};

/** Where they are not. */
export const fmaFar64 = <V>(d: Doubles<V>, x: V, y: V, z: V): V => {
  const { f, share, mul, abs, lesser, greater, lt, both, either } = d;
  const [a, b] = [share(abs(x)), share(abs(y))];
  const p = share(mul(a, b));
  const large = lt(f(largest), greater(greater(a, b), greater(p, share(abs(z)))));
  return either(large, both(lt(p, f(smallest)), lt(f(0), lesser(a, b))));
};

const signedParts = <V>(d: Doubles<V>, x: V): readonly [V, V] => {
  const [e, mantissa] = normalParts(d, d.share(d.abs(x)));
  return [d.share(e), d.share(d.withSignOf(mantissa, x))];
};

/** A z that is so many binades from the product decides its rounding at most, or the product that of z. */
const apart = 200;

/** s · 2ⁿ rounded once, where s is rounded and `lost` is what that lost, or a number of its sign. */
const scaledOnce = <V>(d: Doubles<V>, s: V, lost: V, n: V): V => {
  const { f, share, add, sub, mul, abs, or, and, lesser, greater, eq, select, twoTo } = d;
  const within = (x: V, limit: number): V => share(greater(lesser(x, f(limit)), f(-limit)));
  const first = within(n, 900);
  const second = within(sub(n, first), 1000);
  const scaled = share(mul(mul(s, twoTo(first)), twoTo(second)));
  // What is subnormal has been rounded twice, which matters where the second time was a tie: away from what was lost.
  const back = (x: V): V => mul(mul(x, twoTo(sub(f(0), second))), twoTo(sub(f(0), first)));
  const rest = share(sub(s, back(scaled)));
  const tie = eq(abs(rest), mul(back(f(5e-324)), f(0.5)));
  const more = or(f(5e-324), and(rest, f(-0)));
  const corrected = select(alike(d, rest, lost), add(scaled, more), scaled);
  return select(tie, select(eq(lost, f(0)), scaled, corrected), scaled);
};

/** Everywhere: of mantissas and exponents apart. */
export const fmaAnywhere64 = <V>(d: Doubles<V>, x: V, y: V, z: V): V => {
  const { f, share, add, sub, mul, abs, lesser, greater, lt, eq, select, twoTo, both } = d;
  const [a, b, c] = [share(x), share(y), share(z)];
  const [ea, ma] = signedParts(d, a);
  const [eb, mb] = signedParts(d, b);
  const [ec, mc] = signedParts(d, c);
  const none = share(eq(c, f(0)));
  const e = share(add(ea, eb));
  const shift = share(select(none, f(0), sub(ec, e)));
  const far = share(lesser(greater(shift, f(-apart)), f(apart)));
  const p = share(mul(ma, mb));
  const moved = share(select(none, c, mul(mc, twoTo(far))));
  const [sum, lost] = sumOf(d, p, share(productError(d, ma, mb, p)), moved);
  const n = share(select(lt(f(apart), shift), sub(ec, f(apart)), e));
  const result = scaledOnce(d, sum, lost, n);
  const product = share(mul(a, b));
  const [sa, sb] = [share(abs(a)), share(abs(b))];
  const finite = share(both(lt(sa, f(Infinity)), lt(sb, f(Infinity))));
  const simple = select(finite, select(lt(abs(c), f(Infinity)), add(product, c), c), add(product, c));
  const inside = both(finite, both(lt(abs(c), f(Infinity)), lt(f(0), lesser(sa, sb))));
  return select(inside, result, simple);
};
