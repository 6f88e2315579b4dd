/** LeNet-5, as it is trained today: relu and max pooling in place of tanh and averages. */
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import { relu } from "../../ops/rectifier.js";
import { named, sequential } from "../combinators.js";
import { heNormal } from "../init.js";
import type { Layer, None } from "../layer.js";
import { conv } from "../layers/conv.js";
import { dense } from "../layers/dense.js";
import { dropout } from "../layers/dropout.js";
import { flatten } from "../layers/flatten.js";
import { maxPool } from "../layers/pool.js";
import type { KernelAndBias } from "../layers/weights.js";

/** The layers of LeNet, by name. */
interface LeNetLayers<Weights, Nothing> {
  readonly conv1: Weights;
  readonly pool1: Nothing;
  readonly conv2: Weights;
  readonly pool2: Nothing;
  readonly flatten: Nothing;
  readonly dropout: Nothing;
  readonly dense1: Weights;
  readonly dense2: Weights;
  readonly output: Weights;
}

/** The parameters of LeNet, layer by layer. */
export type LeNetParams = LeNetLayers<KernelAndBias, None>;

/** LeNet has no state. */
export type LeNetState = LeNetLayers<None, None>;

/** Options of `leNet`. */
export interface LeNetOptions {
  /** Zeros around the image: 2 makes 28 × 28 images the original's 32 × 32. Default 0. */
  readonly padding?: number;
  /** Probability that a feature is dropped in training, before the dense layers. Default 0. */
  readonly dropout?: number;
}

/**
 * LeNet-5 (Y. LeCun et al., "Gradient-based learning applied to document recognition", 1998) for images
 * `[N, C, H, W]` of at least 16 × 16, such as MNIST's: two 5 × 5 convolutions of 6 and 16 channels, each with relu
 * and 2 × 2 max pooling, dense layers of 120 and 84, and one logit for each class, `[N, classes]`.
 *
 * Throws unless there is at least one class.
 *
 * @example
 * ```ts
 * const model = nn.leNet(10);
 * const { params, out } = model.init(random.key(0), { shape: [1, 1, 28, 28], dtype: "float32" });
 * out.shape // [1, 10]
 * params.conv2.kernel.shape // [16, 6, 5, 5]
 * tree.reduce((n, p) => n + p.size, 0, params) // 44426
 * ```
 */
export const leNet = (classes: number = 10, options: LeNetOptions = {}): Layer<LeNetParams, LeNetState> => {
  checkOptions("leNet", options, ["padding", "dropout"]);
  if (!Number.isInteger(classes) || classes < 1)
    throw expected("leNet", "at least one class", String(classes));
  const rectified = { kernelInit: heNormal };
  return named(
    "leNet",
    sequential({
      conv1: conv(6, [5, 5], { ...rectified, padding: options.padding ?? 0 }),
      relu1: relu,
      pool1: maxPool(2),
      conv2: conv(16, [5, 5], rectified),
      relu2: relu,
      pool2: maxPool(2),
      flatten: flatten(),
      dropout: dropout(options.dropout ?? 0),
      dense1: dense(120, rectified),
      relu3: relu,
      dense2: dense(84, rectified),
      relu4: relu,
      output: dense(classes),
    }),
  );
};
