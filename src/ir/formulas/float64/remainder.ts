/** Remainders with the sign of the dividend in float64, exact where quotients are short. */
import type { Doubles } from "./doubles.js";

/** Up to here products of quotients with 26 bits, and with the rest of 27, are exact, and so are the differences. */
const longest = 2 ** 25;

/** Where the quotient is longer, or its product with y need not be finite. */
export const longQuotient64 = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, mul, div, abs, lt, select } = d;
  const a = share(abs(x));
  const far = mul(a, select(lt(f(2 ** 1022), a), f(Infinity), f(1)));
  return lt(f(longest), div(far, abs(y)));
};

/** x - n y for the nearest whole n, and y more where that is below 0. */
export const remainder64 = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, add, sub, mul, div, abs, nearest, shl, shr, lt, select, withSignOf } = d;
  const v = share(x);
  const [a, b] = [share(abs(v)), share(abs(y))];
  const n = share(nearest(div(a, b)));
  const head = share(shl(shr(b, 27), 27));
  const r = share(sub(sub(a, mul(n, head)), mul(n, sub(b, head))));
  const positive = select(lt(r, f(0)), add(r, b), r);
  return withSignOf(select(lt(a, b), a, positive), v);
};
