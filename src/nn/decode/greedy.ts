/** The sequence of the likeliest next tokens. */
import { add } from "../../ops/arithmetic.js";
import { argmax } from "../../ops/arguments.js";
import { equal, less } from "../../ops/comparison.js";
import { full, zeros } from "../../ops/fill.js";
import { logicalAnd, logicalNot, logicalOr } from "../../ops/logic.js";
import { whileLoop } from "../../ops/loops/while.js";
import { checkOptions } from "../../ops/options.js";
import { arange } from "../../ops/ranges.js";
import { any } from "../../ops/reductions.js";
import { expandDims } from "../../ops/reshape.js";
import { where } from "../../ops/selection.js";
import { logSoftmax } from "../../ops/softmax.js";
import { takeAlongAxis } from "../../ops/take.js";
import { tensor } from "../../ops/creation.js";
import type { Tensor } from "../../ops/tensor.js";
import { treeOf } from "../../ops/transformations/bind.js";
import { decodeNames, type DecodeOptions, type DecodeStep, decoding } from "./step.js";

/** Sequences that a decoder wrote; for beam search with one more axis, `[batch, beams, …]`. */
export interface Decoded {
  /** int32 `[batch, maxLength]`: the tokens, from the first end token on all end tokens. */
  readonly tokens: Tensor;
  /** int32 `[batch]`: how many tokens come before the end token; `maxLength` where there was none. */
  readonly lengths: Tensor;
  /** `[batch]`: log-probability of the tokens, the end token included; for beam search divided by the length penalty. */
  readonly scores: Tensor;
}

interface Carry<S> extends Decoded {
  readonly at: Tensor;
  readonly last: Tensor;
  readonly ended: Tensor;
  readonly state: S;
}

/**
 * Writes sequences token by token, always the likeliest one, until all of the batch have ended or `maxLength` tokens
 * are written. `step` takes the last tokens, int32 `[batch]`, and the state to `[logits, state]`, logits
 * `[batch, vocabulary]`; the state is any tree of tensors `[batch, …]`. One loop in one kernel: nothing is read in
 * between, and the whole can be jitted.
 *
 * Throws when step, state and options do not fit together.
 *
 * @example
 * ```ts
 * // After 0 comes 2, after 2 comes 1, after 1 the end, 3.
 * const logits = log(tensor([[0.1, 0.1, 0.7, 0.1], [0.1, 0.2, 0.1, 0.6], [0.1, 0.8, 0.1, 0], [0, 0, 0, 1]]));
 * const step = (tokens: Tensor, state: []): [Tensor, []] => [take(logits, tokens, { axis: 0 }), state];
 * const start = tensor([0, 1], { dtype: "int32" });
 * const { tokens, lengths, scores } = nn.greedyDecode(step, [], { start, end: 3, maxLength: 5 });
 * tokens.toArray() // [[2, 1, 3, 3, 3], [3, 3, 3, 3, 3]]
 * lengths.toArray() // [2, 0]
 * exp(scores).toArray() // ≈ [0.336, 0.6]
 * ```
 */
export const greedyDecode = <S>(step: DecodeStep<S>, state: S, options: DecodeOptions): Decoded => {
  checkOptions("greedyDecode", options, decodeNames);
  const { batch, dtype, start, state: flat } = decoding("greedyDecode", step, state, options);
  const { end, maxLength } = options;
  const places = arange(0, maxLength, 1, { dtype: "int32" });
  const running = ({ at, ended }: Carry<S>): Tensor =>
    logicalAnd(less(at, maxLength), any(logicalNot(ended)));
  const next = (carry: Carry<S>): Carry<S> => {
    const [logits, after] = step(carry.last, carry.state);
    const chosen = argmax(logits, { axis: 1 });
    const gain = takeAlongAxis(logSoftmax(logits), expandDims(chosen, 1), { axis: 1 }).reshape([batch]);
    const last = where(carry.ended, end, chosen);
    const ended = logicalOr(carry.ended, equal(chosen, end));
    return {
      at: add(carry.at, 1),
      last,
      ended,
      tokens: where(equal(places, carry.at), expandDims(last, 1), carry.tokens),
      lengths: where(ended, carry.lengths, add(carry.lengths, 1)),
      scores: where(carry.ended, carry.scores, add(carry.scores, gain)),
      state: after,
    };
  };
  const { tokens, lengths, scores } = whileLoop<Carry<S>>(running, next, {
    at: tensor(0, { dtype: "int32" }),
    last: start,
    ended: full([batch], false, { dtype: "bool" }),
    tokens: full([batch, maxLength], end, { dtype: "int32" }),
    lengths: zeros([batch], { dtype: "int32" }),
    scores: zeros([batch], { dtype }),
    state: treeOf(flat) as S,
  });
  return { tokens, lengths, scores };
};
