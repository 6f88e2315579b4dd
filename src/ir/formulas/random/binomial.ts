/** Binomial samples, draw for draw as src/ir/scalar/random/binomial.ts. */
import type { DType } from "../../dtype.js";
import type { Machine } from "../../machine.js";
import { stirlingTails } from "../../scalar/random/binomial.js";
import { type Key, type Real, realOf } from "./real.js";
import { lastAccepted, type Round, roundsUntilAccepted } from "./rounds.js";

/** The smaller of p and 1 - p; where p is no probability 0.01. */
const smaller = <V>({ f, share, sub, compare, select }: Real<V>, p: V): V => {
  const q = share(select(compare("lt", p, f(0.5)), p, sub(f(1), p)));
  return share(select(compare("ge", q, f(0)), q, f(0.01)));
};

/** 1 where sums of geometric variables serve, else 0. */
const inverts = <V>(r: Real<V>, count: V, q: V): V => {
  const { f, share, mul, compare, select } = r;
  // Infinity times 0 is no number.
  const mean = r.numberOr(share(mul(count, q)), f(0));
  const few = select(compare("gt", mean, f(10)), f(0), f(1));
  return share(select(compare("ge", count, f(0)), few, f(1)));
};

/** Sums of geometric variables up to `count`; where that is negative none is drawn. */
const inversion = <V>(m: Machine<V>, r: Real<V>, key: Key<V>, index: V, count: V, q: V): V => {
  const { f, share, add, sub, div, ceil, log, compare, select, loop, split, uniform } = r;
  const log1MinusQ = share(r.log1p(share(m.unary("neg", q))));
  const some = share(compare("lt", log1MinusQ, f(0)));
  const [, , , trials] = loop(
    [...key, f(0), f(0)],
    ([, , sum]) => compare("le", sum!, count),
    ([k0, k1, sum, trials]) => {
      const here: Key<V> = [k0!, k1!];
      const more = ceil(div(log(uniform(split(here, 0), index)), log1MinusQ));
      return [...split(here, 1), add(sum!, select(some, more, f(Infinity))), add(trials!, f(1))];
    },
  );
  return sub(trials!, f(1));
};

/** JAX's, which takes the value at 9 for everything above. */
const stirlingTail = <V>({ f, share, sub, div, compare, select }: Real<V>, k: V): V => {
  const v = share(k);
  const listed = stirlingTails.reduceRight<V | null>(
    (rest, tail, i) => (rest === null ? f(tail) : select(compare("lt", v, f(i + 1)), f(tail), rest)),
    null,
  )!;
  const square = f(100);
  const inner = sub(f(1 / 360), div(f(1 / 1260), square));
  return select(compare("le", v, f(9)), listed, div(sub(f(1 / 12), div(inner, square)), f(10)));
};

/** Hörmann's BTRS. */
const rejection = <V>(r: Real<V>, index: V, count: V, q: V): Round<V> => {
  const { f, share, add, sub, mul, div, once, abs, sqrt, floor, log, compare, both, either, select } = r;
  const rest = share(sub(f(1), q));
  const deviation = share(sqrt(mul(mul(count, q), rest)));
  const b = share(once(f(2.53), deviation, f(1.15)));
  const a = share(once(f(0.01), q, once(f(0.0248), b, f(-0.0873))));
  const high = share(sub(f(0.92), div(f(4.2), b)));
  const alpha = share(mul(add(f(2.83), div(f(5.1), b)), deviation));
  const center = share(once(count, q, f(0.5)));
  const mode = share(floor(mul(add(count, f(1)), q)));
  const ratio = share(div(q, rest));
  const atMode = share(add(sub(count, mode), f(1)));
  const first = mul(add(mode, f(0.5)), log(share(div(add(mode, f(1)), mul(ratio, atMode)))));
  const fixed = share(first);
  const [tailOfMode, tailOfRest] = [share(stirlingTail(r, mode)), share(stirlingTail(r, sub(count, mode)))];
  /** The logarithm of the binomial density at k, over that at its mode. */
  const logRatio = (k: V): V => {
    const others = share(add(sub(count, k), f(1)));
    const second = once(add(count, f(1)), log(share(div(atMode, others))), fixed);
    const third = once(add(k, f(0.5)), log(share(div(mul(ratio, others), add(k, f(1))))), second);
    const tails = add(add(third, tailOfMode), tailOfRest);
    return sub(sub(tails, stirlingTail(r, k)), stirlingTail(r, sub(count, k)));
  };
  return (key) => {
    const u = share(sub(r.uniform(r.split(key, 1), index), f(0.5)));
    const v = share(r.uniform(r.split(key, 2), index));
    const room = share(sub(f(0.5), abs(u)));
    const slope = share(add(div(mul(f(2), a), room), b));
    const k = share(floor(once(slope, u, center)));
    const surely = both(compare("ge", room, f(0.07)), compare("le", v, high));
    const out = either(compare("lt", k, f(0)), compare("gt", k, count));
    const proposal = log(share(div(mul(v, alpha), add(div(a, mul(room, room)), b))));
    const [yes, no] = [f(1), f(0)];
    const perhaps = select(compare("le", proposal, logRatio(k)), yes, no);
    return { candidate: k, accepted: compare("ne", select(surely, yes, select(out, no, perhaps)), no) };
  };
};

