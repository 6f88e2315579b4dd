/** The fully connected layer. */
import { showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { add } from "../../ops/arithmetic.js";
import { matmul } from "../../ops/matmul.js";
import { checkOptions } from "../../ops/options.js";
import { layer, type Layer, type None } from "../layer.js";
import {
  biasOf,
  checkFeatures,
  initWeights,
  weightNames,
  type WeightOptions,
  type WeightsOf,
} from "./weights.js";
import { shapeOf } from "../shape.js";

/**
 * x · kernel + bias along the last axis: `[…, inputs]` to `[…, features]`. The kernel is `[inputs, features]`.
 *
 * Throws when the input has no axis, or another number of inputs than the kernel.
 *
 * @example
 * ```ts
 * const layer = nn.dense(2, { kernelInit: nn.init.heNormal });
 * const { params, state, out } = layer.init(random.key(0), { shape: [8, 3], dtype: "float32" });
 * out.shape // [8, 2]
 * params.kernel.shape // [3, 2]
 * params.bias.toArray() // [0, 0]
 * layer.apply({ kernel: tensor([[1, 2], [3, 4], [5, 6]]), bias: tensor([1, 0]) }, state, tensor([[1, 0, 0]]))[0].toArray() // [[2, 2]]
 * layer.apply(params, state, zeros([8, 4])) // throws dense: expected an input [..., 3], got float32[8,4]
 * ```
 */
export const dense = <const O extends WeightOptions = WeightOptions>(
  features: number,
  options?: O,
): Layer<WeightsOf<O>, None> => {
  checkOptions("dense", options, weightNames);
  checkFeatures("dense", features);
  return layer({
    name: "dense",
    init: (key, input) => {
      const inputs = input.shape[input.shape.length - 1];
      if (inputs === undefined) throw expected("dense", "an input with an axis of features", showAval(input));
      const axes = { inAxis: 0, outAxis: 1 };
      return {
        params: initWeights<O>(key, input, [inputs, features], features, axes, options ?? {}),
        state: [],
      };
    },
    apply: (params, state, x) => {
      const inputs = shapeOf(params.kernel)[0]!;
      if (shapeOf(x)[x.ndim - 1] !== inputs)
        throw expected("dense", `an input [..., ${inputs}]`, showAval(x));
      const bias = biasOf(params);
      const y = matmul(x, params.kernel);
      return [bias === null ? y : add(y, bias), state];
    },
  });
};
