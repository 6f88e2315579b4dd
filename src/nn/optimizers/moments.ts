/** Means of gradients over means of their squares: the transformations behind Adam and its kin. */
import { abs, add, div, mul, sign, square, sub } from "../../ops/arithmetic.js";
import { greaterEqual } from "../../ops/comparison.js";
import { exp } from "../../ops/exponential.js";
import { fullLike } from "../../ops/fill.js";
import { checkOptions } from "../../ops/options.js";
import { sqrt } from "../../ops/power.js";
import { maximum, where } from "../../ops/selection.js";
import type { Tensor } from "../../ops/tensor.js";
import { leafwise, type MomentsFn, moving, nothing, unbias, unbiased } from "./leafwise.js";
import { checkDecay } from "./simple.js";
import type { GradientTransformation } from "./transformation.js";

/** Options of `scaleByAdam` and its kin. */
export interface AdamOptions {
  /** The decay of the mean of gradients. Default 0.9. */
  readonly b1?: number;
  /** The decay of the mean of their squares. Default 0.999. */
  readonly b2?: number;
  /** Added outside of the root. Default 1e-8. */
  readonly eps?: number;
  /** Added inside of the root. Default 0. */
  readonly epsRoot?: number;
  /** Look ahead along the mean (T. Dozat, "Incorporating Nesterov momentum into Adam", 2016). Default false. */
  readonly nesterov?: boolean;
}

type Betas = Required<AdamOptions>;

const adamNames = ["b1", "b2", "eps", "epsRoot", "nesterov"];

const betas = (operation: string, options: AdamOptions, defaults: Partial<Betas> = {}): Betas => {
  checkOptions(operation, options, adamNames);
  const all = { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot: 0, nesterov: false, ...defaults, ...options };
  checkDecay(operation, "b1", all.b1);
  checkDecay(operation, "b2", all.b2);
  return all;
};

/** The mean of gradients without bias, one step ahead if asked. */
const meanAhead = (mu: Tensor, g: Tensor, t: Tensor, { b1, nesterov }: Betas): Tensor =>
  nesterov ? moving(unbiased(mu, b1, add(t, 1)), unbiased(g, b1, t), b1) : unbiased(mu, b1, t);

const overRoot = (m: Tensor, v: Tensor, { eps, epsRoot }: Betas): Tensor =>
  div(m, add(sqrt(epsRoot === 0 ? v : add(v, epsRoot)), eps));

/**
 * The mean of gradients over the root of the mean of their squares, both without bias (D. Kingma and J. Ba, "Adam",
 * 2014).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByAdam();
 * rule.update(tensor([3, -0.1]), rule.init(tensor([0, 0])), tensor([0, 0]))[0].toArray() // ≈ [1, -1]
 * ```
 */
export const scaleByAdam = (options: AdamOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const o = betas("scaleByAdam", options);
  return leafwise({
    init: { mu: nothing, nu: nothing },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const nu = moving(m.nu, square(g), o.b2);
      return [overRoot(meanAhead(mu, g, t, o), unbiased(nu, o.b2, t), o), { mu, nu }];
    },
  });
};

/**
 * Adam with the largest mean of squares so far, which never grows the step (S. Reddi et al., "On the convergence of
 * Adam and beyond", 2018).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByAmsgrad();
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [1]
 * ```
 */
export const scaleByAmsgrad = (
  options: AdamOptions = {},
): GradientTransformation<MomentsFn<"mu" | "nu" | "nuMax">> => {
  const o = betas("scaleByAmsgrad", options);
  return leafwise({
    init: { mu: nothing, nu: nothing, nuMax: nothing },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const nu = moving(m.nu, square(g), o.b2);
      const nuMax = maximum(m.nuMax, unbiased(nu, o.b2, t));
      return [overRoot(meanAhead(mu, g, t, o), nuMax, o), { mu, nu, nuMax }];
    },
  });
};

/**
 * Adam with the largest gradient, decaying, in place of the root of the mean of squares (Kingma and Ba, 2014).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByAdamax();
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [1]
 * ```
 */
export const scaleByAdamax = (options: AdamOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const o = betas("scaleByAdamax", options);
  return leafwise({
    init: { mu: nothing, nu: nothing },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const nu = maximum(add(abs(g), o.eps), mul(m.nu, o.b2));
      return [div(meanAhead(mu, g, t, o), nu), { mu, nu }];
    },
  });
};

/**
 * Adam that waits until the variance of its denominator is finite (L. Liu et al., "On the variance of the adaptive
 * learning rate", 2019).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByRadam();
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [3]
 * ```
 */
export const scaleByRadam = (options: AdamOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const o = betas("scaleByRadam", options);
  const limit = 2 / (1 - o.b2) - 1;
  return leafwise({
    init: { mu: nothing, nu: nothing },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const nu = moving(m.nu, square(g), o.b2);
      const power = exp(mul(t, Math.log(o.b2)));
      const rho = sub(limit, div(mul(mul(t, 2), power), unbias(o.b2, t)));
      const ready = greaterEqual(rho, 5);
      const safe = where(ready, rho, 5);
      const r = sqrt(div(mul(mul(sub(safe, 4), sub(safe, 2)), limit / ((limit - 4) * (limit - 2))), safe));
      const mean = meanAhead(mu, g, t, o);
      return [where(ready, mul(r, overRoot(mean, unbiased(nu, o.b2, t), o)), mean), { mu, nu }];
    },
  });
};

/**
 * Adam that divides by how far gradients are from what was predicted (J. Zhuang et al., "AdaBelief", 2020).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByBelief();
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [1.11111]
 * ```
 */
export const scaleByBelief = (options: AdamOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const o = betas("scaleByBelief", options, { eps: 1e-16, epsRoot: 1e-16 });
  return leafwise({
    init: { mu: nothing, nu: nothing },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const nu = moving(m.nu, square(sub(g, mu)), o.b2);
      return [overRoot(meanAhead(mu, g, t, o), unbiased(nu, o.b2, t), o), { mu, nu }];
    },
  });
};

/**
 * Adam whose mean of squares moves by a fixed share of the newest square (M. Zaheer et al., "Adaptive methods for
 * nonconvex optimization", 2018).
 *
 * @example
 * ```ts
 * const rule = nn.scaleByYogi();
 * rule.update(tensor([3]), rule.init(tensor([0])), tensor([0]))[0].toArray() // ≈ [0.99961]
 * ```
 */
export const scaleByYogi = (options: AdamOptions = {}): GradientTransformation<MomentsFn<"mu" | "nu">> => {
  const o = betas("scaleByYogi", options, { eps: 1e-3 });
  const tiny = (param: Tensor): Tensor => fullLike(param, 1e-6);
  return leafwise({
    init: { mu: tiny, nu: tiny },
    step: (g, m, t) => {
      const mu = moving(m.mu, g, o.b1);
      const squared = square(g);
      const nu = sub(m.nu, mul(mul(sign(sub(m.nu, squared)), squared), 1 - o.b2));
      return [overRoot(meanAhead(mu, g, t, o), unbiased(nu, o.b2, t), o), { mu, nu }];
    },
  });
};
