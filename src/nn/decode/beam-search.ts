/**
 * Beam search: at every step the best few continuations of the best few sequences.
 *
 * Inside, beams are the first axis, `[beams, batch, …]`, and `vmap` runs the step of one beam on all of them: the model
 * never sees beams, and what it reads from outside is not copied for each.
 */
import { expected } from "../../ir/errors.js";
import { add, div, floorDivide, mul, rem } from "../../ops/arithmetic.js";
import { swapAxes } from "../../ops/axes.js";
import { equal, greater, less } from "../../ops/comparison.js";
import { cast } from "../../ops/conversion.js";
import { tensor } from "../../ops/creation.js";
import { full, zeros } from "../../ops/fill.js";
import { logicalAnd, logicalNot, logicalOr } from "../../ops/logic.js";
import { whileLoop } from "../../ops/loops/while.js";
import { checkOptions } from "../../ops/options.js";
import { pow } from "../../ops/power.js";
import { arange } from "../../ops/ranges.js";
import { any } from "../../ops/reductions.js";
import { broadcastTo, expandDims } from "../../ops/reshape.js";
import { where } from "../../ops/selection.js";
import { logSoftmax } from "../../ops/softmax.js";
import { topK } from "../../ops/sort.js";
import { take, takeAlongAxis } from "../../ops/take.js";
import type { Tensor } from "../../ops/tensor.js";
import { map } from "../../ops/tree.js";
import { treeOf } from "../../ops/transformations/bind.js";
import { vmap } from "../../ops/transformations/vmap.js";
import { shapeOf } from "../shape.js";
import type { Decoded } from "./greedy.js";
import {
  checkCount,
  decodeNames,
  type DecodeOptions,
  type DecodeStep,
  type Decoding,
  decoding,
} from "./step.js";

/** Options of `beamSearch`. */
export interface BeamSearchOptions extends DecodeOptions {
  /** How many sequences are kept, and returned, for each example. */
  readonly beams: number;
  /** α of the length penalty ((5 + length) / 6)^α that log-probabilities are divided by. Default 0: none. */
  readonly lengthPenalty?: number;
}

/** All `[beams, batch]` but for the tokens, `[beams, batch, maxLength]`, the step, a scalar, and the state. */
interface Carry<S> {
  readonly at: Tensor;
  readonly last: Tensor;
  readonly ended: Tensor;
  readonly tokens: Tensor;
  readonly lengths: Tensor;
  readonly logP: Tensor;
  readonly scores: Tensor;
  readonly state: S;
}

/** ((5 + length) / 6)^α */
const penalty = (length: Tensor, alpha: number, like: Decoding): Tensor =>
  pow(div(add(cast(length, like.dtype), 5), 6), alpha);

/** Rows of one beam and example, `[beams, batch, …]`, by the beams `[beams, batch]` that they come from. */
const rowsFrom = (parents: Tensor, { batch }: Decoding): ((x: Tensor) => Tensor) => {
  const index = add(mul(parents, batch), arange(0, batch, 1, { dtype: "int32" }));
  return (x) => {
    const [beams, , ...rest] = x.shape as readonly [number, number, ...number[]];
    return take(x.reshape([beams * batch, ...rest]), index, { axis: 0 });
  };
};

/** The log-probabilities of next tokens `[beams, batch, vocabulary]`: of a sequence that has ended, only to stay so. */
const gains = (logits: Tensor, ended: Tensor, end: number): Tensor => {
  const stay = where(equal(arange(0, shapeOf(logits)[2]!, 1, { dtype: "int32" }), end), 0, -Infinity);
  return where(expandDims(ended, 2), cast(stay, logits.dtype), logSoftmax(logits));
};

/** The loop's body. */
const searchStep =
  <S>(step: DecodeStep<S>, known: Decoding, options: BeamSearchOptions) =>
  (carry: Carry<S>): Carry<S> => {
    const { batch, vocabulary } = known;
    const { beams, end, maxLength, lengthPenalty = 0 } = options;
    const [logits, after] = vmap<[Tensor, S], readonly [Tensor, S]>((t, s) => step(t, s))(
      carry.last,
      carry.state,
    );
    const total = add(expandDims(carry.logP, 2), gains(logits, carry.ended, end));
    const length = where(carry.ended, add(carry.lengths, 1), add(carry.at, 1)); // the end token counts
    const scores =
      lengthPenalty === 0 ? total : div(total, expandDims(penalty(length, lengthPenalty, known), 2));
    const flat = (x: Tensor): Tensor => swapAxes(x, 0, 1).reshape([batch, beams * vocabulary]);
    const [best, at] = topK(flat(scores), beams);
    const parents = swapAxes(floorDivide(at, vocabulary), 0, 1);
    const chosen = swapAxes(rem(at, vocabulary), 0, 1);
    const from = rowsFrom(parents, known);
    const before = from(carry.ended);
    const ended = logicalOr(before, equal(chosen, end));
    const here = equal(arange(0, maxLength, 1, { dtype: "int32" }), carry.at);
    return {
      at: add(carry.at, 1),
      last: chosen,
      ended,
      tokens: where(here, expandDims(chosen, 2), from(carry.tokens)),
      lengths: where(ended, from(carry.lengths), add(carry.at, 1)),
      logP: swapAxes(takeAlongAxis(flat(total), at, { axis: 1 }), 0, 1),
      scores: swapAxes(best, 0, 1),
      state: map(from, after),
    };
  };

