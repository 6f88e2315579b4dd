/** Layers inside layers: the walk that all combinators share, over lists and over records. */
import { pipe } from "fp-ts/lib/function.js";
import * as St from "fp-ts/lib/State.js";
import type { Aval } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { foldIn, split } from "../ops/random/key.js";
import { describe, type Tensor } from "../ops/tensor.js";
import {
  type Context,
  type Initialized,
  isLayer,
  type Layer,
  type LayerLike,
  toLayer,
  within,
} from "./layer.js";

/** A layer and where it is in its parent: `[2]` or `conv1`. */
interface Child {
  readonly at: string;
  readonly key: string | number;
  readonly layer: Layer;
  /** Whether it stands in the parent's parameters. Functions in records do not; in lists they keep their place. */
  readonly listed: boolean;
}

export interface Children {
  readonly list: readonly Child[];
  /** One value for every child, in the structure of the children. */
  readonly gather: (values: readonly unknown[]) => unknown;
  /** The value of every child in such a structure. */
  readonly scatter: (what: string, structure: unknown) => readonly unknown[];
}

const checked = (operation: string, at: string, l: unknown): LayerLike => {
  if (typeof l === "function" || isLayer(l)) return l as LayerLike;
  throw new FluxionError(
    operation,
    `expected a layer or a function of a tensor at ${at}, got ${describe(l)}`,
  );
};

const childrenOf = (
  operation: string,
  layers: readonly LayerLike[] | Readonly<Record<string, LayerLike>>,
): readonly Child[] => {
  const child = (at: string, key: string | number, l: LayerLike, listed: boolean): Child => ({
    at,
    key,
    layer: toLayer(checked(operation, at, l)),
    listed,
  });
  if (Array.isArray(layers))
    return (layers as readonly LayerLike[]).map((l, i) => child(`[${i}]`, i, l, true));
  return Object.entries(layers).map(([key, l]) => {
    // JavaScript moves such keys to the front.
    if (/^\d+$/.test(key))
      throw new FluxionError(operation, `expected names of layers, got ${key}: use a list`);
    return child(key, key, l, typeof l !== "function");
  });
};

export const toChildren = (
  operation: string,
  layers: readonly LayerLike[] | Readonly<Record<string, LayerLike>>,
): Children => {
  const list = childrenOf(operation, layers);
  const isList = Array.isArray(layers);
  return {
    list,
    gather: (values) =>
      isList ? values : Object.fromEntries(list.flatMap((c, i) => (c.listed ? [[c.key, values[i]]] : []))),
    scatter: (what, structure) =>
      list.map(({ key, listed }) => {
        if (!listed) return [];
        if (typeof structure === "object" && structure !== null && key in structure)
          return (structure as Readonly<Record<string | number, unknown>>)[key];
        throw new FluxionError(
          operation,
          `expected ${what} for ${isList ? `${list.length} layers` : key}, got ${keysOf(structure)}`,
        );
      }),
  };
};

const keysOf = (x: unknown): string =>
  Array.isArray(x)
    ? `a list of ${x.length}`
    : typeof x === "object" && x !== null
      ? `{${Object.keys(x).join(", ")}}`
      : String(x);

/** What initialisation hands from layer to layer: keys not yet used, and the shape that comes in. */
interface Frontier {
  readonly key: Tensor;
  readonly input: Aval;
}

type Init<A> = St.State<Frontier, A>;
type Made = Initialized<unknown, unknown>;

/** Initialises a layer with a key of its own; what it returns is the input of the next. */
const initialize =
  ({ at, layer }: Child): Init<Made> =>
  ({ key, input }) => {
    const [rest, own] = split(key);
    const made = within(at, input, () => layer.init(own, input));
    return [made, { key: rest, input: made.out }];
  };

/** The same, but every layer has the parent's input. */
const initializeBeside =
  (child: Child): Init<Made> =>
  (frontier) => {
    const [made, { key }] = initialize(child)(frontier);
    return [made, { key, input: frontier.input }];
  };

/** Initialises layers one after the other. */
export const initInTurn = ({ list }: Children, key: Tensor, input: Aval): readonly Made[] =>
  pipe(list, St.traverseArray(initialize), St.evaluate({ key, input }));

/** Initialises layers side by side. */
export const initBeside = ({ list }: Children, key: Tensor, input: Aval): readonly Made[] =>
  pipe(list, St.traverseArray(initializeBeside), St.evaluate({ key, input }));

/** Child number `i` applied, with a key of its own. */
export const applyChild = (
  { at, layer }: Child,
  i: number,
  params: unknown,
  state: unknown,
  x: Tensor,
  context: Context,
): [y: Tensor, state: unknown] =>
  within(at, x, () =>
    layer.apply(
      params,
      state,
      x,
      context.key === undefined ? context : { ...context, key: foldIn(context.key, i) },
    ),
  );
