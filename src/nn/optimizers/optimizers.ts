/** The optimizers that people know by name. Each is a chain; conventions and defaults are those of Optax. */
import { div, mul, square } from "../../ops/arithmetic.js";
import { equal } from "../../ops/comparison.js";
import { logicalOr } from "../../ops/logic.js";
import { checkOptions } from "../../ops/options.js";
import { sqrt } from "../../ops/power.js";
import { sum } from "../../ops/reductions.js";
import { where } from "../../ops/selection.js";
import type { Tensor } from "../../ops/tensor.js";
import { map } from "../../ops/tree.js";
import {
  type AdadeltaOptions,
  type AdagradOptions,
  type AdamOptions,
  type LionOptions,
  type RmsOptions,
  scaleByAdadelta,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByLion,
  scaleByRadam,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
  scaleByYogi,
} from "./adaptive.js";
import type { MomentsFn } from "./leafwise.js";
import {
  addDecayedWeights,
  type CountFn,
  type DecayOptions,
  type LearningRate,
  scaleByLearningRate,
  trace,
  type TraceFn,
  type TraceOptions,
} from "./simple.js";
import {
  chain,
  type ChainFn,
  type GradientTransformation,
  type NoneFn,
  stateless,
} from "./transformation.js";

type Adaptive<K extends string> = GradientTransformation<ChainFn<[MomentsFn<K>, CountFn]>>;
type Decayed<K extends string> = GradientTransformation<ChainFn<[MomentsFn<K>, NoneFn, CountFn]>>;

/** Momentum or nothing. */
type Momentum = GradientTransformation<TraceFn | NoneFn>;
const momentumOf = (decay: number | undefined, options: TraceOptions): Momentum =>
  decay === undefined ? chain() : trace(decay, options);

/** Options of `sgd`. */
export interface SgdOptions extends TraceOptions {
  /** The decay of the trace. Default: no momentum. */
  readonly momentum?: number;
}

/**
 * Gradient descent, with momentum if asked: param - rate · trace.
 *
 * @example
 * ```ts
 * const optimizer = nn.sgd(0.1, { momentum: 0.9, nesterov: true });
 * const params = { w: tensor([1, 2]) };
 * const [updates] = optimizer.update({ w: tensor([1, 1]) }, optimizer.init(params), params);
 * nn.applyUpdates(params, updates).w.toArray() // ≈ [0.81, 1.81]
 * ```
 */
export const sgd = (
  rate: LearningRate,
  options: SgdOptions = {},
): GradientTransformation<ChainFn<[TraceFn | NoneFn, CountFn]>> => {
  checkOptions("sgd", options, ["momentum", "nesterov"]);
  const { momentum, ...look } = options;
  return chain(momentumOf(momentum, look), scaleByLearningRate(rate));
};

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

/** Options of `rmsProp`. */
export interface RmsPropOptions extends RmsOptions, TraceOptions {
  /** Divide by the standard deviation instead of the root of the mean of squares. Default false. */
  readonly centered?: boolean;
  /** The decay of a trace of the updates. Default: no momentum. */
  readonly momentum?: number;
}

/**
 * RMSProp (T. Tieleman and G. Hinton, 2012).
 *
 * @example
 * ```ts
 * const optimizer = nn.rmsProp(0.1, { decay: 0.75 });
 * const [updates] = optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]));
 * updates.toArray() // ≈ [-0.2]
 * ```
 */
export const rmsProp = (
  rate: LearningRate,
  options: RmsPropOptions = {},
): GradientTransformation<ChainFn<[MomentsFn<"nu"> | MomentsFn<"mu" | "nu">, CountFn, TraceFn | NoneFn]>> => {
  checkOptions("rmsProp", options, ["decay", "eps", "centered", "momentum", "nesterov"]);
  const { centered = false, momentum, nesterov, ...rms } = options;
  const scaled: GradientTransformation<MomentsFn<"nu"> | MomentsFn<"mu" | "nu">> = centered
    ? scaleByStddev(rms)
    : scaleByRms(rms);
  return chain(
    scaled,
    scaleByLearningRate(rate),
    momentumOf(momentum, nesterov === undefined ? {} : { nesterov }),
  );
};

/**
 * AdaGrad (J. Duchi et al., 2011).
 *
 * @example
 * ```ts
 * const optimizer = nn.adagrad(0.1, { initialAccumulator: 0 });
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.1]
 * ```
 */
export const adagrad = (rate: LearningRate, options: AdagradOptions = {}): Adaptive<"sum"> =>
  chain(scaleByRss(options), scaleByLearningRate(rate));

/**
 * ADADELTA (M. Zeiler, 2012).
 *
 * @example
 * ```ts
 * const optimizer = nn.adadelta(1, { rho: 0.75 });
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.002]
 * ```
 */
export const adadelta = (
  rate: LearningRate,
  options: AdadeltaOptions = {},
): Adaptive<"gradients" | "steps"> => chain(scaleByAdadelta(options), scaleByLearningRate(rate));

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

/** Options of `lion`. */
export interface LionRuleOptions extends LionOptions, DecayOptions {
  /** Default 1e-3. */
  readonly weightDecay?: number;
}

/**
 * Lion (X. Chen et al., 2023), with weight decay scaled by the learning rate.
 *
 * @example
 * ```ts
 * const optimizer = nn.lion(0.1, { weightDecay: 0 });
 * optimizer.update(tensor([3]), optimizer.init(tensor([1])), tensor([1]))[0].toArray() // ≈ [-0.1]
 * ```
 */
export const lion = (rate: LearningRate, options: LionRuleOptions = {}): Decayed<"mu"> => {
  const { weightDecay = 1e-3, mask, ...lionOptions } = options;
  const decay = addDecayedWeights(weightDecay, mask === undefined ? {} : { mask });
  return chain(scaleByLion(lionOptions), decay, scaleByLearningRate(rate));
};

const lengthOf = (x: Tensor): Tensor => sqrt(sum(square(x)));

/**
 * Each update scaled to the length of its parameter; as it is where either has none.
 *
 * @example
 * ```ts
 * nn.scaleByTrustRatio().update(tensor([3, 4]), [], tensor([10, 0]))[0].toArray() // ≈ [6, 8]
 * ```
 */
export const scaleByTrustRatio = (): GradientTransformation<NoneFn> =>
  stateless((updates, params) =>
    map(
      (u, p) => {
        const [length, target] = [lengthOf(u), lengthOf(p)];
        const none = logicalOr(equal(length, 0), equal(target, 0));
        return mul(u, where(none, 1, div(target, where(none, 1, length))));
      },
      updates,
      params,
    ),
  );

/**
 * LAMB (Y. You et al., "Large batch optimization for deep learning", 2019): Adam with weight decay, each update
 * scaled to the length of its parameter.
 *
 * @example
 * ```ts
 * const optimizer = nn.lamb(0.1);
 * optimizer.update(tensor([3]), optimizer.init(tensor([5])), tensor([5]))[0].toArray() // ≈ [-0.5]
 * ```
 */
export const lamb = (
  rate: LearningRate,
  options: AdamWOptions = {},
): GradientTransformation<ChainFn<[MomentsFn<"mu" | "nu">, NoneFn, NoneFn, CountFn]>> => {
  const { weightDecay = 0, mask, ...adamOptions } = options;
  const decay = addDecayedWeights(weightDecay, mask === undefined ? {} : { mask });
  return chain(
    scaleByAdam({ eps: 1e-6, ...adamOptions }),
    decay,
    scaleByTrustRatio(),
    scaleByLearningRate(rate),
  );
};
