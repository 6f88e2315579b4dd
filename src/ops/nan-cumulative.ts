/** Running sums and products that leave NaN out. */
import { isFloat } from "../ir/dtype.js";
import { isNaN, select } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { cumprod, cumsum, type CumulativeSumOptions } from "./cumulative.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";

export interface NaNCumulativeArgs {
  /** The running sum without NaN. */
  nancumsum: [options?: CumulativeSumOptions];
  /** The running product without NaN. */
  nancumprod: [options?: CumulativeSumOptions];
}

const without = (operation: string, input: TensorLike, value: number): Tensor => {
  const x = toExpr(operation, input);
  return asTensor(isFloat(x.dtype) ? select(isNaN(x), fullLike(x, value), x) : x);
};

/**
 * The running sum along `axis` (default: of the flattened tensor), NaN counting as 0. Throws when the axis does not exist.
 *
 * @example
 * ```ts
 * nancumsum(tensor([1, NaN, 2])).toArray() // [1, 1, 3]
 * ```
 */
export const nancumsum: Op<[options?: CumulativeSumOptions]> = op<[options?: CumulativeSumOptions]>(
  0,
  (x, options) => cumsum(without("nancumsum", x, 0), options),
);

/**
 * The running product along `axis` (default: of the flattened tensor), NaN counting as 1. Throws when the axis does not
 * exist.
 *
 * @example
 * ```ts
 * nancumprod(tensor([2, NaN, 3])).toArray() // [2, 2, 6]
 * ```
 */
export const nancumprod: Op<[options?: CumulativeSumOptions]> = op<[options?: CumulativeSumOptions]>(
  0,
  (x, options) => cumprod(without("nancumprod", x, 1), options),
);

/** The bodies of the methods. */
export const nanCumulativeFunctions: BodiesOf<NaNCumulativeArgs> = { nancumsum, nancumprod };
