/** Poisson samples in float32, draw for draw as src/ir/scalar/random/poisson.ts. */
import type { Machine } from "../../machine.js";
import { lgammaF32 } from "../lgamma-f32.js";
import { type Key, type Real, realOf } from "./real.js";
import { lastAccepted, type Round, roundsUntilAccepted } from "./rounds.js";

const knuth = <V>(r: Real<V>, key: Key<V>, index: V, bound: V): V => {
  const { f, add, sub, log, compare, loop, split, uniform } = r;
  const [, , , count] = loop(
    [...key, f(0), f(0)],
    ([, , sum]) => compare("gt", sum!, bound),
    ([k0, k1, sum, count]) => {
      const here: Key<V> = [k0!, k1!];
      return [...split(here, 0), add(sum!, log(uniform(split(here, 1), index))), add(count!, f(1))];
    },
  );
  return sub(count!, f(1));
};

/** Hörmann's transformed rejection for a mean of 10 or more. */
const rejection = <V>(m: Machine<V>, r: Real<V>, index: V, mean: V): Round<V> => {
  const { f, share, add, sub, mul, div, once, abs, sqrt, floor, log, compare, both, either, select } = r;
  const b = share(once(f(2.53), sqrt(mean), f(0.931)));
  const a = share(once(f(0.02483), b, f(-0.059)));
  const high = share(sub(f(0.9277), div(f(3.6224), sub(b, f(2)))));
  const inverseAlpha = share(add(div(f(1.1328), sub(b, f(3.4))), f(1.1239)));
  const logMean = share(log(mean));
  return (key) => {
    const u = share(sub(r.uniform(r.split(key, 1), index), f(0.5)));
    const v = share(r.uniform(r.split(key, 2), index));
    const room = share(sub(f(0.5), abs(u)));
    const slope = share(add(div(mul(f(2), a), room), b));
    const k = share(floor(add(once(slope, u, mean), f(0.43))));
    const surely = both(compare("ge", room, f(0.07)), compare("le", v, high));
    const narrow = both(compare("lt", room, f(0.013)), compare("gt", v, room));
    const out = either(compare("lt", k, f(0)), narrow);
    const s = log(share(div(mul(v, inverseAlpha), add(div(a, mul(room, room)), b))));
    const density = sub(once(k, logMean, m.unary("neg", mean)), lgammaF32(m, share(add(k, f(1)))));
    const [yes, no] = [f(1), f(0)];
    const perhaps = select(compare("le", s, density), yes, no);
    return { candidate: k, accepted: compare("ne", select(surely, yes, select(out, no, perhaps)), no) };
  };
};

/** Elements that Knuth's method serves take part in the rejection with this mean. */
const lent = 1e5;

/** NaN is as a negative number: it leaves at once. */
const meanOf = <V>({ f, numberOr }: Real<V>, mean: V): V => numberOr(mean, f(-1));

/** How many rounds an element needs until its first acceptance. */
export const poissonRounds = <V>(m: Machine<V>, args: readonly V[]): V | null => {
  const r = realOf(m, "float32");
  if (r === null) return null;
  const [key0, key1, index, given] = args.map(r.share) as [V, V, V, V];
  const mean = meanOf(r, given);
  const lambda = r.share(r.select(r.compare("ge", mean, r.f(10)), mean, r.f(lent)));
  return roundsUntilAccepted(r, [key0, key1], rejection(m, r, index, lambda));
};

/** A sample of the Poisson distribution, after `rounds` rounds for the whole shape. */
export const poissonSample = <V>(m: Machine<V>, args: readonly V[]): V | null => {
  const r = realOf(m, "float32");
  if (r === null) return null;
  const { f, u, share, compare, select } = r;
  const [key0, key1, index, rounds, given] = args.map(share) as [V, V, V, V, V];
  const mean = meanOf(r, given);
  const key: Key<V> = [key0, key1];
  const large = share(compare("ge", mean, f(10)));
  // No sum is above Infinity: the other elements leave at once.
  const bound = share(select(large, f(Infinity), m.unary("neg", mean)));
  const small = knuth(r, key, index, bound);
  const lambda = share(select(large, mean, f(lent)));
  const some = lastAccepted(r, key, select(large, rounds, u(0)), rejection(m, r, index, lambda));
  return select(compare("eq", mean, f(0)), f(0), select(large, some, small));
};
