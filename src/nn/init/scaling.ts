/**
 * Initial values whose variance follows from the shape: from the numbers of inputs and outputs.
 *
 * The default is a matrix [in, out]; convolution kernels [out, in, ...window] take `{ inAxis: 1, outAxis: 0 }`.
 * The other axes are the window, which multiplies both numbers.
 */
import { type Shape, sizeOf } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { checkOptions } from "../../ops/options.js";
import * as random from "../../ops/random/index.js";
import { checkAxes, checkShape, describe, type Tensor } from "../../ops/tensor.js";
import { checkNumber, type Initializer, scaled } from "./initializer.js";

/** Along which axes a weight has its inputs and its outputs. */
export interface FanOptions {
  /** Axis or axes of a weight's inputs. Default: -2. */
  readonly inAxis?: number | readonly number[];
  /** Axis or axes of its outputs. Default: -1. */
  readonly outAxis?: number | readonly number[];
  /** Axis or axes along which there are separate weights. Default: none. */
  readonly batchAxis?: number | readonly number[];
}

/** Which fan the variance is divided by; the last two are the arithmetic and the geometric mean. */
export type FanMode = "fanIn" | "fanOut" | "fanAvg" | "fanGeoAvg";
/** What an initial value is drawn from; all are scaled to the same variance. */
export type Distribution = "normal" | "truncatedNormal" | "uniform";

const fanOptions: readonly (keyof FanOptions)[] = ["inAxis", "outAxis", "batchAxis"];

/** The numbers of inputs and outputs that one output or input is connected to. */
const fans = (
  operation: string,
  shape: Shape,
  options: FanOptions,
): readonly [fanIn: number, fanOut: number] => {
  const { inAxis = -2, outAxis = -1, batchAxis = [] } = options;
  if (shape.length < 2 && inAxis === -2)
    throw expected(
      operation,
      "a shape with at least two axes, or inAxis and outAxis",
      `[${shape.join(",")}]`,
    );
  const size = (axes: number | readonly number[]): number =>
    sizeOf(checkAxes(operation, axes, shape.length).map((a) => shape[a]!));
  const [ins, outs, batch] = [size(inAxis), size(outAxis), size(batchAxis)];
  const window = sizeOf(shape) / ins / outs / batch;
  return [ins * window, outs * window];
};

const denominators: Readonly<Record<FanMode, (fanIn: number, fanOut: number) => number>> = {
  fanIn: (fanIn) => fanIn,
  fanOut: (_fanIn, fanOut) => fanOut,
  fanAvg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
  fanGeoAvg: (fanIn, fanOut) => Math.sqrt(fanIn * fanOut),
};

/** The standard deviation of a normal number cut to (-2, 2). */
const cutDeviation = 0.8796256610342398;

type Draw = (
  key: Tensor,
  shape: Shape,
  dtype: DType,
  variance: number,
  round: (x: number) => number,
) => Tensor;

const draws: Readonly<Record<Distribution, Draw>> = {
  normal: (key, shape, dtype, variance, round) =>
    scaled(random.normal(key, shape, { dtype }), round(Math.sqrt(variance))),
  truncatedNormal: (key, shape, dtype, variance, round) => {
    const deviation = round(round(Math.sqrt(variance)) / round(cutDeviation));
    return scaled(random.truncatedNormal(key, -2, 2, shape, { dtype }), deviation);
  },
  uniform: (key, shape, dtype, variance, round) =>
    scaled(random.uniform(key, shape, { dtype, minval: -1 }), round(Math.sqrt(round(3 * variance)))),
};

const member = (operation: string, what: string, names: object, x: string): void => {
  if (!Object.hasOwn(names, x))
    throw expected(operation, `${what} of ${Object.keys(names).join(", ")}`, describe(x));
};

