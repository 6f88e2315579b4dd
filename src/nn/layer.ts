/**
 * Layers: pairs of pure functions. `init` makes parameters and state for an input of some shape, `apply` uses them.
 *
 * A layer works on batches: the first axis of its input counts examples, whatever the size it was initialised with.
 * What a layer returns for an input of some shape follows from `apply`, by tracing it: no layer states its shape twice.
 */
import { AbstractValueError, FluxionError } from "../ir/errors.js";
import { type Aval, showAval } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { zeros } from "../ops/fill.js";
import { floating } from "../ops/promotion.js";
import type { Tensor } from "../ops/tensor.js";
import { evalShape } from "../ops/transformations/shape.js";

/** What a forward pass may depend on besides parameters, state and input. */
export interface Context {
  /** Whether dropout drops and batch norm uses (and updates) the statistics of the batch. Default false. */
  readonly training?: boolean;
  /** A key for the layers that draw random numbers; every layer gets one of its own from it. */
  readonly key?: Tensor;
  /** Steps of each example that are no padding, an integer tensor `[batch]`, for recurrent layers. Default: all. */
  readonly lengths?: Tensor;
}

/** What `init` makes. */
export interface Initialized<P, S> {
  readonly params: P;
  readonly state: S;
  /** Shape and dtype of the layer's result for the input that it was initialised with. */
  readonly out: Aval;
}

/** A function with parameters `P`, which are learnt, and state `S`, which `apply` returns anew. Trees of tensors. */
export interface Layer<P = unknown, S = unknown> {
  /** What errors call it. */
  readonly name: string;
  init(key: Tensor, input: Aval): Initialized<P, S>;
  apply(params: P, state: S, x: Tensor, context?: Context): [y: Tensor, state: S];
}

/** No parameters, or no state. */
export type None = readonly [];

/** What combinators take for a layer: functions of a tensor are layers without parameters. */
export type LayerLike = Layer | ((x: Tensor) => Tensor);

/** Whether something has the two functions of a layer. (A record of layers may well have one of that name.) */
export const isLayer = (x: unknown): x is Layer =>
  typeof x === "object" &&
  x !== null &&
  "init" in x &&
  "apply" in x &&
  typeof x.init === "function" &&
  typeof x.apply === "function";

/** The parameters of a layer. */
export type ParamsOf<L> = L extends Layer<infer P, infer _S> ? P : None;

/** The state of a layer. */
export type LayerStateOf<L> = L extends Layer<infer _P, infer S> ? S : None;

/** An error inside a layer, with the path to it: `sequential[2].dense`. */
export class LayerError extends FluxionError {
  override readonly name: string = "LayerError";
  constructor(
    readonly path: string,
    readonly detail: string,
    cause: unknown,
  ) {
    super(path, detail);
    this.cause = cause;
  }
}

const join = (outer: string, inner: string): string =>
  inner.startsWith("[") ? `${outer}${inner}` : `${outer}.${inner}`;

/** The message of an error without the operation that it starts with, where that is the layer itself. */
const detailOf = (error: FluxionError, path: string): string =>
  error.operation === path ? error.message.slice(path.length + 2) : error.message;

/** Runs a part of a layer; errors get the path to it, and the innermost one the input. */
export const within = <A>(path: string, input: Aval, f: () => A): A => {
  try {
    return f();
  } catch (error) {
    if (error instanceof LayerError) throw new LayerError(join(path, error.path), error.detail, error);
    if (!(error instanceof FluxionError) || error instanceof AbstractValueError) throw error;
    throw new LayerError(path, `${detailOf(error, path)} (input of the layer: ${showAval(input)})`, error);
  }
};

/** The dtype of a layer's parameters: the input's, or float32 where that is not a float. */
export const paramDType = (input: Aval): DType => floating(input.dtype);

/** The aval of what `apply` returns for such an input. */
const outputOf = <P, S>(apply: Layer<P, S>["apply"], params: P, state: S, input: Aval): Aval =>
  evalShape(
    (p: P, s: S, x: Tensor) => apply(p, s, x)[0],
    params,
    state,
    zeros(input.shape, { dtype: input.dtype }),
  );

/** The two functions that make a layer. */
export interface LayerParts<P, S> {
  readonly name: string;
  readonly init: (key: Tensor, input: Aval) => { readonly params: P; readonly state: S };
  readonly apply: (params: P, state: S, x: Tensor, context: Context) => [y: Tensor, state: S];
}

/**
 * A layer from its two functions. The shape of its result is found by tracing `apply`; errors in it name the layer.
 *
 * @example
 * ```ts
 * const shift = nn.layer({
 *   name: "shift",
 *   init: (_key, input) => ({ params: { by: zeros(input.shape.slice(-1)) }, state: [] }),
 *   apply: ({ by }, state, x) => [add(x, by), state],
 * });
 * const { params, state, out } = shift.init(random.key(0), { shape: [8, 3], dtype: "float32" });
 * out.shape // [8, 3]
 * shift.apply(params, state, ones([2, 3]))[0].toArray() // [[1, 1, 1], [1, 1, 1]]
 * ```
 */
export const layer = <P, S>({ name, init, apply }: LayerParts<P, S>): Layer<P, S> => {
  const applied: Layer<P, S>["apply"] = (params, state, x, context = {}) =>
    within(name, x, () => apply(params, state, x, context));
  return {
    name,
    init: (key, input) => {
      const { params, state } = within(name, input, () => init(key, input));
      return { params, state, out: outputOf(applied, params, state, input) };
    },
    apply: applied,
  };
};

/**
 * A function of a tensor as a layer without parameters. It is given the context too.
 *
 * @example
 * ```ts
 * const double = nn.lambda((x) => mul(x, 2), "double");
 * double.apply([], [], tensor([1, 2]))[0].toArray() // [2, 4]
 * ```
 */
export const lambda = (
  f: (x: Tensor, context: Context) => Tensor,
  name: string = f.name,
): Layer<None, None> =>
  layer({
    name: name === "" ? "lambda" : name,
    init: () => ({ params: [], state: [] }),
    apply: (_params, state, x, context) => [f(x, context), state],
  });

/** Functions become layers; only the tensor is passed to them. */
export const toLayer = (like: LayerLike): Layer =>
  typeof like === "function" ? lambda((x) => like(x), like.name) : like;

/**
 * The layer that returns its input: the unit of `sequential`.
 *
 * @example
 * ```ts
 * nn.identity().apply([], [], tensor([1, 2]))[0].toArray() // [1, 2]
 * ```
 */
export const identity = (): Layer<None, None> => lambda((x) => x, "identity");
