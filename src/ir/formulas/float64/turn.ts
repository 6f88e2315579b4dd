/** Sines and cotangents of πx in float64, where x less the nearest whole number is exact. */
import type { Doubles } from "./doubles.js";
import { even, odd } from "./sin.js";

/** The same in x / π. */
const inTurns = (coefficients: readonly number[], first: number): readonly number[] =>
  coefficients.map((c, k) => c * Math.PI ** (2 * k + first));
const oddTurns = inTurns(odd, 2);
const evenTurns = inTurns([-0.5, ...even], 2);

interface Turn<V> {
  /** Whether x is a whole number. */
  readonly whole: V;
  /** |sin(πx)| / π. */
  readonly sine: V;
  /** π cot(πx). */
  readonly cotangent: V;
}

export const turn64 = <V>(d: Doubles<V>, x: V): Turn<V> => {
  const { f, share, add, sub, mul, div, abs, nearest, and, xor, lt, eq, select, polynomial } = d;
  const v = share(x);
  const rest = share(sub(v, nearest(v)));
  const a = share(abs(rest));
  const far = share(lt(f(0.25), a));
  const u = share(select(far, sub(f(0.5), a), a));
  const z = share(mul(u, u));
  const sine = share(add(mul(mul(polynomial(z, oddTurns), z), u), u)); // of πu, over π
  const cosine = share(add(mul(polynomial(z, evenTurns), z), f(1)));
  const over = select(far, mul(sine, f(Math.PI ** 2)), cosine);
  const cotangent = div(over, share(select(far, cosine, sine)));
  return {
    whole: share(eq(rest, f(0))),
    sine: select(far, mul(cosine, f(1 / Math.PI)), sine),
    cotangent: share(xor(cotangent, and(rest, f(-0)))),
  };
};
