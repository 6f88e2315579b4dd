/**
 * Layers made of layers.
 *
 *     sequential(f, identity()) ≡ f ≡ sequential(identity(), f)
 *     sequential(f, sequential(g, h)) ≡ sequential(sequential(f, g), h)      but for where the parameters are
 */
import { sameShape, showAval } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { add } from "../ops/arithmetic.js";
import { zeros } from "../ops/fill.js";
import type { Tensor } from "../ops/tensor.js";
import { evalShape } from "../ops/transformations/shape.js";
import { applyChild, initBeside, initInTurn, toChildren } from "./children.js";
import {
  isLayer,
  type Layer,
  LayerError,
  type LayerLike,
  type LayerStateOf,
  type ParamsOf,
  within,
} from "./layer.js";

/** Layers by name. The order of the names is the order of the layers. */
export type LayerRecord = Readonly<Record<string, LayerLike>>;

/** The names that stand in the parameters: those of layers, not those of plain functions. */
type Named<L, K extends keyof L> = L[K] extends Layer ? K : never;

/** The parameters of layers, in their structure. */
export type ParamsOfAll<L> = L extends readonly unknown[]
  ? { -readonly [K in keyof L]: ParamsOf<L[K]> }
  : { -readonly [K in keyof L as Named<L, K>]: ParamsOf<L[K]> };

/** The states of layers, in their structure. */
export type StatesOfAll<L> = L extends readonly unknown[]
  ? { -readonly [K in keyof L]: LayerStateOf<L[K]> }
  : { -readonly [K in keyof L as Named<L, K>]: LayerStateOf<L[K]> };

/** A layer of children whose parameters and states are gathered; the types are those of the children's structure. */
const compound = <L>(parts: Layer): Layer<ParamsOfAll<L>, StatesOfAll<L>> =>
  parts as Layer<ParamsOfAll<L>, StatesOfAll<L>>; // gather and scatter keep the children's structure

/**
 * Layers one after the other, given one by one or as a record that names them. Functions of a tensor are layers
 * without parameters. Parameters and state have the structure of the layers: a list, or a record of the layers in it.
 *
 * Errors name the path to the layer, such as `sequential[1].dense`.
 *
 * @example
 * ```ts
 * const model = nn.sequential(nn.dense(8), relu, nn.dense(3));
 * const { params, state, out } = model.init(random.key(0), { shape: [1, 4], dtype: "float32" });
 * out.shape // [1, 3]
 * params[0].kernel.shape // [4, 8]
 * model.apply(params, state, ones([5, 4]))[0].shape // [5, 3]
 *
 * const named = nn.sequential({ hidden: nn.dense(8), relu, output: nn.dense(3) });
 * const made = named.init(random.key(0), { shape: [1, 4], dtype: "float32" });
 * Object.keys(made.params) // ["hidden", "output"]
 * ```
 */
export function sequential<const L extends readonly LayerLike[]>(
  ...layers: L
): Layer<ParamsOfAll<L>, StatesOfAll<L>>;
export function sequential<const L extends LayerRecord>(layers: L): Layer<ParamsOfAll<L>, StatesOfAll<L>>;
export function sequential(...given: readonly LayerLike[] | [LayerRecord]): Layer {
  const name = "sequential";
  const children = toChildren(name, isRecord(given) ? given[0] : given);
  return compound({
    name,
    init: (key, input) =>
      within(name, input, () => {
        const made = initInTurn(children, key, input);
        return {
          params: children.gather(made.map((m) => m.params)),
          state: children.gather(made.map((m) => m.state)),
          out: made[made.length - 1]?.out ?? input,
        };
      }),
    apply: (params, state, x, context = {}) =>
      within(name, x, () => {
        const ps = children.scatter("parameters", params);
        const before = children.scatter("state", state);
        const after: unknown[] = [];
        const y = children.list.reduce((input, child, i) => {
          const [output, next] = applyChild(child, i, ps[i], before[i], input, context);
          after.push(next);
          return output;
        }, x);
        return [y, children.gather(after)];
      }),
  });
}

const isRecord = (given: readonly LayerLike[] | [LayerRecord]): given is [LayerRecord] => {
  const only: unknown = given.length === 1 ? given[0] : null;
  return typeof only === "object" && only !== null && !isLayer(only);
};

