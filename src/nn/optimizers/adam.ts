/** Adam and its kin. Each is a chain; conventions and defaults are those of Optax. */
import type { MomentsFn } from "./leafwise.js";
import {
  type AdamOptions,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByRadam,
  scaleByYogi,
} from "./moments.js";
import {
  addDecayedWeights,
  type CountFn,
  type DecayOptions,
  type LearningRate,
  scaleByLearningRate,
} from "./simple.js";
import { chain, type ChainFn, type GradientTransformation, type NoneFn } from "./transformation.js";

/** A rule with accumulators K, then the learning rate. */
export type Adaptive<K extends string> = GradientTransformation<ChainFn<[MomentsFn<K>, CountFn]>>;
/** The same with weight decay between them. */
export type Decayed<K extends string> = GradientTransformation<ChainFn<[MomentsFn<K>, NoneFn, CountFn]>>;

/**
 * Adam (D. Kingma and J. Ba, 2014): `scaleByAdam`, then the learning rate.
 *
 * @example
 * ```ts
 * const optimizer = nn.adam(0.1);
 * const params = { w: tensor([1, 2]) };
 * const [updates] = optimizer.update({ w: tensor([5, -3]) }, optimizer.init(params), params);
 * nn.applyUpdates(params, updates).w.toArray() // ≈ [0.9, 2.1]
 * ```
 */
export const adam = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu"> =>
  chain(scaleByAdam(options), scaleByLearningRate(rate));

/** Options of `adamW`. */
export interface AdamWOptions extends AdamOptions, DecayOptions {
  /** Default 1e-4. */
  readonly weightDecay?: number;
}

/**
 * Adam with decoupled weight decay (I. Loshchilov and F. Hutter, 2017): the decay is scaled by the learning rate.
 *
 * @example
 * ```ts
 * const optimizer = nn.adamW(0.1, { weightDecay: 0.5, mask: (path) => !path.endsWith("bias") });
 * const params = { w: tensor([2]), bias: tensor([2]) };
 * const [updates] = optimizer.update({ w: tensor([3]), bias: tensor([3]) }, optimizer.init(params), params);
 * nn.applyUpdates(params, updates).w.toArray() // ≈ [1.8]
 * nn.applyUpdates(params, updates).bias.toArray() // ≈ [1.9]
 * ```
 */
export const adamW = (rate: LearningRate, options: AdamWOptions = {}): Decayed<"mu" | "nu"> => {
  const { weightDecay = 1e-4, mask, ...adamOptions } = options;
  const decay = addDecayedWeights(weightDecay, mask === undefined ? {} : { mask });
  return chain(scaleByAdam(adamOptions), decay, scaleByLearningRate(rate));
};

/**
 * AdaMax (D. Kingma and J. Ba, 2014).
 *
 * @example
 * ```ts
 * const optimizer = nn.adamax(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.1]
 * ```
 */
export const adamax = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu"> =>
  chain(scaleByAdamax(options), scaleByLearningRate(rate));

/**
 * AMSGrad (S. Reddi et al., 2018).
 *
 * @example
 * ```ts
 * const optimizer = nn.amsgrad(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.1]
 * ```
 */
export const amsgrad = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu" | "nuMax"> =>
  chain(scaleByAmsgrad(options), scaleByLearningRate(rate));

/**
 * NAdam (T. Dozat, 2016): Adam with Nesterov's look ahead.
 *
 * @example
 * ```ts
 * const optimizer = nn.nadam(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.14737]
 * ```
 */
export const nadam = (
  rate: LearningRate,
  options: Omit<AdamOptions, "nesterov"> = {},
): Adaptive<"mu" | "nu"> => adam(rate, { ...options, nesterov: true });

/**
 * RAdam (L. Liu et al., 2019).
 *
 * @example
 * ```ts
 * const optimizer = nn.radam(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.3]
 * ```
 */
export const radam = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu"> =>
  chain(scaleByRadam(options), scaleByLearningRate(rate));

/**
 * AdaBelief (J. Zhuang et al., 2020).
 *
 * @example
 * ```ts
 * const optimizer = nn.adabelief(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.11111]
 * ```
 */
export const adabelief = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu"> =>
  chain(scaleByBelief(options), scaleByLearningRate(rate));

/**
 * Yogi (M. Zaheer et al., 2018).
 *
 * @example
 * ```ts
 * const optimizer = nn.yogi(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.09996]
 * ```
 */
export const yogi = (rate: LearningRate, options: AdamOptions = {}): Adaptive<"mu" | "nu"> =>
  chain(scaleByYogi(options), scaleByLearningRate(rate));
