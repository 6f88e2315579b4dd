/**
 * One body, three faces: `sub(x, y)`, `pipe(x, sub(y))` and `x.sub(y)` are all x − y.
 * Optional arguments live in an options object, last, so that counting tells the faces apart.
 */
import { isTensorLike, type Tensor, type TensorLike } from "./tensor.js";

/**
 * A function of a tensor that also works data-last. Inference reads the last signature, so `pipe`, `reduce` and `grad`
 * see a function of tensors.
 */
export interface Op<A extends readonly unknown[]> {
  (...args: A): (x: TensorLike) => Tensor;
  (x: TensorLike, ...args: A): Tensor;
  (x: Tensor, ...args: A): Tensor;
}

/** A function of one tensor and nothing else: it is its own data-last form. */
export interface Unary {
  (x: TensorLike): Tensor;
  (x: Tensor): Tensor;
}

const isOptions = (x: unknown): boolean =>
  x === undefined ||
  (typeof x === "object" && x !== null && !Array.isArray(x) && !isTensorLike(x) && !ArrayBuffer.isView(x));

/** Data-first when, options aside, there is one argument more than the `required` ones. */
const countsAsDataFirst =
  (required: number) =>
  (args: readonly unknown[]): boolean => {
    let n = args.length;
    while (n > 0 && isOptions(args[n - 1])) n--;
    return n > required;
  };

/**
 * Makes the two orders of `f`. `dataFirst` is the number of required arguments after x, or a test of the arguments
 * where counting cannot tell.
 */
export const op = <A extends readonly unknown[]>(
  dataFirst: number | ((args: readonly unknown[]) => boolean),
  f: (x: TensorLike, ...args: A) => Tensor,
): Op<A> => {
  const isDataFirst = typeof dataFirst === "number" ? countsAsDataFirst(dataFirst) : dataFirst;
  return ((...args: unknown[]) =>
    isDataFirst(args)
      ? f(...(args as [TensorLike, ...A]))
      : (x: TensorLike) => f(x, ...(args as unknown as A))) as unknown as Op<A>; // one body, both overloads
};

/** For operations whose first argument after x is optional and never tensor-like. */
export const startsWithTensor = (args: readonly unknown[]): boolean => isTensorLike(args[0]);

/** The bodies behind a table of arguments, for `install.ts`: methods are these with `this` as the first argument. */
export type BodiesOf<T> = {
  readonly [K in keyof T]: T[K] extends readonly unknown[] ? (x: TensorLike, ...args: T[K]) => Tensor : never;
};
