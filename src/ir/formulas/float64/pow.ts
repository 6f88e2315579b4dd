/** Powers in float64, as IEEE 754 has them: two to the y log₂ x, both as sums of two floats (FreeBSD's msun, e_pow.c). */
import type { Doubles } from "./doubles.js";
import { expSum } from "./exp.js";
import { normalParts } from "./log.js";

const rootThreeHalves = 1.224744871391589;
const rootThree = 1.7320508075688772;

/** log₂ 3/2 in two parts. */
const log3Over2High = 5.84962487220764160156e-1;
const log3Over2Low = 1.35003920212974897128e-8;

/** (3 (log((1 + s) / (1 - s)) / (2s) - 1) - s²) / s⁴ in s². */
const logTail = [
  5.99999999999994648725e-1, 4.28571428578550184252e-1, 3.33333329818377432918e-1, 2.72728123808534006489e-1,
  2.30660745775561754067e-1, 2.06975017800338417784e-1,
];

/** 2 / (3 log 2), and its parts. */
const slope = 9.61796693925975554329e-1;
const slopeHigh = 9.61796700954437255859e-1;
const slopeLow = -7.02846165095275826516e-9;

/** log 2, and its parts. */
const ln2 = 6.93147180559945286227e-1;
const ln2Head = 6.93147182464599609375e-1;
const ln2Rest = -1.90465429995776804525e-9;

/** Its first 21 bits: products of two such numbers are exact. */
const head = <V>({ share, shl, shr }: Doubles<V>, x: V): V => share(shl(shr(x, 32), 32));

/** log₂ x for finite x > 0, as a head and a rest. */
const log2Parts = <V>(d: Doubles<V>, x: V): readonly [V, V] => {
  const { f, share, add, sub, mul, div, lt, select, polynomial } = d;
  const [whole, between1And2] = normalParts(d, x);
  // 1, 3/2 or 2: the nearest of them.
  const high = share(lt(f(rootThree), between1And2));
  const mantissa = share(select(high, mul(between1And2, f(0.5)), between1And2));
  const middle = share(lt(f(rootThreeHalves), mantissa));
  const base = share(select(middle, f(1.5), f(1)));
  const e = share(add(whole, select(high, f(1), f(0))));
  // s = (mantissa - base) / (mantissa + base), as a head and a rest.
  const above = share(sub(mantissa, base));
  const sum = share(add(mantissa, base));
  const inverse = share(div(f(1), sum));
  const s = share(mul(above, inverse));
  const sHead = head(d, s);
  const sumHead = head(d, sum);
  const sumRest = sub(mantissa, sub(sumHead, base));
  const sRest = share(mul(sub(sub(above, mul(sHead, sumHead)), mul(sHead, sumRest)), inverse));
  const z = share(mul(s, s));
  const curve = share(add(mul(mul(z, z), polynomial(z, logTail)), mul(sRest, add(sHead, s))));
  const square = share(mul(sHead, sHead));
  const t = head(d, share(add(add(square, f(3)), curve)));
  const tRest = sub(curve, sub(sub(t, f(3)), square));
  const u = share(mul(sHead, t));
  const v = share(add(mul(sRest, t), mul(tRest, s)));
  const p = head(d, share(add(u, v)));
  const pRest = sub(v, sub(p, u));
  const most = share(mul(p, f(slopeHigh)));
  const part = add(mul(p, f(slopeLow)), mul(pRest, f(slope)));
  const low = share(add(part, select(middle, f(log3Over2Low), f(0))));
  const baseHigh = share(select(middle, f(log3Over2High), f(0)));
  const first = head(d, share(add(add(add(most, low), baseHigh), e)));
  return [first, share(sub(low, sub(sub(sub(first, e), baseHigh), most)))];
};

/** Two to the (a + b), where b is small beside a. */
const exp2OfSum = <V>(d: Doubles<V>, a: V, b: V): V => {
  const { f, share, add, sub, mul, nearest, lesser, greater, lt, select } = d;
  const total = share(add(a, b));
  const n = share(nearest(greater(lesser(total, f(1025)), f(-1080))));
  const left = share(sub(a, n));
  const t = head(d, share(add(left, b)));
  const u = share(mul(t, f(ln2Head)));
  const v = share(add(mul(sub(b, sub(t, left)), f(ln2)), mul(t, f(ln2Rest))));
  const z = share(add(u, v));
  const inside = expSum(d, z, sub(v, sub(z, u)), n);
  const low = select(lt(total, f(-1080)), f(0), inside);
  return select(lt(f(1025), total), f(Infinity), low);
};

/** |x| to the y. Exponents beyond ±2⁶⁴ give what those do: 0, 1 or Infinity. */
const powOfSize = <V>(d: Doubles<V>, v: V, y: V): V => {
  const { f, share, add, sub, mul, div, abs, lesser, greater, lt, select } = d;
  const by = share(greater(lesser(y, f(2 ** 64)), f(-(2 ** 64))));
  const [first, rest] = log2Parts(d, v);
  const byHead = head(d, by);
  const more = share(add(mul(sub(by, byHead), first), mul(by, rest)));
  const inside = exp2OfSum(d, share(mul(byHead, first)), more);
  const end = share(abs(mul(v, by))); // 0, Infinity or NaN
  const atEnd = share(select(lt(y, f(0)), div(f(1), end), end));
  return select(lt(f(0), v), select(lt(v, f(Infinity)), inside, atEnd), atEnd);
};

/** x to the y. */
export const pow64 = <V>(d: Doubles<V>, x: V, y: V): V => {
  const { f, share, mul, floor, and, xor, eq, lt, abs, select } = d;
  const [a, b] = [share(x), share(y)];
  const v = share(abs(a));
  const half = share(mul(b, f(0.5)));
  const whole = share(eq(floor(b), b));
  const sign = and(a, select(whole, select(eq(floor(half), half), f(0), f(-0)), f(0)));
  const signed = share(xor(powOfSize(d, v, b), sign));
  const real = select(lt(a, f(0)), select(whole, signed, select(eq(v, f(Infinity)), signed, f(NaN))), signed);
  const defined = select(eq(a, a), real, f(NaN));
  return select(eq(a, f(1)), f(1), select(eq(b, f(0)), f(1), defined));
};
