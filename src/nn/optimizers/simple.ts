/** Transformations that chains are made of: scaling, momentum, clipping, weight decay. */
import { expected } from "../../ir/errors.js";
import { add, div, mul, neg, square } from "../../ops/arithmetic.js";
import { less } from "../../ops/comparison.js";
import { cast } from "../../ops/conversion.js";
import { sqrt } from "../../ops/power.js";
import { sum } from "../../ops/reductions.js";
import { clip as clipTensor, where } from "../../ops/selection.js";
import { checkOptions } from "../../ops/options.js";
import type { Tensor } from "../../ops/tensor.js";
import { leaves, map, mapWithPath } from "../../ops/tree.js";
import { zeros, zerosLike } from "../../ops/fill.js";
import type { Schedule } from "../schedules.js";
import { noSteps } from "./leafwise.js";
import { type GradientTransformation, type NoneFn, type StateFn, stateless } from "./transformation.js";

/** A number, or a function of the step. */
export type LearningRate = number | Schedule;

export const checkRate = (operation: string, rate: unknown): void => {
  if (typeof rate !== "function" && !(typeof rate === "number" && Number.isFinite(rate)))
    throw expected(operation, "a learning rate (a number or a schedule)", String(rate));
};

/** Checks a number that must be from 0 (included) to 1 (excluded). */
export const checkDecay = (operation: string, name: string, decay: number): void => {
  if (!(decay >= 0 && decay < 1))
    throw expected(operation, `${name} of at least 0 and below 1`, String(decay));
};

/**
 * Updates times a number.
 *
 * @example
 * ```ts
 * nn.scale(-0.1).update(tensor([1, 2]), [], tensor([0, 0]))[0].toArray() // ≈ [-0.1, -0.2]
 * ```
 */
export const scale = (by: number): GradientTransformation<NoneFn> => {
  if (typeof by !== "number") throw expected("scale", "a number", String(by));
  return stateless((updates) => map((u) => mul(u, by), updates));
};

/** The state of what depends on the step. */
export interface CountFn extends StateFn {
  readonly state: {
    /** Steps taken so far, int32. */
    readonly count: Tensor;
  };
}

/**
 * Updates times a function of the step, which counts from 0.
 *
 * @example
 * ```ts
 * const rule = nn.scaleBySchedule((step) => add(step, 10));
 * const [first, state] = rule.update(tensor([1]), rule.init(tensor([0])), tensor([0]));
 * first.toArray() // [10]
 * rule.update(tensor([1]), state, tensor([0]))[0].toArray() // [11]
 * ```
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation<CountFn> => ({
  init: () => ({ count: noSteps() }),
  update: (updates, { count }) => [
    map((u) => mul(u, cast(schedule(cast(count, u.dtype)), u.dtype)), updates),
    { count: add(count, 1) },
  ],
});

/**
 * Updates times the negative learning rate: down the slope.
 *
 * @example
 * ```ts
 * const rule = nn.scaleByLearningRate(0.5);
 * rule.update(tensor([1, 2]), rule.init(tensor([0, 0])), tensor([0, 0]))[0].toArray() // [-0.5, -1]
 * ```
 */
export const scaleByLearningRate = (rate: LearningRate): GradientTransformation<CountFn> => {
  checkRate("scaleByLearningRate", rate);
  if (typeof rate !== "number") return scaleBySchedule((step) => neg(rate(step)));
  // The count is kept, so that a number can be replaced by a schedule later on.
  const { init, update } = scale(-rate);
  return {
    init: () => ({ count: noSteps() }),
    update: (updates, { count }, params) => [
      update(updates, init(params), params)[0],
      { count: add(count, 1) },
    ],
  };
};

/** The state of `trace`. */
export interface TraceState<P> {
  readonly trace: P;
}

/** The state of `trace`. */
export interface TraceFn extends StateFn {
  readonly state: TraceState<this["P"]>;
}

/** Options of `trace`. */
export interface TraceOptions {
  /** Look ahead along the trace (Y. Nesterov, 1983). Default false. */
  readonly nesterov?: boolean;
}

