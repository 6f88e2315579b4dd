/** Gradients over the size that they have had: the transformations behind RMSProp, AdaGrad and ADADELTA. */
import { expected } from "../../ir/errors.js";
import { add, div, mul, square, sub } from "../../ops/arithmetic.js";
import { greater } from "../../ops/comparison.js";
import { fullLike } from "../../ops/fill.js";
import { checkOptions } from "../../ops/options.js";
import { rsqrt, sqrt } from "../../ops/power.js";
import { where } from "../../ops/selection.js";
import { leafwise, type MomentsFn, moving, nothing } from "./leafwise.js";
import { checkDecay } from "./simple.js";
import type { GradientTransformation } from "./transformation.js";

/** Options of `scaleByRms` and `scaleByStddev`. */
export interface RmsOptions {
  /** The decay of the mean of squares. Default 0.9. */
  readonly decay?: number;
  /** Added inside of the root. Default 1e-8. */
  readonly eps?: number;
}

const rms = (operation: string, options: RmsOptions): Required<RmsOptions> => {
  checkOptions(operation, options, ["decay", "eps"]);
  const all = { decay: 0.9, eps: 1e-8, ...options };
  checkDecay(operation, "decay", all.decay);
  return all;
};

/**
 * Updates over the root of the mean of their squares (T. Tieleman and G. Hinton, "RMSProp", 2012).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByRms({ decay: 0.75 });
 * rule.update(tensor([3, -1]), rule.init(tensor([0, 0])), tensor([0, 0]))[0].toArray() // ≈ [2, -2]
 * ```
 */
export const scaleByRms = (options: RmsOptions = {}): GradientTransformation<MomentsFn<"nu">> => {
  const { decay, eps } = rms("scaleByRms", options);
  return leafwise({
    init: { nu: nothing },
    step: (g, m) => {
      const nu = moving(m.nu, square(g), decay);
      return [mul(g, rsqrt(add(nu, eps))), { nu }];
    },
  });
};

/**
 * Updates over their standard deviation (A. Graves, "Generating sequences with recurrent neural networks", 2013).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByStddev({ decay: 0.5 });
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [2]
 * ```
 */
export const scaleByStddev = (options: RmsOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const { decay, eps } = rms("scaleByStddev", options);
  return leafwise({
    init: { mu: nothing, nu: nothing },
    step: (g, m) => {
      const mu = moving(m.mu, g, decay);
      const nu = moving(m.nu, square(g), decay);
      return [mul(g, rsqrt(add(sub(nu, square(mu)), eps))), { mu, nu }];
    },
  });
};

/** Options of `scaleByRss`, the rule of Adagrad. */
export interface AdagradOptions {
  /** The first value of the sums of squares. Default 0.1. */
  readonly initialAccumulator?: number;
  /** Added inside of the root. Default 1e-7. */
  readonly eps?: number;
}

/**
 * Updates over the root of the sum of their squares (J. Duchi et al., "Adaptive subgradient methods", 2011).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByRss({ initialAccumulator: 0 });
 * rule.update(tensor([3, 0]), rule.init(tensor([0, 0])), tensor([0, 0]))[0].toArray() // ≈ [1, 0]
 * ```
 */
export const scaleByRss = (options: AdagradOptions = {}): GradientTransformation<MomentsFn<"sum">> => {
  checkOptions("scaleByRss", options, ["initialAccumulator", "eps"]);
  const { initialAccumulator = 0.1, eps = 1e-7 } = options;
  if (!(initialAccumulator >= 0))
    throw expected("scaleByRss", "an initialAccumulator of at least 0", String(initialAccumulator));
  return leafwise({
    init: { sum: (param) => fullLike(param, initialAccumulator) },
    step: (g, m) => {
      const sum = add(m.sum, square(g));
      return [mul(g, where(greater(sum, 0), rsqrt(add(sum, eps)), 0)), { sum }];
    },
  });
};

/** Options of `scaleByAdadelta`. */
export interface AdadeltaOptions {
  /** The decay of both means. Default 0.9. */
  readonly rho?: number;
  /** Added inside of the roots. Default 1e-6. */
  readonly eps?: number;
}

/**
 * Updates scaled by the root of the mean of squares of earlier updates over that of gradients (M. Zeiler,
 * "ADADELTA", 2012).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByAdadelta({ rho: 0.75 });
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [0.002]
 * ```
 */
export const scaleByAdadelta = (
  options: AdadeltaOptions = {},
): GradientTransformation<MomentsFn<"gradients" | "steps">> => {
  checkOptions("scaleByAdadelta", options, ["rho", "eps"]);
  const { rho = 0.9, eps = 1e-6 } = options;
  checkDecay("scaleByAdadelta", "rho", rho);
  return leafwise({
    init: { gradients: nothing, steps: nothing },
    step: (g, m) => {
      const gradients = moving(m.gradients, square(g), rho);
      const update = mul(div(sqrt(add(m.steps, eps)), sqrt(add(gradients, eps))), g);
      return [update, { gradients, steps: moving(m.steps, square(update), rho) }];
    },
  });
};
