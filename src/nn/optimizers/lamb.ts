/** LAMB: steps as long as the parameters that they change. */
import { div, mul, square } from "../../ops/arithmetic.js";
import { equal } from "../../ops/comparison.js";
import { logicalOr } from "../../ops/logic.js";
import { sqrt } from "../../ops/power.js";
import { sum } from "../../ops/reductions.js";
import { where } from "../../ops/selection.js";
import type { Tensor } from "../../ops/tensor.js";
import { map } from "../../ops/tree.js";
import type { AdamWOptions } from "./adam.js";
import type { MomentsFn } from "./leafwise.js";
import { scaleByAdam } from "./moments.js";
import { addDecayedWeights, type CountFn, type LearningRate, scaleByLearningRate } from "./simple.js";
import {
  chain,
  type ChainFn,
  type GradientTransformation,
  type NoneFn,
  stateless,
} from "./transformation.js";

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
