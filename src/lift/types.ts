/** Types of lifted functions: numbers become tensors, structures stay. */
import type { Tensor, TensorLike } from "../ops/tensor.js";

/** What a function of numbers returns once it is lifted: a tensor for every number, in the same structure. */
export type LiftedResult<R> = R extends number | boolean
  ? Tensor
  : { -readonly [K in keyof R]: LiftedResult<R[K]> };

/** What a lifted function takes for a parameter: tensors or numbers, in the same structure. */
export type LiftedArgument<P> = P extends number | boolean | undefined
  ? TensorLike
  : { readonly [K in keyof P]: LiftedArgument<P[K]> };

/** Arguments of a lifted function. */
export type LiftedArguments<A extends readonly unknown[]> = { [K in keyof A]: LiftedArgument<A[K]> };

/** Arguments that are tensors. Inference reads this signature, so gradients have a tensor's type. */
export type TensorArguments<A extends readonly unknown[]> = { [K in keyof A]: LiftedResult<A[K]> };

/** A function of numbers as a function of tensors, element by element. */
export interface Lifted<A extends readonly unknown[], R> {
  (...args: LiftedArguments<A>): LiftedResult<R>;
  (...args: TensorArguments<A>): LiftedResult<R>;
}

/** A tensor as lifted functions see it: a number for each element, or a table of numbers. */
export type LiftTable = number & { readonly [index: number]: LiftTable; readonly length: number };

/** Names that a lifted function may use beside its own: numbers, booleans, tensors and functions of numbers. */
export type LiftEnvironment = Readonly<Record<string, unknown>>;
