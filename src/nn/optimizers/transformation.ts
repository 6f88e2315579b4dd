/**
 * Optimizers: functions from gradients to updates, with a state, made of small transformations in a chain
 * (the design of Optax). All are pure and work on any tree of parameters, inside and outside of `jit`.
 *
 *     chain() is the identity;   chain(a, chain(b, c)) ≡ chain(chain(a, b), c) but for the nesting of the state
 */
import type { Monoid } from "fp-ts/lib/Monoid.js";
import { add } from "../../ops/arithmetic.js";
import { cast } from "../../ops/conversion.js";
import { map } from "../../ops/tree.js";

/** A type-level function: `state` may depend on `P`, the type of the parameters. */
export interface StateFn {
  readonly P: unknown;
  readonly state: unknown;
}

/** The state that `F` gives for parameters of type `P`. */
export type StateOf<F extends StateFn, P> = (F & { readonly P: P })["state"];

/** A rule that turns gradients into updates, which are then added to the parameters. */
export interface GradientTransformation<F extends StateFn = StateFn> {
  /** The state before the first step. */
  init<P>(params: P): StateOf<F, P>;
  /** The updates for gradients (or for the updates of an earlier transformation), and the next state. */
  update<P>(
    updates: P,
    state: StateOf<F, NoInfer<P>>,
    params: NoInfer<P>,
  ): [updates: P, state: StateOf<F, P>];
}

/** The state of a transformation without one. */
export interface NoneFn extends StateFn {
  readonly state: readonly [];
}

/** The states of a chain, in its order. */
export interface ChainFn<Fs extends readonly StateFn[]> extends StateFn {
  readonly state: { readonly [K in keyof Fs]: StateOf<Fs[K], this["P"]> };
}

/**
 * A transformation without state, from a function of updates and parameters.
 *
 * @example
 * ```ts
 * const flip = nn.stateless((updates) => tree.map((u) => neg(u), updates));
 * flip.update(tensor([1, -2]), [], tensor([0, 0]))[0].toArray() // [-1, 2]
 * ```
 */
export const stateless = (f: <P>(updates: P, params: NoInfer<P>) => P): GradientTransformation<NoneFn> => ({
  init: () => [],
  update: (updates, state, params) => [f(updates, params), state],
});

/**
 * Transformations one after the other. The chain of none changes nothing.
 *
 * @example
 * ```ts
 * const rule = nn.chain(nn.scale(2), nn.scale(-3));
 * const [updates] = rule.update({ w: tensor([1]) }, rule.init({ w: tensor([0]) }), { w: tensor([0]) });
 * updates.w.toArray() // [-6]
 * ```
 */
export const chain = <const Fs extends readonly StateFn[]>(
  ...links: { readonly [K in keyof Fs]: GradientTransformation<Fs[K]> }
): GradientTransformation<ChainFn<Fs>> => {
  const list: readonly GradientTransformation[] = links;
  const anyParams: GradientTransformation = {
    init: (params) => list.map((t) => t.init(params)),
    update: (updates, state, params) => {
      let now = updates;
      const next = list.map((t, i) => {
        const [changed, after] = t.update(now, (state as readonly unknown[])[i], params);
        now = changed;
        return after;
      });
      return [now, next];
    },
  };
  return anyParams as GradientTransformation<ChainFn<Fs>>; // one state for each link
};

/**
 * Gradient transformations under `chain`.
 *
 * @example
 * ```ts
 * const rule = nn.chainMonoid.concat(nn.scale(2), nn.clip(1));
 * rule.update(tensor([0.25, 3]), rule.init(tensor([0, 0])), tensor([0, 0]))[0].toArray() // [0.5, 1]
 * ```
 */
export const chainMonoid: Monoid<GradientTransformation> = {
  empty: chain(),
  concat: (first, second) => chain(first, second),
};

/**
 * Parameters plus updates, in the parameters' dtypes.
 *
 * @example
 * ```ts
 * nn.applyUpdates({ w: tensor([1, 2]) }, { w: tensor([0.5, -1]) }).w.toArray() // [1.5, 1]
 * ```
 */
export const applyUpdates = <P>(params: P, updates: NoInfer<P>): P =>
  map((p, u) => add(p, cast(u, p.dtype)), params, updates);