/** Elements that inversion serves take part in the rejection with these parameters. */
const lentCount = 1e4;
const lentProbability = 0.5;

const rejectionOf = <V>(r: Real<V>, index: V, n: V, q: V, few: V): Round<V> => {
  const { f, share, floor, compare, select } = r;
  const lent = share(compare("ne", few, f(0)));
  const count = share(select(lent, f(lentCount), floor(n)));
  return rejection(r, index, count, share(select(lent, f(lentProbability), q)));
};

/** How many rounds an element needs until its first acceptance. */
export const binomialRounds = <V>(m: Machine<V>, args: readonly V[], dtype: DType): V | null => {
  const r = realOf(m, dtype);
  if (r === null) return null;
  const [key0, key1, index, givenN, givenP] = args.map(r.share) as [V, V, V, V, V];
  const [n, p] = [r.numberOr(givenN, r.f(-1)), r.numberOr(givenP, r.f(-1))];
  const q = smaller(r, p);
  return roundsUntilAccepted(r, [key0, key1], rejectionOf(r, index, n, q, inverts(r, n, q)));
};

/** A sample of the binomial distribution, after `rounds` rounds for the whole shape. NaN unless n ≥ 0 and 0 ≤ p ≤ 1. */
export const binomialSample = <V>(m: Machine<V>, args: readonly V[], dtype: DType): V | null => {
  const r = realOf(m, dtype);
  if (r === null) return null;
  const { f, u, share, sub, floor, compare, both, select } = r;
  const [key0, key1, index, rounds, givenN, givenP] = args.map(share) as [V, V, V, V, V, V];
  const [n, p] = [r.numberOr(givenN, f(-1)), r.numberOr(givenP, f(-1))];
  const key: Key<V> = [key0, key1];
  const q = smaller(r, p);
  const few = inverts(r, n, q);
  const count = share(floor(n));
  const proper = both(both(compare("ge", n, f(0)), compare("le", p, f(1))), compare("ge", p, f(0)));
  const wanted = share(select(both(proper, compare("lt", n, f(Infinity))), f(1), f(0)));
  const isWanted = share(compare("ne", wanted, f(0)));
  const isFew = share(compare("ne", few, f(0)));
  // Elements that take the other way, or none, leave at once.
  const most = share(select(isWanted, select(isFew, count, f(-1)), f(-1)));
  const small = share(inversion(m, r, key, index, most, q));
  const times = share(select(isWanted, select(isFew, u(0), rounds), u(0)));
  const large = share(lastAccepted(r, key, times, rejectionOf(r, index, n, q, few)));
  const sample = share(select(isFew, small, large));
  const turned = select(compare("lt", p, f(0.5)), sample, sub(count, sample));
  return select(isWanted, turned, select(compare("eq", n, f(Infinity)), proportion(r, p), f(NaN)));
};

/** Infinity for a probability, else NaN. */
const proportion = <V>({ f, both, compare, select }: Real<V>, p: V): V =>
  select(both(compare("le", p, f(1)), compare("ge", p, f(0))), f(Infinity), f(NaN));
