/** Recurrent layers beside and above one another. */
import { concat } from "../../ops/join.js";
import type { Tensor } from "../../ops/tensor.js";
import { expected } from "../../ir/errors.js";
import { named, parallel, sequential } from "../combinators.js";
import type { Layer } from "../layer.js";
import type { RecurrentLayer } from "./recurrent.js";

/** One of a kind for each direction. */
export interface BothWays<A> {
  readonly forward: A;
  readonly backward: A;
}

/**
 * A recurrent layer run both ways over the sequence, each way with parameters of its own (M. Schuster and K. Paliwal,
 * "Bidirectional recurrent neural networks", 1997). `combine` makes one tensor of the two results; by default their
 * features stand side by side.
 *
 * @example
 * ```ts
 * const layer = nn.bidirectional(nn.gru(4, { returnSequences: true }));
 * const { params, state, out } = layer.init(random.key(0), { shape: [2, 7, 3], dtype: "float32" });
 * out.shape // [2, 7, 8]
 * params.backward.kernel.shape // [3, 12]
 * nn.bidirectional(nn.gru(4), (a, b) => add(a, b)).init(random.key(0), { shape: [2, 7, 3], dtype: "float32" }).out.shape // [2, 4]
 * ```
 */
export const bidirectional = <P, S>(
  layer: RecurrentLayer<P, S>,
  combine: (forward: Tensor, backward: Tensor) => Tensor = (a, b) => concat([a, b], { axis: -1 }),
): Layer<BothWays<P>, BothWays<S>> => {
  const ways = parallel({ forward: layer, backward: layer.reversed() }, (a: Tensor, b: Tensor) =>
    combine(a, b),
  );
  return named("bidirectional", ways as unknown as Layer<BothWays<P>, BothWays<S>>); // the record's two children
};

/** What a level of a stack is told. */
export interface LevelOptions {
  readonly returnSequences: boolean;
}

/**
 * So many recurrent layers, each over the outputs of the one before. All but the last return sequences; the last does
 * as `options` say (default: not). Parameters are a list.
 *
 * Throws unless the depth is an integer of at least 1.
 *
 * @example
 * ```ts
 * const model = nn.stacked(3, (options) => nn.lstm(5, options));
 * const { params, out } = model.init(random.key(0), { shape: [2, 7, 3], dtype: "float32" });
 * out.shape // [2, 5]
 * params.length // 3
 * ```
 */
export const stacked = <P, S>(
  depth: number,
  level: (options: LevelOptions, at: number) => Layer<P, S>,
  options: Partial<LevelOptions> = {},
): Layer<readonly P[], readonly S[]> => {
  if (!Number.isInteger(depth) || depth < 1)
    throw expected("stacked", "a depth of at least 1", String(depth));
  const { returnSequences = false } = options;
  const levels = Array.from({ length: depth }, (_, i) =>
    level({ returnSequences: i < depth - 1 || returnSequences }, i),
  );
  return named("stacked", sequential(...levels) as unknown as Layer<readonly P[], readonly S[]>); // one for each level
};
