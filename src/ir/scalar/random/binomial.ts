/**
 * Binomial samples as `jax.random.binomial` draws them: by sums of geometric variables where n·q ≤ 10 (q ≤ 1/2),
 * else by W. Hörmann's BTRS ("The generation of binomial random variates", 1993). Rounds are those of `rounds.ts`.
 */
import { threefryInto } from "../threefry.js";
import type { Real } from "./real.js";
import { lastAccepted, roundsUntilAccepted } from "./rounds.js";

const key = new Uint32Array(2);
const sub = new Uint32Array(2);

/** Elements that inversion serves take part in the rejection with these parameters. */
const lentCount = 1e4;
const lentProbability = 0.5;

const usesInversion = (real: Real, count: number, q: number): boolean =>
  !(count >= 0) || !(real.round(count * q) > 10); // of Infinity · 0, too, which no round would accept

/** The smaller of p and 1 - p; where p is no probability, what JAX computes with before it answers NaN. */
const smaller = (real: Real, p: number): number => {
  const q = p < 0.5 ? p : real.round(1 - p);
  return q >= 0 ? q : real.round(0.01);
};

const inversion = (
  real: Real,
  key0: number,
  key1: number,
  index: number,
  count: number,
  q: number,
): number => {
  const { round } = real;
  const log1MinusQ = real.log1p(-q);
  let [k0, k1] = [key0, key1];
  let trials = 0;
  for (let sum = 0; sum <= count; trials++) {
    threefryInto(sub, k0, k1, 0);
    threefryInto(key, k0, k1, 1);
    sum = round(sum + Math.ceil(round(real.log(real.uniform(sub[0]!, sub[1]!, index)) / log1MinusQ)));
    k0 = key[0]!;
    k1 = key[1]!;
  }
  return trials - 1;
};

/** log k! less Stirling's approximation, for k from 0 to 9. */
export const stirlingTails: readonly number[] = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

/** JAX's, which takes the value at 9 for everything above. */
const stirlingTail = (real: Real, k: number): number => {
  const { round } = real;
  if (k <= 9) return round(stirlingTails[Math.floor(Math.max(k, 0))]!);
  const square = 100;
  const inner = round(round(1 / 360) - round(round(1 / 1260) / square));
  return round(round(round(1 / 12) - round(inner / square)) / 10);
};

let candidate = 0;

/** Draws the candidate of the round whose key is (key0, key1); whether it is accepted. */
const accepts = (
  real: Real,
  key0: number,
  key1: number,
  index: number,
  count: number,
  q: number,
): boolean => {
  const { round, log } = real;
  const deviation = round(Math.sqrt(round(round(count * q) * round(1 - q))));
  const b = round(round(2.53) * deviation + round(1.15));
  const a = round(round(0.01) * q + round(round(0.0248) * b + round(-0.0873)));
  threefryInto(sub, key0, key1, 1);
  const u = round(real.uniform(sub[0]!, sub[1]!, index) - 0.5);
  threefryInto(sub, key0, key1, 2);
  const v = real.uniform(sub[0]!, sub[1]!, index);
  const room = round(0.5 - Math.abs(u));
  const k = Math.floor(round(round(round(round(2 * a) / room) + b) * u + round(count * q + 0.5)));
  candidate = k;
  if (room >= round(0.07) && v <= round(round(0.92) - round(round(4.2) / b))) return true;
  if (k < 0 || k > count) return false;
  const alpha = round(round(round(2.83) + round(round(5.1) / b)) * deviation);
  const proposal = log(round(round(v * alpha) / round(round(a / round(room * room)) + b)));
  return proposal <= logRatio(real, count, q, k);
};

/** The logarithm of the binomial density at `k`, over that at its mode. */
const logRatio = (real: Real, count: number, q: number, k: number): number => {
  const { round, log } = real;
  const mode = Math.floor(round(round(count + 1) * q));
  const r = round(q / round(1 - q));
  const others = round(round(count - k) + 1);
  const atMode = round(round(count - mode) + 1);
  const first = round(round(mode + 0.5) * log(round(round(mode + 1) / round(r * atMode))));
  const second = round(round(count + 1) * log(round(atMode / others)) + first);
  const third = round(round(k + 0.5) * log(round(round(r * others) / round(k + 1))) + second);
  const tails = round(round(third + stirlingTail(real, mode)) + stirlingTail(real, round(count - mode)));
  return round(round(tails - stirlingTail(real, k)) - stirlingTail(real, round(count - k)));
};

/** How many rounds an element needs until its first acceptance. */
export const binomialRounds = (
  real: Real,
  key0: number,
  key1: number,
  index: number,
  n: number,
  p: number,
): number => {
  const q = smaller(real, p);
  const inverts = usesInversion(real, n, q);
  const [count, probability] = inverts ? [lentCount, lentProbability] : [Math.floor(n), q];
  return roundsUntilAccepted(key0, key1, (k0, k1) => accepts(real, k0, k1, index, count, probability));
};

/** A sample of the binomial distribution, after `rounds` rounds for the whole shape. NaN unless n ≥ 0 and 0 ≤ p ≤ 1. */
export const binomialSample = (
  real: Real,
  key0: number,
  key1: number,
  index: number,
  rounds: number,
  n: number,
  p: number,
): number => {
  if (!(n >= 0) || !(p <= 1) || !(p >= 0)) return NaN;
  if (n === Infinity) return n;
  const count = Math.floor(n);
  const q = smaller(real, p);
  const sample = usesInversion(real, n, q)
    ? inversion(real, key0, key1, index, count, q)
    : lastAccepted(key0, key1, rounds, (k0, k1) => accepts(real, k0, k1, index, count, q))
      ? candidate
      : -1;
  return p < 0.5 ? sample : real.round(count - sample);
};
