/** Connectionist temporal classification, in log space, as one scan over time. */
import { isFloat } from "../../ir/dtype.js";
import { type Shape, showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { add, neg } from "../../ops/arithmetic.js";
import { equal, less, lessEqual, notEqual } from "../../ops/comparison.js";
import { cast } from "../../ops/conversion.js";
import { full } from "../../ops/fill.js";
import { concat, stack } from "../../ops/join.js";
import { logicalAnd } from "../../ops/logic.js";
import { logsumexp } from "../../ops/logsumexp.js";
import { scan } from "../../ops/loops/scan.js";
import { arange } from "../../ops/ranges.js";
import { swapAxes } from "../../ops/axes.js";
import { broadcastTo, expandDims, reshape } from "../../ops/reshape.js";
import { where } from "../../ops/selection.js";
import { logSoftmax } from "../../ops/softmax.js";
import { takeAlongAxis } from "../../ops/take.js";
import type { Tensor } from "../../ops/tensor.js";
import { checkLossOptions, type LossOptions, reduceLoss } from "./reduction.js";
import { sequenceMask } from "./sequence.js";

/** Options of `ctc`. */
export interface CtcOptions extends LossOptions {
  /** Frames of each example that are no padding, integers `[batch]`. Default: all. */
  readonly inputLengths?: Tensor;
  /** Labels of each example that are no padding, integers `[batch]`. Default: all. */
  readonly labelLengths?: Tensor;
  /** The class that stands for no label. Default 0. */
  readonly blank?: number;
}

const impossible = -Infinity;

const int32 = (x: Tensor): Tensor => cast(x, "int32");

const lengthsOr = (given: Tensor | undefined, what: string, batch: number, all: number): Tensor => {
  if (given === undefined) return full([batch], all, { dtype: "int32" });
  if (given.ndim !== 1 || (given.shape as Shape)[0] !== batch || isFloat(given.dtype))
    throw expected("ctc", `integer ${what} [${batch}]`, showAval(given));
  return int32(given);
};

/** Logits that are 0 in padding and in examples that do not count, so that nothing there leaks. */
const framesThatCount = (logits: Tensor, inputLengths: Tensor, options: CtcOptions): Tensor => {
  const [batch, time] = logits.shape as readonly [number, number, number];
  const frames =
    options.inputLengths === undefined
      ? logits
      : where(expandDims(sequenceMask(inputLengths, time), 2), logits, 0);
  return options.where === undefined
    ? frames
    : where(reshape(broadcastTo(options.where, [batch]), [batch, 1, 1]), frames, 0);
};

/** blank l₁ blank l₂ … blank, `[batch, 2 · labels + 1]`. */
const extended = (labels: Tensor, blank: number): Tensor => {
  const [batch, n] = labels.shape as readonly [number, number];
  const blanks = full([batch, n], blank, { dtype: "int32" });
  const pairs = reshape(stack([blanks, int32(labels)], { axis: 2 }), [batch, 2 * n]);
  return concat([pairs, full([batch, 1], blank, { dtype: "int32" })], { axis: 1 });
};

/** Moved right by `by`, with impossible places at the start. */
const later = (x: Tensor, by: number): Tensor => {
  const [batch, n] = x.shape as readonly [number, number];
  const start = full([batch, Math.min(by, n)], impossible, { dtype: x.dtype });
  return by >= n ? start : concat([start, x.slice([0, 0], [batch, n - by])], { axis: 1 });
};

/** Where a label may follow the label two places before without a blank in between. */
const mayJump = (symbols: Tensor, blank: number): Tensor => {
  const [batch, n] = symbols.shape as readonly [number, number];
  if (n < 3) return full([batch, n], false, { dtype: "bool" });
  const [now, before] = [symbols.slice([0, 2], [batch, n]), symbols.slice([0, 0], [batch, n - 2])];
  const jump = logicalAnd(notEqual(now, blank), notEqual(now, before));
  return concat([full([batch, 2], false, { dtype: "bool" }), jump], { axis: 1 });
};

/** log(exp a + exp b + exp c), where all may be -∞. */
const logTotal = (...xs: readonly Tensor[]): Tensor => logsumexp(stack(xs, { axis: 0 }), { axis: 0 });

/** The log-probability of every prefix of the symbols after all frames. `logP` is `[batch, time, symbols]`. */
const forward = (logP: Tensor, jump: Tensor, inputLengths: Tensor): Tensor => {
  const [batch, time, n] = logP.shape as readonly [number, number, number];
  const at = arange(0, n, 1, { dtype: "int32" });
  // Before the first frame: at the first blank, which costs nothing. No label can be jumped to from there.
  const start = broadcastTo(cast(where(equal(at, 0), 0, impossible), logP.dtype), [batch, n]);
  const live = less(expandDims(arange(0, time, 1, { dtype: "int32" }), 1), expandDims(inputLengths, 0));
  const frames = { p: swapAxes(logP, 0, 1), live: expandDims(live, 2) };
  const step = (alpha: Tensor, { p, live: on }: typeof frames): [Tensor, null] => {
    const jumped = where(jump, later(alpha, 2), impossible);
    return [where(on, add(logTotal(alpha, later(alpha, 1), jumped), p), alpha), null];
  };
  return scan<Tensor, typeof frames, null>(step, start, frames)[0];
};

/**
 * The mean over the batch of -log p(labels), the probability of all ways in which logits `[batch, time, classes]`
 * spell the labels `[batch, labels]` with repetitions and blanks (A. Graves et al., "Connectionist temporal
 * classification", 2006). Not divided by the length of the labels. A label that does not fit into its frames has an
 * infinite loss, with a gradient of 0.
 *
 * Throws when the shapes do not fit, or when the labels are not integers.
 *
 * @example
 * ```ts
 * const even = zeros([1, 2, 2]); // two frames, each blank or "1" with probability 1/2
 * nn.ctc(even, tensor([[1]], { dtype: "int32" })).item() // ≈ 0.28768
 * nn.ctc(even, tensor([[1, 1]], { dtype: "int32" })).item() // Infinity
 * ```
 */
export const ctc = (logits: Tensor, labels: Tensor, options: CtcOptions = {}): Tensor => {
  checkLossOptions("ctc", options, ["inputLengths", "labelLengths", "blank"]);
  const { blank = 0 } = options;
  if (logits.ndim !== 3 || !isFloat(logits.dtype))
    throw expected("ctc", "float logits [batch, time, classes]", showAval(logits));
  const [batch, time, classes] = logits.shape as readonly [number, number, number];
  if (labels.ndim !== 2 || (labels.shape as Shape)[0] !== batch || isFloat(labels.dtype))
    throw expected("ctc", `integer labels [${batch}, labels]`, showAval(labels));
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw expected("ctc", `a blank from 0 to ${classes - 1}`, String(blank));
  const inputLengths = lengthsOr(options.inputLengths, "inputLengths", batch, time);
  const labelLengths = lengthsOr(options.labelLengths, "labelLengths", batch, (labels.shape as Shape)[1]!);
  const clean = framesThatCount(logits, inputLengths, options);
  const symbols = extended(labels, blank);
  const n = (symbols.shape as Shape)[1]!;
  const index = broadcastTo(expandDims(symbols, 1), [batch, time, n]);
  const logP = takeAlongAxis(logSoftmax(clean), index, { axis: 2 });
  const alpha = forward(logP, mayJump(symbols, blank), inputLengths);
  const at = arange(0, n, 1, { dtype: "int32" });
  const end = expandDims(add(labelLengths, labelLengths), 1);
  const ends = logicalAnd(lessEqual(at, end), less(add(end, -2), at));
  return reduceLoss(neg(logsumexp(where(ends, alpha, impossible), { axis: 1 })), options);
};
