/** Learning rates as functions of the step, which counts from 0. They can be traced; float steps keep their dtype. */
import { FluxionError, expected } from "../ir/errors.js";
import { add, div, mul, sub } from "../ops/arithmetic.js";
import { less } from "../ops/comparison.js";
import { floor } from "../ops/rounding.js";
import { checkOptions } from "../ops/options.js";
import { pow } from "../ops/power.js";
import { toFloat } from "../ops/promotion.js";
import { clip, maximum, minimum, where } from "../ops/selection.js";
import { asTensor, type Tensor, type TensorLike } from "../ops/tensor.js";
import { cos } from "../ops/trigonometric.js";
import { fullLike } from "../ops/fill.js";

/** A function of the step. */
export type Schedule = (step: TensorLike) => Tensor;

const stepOf = (step: TensorLike): Tensor => asTensor(toFloat("schedule", step));

const checkSteps = (operation: string, name: string, steps: number): number => {
  if (steps > 0) return steps;
  throw expected(operation, `a positive number of ${name}`, String(steps));
};

/**
 * The same value at every step.
 *
 * @example
 * ```ts
 * nn.schedule.constant(0.1)(100).item() // ≈ 0.1
 * ```
 */
export const constant =
  (value: number): Schedule =>
  (step) =>
    fullLike(stepOf(step), value);

/**
 * From `init` to `end` in so many steps, along (1 - progress)^power, and `end` from then on.
 *
 * Throws unless steps are positive.
 *
 * @example
 * ```ts
 * nn.schedule.polynomial(1, 0, 2, 10)(5).item() // 0.25
 * ```
 */
export const polynomial = (init: number, end: number, power: number, steps: number): Schedule => {
  checkSteps("polynomial", "steps", steps);
  return (step) => {
    const left = sub(1, div(clip(stepOf(step), 0, steps), steps));
    return add(mul(power === 1 ? left : pow(left, power), init - end), end);
  };
};

/**
 * From `init` to `end` in a straight line of so many steps, and `end` from then on.
 *
 * Throws unless steps are positive.
 *
 * @example
 * ```ts
 * const schedule = nn.schedule.linear(0, 1, 10);
 * schedule(tensor([0, 5, 10, 20])).toArray() // [0, 0.5, 1, 1]
 * ```
 */
export const linear = (init: number, end: number, steps: number): Schedule => {
  checkSteps("linear", "steps", steps);
  return polynomial(init, end, 1, steps);
};

/** Options of `exponentialDecay`. */
export interface ExponentialOptions {
  /** Steps in which the value is multiplied by `rate` once. */
  readonly steps: number;
  readonly rate: number;
  /** Multiply all at once at the end of those steps. Default false. */
  readonly staircase?: boolean;
  /** The value never goes beyond this. Default: none. */
  readonly end?: number;
}

/**
 * `init` · rate^(step / steps).
 *
 * Throws unless steps and rate are positive.
 *
 * @example
 * ```ts
 * const schedule = nn.schedule.exponentialDecay(1, { steps: 2, rate: 0.25 });
 * schedule(tensor([0, 1, 2])).toArray() // [1, 0.5, 0.25]
 * ```
 */
export const exponentialDecay = (init: number, options: ExponentialOptions): Schedule => {
  checkOptions("exponentialDecay", options, ["steps", "rate", "staircase", "end"]);
  const { steps, rate, staircase = false, end } = options;
  checkSteps("exponentialDecay", "steps", steps);
  if (!(rate > 0)) throw expected("exponentialDecay", "a positive rate", String(rate));
  return (step) => {
    const turns = div(stepOf(step), steps);
    const value = mul(pow(rate, staircase ? floor(turns) : turns), init);
    if (end === undefined) return value;
    return rate < 1 ? maximum(value, end) : minimum(value, end);
  };
};

/** Options of `cosineDecay`. */
export interface CosineOptions {
  /** What is left at the end, as a share of the first value. Default 0. */
  readonly alpha?: number;
  /** A power of the cosine. Default 1. */
  readonly exponent?: number;
}

/**
 * From `init` down to alpha · init along half a cosine of so many steps (I. Loshchilov and F. Hutter, "SGDR", 2016),
 * and that from then on.
 *
 * Throws unless steps are positive.
 *
 * @example
 * ```ts
 * nn.schedule.cosineDecay(1, 10)(tensor([0, 5, 10, 20])).toArray() // ≈ [1, 0.5, 0, 0]
 * ```
 */
export const cosineDecay = (init: number, steps: number, options: CosineOptions = {}): Schedule => {
  checkOptions("cosineDecay", options, ["alpha", "exponent"]);
  checkSteps("cosineDecay", "steps", steps);
  const { alpha = 0, exponent = 1 } = options;
  return (step) => {
    const wave = mul(add(cos(mul(minimum(stepOf(step), steps), Math.PI / steps)), 1), 0.5);
    return mul(add(mul(exponent === 1 ? wave : pow(wave, exponent), 1 - alpha), alpha), init);
  };
};

