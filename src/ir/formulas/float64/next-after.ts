/** Neighbouring float64 numbers: x and the spacing there, which is a power of two. */
import type { Doubles } from "./doubles.js";

/** The number after x in the direction of y; y where they are equal; NaN where either is. */
export const nextAfter64 = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, add, sub, mul, abs, and, or, greater, lt, eq, select, withSignOf } = d;
  const [a, b] = [share(x), share(y)];
  const size = share(abs(a));
  const power = share(and(a, f(Infinity))); // the bits of the exponent
  const sign = share(and(select(eq(a, f(0)), b, a), f(-0)));
  const way = share(sub(b, a));
  // Below a power of two numbers are twice as dense.
  const inward = lt(d.xor(way, sign), f(0));
  const gap = mul(power, select(inward, select(eq(power, size), f(2 ** -53), f(2 ** -52)), f(2 ** -52)));
  const near = or(add(a, withSignOf(greater(gap, f(5e-324)), way)), sign);
  const next = select(eq(size, f(Infinity)), or(f(Number.MAX_VALUE), sign), near);
  return select(eq(b, b), select(eq(a, b), b, next), b);
};
