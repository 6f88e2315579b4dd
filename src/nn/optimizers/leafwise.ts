/** Transformations that treat every tensor by itself, with some accumulators of its shape. */
import { expectStructure, flatten, unflatten } from "../../ir/tree.js";
import { add, neg, div, mul } from "../../ops/arithmetic.js";
import { cast } from "../../ops/conversion.js";
import { expm1 } from "../../ops/exponential.js";
import { zeros, zerosLike } from "../../ops/fill.js";
import { asTensor, type Tensor, toExpr } from "../../ops/tensor.js";
import type { GradientTransformation, StateFn } from "./transformation.js";

/** The number of steps taken, int32, and accumulators in the structure of the parameters. */
export type Moments<K extends string, P> = { readonly count: Tensor } & { readonly [k in K]: P };

/** The state of a transformation with such accumulators. */
export interface MomentsFn<K extends string> extends StateFn {
  readonly state: Moments<K, this["P"]>;
}

type Each<K extends string> = Readonly<Record<K, Tensor>>;

/** What happens to one tensor. */
export interface Rule<K extends string> {
  /** The first value of each accumulator. */
  readonly init: { readonly [k in K]: (param: Tensor) => Tensor };
  /** The update and the new accumulators of step number `t` = 1, 2, … (a scalar of the tensor's dtype). */
  readonly step: (
    g: Tensor,
    moments: Each<K>,
    t: Tensor,
    param: Tensor,
  ) => [update: Tensor, moments: Each<K>];
}

const leavesLike = (name: string, like: ReturnType<typeof flatten>, given: unknown): Tensor[] => {
  const flat = flatten("update", given);
  expectStructure("update", like.structure, flat.structure, name);
  return flat.leaves.map((l) => asTensor(toExpr("update", l)));
};

/** Squares of small gradients and epsilons are 0 in float16: what is kept and computed of it is float32. */
const wide = (x: Tensor): Tensor => (x.dtype === "float16" ? cast(x, "float32") : x);

/** The first count. */
export const noSteps = (): Tensor => zeros([], { dtype: "int32" });

/**
 * A transformation from what happens to one tensor: accumulators for each of its tensors, and a count of the steps.
 * float16 is computed, and accumulated, in float32; its updates are float16.
 *
 * Throws where updates, state and parameters have different structures.
 *
 * @example
 * ```ts
 * const total = nn.leafwise({
 *   init: { sum: (param) => zerosLike(param) },
 *   step: (g, { sum }) => [add(sum, g), { sum: add(sum, g) }],
 * });
 * const [, state] = total.update(tensor([1, 2]), total.init(tensor([0, 0])), tensor([0, 0]));
 * total.update(tensor([1, 2]), state, tensor([0, 0]))[0].toArray() // [2, 4]
 * state.count.item() // 1
 * ```
 */
export const leafwise = <K extends string>({ init, step }: Rule<K>): GradientTransformation<MomentsFn<K>> => {
  const names = Object.keys(init) as K[]; // the keys of the record
  const record = <A>(value: (name: K) => A): Record<K, A> =>
    Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, A>;
  const state = <P>(count: Tensor, trees: Record<K, P>): Moments<K, P> => ({ count, ...trees });
  return {
    init: <P>(params: P) => {
      const flat = flatten("init", params);
      const leaves = flat.leaves.map((l) => asTensor(toExpr("init", l)));
      return state(
        noSteps(),
        record(
          (name) =>
            unflatten(
              flat.structure,
              leaves.map((l) => init[name](wide(l))),
            ) as P,
        ),
      );
    },
    update: <P>(updates: P, before: Moments<K, NoInfer<P>>, params: NoInfer<P>) => {
      const flat = flatten("update", updates);
      const gradients = leavesLike("updates", flat, updates);
      const weights = leavesLike("params", flat, params);
      const moments = record((name) => leavesLike(`state.${name}`, flat, before[name]));
      const count = add(before.count, 1);
      const results = gradients.map((given, i) => {
        const g = wide(given);
        const before = record((name) => moments[name][i]!);
        const [next, after] = step(g, before, cast(count, g.dtype), wide(weights[i]!));
        return [given.dtype === "float16" ? cast(next, "float16") : next, after] as const;
      });
      const tree = (leaves: readonly Tensor[]): P => unflatten(flat.structure, leaves) as P;
      const after = record((name) => tree(results.map(([, next]) => next[name])));
      return [tree(results.map(([update]) => update)), state(count, after)];
    },
  };
};

/** An accumulator that starts at 0. */
export const nothing = (param: Tensor): Tensor => zerosLike(param);

/** The moving average: `decay` · old + (1 - `decay`) · new. */
export const moving = (old: Tensor, now: Tensor, decay: number): Tensor =>
  add(mul(old, decay), mul(now, 1 - decay));

/** 1 - decay^t, without cancellation for decays near 1. */
export const unbias = (decay: number, t: Tensor): Tensor => neg(expm1(mul(t, Math.log(decay))));

/** A moving average that started at 0, without its bias towards it. */
export const unbiased = (average: Tensor, decay: number, t: Tensor): Tensor => div(average, unbias(decay, t));
