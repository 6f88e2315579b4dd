/** A layer from a cell. */
import { type Shape, showAval } from "../../ir/aval.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { mul } from "../../ops/arithmetic.js";
import { cast } from "../../ops/conversion.js";
import { checkOptions } from "../../ops/options.js";
import { bernoulli } from "../../ops/random/discrete.js";
import { foldIn } from "../../ops/random/key.js";
import { expandDims } from "../../ops/reshape.js";
import type { Tensor } from "../../ops/tensor.js";
import { leaves } from "../../ops/tree.js";
import { type Context, layer, type Layer, type None, paramDType } from "../layer.js";
import type { Cell } from "./cell.js";
import { overTime, type OverTimeOptions } from "./over-time.js";

/** Options of every recurrent layer. */
export interface RecurrentOptions {
  /** Whether to return the outputs of all steps, `[batch, time, features]`. Default false: that of the last one. */
  readonly returnSequences?: boolean;
  /** Whether to go from the last step to the first; outputs stand where their inputs do. Default false. */
  readonly reverse?: boolean;
  /** Whether the layer's state is the carry, from which the next batch goes on. Fixes the batch size. Default false. */
  readonly stateful?: boolean;
  /** In training, the rate at which input features are dropped, the same ones at all steps. Default 0. */
  readonly dropout?: number;
  /** In training, the rate at which features of the last output are dropped, the same ones at all steps. Default 0. */
  readonly recurrentDropout?: number;
}

const recurrentNames = ["returnSequences", "reverse", "stateful", "dropout", "recurrentDropout"] as const;

/** The state of a recurrent layer: its carry where the options say `stateful: true`. */
export type CarryOf<O, C> = O extends { readonly stateful: true } ? C : None;

/** A layer over `[batch, time, features]` that also runs the other way. */
export interface RecurrentLayer<P, S> extends Layer<P, S> {
  /** The same layer from the last step to the first (or back). */
  reversed(): RecurrentLayer<P, S>;
}

/** Options of a cell, called `names`, and of its layer, apart. Throws on any others. */
export const separated = <C extends object>(
  operation: string,
  options: (C & RecurrentOptions) | undefined,
  names: readonly string[],
): [cell: C, layer: RecurrentOptions] => {
  checkOptions(operation, options, [...names, ...recurrentNames]);
  const part = (of: readonly string[]): object =>
    Object.fromEntries(Object.entries(options ?? {}).filter(([name]) => of.includes(name)));
  return [part(names) as C, part(recurrentNames)]; // the entries with those names
};

const checkDropRate = (operation: string, name: string, rate: number): number => {
  if (rate >= 0 && rate < 1) return rate;
  throw expected(operation, `${name} of at least 0 and below 1`, String(rate));
};

/** 0 with probability `rate`, else 1 / (1 - rate), for each example and feature. None where nothing is to be dropped. */
const dropMask = (
  name: string,
  { training = false, key }: Context,
  n: number,
  rate: number,
  like: Tensor,
  features: number,
): Tensor | null => {
  if (!training || rate === 0) return null;
  if (key === undefined)
    throw new FluxionError(
      name,
      "expected a key in training, got none: apply(params, state, x, { training: true, key })",
    );
  const kept = bernoulli(foldIn(key, n), 1 - rate, [(like.shape as Shape)[0]!, features]);
  return mul(cast(kept, like.dtype), 1 / (1 - rate));
};

/** The carry of a stateful layer must fit the batch. */
const checkBatch = (name: string, carry: unknown, x: Tensor): void => {
  const batch = (leaves(carry)[0]?.shape as Shape | undefined)?.[0];
  if (batch !== undefined && batch !== (x.shape as Shape)[0])
    throw expected(name, `an input [${batch}, time, features], for which its state was made`, showAval(x));
};

/**
 * A layer over `[batch, time, inputs]` from a cell. Where the context has lengths, later steps are padding: they leave
 * the carry as it is, and their outputs are 0. Dropout is variational: one mask for all steps of an example (Y. Gal and
 * Z. Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks", 2016).
 *
 * Throws when the input is not a float tensor with three axes, when the batch is not that of a stateful layer's state,
 * and when it is to drop without a key.
 *
 * @example
 * ```ts
 * const layer = nn.recurrent(nn.gruCell(4), { returnSequences: true, stateful: true });
 * const { params, state } = layer.init(random.key(0), { shape: [2, 3, 5], dtype: "float32" });
 * const x = ones([2, 3, 5]);
 * const [first, next] = layer.apply(params, state, x);
 * first.shape // [2, 3, 4]
 * const [whole] = layer.apply(params, state, concat([x, x], { axis: 1 }));
 * const [second] = layer.apply(params, next, x);
 * allClose(second, whole.slice([0, 3, 0], [2, 6, 4])).item() // 1
 * ```
 */
export const recurrent = <P, C, const O extends RecurrentOptions = Record<never, never>>(
  cell: Cell<P, C>,
  options?: O,
): RecurrentLayer<P, CarryOf<O, C>> => {
  const { name } = cell;
  checkOptions(name, options, recurrentNames);
  const {
    returnSequences = false,
    reverse = false,
    stateful = false,
    dropout = 0,
    recurrentDropout = 0,
  } = options ?? {};
  checkDropRate(name, "dropout", dropout);
  checkDropRate(name, "recurrentDropout", recurrentDropout);
  const made = layer<P, unknown>({
    name,
    init: (key, input) => {
      if (input.shape.length !== 3)
        throw expected(name, "a float input [batch, time, features]", showAval(input));
      const dtype = paramDType(input);
      const params = cell.init(key, input.shape[2]!, dtype);
      return { params, state: stateful ? cell.start(input.shape[0]!, dtype) : [] };
    },
    apply: (params, state, x, context) => {
      if (stateful) checkBatch(name, state, x);
      const inputMask = dropMask(name, context, 0, dropout, x, (x.shape as Shape)[x.ndim - 1]!);
      const recurrentMask = dropMask(name, context, 1, recurrentDropout, x, cell.features);
      const { ys, carry } = overTime<P, C>(
        cell,
        params,
        inputMask === null ? x : mul(x, expandDims(inputMask, 1)),
        {
          reverse,
          ...(stateful ? { carry: state as C } : {}), // `init` made it
          ...(recurrentMask === null ? {} : { recurrentMask }),
          ...lengthsOf(context),
        },
      );
      return [returnSequences ? ys : cell.output(carry), stateful ? carry : state];
    },
  });
  return {
    ...(made as Layer<P, CarryOf<O, C>>), // the carry or nothing, as the options say
    reversed: () => recurrent<P, C, O>(cell, { ...(options as O), reverse: !reverse }),
  };
};

const lengthsOf = ({ lengths }: Context): Pick<OverTimeOptions<never>, "lengths"> =>
  lengths === undefined ? {} : { lengths };
