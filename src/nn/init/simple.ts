/** Initial values whose size is given. */
import { full } from "../../ir/primitives/layout.js";
import { checkOptions } from "../../ops/options.js";
import * as random from "../../ops/random/index.js";
import { asTensor, checkShape } from "../../ops/tensor.js";
import { checkNumber, type Initializer, scaled } from "./initializer.js";

/**
 * The same number everywhere. The key is not used.
 *
 * @example
 * ```ts
 * init.constant(0.5)(random.key(0), [2]).toArray() // [0.5, 0.5]
 * ```
 */
export const constant = (value: number): Initializer => {
  const v = checkNumber("init.constant", "a number", value);
  return (_key, shape, dtype = "float32") => asTensor(full(checkShape("init.constant", shape), dtype, v));
};

/**
 * Zeros: the usual bias. The key is not used.
 *
 * @example
 * ```ts
 * init.zeros(random.key(0), [2]).toArray() // [0, 0]
 * ```
 */
export const zeros: Initializer = constant(0);

/**
 * Ones: the usual scale of a normalisation. The key is not used.
 *
 * @example
 * ```ts
 * init.ones(random.key(0), [2]).toArray() // [1, 1]
 * ```
 */
export const ones: Initializer = constant(1);

/**
 * Uniform numbers in [0, scale).
 *
 * @example
 * ```ts
 * init.uniform(10)(random.key(0), [2]).toArray() // ≈ [9.4767, 9.7858]
 * ```
 */
export const uniform = (scale: number = 0.01): Initializer => {
  const s = checkNumber("init.uniform", "a scale", scale);
  return (key, shape, dtype = "float32") => scaled(random.uniform(key, shape, { dtype }), s);
};

/**
 * Normal numbers with mean 0 and the given standard deviation.
 *
 * @example
 * ```ts
 * init.normal(10)(random.key(0), [2]).toArray() // ≈ [16.2264, 20.2526]
 * ```
 */
export const normal = (stddev: number = 0.01): Initializer => {
  const s = checkNumber("init.normal", "a standard deviation", stddev);
  return (key, shape, dtype = "float32") => scaled(random.normal(key, shape, { dtype }), s);
};

/** Where a normal distribution is cut. */
export interface Bounds {
  /** Before scaling. Default: -2. */
  readonly lower?: number;
  /** Before scaling. Default: 2. */
  readonly upper?: number;
}

/**
 * Normal numbers cut to (lower, upper), then multiplied by `stddev`, which is the deviation before the cut.
 *
 * @example
 * ```ts
 * init.truncatedNormal(10)(random.key(0), [2]).toArray() // ≈ [14.5596, 17.1475]
 * ```
 */
export const truncatedNormal = (stddev: number = 0.01, bounds?: Bounds): Initializer => {
  const op = "init.truncatedNormal";
  const s = checkNumber(op, "a standard deviation", stddev);
  checkOptions(op, bounds, ["lower", "upper"]);
  const { lower = -2, upper = 2 } = bounds ?? {};
  return (key, shape, dtype = "float32") =>
    scaled(random.truncatedNormal(key, lower, upper, shape, { dtype }), s);
};