/**
 * Schedules one after the other: the next takes over at each boundary, and counts its steps from there.
 *
 * Throws unless there is one boundary between every two schedules, in increasing order.
 *
 * @example
 * ```ts
 * const schedule = nn.schedule.join([nn.schedule.constant(1), nn.schedule.linear(1, 0, 2)], [3]);
 * schedule(tensor([0, 2, 3, 4, 5])).toArray() // [1, 1, 1, 0.5, 0]
 * ```
 */
export const join = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  const increasing = boundaries.every((b, i) => i === 0 || b > boundaries[i - 1]!);
  if (schedules.length !== boundaries.length + 1 || !increasing)
    throw new FluxionError(
      "join",
      `expected one boundary between every two schedules, in increasing order, got ${schedules.length} schedules and boundaries [${boundaries.join(", ")}]`,
    );
  return (step) => {
    const at = stepOf(step);
    return schedules
      .slice(1)
      .reduce(
        (before, next, i) => where(less(at, boundaries[i]!), before, next(sub(at, boundaries[i]!))),
        schedules[0]!(at),
      );
  };
};

/** Options of `warmupCosineDecay`. */
export interface WarmupOptions {
  /** The value at step 0. Default 0. */
  readonly init?: number;
  readonly peak: number;
  readonly warmupSteps: number;
  /** All steps, those of the warm-up included. */
  readonly decaySteps: number;
  /** The value at the end. Default 0. */
  readonly end?: number;
}

/**
 * Up from `init` to `peak` in a straight line of `warmupSteps`, then down to `end` along half a cosine that ends at
 * `decaySteps`.
 *
 * Throws unless 0 < warmupSteps < decaySteps.
 *
 * @example
 * ```ts
 * const schedule = nn.schedule.warmupCosineDecay({ peak: 1, warmupSteps: 2, decaySteps: 6 });
 * schedule(tensor([0, 1, 2, 4, 6])).toArray() // ≈ [0, 0.5, 1, 0.5, 0]
 * ```
 */
export const warmupCosineDecay = (options: WarmupOptions): Schedule => {
  checkOptions("warmupCosineDecay", options, ["init", "peak", "warmupSteps", "decaySteps", "end"]);
  const { init = 0, peak, warmupSteps, decaySteps, end = 0 } = options;
  checkSteps("warmupCosineDecay", "warmupSteps", warmupSteps);
  checkSteps("warmupCosineDecay", "steps after the warm-up", decaySteps - warmupSteps);
  const alpha = peak === 0 ? 0 : end / peak;
  return join(
    [linear(init, peak, warmupSteps), cosineDecay(peak, decaySteps - warmupSteps, { alpha })],
    [warmupSteps],
  );
};

/**
 * `init`, multiplied by a factor at each of some steps: `{ 100: 0.1 }` is a tenth from step 100 on.
 *
 * @example
 * ```ts
 * nn.schedule.piecewiseConstant(1, { 2: 0.5, 4: 0.1 })(tensor([0, 2, 3, 4])).toArray() // ≈ [1, 0.5, 0.5, 0.05]
 * ```
 */
export const piecewiseConstant = (init: number, factors: Readonly<Record<number, number>>): Schedule => {
  const turns = Object.entries(factors).map(([step, factor]) => [Number(step), factor] as const);
  if (turns.some(([step]) => Number.isNaN(step)))
    throw expected("piecewiseConstant", "factors by step", Object.keys(factors).join(", "));
  return (step) => {
    const at = stepOf(step);
    return turns.reduce(
      (value, [turn, factor]) => where(less(at, turn), value, mul(value, factor)),
      fullLike(at, init),
    );
  };
};

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The share of steps in which the value goes up. Default 0.3. */
  readonly pctStart?: number;
  /** peak / the first value. Default 25. */
  readonly divFactor?: number;
  /** The first value / the last one. Default 1e4. */
  readonly finalDivFactor?: number;
}

/** From one value to another along half a cosine of so many steps. */
const cosineBetween = (from: number, to: number, steps: number): Schedule => {
  const wave = cosineDecay(1, steps);
  return (step) => add(mul(wave(step), from - to), to);
};

/**
 * Up to `peak` and down again to nearly nothing, each along half a cosine (L. N. Smith and N. Topin,
 * "Super-convergence", 2017).
 *
 * Throws unless steps are positive and pctStart is between 0 and 1.
 *
 * @example
 * ```ts
 * const schedule = nn.schedule.oneCycle(1, 10);
 * schedule(tensor([0, 3])).toArray() // ≈ [0.04, 1]
 * schedule(10).item() // ≈ 0.000004
 * ```
 */
export const oneCycle = (peak: number, steps: number, options: OneCycleOptions = {}): Schedule => {
  checkOptions("oneCycle", options, ["pctStart", "divFactor", "finalDivFactor"]);
  checkSteps("oneCycle", "steps", steps);
  const { pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options;
  if (!(pctStart > 0 && pctStart < 1))
    throw expected("oneCycle", "pctStart between 0 and 1", String(pctStart));
  const turn = steps * pctStart;
  const first = peak / divFactor;
  return join(
    [cosineBetween(first, peak, turn), cosineBetween(peak, first / finalDivFactor, steps - turn)],
    [turn],
  );
};
