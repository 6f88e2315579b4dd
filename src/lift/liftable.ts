/** Tensors and lifted functions with the types that they have inside lifted functions. */
import type { Tensor } from "../ops/tensor.js";
import type { Lifted, LiftTable } from "./types.js";

/**
 * The tensor or lifted function itself, typed as what it stands for inside lifted functions: a tensor as a number and
 * as an array of numbers (of any depth), a lifted function as the function of numbers that it was made of. For the
 * names that are given to `lift`; it changes nothing but the type.
 *
 * @example
 * ```ts
 * const weights = liftable(tensor([10, 20, 30]));
 * const square = liftable(lift((x: number) => x * x));
 * const f = lift((x: number, i: number) => square(x) + weights[i]!, { square, weights });
 * f(tensor([1, 2, 3]), tensor([2, 0, 1])).toArray() // [31, 14, 29]
 * ```
 */
export function liftable<A extends readonly unknown[], R>(f: Lifted<A, R>): (...args: A) => R;
export function liftable(x: Tensor): LiftTable;
export function liftable(x: unknown): unknown {
  return x;
}
