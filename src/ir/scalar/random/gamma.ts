/**
 * One gamma sample by rejection: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables",
 * ACM Transactions on Mathematical Software 26 (2000). Keys are split and numbers rounded as in `jax.random.gamma`.
 */
import { threefryInto } from "../threefry.js";
import type { Real } from "./real.js";

const key = new Uint32Array(2);
const xKey = new Uint32Array(2);
const uKey = new Uint32Array(2);
const sub = new Uint32Array(2);

/**
 * The scale d and the cubed factor V of an accepted proposal for the shape `alpha` ≥ 1 (their product is the
 * sample), in `accepted`. The walk starts from the first half of the split key.
 */
const accepted = { d: 0, v: 0 };

const propose = (real: Real, alpha: number): void => {
  const { round } = real;
  const third = round(1 / 3);
  const d = round(alpha - third);
  // XLA takes the reciprocal root from the processor's estimate, whose last bit differs between processors.
  const c = round(third * round(1 / Math.sqrt(d)));
  let squared = 0;
  let cubed = 1;
  let u = 2; // so that the first test fails
  while (
    u >= round(1 - round(0.0331) * round(squared * squared)) &&
    real.log(u) >= round(d * round(round(1 - cubed) + real.log(cubed)) + round(squared * 0.5))
  ) {
    const [k0, k1] = [key[0]!, key[1]!];
    threefryInto(key, k0, k1, 0);
    threefryInto(xKey, k0, k1, 1);
    threefryInto(uKey, k0, k1, 2);
    let x = 0;
    let v = -1;
    while (v <= 0) {
      const [x0, x1] = [xKey[0]!, xKey[1]!];
      threefryInto(xKey, x0, x1, 0);
      threefryInto(sub, x0, x1, 1);
      x = real.normal(sub[0]!, sub[1]!, 0);
      v = round(x * c + 1);
    }
    squared = round(x * x);
    cubed = round(round(v * v) * v);
    u = real.uniform(uKey[0]!, uKey[1]!, 0);
  }
  accepted.d = d;
  accepted.v = cubed;
};

const boostKey = new Uint32Array(2);

/** Shapes below 1 are raised by 1; the sample is then multiplied by U^(1/alpha). */
const start = (real: Real, key0: number, key1: number, alpha: number): void => {
  threefryInto(key, key0, key1, 0);
  threefryInto(boostKey, key0, key1, 1);
  propose(real, alpha >= 1 ? alpha : real.round(alpha + 1));
};

/** A sample of the gamma distribution with shape `alpha` and scale 1, drawn with a key of its own. */
export const gammaSample = (real: Real, key0: number, key1: number, alpha: number): number => {
  const { round } = real;
  start(real, key0, key1, alpha);
  const sample = round(accepted.d * accepted.v);
  if (alpha >= 1) return sample;
  const u = round(1 - real.uniform(boostKey[0]!, boostKey[1]!, 0));
  return sample * real.pow(u, round(1 / alpha));
};

/** The logarithm of `gammaSample`, which does not underflow for small shapes. */
export const logGammaSample = (real: Real, key0: number, key1: number, alpha: number): number => {
  const { round } = real;
  start(real, key0, key1, alpha);
  const sample = round(real.log(accepted.d) + real.log(accepted.v));
  if (alpha >= 1) return sample;
  const logU = real.log1p(-real.uniform(boostKey[0]!, boostKey[1]!, 0));
  return logU === 0 ? sample : sample + round(logU * round(1 / alpha));
};
