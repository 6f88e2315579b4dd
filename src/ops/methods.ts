/** The methods of a tensor, derived from the argument tables of the functions. Each table is in its functions' file. */
import type { ReadMethods } from "./read.js";
import type { Tensor } from "./tensor.js";

/** Labelled argument tuples to methods. */
export type MethodsOf<T> = {
  readonly [K in keyof T]: T[K] extends readonly unknown[] ? (...args: T[K]) => Tensor : never;
};

export interface TensorMethods extends ReadMethods {
  /** Coercion: a concrete scalar gives its number, anything else throws and says what to use. */
  [Symbol.toPrimitive](hint: string): number | string;
}
