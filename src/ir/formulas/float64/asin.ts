/** Arc sines and cosines in float64, as in FreeBSD's msun (e_asin.c, e_acos.c). */
import type { Doubles } from "./doubles.js";

/** (asin(x) / x - 1) / x² in x², for |x| ≤ ½, as a quotient. */
const above = [
  1.66666666666666657415e-1, -3.25565818622400915405e-1, 2.01212532134862925881e-1,
  -4.00555345006794114027e-2, 7.91534994289814532176e-4, 3.4793310759602116757e-5,
];
const below = [
  1, -2.40339491173441421878, 2.02094576023350569471, -6.8828397160545329303e-1, 7.70381505559019352791e-2,
];

/** π/2, and what it is more than that. */
const quarter = Math.PI / 2;
const quarterRest = 6.12323399573676603587e-17;

interface Parts<V> {
  readonly v: V;
  readonly large: V;
  /** |x| up to ½; beyond, √((1 - |x|) / 2) is it and the rest. */
  readonly s: V;
  readonly rest: V;
  /** asin s - s. */
  readonly curve: V;
}

const partsOf = <V>(d: Doubles<V>, x: V): Parts<V> => {
  const { f, share, add, sub, mul, div, sqrt, abs, shl, shr, lt, eq, select, polynomial } = d;
  const v = share(x);
  const a = share(abs(v));
  const large = share(lt(f(0.5), a));
  const z = share(select(large, mul(sub(f(1), a), f(0.5)), mul(a, a)));
  const root = share(sqrt(z));
  const head = share(shl(shr(root, 32), 32)); // its square is exact
  const sum = share(add(root, head));
  const rest = select(eq(sum, f(0)), f(0), div(sub(z, mul(head, head)), sum));
  const curve = div(mul(polynomial(z, above), z), polynomial(z, below));
  return {
    v,
    large,
    s: share(select(large, head, a)),
    rest: share(select(large, rest, f(0))),
    curve: share(mul(curve, select(large, root, a))),
  };
};

/** asin x = π/2 - 2 asin √((1 - x) / 2), the difference from π/4 on both sides; NaN outside [-1, 1]. */
export const asin64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, add, sub, select, withSignOf } = d;
  const { v, large, s, rest, curve } = partsOf(d, x);
  const low = sub(add(add(curve, curve), add(rest, rest)), f(quarterRest));
  const far = sub(f(quarter / 2), sub(low, sub(f(quarter / 2), add(s, s))));
  return withSignOf(select(large, far, add(s, curve)), v);
};

/** acos x = 2 asin √((1 - x) / 2) for x > ½, π/2 - asin x around 0; NaN outside [-1, 1]. */
export const acos64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, lt, select, xor, and } = d;
  const { v, large, s, rest, curve } = partsOf(d, x);
  const negative = share(lt(v, f(0)));
  const low = share(add(curve, rest));
  // π - 2 (s + low), 2 (s + low) or π/2 ∓ (s + low).
  const half = sub(f(quarter), add(s, sub(low, f(quarterRest))));
  const end = share(select(negative, half, add(s, low)));
  const flip = and(v, f(-0));
  const signed = share(xor(s, flip));
  const middle = sub(f(quarter), sub(signed, sub(f(quarterRest), xor(curve, and(v, f(-0))))));
  return select(large, add(end, end), middle);
};
