/** Lion: steps by the sign of a mean. */
import { sign } from "../../ops/arithmetic.js";
import { checkOptions } from "../../ops/options.js";
import type { Decayed } from "./adam.js";
import { leafwise, type MomentsFn, moving, nothing } from "./leafwise.js";
import {
  addDecayedWeights,
  checkDecay,
  type DecayOptions,
  type LearningRate,
  scaleByLearningRate,
} from "./simple.js";
import { chain, type GradientTransformation } from "./transformation.js";

/** Options of `scaleByLion`. */
export interface LionOptions {
  /** The share of the mean in the step. Default 0.9. */
  readonly b1?: number;
  /** The decay of the mean. Default 0.99. */
  readonly b2?: number;
}

/**
 * The sign of a mix of the gradient and its mean (X. Chen et al., "Symbolic discovery of optimization algorithms",
 * 2023).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByLion();
 * rule.update(tensor([3, -0.1, 0]), rule.init(zeros(3)), zeros(3))[0].toArray() // [1, -1, 0]
 * ```
 */
export const scaleByLion = (options: LionOptions = {}): GradientTransformation<MomentsFn<"mu">> => {
  checkOptions("scaleByLion", options, ["b1", "b2"]);
  const { b1 = 0.9, b2 = 0.99 } = options;
  checkDecay("scaleByLion", "b1", b1);
  checkDecay("scaleByLion", "b2", b2);
  return leafwise({
    init: { mu: nothing },
    step: (g, m) => [sign(moving(m.mu, g, b1)), { mu: moving(m.mu, g, b2) }],
  });
};

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
