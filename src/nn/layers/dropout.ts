/** Dropout, with explicit keys. */
import { FluxionError, expected } from "../../ir/errors.js";
import { mul } from "../../ops/arithmetic.js";
import { checkOptions } from "../../ops/options.js";
import { bernoulli } from "../../ops/random/discrete.js";
import { where } from "../../ops/selection.js";
import { checkAxes, type Tensor } from "../../ops/tensor.js";
import { lambda, type Layer, type None } from "../layer.js";
import { shapeOf } from "../shape.js";

/** Options of `dropout`. */
export interface DropoutOptions {
  /** Axes along which elements stay or go together: the spatial ones drop whole channels. Default: none. */
  readonly shared?: number | readonly number[];
}

const drop = (x: Tensor, key: Tensor, rate: number, shared: DropoutOptions["shared"]): Tensor => {
  const together = shared === undefined ? [] : checkAxes("dropout", shared, x.ndim);
  const kept = bernoulli(
    key,
    1 - rate,
    shapeOf(x).map((n, i) => (together.includes(i) ? 1 : n)),
  );
  return where(kept, mul(x, 1 / (1 - rate)), 0);
};

/**
 * In training, each element is 0 with probability `rate` and else divided by `1 - rate`; otherwise the input
 * (N. Srivastava et al., "Dropout", 2014).
 *
 * Throws when it is applied in training without a key.
 *
 * @example
 * ```ts
 * const layer = nn.dropout(0.5);
 * layer.apply([], [], ones([2]))[0].toArray() // [1, 1]
 * const [y] = layer.apply([], [], ones([1000]), { training: true, key: random.key(0) });
 * max(y).item() // 2
 * min(y).item() // 0
 * layer.apply([], [], ones([2]), { training: true }) // throws dropout: expected a key
 * ```
 */
export const dropout = (rate: number, options: DropoutOptions = {}): Layer<None, None> => {
  checkOptions("dropout", options, ["shared"]);
  if (!(rate >= 0 && rate < 1)) throw expected("dropout", "a rate of at least 0 and below 1", String(rate));
  return lambda((x, { training = false, key }) => {
    if (!training || rate === 0) return x;
    if (key === undefined)
      throw new FluxionError(
        "dropout",
        "expected a key in training, got none: apply(params, state, x, { training: true, key })",
      );
    return drop(x, key, rate, options.shared);
  }, "dropout");
};
