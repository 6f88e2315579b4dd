/** Arc tangents in float64: the curve, and points around which it is unrolled, as in FreeBSD's msun (s_atan.c). */
import type { Doubles } from "./doubles.js";

/** (1 - atan(t) / t) / t² in t², for |t| ≤ 7/16. */
const tail = [
  3.33333333333329318027e-1, -1.99999999998764832476e-1, 1.42857142725034663711e-1, -1.1111110405462355788e-1,
  9.09088713343650656196e-2, -7.69187620504482999495e-2, 6.66107313738753120669e-2,
  -5.83357013379057348645e-2, 4.97687799461593236017e-2, -3.6531572744216915527e-2, 1.62858201153657823623e-2,
];

/** atan ½ and π/2, and what they are more than that. */
const atanHalf = 4.63647609000806093515e-1;
const atanHalfRest = 2.26987774529616870924e-17;
const quarter = Math.PI / 2;
const quarterRest = 6.12323399573676603587e-17;

/** A whole number of quarter turns. */
interface Base<V> {
  readonly angle: V;
  readonly rest: V;
  /** -0 where the rest of the way leads back, else 0. */
  readonly back: V;
}

/** base ± atan(n / m) for n ≤ m: atan(n / m) is atan ½ or π/4, of which nothing is lost, and atan t for a small t. */
const angleOf = <V>(d: Doubles<V>, n: V, m: V, { angle, rest, back }: Base<V>): V => {
  const { f, share, add, sub, mul, div, xor, lt, select, polynomial } = d;
  const some = share(lt(mul(m, f(7 / 16)), n));
  const most = share(lt(mul(m, f(11 / 16)), n));
  const over = sub(select(most, n, add(n, n)), m);
  const under = add(select(most, m, add(m, m)), n);
  const t = share(div(select(some, over, n), select(some, under, m)));
  const z = share(mul(t, t));
  const from = (half: number, whole: number): V => select(most, f(whole), select(some, f(half), f(0)));
  const curve = sub(mul(mul(polynomial(z, tail), z), t), from(atanHalfRest, quarterRest / 2));
  const point = share(xor(from(atanHalf, quarter / 2), back));
  const sum = share(add(angle, point));
  const lost = add(add(sub(angle, sum), point), rest);
  return add(sum, add(xor(sub(t, curve), back), lost));
};

/** atan x = π/2 - atan(1 / x) for x > 1. */
export const atan64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, abs, lesser, greater, lt, select, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const steep = share(lt(f(1), a));
  const base = {
    angle: share(select(steep, f(quarter), f(0))),
    rest: select(steep, f(quarterRest), f(0)),
    back: share(select(steep, f(-0), f(0))),
  };
  return withSignOf(angleOf(d, share(lesser(a, f(1))), share(greater(a, f(1))), base), v);
};

/** The angle of the point (x, y). Both infinite, it is as that of (±1, ±1); both 0, as that of (±1, 0). */
export const atan264 = <V>(d: Doubles<V>, y: V, x: V): V => {
  const { f, share, mul, abs, and, xor, lesser, lt, eq, select } = d;
  const [s, c] = [share(y), share(x)];
  const [a, b] = [share(abs(s)), share(abs(c))];
  const steep = share(lt(b, a));
  const n = share(select(steep, b, a));
  const m = share(select(steep, a, b));
  // Sums must stay finite; a quotient of numbers that far apart is 0 in any case.
  const scale = share(select(lt(f(2 ** 1000), m), f(2 ** -4), f(1)));
  const infinite = share(eq(n, f(Infinity)));
  const none = eq(m, f(0));
  // Steep angles are counted from π/2, those to the left from π, and those that are either backwards.
  const sign = share(and(c, f(-0)));
  const left = share(lt(xor(sign, f(1)), f(0)));
  const level = (whole: number): V => select(steep, f(whole / 2), select(left, f(whole), f(0)));
  const base = {
    angle: share(level(Math.PI)),
    rest: level(2 * quarterRest),
    back: share(xor(select(steep, f(-0), f(0)), sign)),
  };
  const result = angleOf(
    d,
    share(select(infinite, f(1), mul(n, scale))),
    share(select(infinite, lesser(m, f(1)), select(none, f(1), mul(m, scale)))), // NaN stays
    base,
  );
  return xor(result, and(s, f(-0)));
};
