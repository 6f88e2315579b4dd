/** Gradient descent, RMSProp, AdaGrad and ADADELTA. Each is a chain; conventions and defaults are those of Optax. */
import { checkOptions } from "../../ops/options.js";
import type { Adaptive } from "./adam.js";
import type { MomentsFn } from "./leafwise.js";
import {
  type CountFn,
  type LearningRate,
  scaleByLearningRate,
  trace,
  type TraceFn,
  type TraceOptions,
} from "./simple.js";
import {
  type AdadeltaOptions,
  type AdagradOptions,
  type RmsOptions,
  scaleByAdadelta,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
} from "./squares.js";
import { chain, type ChainFn, type GradientTransformation, type NoneFn } from "./transformation.js";

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
