/**
 * Poisson samples as `jax.random.poisson` draws them, in float32: D. Knuth's products of uniforms below a mean of 10,
 * W. Hörmann's transformed rejection above ("The transformed rejection method for generating Poisson random
 * variables", 1993).
 *
 * JAX draws rounds for the whole shape until every element has accepted, and a later acceptance replaces an earlier
 * one. So an element's sample depends on the number of rounds, which is the largest over the shape of
 * `poissonRounds`; given it, every element is on its own.
 */
import { logF32 } from "../log-f32.js";
import { lgammaF32 } from "../lgamma-f32.js";
import { threefryInto } from "../threefry.js";
import { realOf } from "./real.js";
import { lastAccepted, roundsUntilAccepted } from "./rounds.js";

const f = Math.fround;
const { uniform } = realOf("float32");
const key = new Uint32Array(2);
const sub = new Uint32Array(2);

/** Elements that Knuth's method serves take part in the rejection with this mean. */
const lent = 1e5;

const usesKnuth = (mean: number): boolean => !(mean >= 10);

const knuth = (key0: number, key1: number, index: number, mean: number): number => {
  key[0] = key0;
  key[1] = key1;
  let k = 0;
  for (let logProduct = 0; logProduct > -mean; k++) {
    const [k0, k1] = [key[0], key[1]];
    threefryInto(key, k0, k1, 0);
    threefryInto(sub, k0, k1, 1);
    logProduct = f(logProduct + logF32(uniform(sub[0]!, sub[1]!, index)));
  }
  return k - 1;
};

let candidate = 0;

/** Draws the candidate of the round whose key is (key0, key1); whether it is accepted. */
const accepts = (key0: number, key1: number, index: number, mean: number): boolean => {
  const b = f(f(2.53) * f(Math.sqrt(mean)) + f(0.931));
  const a = f(f(0.02483) * b + f(-0.059));
  threefryInto(sub, key0, key1, 1);
  const u = f(uniform(sub[0]!, sub[1]!, index) - 0.5);
  threefryInto(sub, key0, key1, 2);
  const v = uniform(sub[0]!, sub[1]!, index);
  const room = f(0.5 - Math.abs(u));
  const k = Math.floor(f(f(f(f(f(2 * a) / room) + b) * u + mean) + f(0.43)));
  candidate = k;
  if (room >= f(0.07) && v <= f(f(0.9277) - f(f(3.6224) / f(b - 2)))) return true;
  if (k < 0 || (room < f(0.013) && v > room)) return false;
  const inverseAlpha = f(f(f(1.1328) / f(b - f(3.4))) + f(1.1239));
  const s = logF32(f(f(v * inverseAlpha) / f(f(a / f(room * room)) + b)));
  return s <= f(f(k * logF32(mean) - mean) - lgammaF32(f(k + 1)));
};

/** How many rounds an element needs until its first acceptance. */
export const poissonRounds = (key0: number, key1: number, index: number, mean: number): number => {
  const lambda = usesKnuth(mean) ? lent : mean;
  return roundsUntilAccepted(key0, key1, (k0, k1) => accepts(k0, k1, index, lambda));
};

/** A sample of the Poisson distribution, after `rounds` rounds for the whole shape. */
export const poissonSample = (
  key0: number,
  key1: number,
  index: number,
  rounds: number,
  mean: number,
): number => {
  if (mean === 0) return 0;
  if (usesKnuth(mean)) return knuth(key0, key1, index, mean);
  return lastAccepted(key0, key1, rounds, (k0, k1) => accepts(k0, k1, index, mean)) ? candidate : -1;
};
