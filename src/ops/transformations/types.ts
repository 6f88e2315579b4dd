/** Types of the transformations. A gradient has its parameter's own type: no recursive mapped types. */
import type { Tensor } from "../tensor.js";

/** A position of an argument, or several. */
export type Argnums = number | readonly number[];

/** Options of `grad` and `valueAndGrad`. */
export interface GradOptions {
  /** Which arguments to differentiate; a list gives a list of gradients. Default 0. */
  readonly argnums?: Argnums;
  /** The function returns `[loss, aux]`; aux is passed through. */
  readonly hasAux?: boolean;
}

/** A parameter, or a plain number where a scalar tensor is expected. */
export type Numeric<P> = P | (P extends Tensor ? number : never);

/** A derivative as a function of the same arguments. Inference reads the last signature, so derivatives nest. */
export interface Derivative<P, R extends unknown[], Out> {
  (params: Numeric<P>, ...rest: R): Out;
  (params: P, ...rest: R): Out;
}

type Selected<A extends readonly unknown[], N> = N extends readonly number[]
  ? { [K in keyof N]: A[N[K] & number] }
  : N extends number
    ? A[N]
    : A[0];

export type GradOf<A extends readonly unknown[], O> = O extends { readonly argnums: infer N }
  ? Selected<A, N>
  : A[0];

/** Every tensor of `O` replaced by a tree like `P`: one leaf of shape output ++ input for each pair. */
export type Jacobian<O, P> = O extends Tensor ? P : { [K in keyof O]: Jacobian<O[K], P> };