/**
 * Layers side by side: all have the same input, and `combine` makes one tensor of what they return.
 * Parameters and state have the structure of the layers.
 *
 * @example
 * ```ts
 * const both = nn.parallel([nn.identity(), (x) => mul(x, 10)], (a, b) => concat([a, b], { axis: 1 }));
 * const { params, state, out } = both.init(random.key(0), { shape: [1, 2], dtype: "float32" });
 * out.shape // [1, 4]
 * both.apply(params, state, tensor([[1, 2]]))[0].toArray() // [[1, 2, 10, 20]]
 * ```
 */
export const parallel = <const L extends readonly LayerLike[] | LayerRecord>(
  layers: L,
  combine: (...ys: Tensor[]) => Tensor,
): Layer<ParamsOfAll<L>, StatesOfAll<L>> => compound<L>(beside("parallel", layers, combine));

const beside = (
  name: string,
  layers: readonly LayerLike[] | LayerRecord,
  combine: (...ys: Tensor[]) => Tensor,
): Layer => {
  const children = toChildren(name, layers);
  return {
    name,
    init: (key, input) =>
      within(name, input, () => {
        const made = initBeside(children, key, input);
        const ys = made.map(({ out }) => zeros(out.shape, { dtype: out.dtype }));
        return {
          params: children.gather(made.map((m) => m.params)),
          state: children.gather(made.map((m) => m.state)),
          out: evalShape((...args: Tensor[]) => combine(...args), ...ys),
        };
      }),
    apply: (params, state, x, context = {}) =>
      within(name, x, () => {
        const ps = children.scatter("parameters", params);
        const before = children.scatter("state", state);
        const outs = children.list.map((child, i) => applyChild(child, i, ps[i], before[i], x, context));
        return [combine(...outs.map(([y]) => y)), children.gather(outs.map(([, next]) => next))];
      }),
  };
};

/** The two branches of `residual`. */
export interface Residual<B, C> {
  readonly body: B;
  readonly shortcut: C;
}

const addSame = (...[body, shortcut]: Tensor[]): Tensor => {
  if (sameShape(body!.shape, shortcut!.shape)) return add(body!, shortcut!);
  throw new FluxionError(
    "residual",
    `expected a body whose result has the shape of what it is added to, ${showAval(shortcut!)}, got ${showAval(body!)}: give a shortcut that changes the shape`,
  );
};

/**
 * `body(x) + shortcut(x)`, the shortcut being the identity by default (K. He et al., "Deep residual learning for
 * image recognition", 2015).
 *
 * Throws where the two have different shapes.
 *
 * @example
 * ```ts
 * const block = nn.residual(nn.sequential(nn.dense(4), relu));
 * const { params, state } = block.init(random.key(0), { shape: [1, 4], dtype: "float32" });
 * block.apply(params, state, ones([2, 4]))[0].shape // [2, 4]
 * nn.residual(nn.dense(3)).init(random.key(0), { shape: [1, 4], dtype: "float32" }) // throws residual: expected a body whose result has the shape
 * ```
 */
export const residual = <const B extends LayerLike, const C extends LayerLike = (x: Tensor) => Tensor>(
  body: B,
  shortcut?: C,
): Layer<ParamsOfAll<Residual<B, C>>, StatesOfAll<Residual<B, C>>> =>
  compound<Residual<B, C>>(beside("residual", { body, shortcut: shortcut ?? itself }, addSame));

const itself = (x: Tensor): Tensor => x;

/**
 * The layer under another name, which errors show.
 *
 * @example
 * ```ts
 * const encoder = nn.named("encoder", nn.sequential(nn.dense(2)));
 * encoder.name // "encoder"
 * encoder.init(random.key(0), { shape: [], dtype: "float32" }) // throws encoder[0].dense: expected
 * ```
 */
export const named = <P, S>(name: string, layer: Layer<P, S>): Layer<P, S> => {
  const renaming = <A>(f: () => A): A => {
    try {
      return f();
    } catch (error) {
      throw error instanceof LayerError ? renamed(error, layer.name, name) : error;
    }
  };
  return {
    name,
    init: (key, input) => renaming(() => layer.init(key, input)),
    apply: (params, state, x, context) => renaming(() => layer.apply(params, state, x, context)),
  };
};

const renamed = (error: LayerError, from: string, to: string): LayerError =>
  new LayerError(
    error.path.startsWith(from) ? `${to}${error.path.slice(from.length)}` : error.path,
    error.detail,
    error,
  );
