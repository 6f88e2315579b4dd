/** A cell over all steps of a batch of sequences, in one scan. */
import { type Shape, showAval } from "../../ir/aval.js";
import { isFloat } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { mul } from "../../ops/arithmetic.js";
import { less } from "../../ops/comparison.js";
import { scan } from "../../ops/loops/scan.js";
import { arange } from "../../ops/ranges.js";
import { checkOptions } from "../../ops/options.js";
import { swapAxes } from "../../ops/axes.js";
import { expandDims } from "../../ops/reshape.js";
import { where } from "../../ops/selection.js";
import type { Tensor } from "../../ops/tensor.js";
import { map } from "../../ops/tree.js";
import type { Cell } from "./cell.js";

/** Options of `overTime`. */
export interface OverTimeOptions<C> {
  /** The carry before the first step. Default: the cell's own start. */
  readonly carry?: C;
  /** Steps of each example that are no padding, an integer tensor `[batch]`. Default: all. */
  readonly lengths?: Tensor;
  /** Whether to go from the last step to the first. Default false. */
  readonly reverse?: boolean;
  /** What the last output is multiplied with before it contributes: variational dropout, `[batch, features]`. */
  readonly recurrentMask?: Tensor;
}

/** All outputs, and the carry after the last step. */
export interface Sequence<C> {
  /** `[batch, time, features]`; 0 in padding. */
  readonly ys: Tensor;
  /** For a padded example, the carry after its own last step. */
  readonly carry: C;
}

/** A step's row: what the input contributes and, where examples have lengths, which of them are still going on. */
interface Row {
  readonly projected: Tensor;
  readonly live?: Tensor;
}

const checkInput = (name: string, x: Tensor): void => {
  if (x.ndim !== 3 || !isFloat(x.dtype))
    throw expected(name, "a float input [batch, time, features]", showAval(x));
};

/** bool `[time, batch, 1]`: whether a step belongs to the sequence. */
const liveSteps = (name: string, x: Tensor, lengths: Tensor): Tensor => {
  const [batch, time] = x.shape as readonly [number, number, number];
  if (
    lengths.ndim !== 1 ||
    (lengths.shape as Shape)[0] !== batch ||
    isFloat(lengths.dtype) ||
    lengths.dtype === "bool"
  )
    throw expected(name, `integer lengths [${batch}]`, showAval(lengths));
  const steps = expandDims(arange(0, time, 1, { dtype: "int32" }), 1);
  return expandDims(less(steps, expandDims(lengths, 0)), 2);
};

/** Padding is cut off before it contributes: whatever stands there, NaN too, reaches neither values nor gradients. */
const rowsOf = <P, C>(cell: Cell<P, C>, params: P, x: Tensor, lengths: Tensor | undefined): Row => {
  const steps = swapAxes(x, 0, 1);
  if (lengths === undefined) return { projected: cell.project(params, steps) };
  const live = liveSteps(cell.name, x, lengths);
  return { projected: cell.project(params, where(live, steps, 0)), live };
};

/**
 * A cell over the steps of `x`, `[batch, time, inputs]`: the outputs of all steps and the last carry. What the inputs
 * contribute is one contraction before the loop. Differentiable in everything but the lengths.
 *
 * In padding (steps from the example's length on) the carry stays and the output is 0, in both directions.
 *
 * Throws unless `x` is a float tensor with three axes and the lengths, if given, are integers `[batch]`.
 *
 * @example
 * ```ts
 * const cell = nn.rnnCell(1, { activation: (x) => x });
 * const params = { kernel: tensor([[1]]), recurrent: tensor([[10]]), bias: tensor([0]) };
 * const x = tensor([[[1], [2], [3]]]);
 * nn.overTime(cell, params, x).ys.toArray() // [[[1], [12], [123]]]
 * nn.overTime(cell, params, x, { reverse: true }).ys.toArray() // [[[321], [32], [3]]]
 * nn.overTime(cell, params, x, { carry: tensor([[7]]) }).carry.toArray() // [[7123]]
 * nn.overTime(cell, params, x, { lengths: tensor([2], { dtype: "int32" }) }).ys.toArray() // [[[1], [12], [0]]]
 * ```
 */
export const overTime = <P, C>(
  cell: Cell<P, C>,
  params: P,
  x: Tensor,
  options: OverTimeOptions<C> = {},
): Sequence<C> => {
  checkOptions(cell.name, options, ["carry", "lengths", "reverse", "recurrentMask"]);
  checkInput(cell.name, x);
  const { lengths, recurrentMask, reverse = false } = options;
  const rows = rowsOf(cell, params, x, lengths);
  const body = (carry: C, row: Row): [C, Tensor] => {
    const last = cell.output(carry);
    const seen = recurrentMask === undefined ? last : mul(last, recurrentMask);
    const next = cell.step(params, carry, row.projected, seen);
    const { live } = row;
    if (live === undefined) return [next, cell.output(next)];
    return [map((a: Tensor, b: Tensor) => where(live, a, b), next, carry), where(live, cell.output(next), 0)];
  };
  const start = options.carry ?? cell.start((x.shape as Shape)[0]!, x.dtype);
  const [carry, ys] = scan<C, Row, Tensor>(body, start, rows, { reverse });
  return { ys: swapAxes(ys, 0, 1), carry };
};