/** `varianceScaling` under the name that its caller has. */
const scaling = (
  operation: string,
  scale: number,
  mode: FanMode,
  distribution: Distribution,
  options: FanOptions = {},
): Initializer => {
  checkOptions(operation, options, fanOptions);
  return (key, shape, dtype = "float32") => {
    const dims = checkShape(operation, shape);
    const round = dtype === "float32" ? Math.fround : (x: number): number => x;
    const variance = round(scale / denominators[mode](...fans(operation, dims, options)));
    return draws[distribution](key, dims, dtype, variance, round);
  };
};

/**
 * Numbers with mean 0 and variance scale / n, where n is the number of inputs ("fanIn"), of outputs ("fanOut") or
 * their mean: so the size of signals (or of gradients) stays what it is from layer to layer.
 *
 * Throws for an unknown mode or distribution, and for shapes without the axes.
 *
 * @example
 * ```ts
 * const kernel = init.varianceScaling(2, "fanOut", "normal", { inAxis: 1, outAxis: 0 });
 * kernel(random.key(0), [16, 3, 5, 5]).shape // [16, 3, 5, 5]
 * ```
 */
export const varianceScaling = (
  scale: number,
  mode: FanMode,
  distribution: Distribution,
  options?: FanOptions,
): Initializer => {
  const op = "init.varianceScaling";
  const s = checkNumber(op, "a scale", scale);
  member(op, "a mode", denominators, mode);
  member(op, "a distribution", draws, distribution);
  return scaling(op, s, mode, distribution, options);
};

/**
 * Uniform numbers of variance 2 / (inputs + outputs): X. Glorot and Y. Bengio, "Understanding the difficulty of
 * training deep feedforward neural networks" (2010). For layers followed by tanh.
 *
 * @example
 * ```ts
 * init.glorotUniform()(random.key(0), [1, 2]).toArray() // ≈ [[1.2662, 1.3536]]
 * ```
 */
export const glorotUniform = (options?: FanOptions): Initializer =>
  scaling("init.glorotUniform", 1, "fanAvg", "uniform", options);

/**
 * Cut normal numbers of variance 2 / (inputs + outputs): Glorot and Bengio (2010).
 *
 * @example
 * ```ts
 * init.glorotNormal()(random.key(0), [1, 2]).toArray() // ≈ [[1.3515, 1.5917]]
 * ```
 */
export const glorotNormal = (options?: FanOptions): Initializer =>
  scaling("init.glorotNormal", 1, "fanAvg", "truncatedNormal", options);

/**
 * Uniform numbers of variance 2 / inputs: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers" (2015).
 * For layers followed by relu.
 *
 * @example
 * ```ts
 * init.heUniform()(random.key(0), [2, 1]).toArray() // ≈ [[1.5508], [1.6578]]
 * ```
 */
export const heUniform = (options?: FanOptions): Initializer =>
  scaling("init.heUniform", 2, "fanIn", "uniform", options);

/**
 * Cut normal numbers of variance 2 / inputs: He et al. (2015). For layers followed by relu.
 *
 * @example
 * ```ts
 * init.heNormal()(random.key(0), [2, 1]).toArray() // ≈ [[1.6552], [1.9494]]
 * ```
 */
export const heNormal = (options?: FanOptions): Initializer =>
  scaling("init.heNormal", 2, "fanIn", "truncatedNormal", options);

/**
 * Uniform numbers of variance 1 / inputs: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, "Efficient backprop" (1998).
 * For selu layers.
 *
 * @example
 * ```ts
 * init.lecunUniform()(random.key(0), [2, 1]).toArray() // ≈ [[1.0966], [1.1723]]
 * ```
 */
export const lecunUniform = (options?: FanOptions): Initializer =>
  scaling("init.lecunUniform", 1, "fanIn", "uniform", options);

/**
 * Cut normal numbers of variance 1 / inputs: LeCun et al. (1998).
 *
 * @example
 * ```ts
 * init.lecunNormal()(random.key(0), [2, 1]).toArray() // ≈ [[1.1704], [1.3784]]
 * ```
 */
export const lecunNormal = (options?: FanOptions): Initializer =>
  scaling("init.lecunNormal", 1, "fanIn", "truncatedNormal", options);
