/**
 * Rejection in rounds, as JAX's loops over whole arrays do it. The key of the first round is the caller's, that of
 * the next one the first of the three that it splits into; all elements draw until the last one has accepted, and
 * a later acceptance replaces an earlier one.
 */
import { threefryInto } from "../threefry.js";

const next = new Uint32Array(2);

/** Draws a candidate with the key of a round and tells whether it is accepted. */
export type Round = (key0: number, key1: number) => boolean;

/** The number of the first round that accepts, from 1. */
export const roundsUntilAccepted = (key0: number, key1: number, accepts: Round): number => {
  let rounds = 1;
  let k0 = key0;
  let k1 = key1;
  for (; !accepts(k0, k1); rounds++) {
    threefryInto(next, k0, k1, 0);
    k0 = next[0]!;
    k1 = next[1]!;
  }
  return rounds;
};

/**
 * Runs the rounds backwards up to the one that accepts last; whether there are any. Where none accepts (they were counted by
 * a machine that rounds otherwise) they go on until one does.
 */
export const lastAccepted = (key0: number, key1: number, rounds: number, accepts: Round): boolean => {
  if (rounds === 0) return false;
  const keys = new Uint32Array(2 * rounds);
  keys[0] = key0;
  keys[1] = key1;
  for (let r = 1; r < rounds; r++) {
    threefryInto(next, keys[2 * r - 2]!, keys[2 * r - 1]!, 0);
    keys.set(next, 2 * r);
  }
  for (let r = rounds - 1; r >= 0; r--) if (accepts(keys[2 * r]!, keys[2 * r + 1]!)) return true;
  threefryInto(next, keys[2 * rounds - 2]!, keys[2 * rounds - 1]!, 0);
  roundsUntilAccepted(next[0]!, next[1]!, accepts);
  return true;
};
