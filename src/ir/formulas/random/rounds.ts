/** Rejection in rounds, as src/ir/scalar/random/rounds.ts has it. */
import type { Key, Real } from "./real.js";

/** Draws a candidate with the key of a round, and whether it is accepted. */
export type Round<V> = (key: Key<V>) => { readonly candidate: V; readonly accepted: V };

/** The number of the first round that accepts, from 1. */
export const roundsUntilAccepted = <V>(r: Real<V>, key: Key<V>, round: Round<V>): V => {
  const { u, share, addWords, compare, select, loop, split } = r;
  const [, , , rounds] = loop(
    [...key, u(0), u(0)],
    ([, , done]) => compare("eq", done!, u(0)),
    ([k0, k1, , rounds]) => {
      const here: Key<V> = [k0!, k1!];
      const done = share(select(round(here).accepted, u(1), u(0)));
      return [...split(here, 0), done, addWords(rounds!, u(1))];
    },
  );
  return rounds!;
};

/** The key of the round after so many others. */
const keyAfter = <V>({ u, addWords, compare, loop, split }: Real<V>, key: Key<V>, rounds: V): Key<V> => {
  const [k0, k1] = loop(
    [...key, rounds],
    ([, , left]) => compare("ne", left!, u(0)),
    ([k0, k1, left]) => [...split([k0!, k1!], 0), addWords(left!, u(2 ** 32 - 1))],
  );
  return [k0!, k1!];
};

/**
 * The candidate of the last of some rounds that accepts, by running them backwards; of no rounds -1. Machines that round in one
 * program otherwise than in the next may find that none does: then the rounds go on.
 */
export const lastAccepted = <V>(r: Real<V>, key: Key<V>, count: V, round: Round<V>): V => {
  const { f, u, share, addWords, compare, select, loop } = r;
  const rounds = share(count);
  const minusOne = u(2 ** 32 - 1);
  const [, , last] = loop(
    [rounds, addWords(rounds, minusOne), f(-1)],
    ([left]) => compare("ne", left!, u(0)),
    ([, at]) => {
      const { candidate, accepted } = round(keyAfter(r, key, at!));
      const done = share(accepted);
      const before = select(compare("eq", at!, u(0)), rounds, addWords(at!, minusOne));
      const next = select(compare("ge", at!, rounds), addWords(at!, u(1)), before);
      return [select(done, u(0), u(1)), next, select(done, candidate, f(-1))];
    },
  );
  return last!;
};