/** Before the first step: one sequence for each example, and impossible ones in the other beams. */
const firstCarry = <S>(known: Decoding, { beams, end, maxLength }: BeamSearchOptions): Carry<S> => {
  const { batch, dtype } = known;
  const each = (x: Tensor): Tensor => broadcastTo(x, [beams, ...shapeOf(x)]);
  const first = equal(arange(0, beams, 1, { dtype: "int32" }), 0);
  const logP = broadcastTo(cast(where(expandDims(first, 1), 0, -Infinity), dtype), [beams, batch]);
  return {
    at: tensor(0, { dtype: "int32" }),
    last: each(known.start),
    ended: full([beams, batch], false, { dtype: "bool" }),
    tokens: full([beams, batch, maxLength], end, { dtype: "int32" }),
    lengths: zeros([beams, batch], { dtype: "int32" }),
    logP,
    scores: logP,
    state: map(each, treeOf(known.state) as S),
  };
};

/**
 * Writes sequences token by token, keeping for each example the `beams` best so far: those of highest score, the
 * log-probability divided by ((5 + length) / 6)^α, where the length counts the end token and α is `lengthPenalty`
 * (Y. Wu et al., "Google's neural machine translation system", 2016, section 7). Sequences that have ended compete with
 * those that go on, and the search stops when all that are kept have ended, or after `maxLength` tokens. With one beam
 * it is `greedyDecode`; with as many beams as there are sequences it is exhaustive.
 *
 * `step` takes the last tokens, int32 `[batch]`, and the state to `[logits, state]`, logits `[batch, vocabulary]`, as
 * for `greedyDecode`: it sees one beam at a time (it is vmapped), and its state, any tree of tensors `[batch, …]`,
 * follows the sequences that are kept. One loop in one kernel; the whole can be jitted.
 *
 * Returns tokens int32 `[batch, beams, maxLength]`, lengths int32 `[batch, beams]` and scores `[batch, beams]`, best
 * first. Where fewer than `beams` sequences are possible, the rest have length 0 and score -∞.
 *
 * Throws when step, state and options do not fit together.
 *
 * @example
 * ```ts
 * // The likelier first token, 0, leads to two unlikely sequences; 1 leads to one that is likelier than both.
 * const table = log(tensor([[0, 0, 0.5, 0.5], [0, 0, 0.9, 0.1], [0, 0, 0, 1], [0.6, 0.4, 0, 0]]));
 * const step = (tokens: Tensor, state: []): [Tensor, []] => [take(table, tokens, { axis: 0 }), state];
 * const start = tensor([3], { dtype: "int32" });
 * const options = { start, end: 2, maxLength: 4 };
 * exp(nn.greedyDecode(step, [], options).scores).toArray() // ≈ [0.3]
 * const { tokens, lengths, scores } = nn.beamSearch(step, [], { ...options, beams: 2 });
 * tokens.toArray() // [[[1, 2, 2, 2], [0, 2, 2, 2]]]
 * lengths.toArray() // [[1, 1]]
 * exp(scores).toArray() // ≈ [[0.36, 0.3]]
 * ```
 */
export const beamSearch = <S>(step: DecodeStep<S>, state: S, options: BeamSearchOptions): Decoded => {
  checkOptions("beamSearch", options, [...decodeNames, "beams", "lengthPenalty"]);
  checkCount("beamSearch", "beams", options.beams);
  const { end, maxLength, lengthPenalty = 0 } = options;
  if (!Number.isFinite(lengthPenalty))
    throw expected("beamSearch", "a finite lengthPenalty", String(lengthPenalty));
  const known = decoding("beamSearch", step, state, options);
  const running = ({ at, ended, logP }: Carry<S>): Tensor =>
    logicalAnd(less(at, maxLength), any(logicalAnd(logicalNot(ended), greater(logP, -Infinity))));
  const last = whileLoop<Carry<S>>(running, searchStep(step, known, options), firstCarry(known, options));
  const [tokens, lengths, scores] = [last.tokens, last.lengths, last.scores].map((x) =>
    swapAxes(x, 0, 1),
  ) as [Tensor, Tensor, Tensor];
  const possible = greater(scores, -Infinity);
  return {
    tokens: where(expandDims(possible, 2), tokens, end),
    lengths: where(possible, lengths, 0),
    scores,
  };
};