/**
 * Momentum: the sum of all updates, those of k steps ago times decay^k.
 *
 * @example
 * ```ts
 * const rule = nn.trace(0.5);
 * const [, state] = rule.update(tensor([1]), rule.init(tensor([0])), tensor([0]));
 * rule.update(tensor([1]), state, tensor([0]))[0].toArray() // [1.5]
 * ```
 */
export const trace = (decay: number, options: TraceOptions = {}): GradientTransformation<TraceFn> => {
  checkOptions("trace", options, ["nesterov"]);
  checkDecay("trace", "a decay", decay);
  const { nesterov = false } = options;
  return {
    init: (params) => ({ trace: map((p) => zerosLike(p), params) }),
    update: (updates, state) => {
      const next = map((u, t) => add(u, mul(t, decay)), updates, state.trace);
      return [nesterov ? map((u, t) => add(u, mul(t, decay)), updates, next) : next, { trace: next }];
    },
  };
};

/** Options of `addDecayedWeights`. */
export interface DecayOptions {
  /** Which parameters decay, by path (`layers[0].bias`) and value. Default: all. */
  readonly mask?: (path: string, param: Tensor) => boolean;
}

/**
 * Adds `decay` · parameter to each update: weight decay (I. Loshchilov and F. Hutter, "Decoupled weight decay
 * regularization", 2017, when it comes after scaleByAdam).
 *
 * @example
 * ```ts
 * const rule = nn.addDecayedWeights(0.1, { mask: (path) => path !== "bias" });
 * const [updates] = rule.update({ w: tensor(0), bias: tensor(0) }, [], { w: tensor(5), bias: tensor(5) });
 * updates.w.item() // 0.5
 * updates.bias.item() // 0
 * ```
 */
export const addDecayedWeights = (
  decay: number,
  options: DecayOptions = {},
): GradientTransformation<NoneFn> => {
  checkOptions("addDecayedWeights", options, ["mask"]);
  const { mask } = options;
  return stateless((updates, params) =>
    mapWithPath(
      (path, u, p) => (mask === undefined || mask(path, p) ? add(u, mul(p, decay)) : u),
      updates,
      params,
    ),
  );
};

/**
 * Updates cut to -limit … limit, element by element.
 *
 * @example
 * ```ts
 * nn.clip(1).update(tensor([0.5, -3]), [], tensor([0, 0]))[0].toArray() // [0.5, -1]
 * ```
 */
export const clip = (limit: number): GradientTransformation<NoneFn> => {
  if (!(limit > 0)) throw expected("clip", "a positive limit", String(limit));
  return stateless((updates) => map((u) => clipTensor(u, -limit, limit), updates));
};

/**
 * The length of all tensors of a tree as one vector.
 *
 * @example
 * ```ts
 * nn.globalNorm({ a: tensor([3, 0]), b: tensor(4) }).item() // 5
 * ```
 */
export const globalNorm = (t: unknown): Tensor => {
  const [first = zeros([]), ...rest] = leaves(t).map((x) => sum(square(x)));
  return sqrt(rest.reduce((a, b) => add(a, b), first));
};

/**
 * Updates scaled down, all by the same factor, so that their global norm is at most `limit`
 * (R. Pascanu et al., "On the difficulty of training recurrent neural networks", 2012).
 *
 * @example
 * ```ts
 * nn.clipByGlobalNorm(1).update(tensor([3, 4]), [], tensor([0, 0]))[0].toArray() // ≈ [0.6, 0.8]
 * nn.clipByGlobalNorm(9).update(tensor([3, 4]), [], tensor([0, 0]))[0].toArray() // [3, 4]
 * ```
 */
export const clipByGlobalNorm = (limit: number): GradientTransformation<NoneFn> => {
  if (!(limit > 0)) throw expected("clipByGlobalNorm", "a positive limit", String(limit));
  return stateless((updates) => {
    const norm = globalNorm(updates);
    const factor = where(less(norm, limit), 1, div(limit, norm));
    return map((u) => mul(u, cast(factor, u.dtype)), updates);
  });
};
