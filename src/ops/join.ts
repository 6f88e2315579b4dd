/** Several tensors into one. */
import { showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { concat as concatPrimitive, reshape } from "../ir/primitives/views.js";
import { checkOptions } from "./options.js";
import { asDType, commonDType } from "./promotion.js";
import { atLeast1d, atLeast2d, atLeast3d, insertAxes } from "./reshape.js";
import { asTensor, checkAxis, describe, isTensorLike, type Tensor, type TensorLike } from "./tensor.js";

/** Options of `concat` and `stack`. */
export interface JoinOptions {
  /** Default 0; may be negative. */
  readonly axis?: number;
}

/** A function of a list of tensors that also works data-last. */
export interface ListOp<A extends readonly unknown[]> {
  (...args: A): (xs: readonly TensorLike[]) => Tensor;
  (xs: readonly TensorLike[], ...args: A): Tensor;
}

const listOp = <A extends readonly unknown[]>(
  f: (xs: readonly TensorLike[], ...args: A) => Tensor,
): ListOp<A> =>
  ((...args: unknown[]) =>
    Array.isArray(args[0])
      ? f(...(args as unknown as [readonly TensorLike[], ...A]))
      : (xs: readonly TensorLike[]) => f(xs, ...(args as unknown as A))) as unknown as ListOp<A>; // one body, both overloads

/** A list's items in their common dtype. At least one. */
const operands = (operation: string, xs: readonly TensorLike[]): Expr[] => {
  if (!Array.isArray(xs)) throw expected(operation, "a list of tensors", describe(xs));
  if (xs.length === 0) throw expected(operation, "at least one tensor", "an empty list");
  const dtype = commonDType(operation, xs);
  return xs.map((x) => asDType(operation, x, dtype));
};

const checkJoin = (operation: string, options: unknown): void => {
  checkOptions(operation, options, ["axis"]);
};

const joined = (operation: string, xs: readonly Expr[], axis: number): Tensor => {
  const first = xs[0]!;
  if (first.ndim === 0) throw expected(operation, "tensors with at least one axis", showAval(first.aval));
  const at = checkAxis(operation, axis, first.ndim);
  const odd = xs.find(
    (x) => x.ndim !== first.ndim || x.shape.some((n, i) => i !== at && n !== first.shape[i]),
  );
  if (odd !== undefined)
    throw expected(
      operation,
      `shapes that are equal but for axis ${at}`,
      `${showAval(first.aval)} and ${showAval(odd.aval)}`,
    );
  return asTensor(concatPrimitive(xs, at));
};

/**
 * The tensors one after another along an existing axis, in their common dtype.
 *
 * Throws for an empty list and for shapes that differ along another axis.
 *
 * @example
 * ```ts
 * concat([tensor([[1, 2]]), tensor([[3, 4]])]).toArray() // [[1, 2], [3, 4]]
 * concat([tensor([[1, 2]]), tensor([[3, 4]])], { axis: 1 }).toArray() // [[1, 2, 3, 4]]
 * ```
 */
export const concat: ListOp<[options?: JoinOptions]> = listOp((xs, options) => {
  checkJoin("concat", options);
  return joined("concat", operands("concat", xs), options?.axis ?? 0);
});

/**
 * NumPy's name for `concat`.
 *
 * @example
 * ```ts
 * concatenate([tensor([1, 2]), tensor([3])]).toArray() // [1, 2, 3]
 * ```
 */
export const concatenate: ListOp<[options?: JoinOptions]> = concat;

/**
 * Tensors of one shape along a new axis, in their common dtype.
 *
 * Throws for an empty list and for shapes that differ.
 *
 * @example
 * ```ts
 * stack([tensor([1, 2]), tensor([3, 4])]).toArray() // [[1, 2], [3, 4]]
 * stack([tensor([1, 2]), tensor([3, 4])], { axis: -1 }).toArray() // [[1, 3], [2, 4]]
 * stack([1, 2, 3]).toArray() // [1, 2, 3]
 * ```
 */
export const stack: ListOp<[options?: JoinOptions]> = listOp((xs, options) => {
  checkJoin("stack", options);
  const list = operands("stack", xs);
  const first = list[0]!;
  const odd = list.find((x) => showAval(x.aval) !== showAval(first.aval));
  if (odd !== undefined)
    throw expected("stack", "tensors of one shape", `${showAval(first.aval)} and ${showAval(odd.aval)}`);
  const axis = checkAxis("stack", options?.axis ?? 0, first.ndim + 1);
  return asTensor(
    concatPrimitive(
      list.map((x) => insertAxes("stack", x, axis)),
      axis,
    ),
  );
});

/** Joins after each item was given its least rank. */
const ranked =
  (operation: string, rank: (x: TensorLike) => Tensor, axis: (first: Expr) => number) =>
  (xs: readonly TensorLike[]): Tensor => {
    if (!Array.isArray(xs) || !xs.every(isTensorLike))
      throw expected(operation, "a list of tensors", describe(xs));
    const list = operands(operation, xs.map(rank));
    return joined(operation, list, axis(list[0]!));
  };

/**
 * The tensors side by side: along the second axis, or the first where there is only one.
 *
 * @example
 * ```ts
 * hstack([tensor([1, 2]), tensor([3])]).toArray() // [1, 2, 3]
 * hstack([tensor([[1], [2]]), tensor([[3], [4]])]).toArray() // [[1, 3], [2, 4]]
 * ```
 */
export const hstack: (xs: readonly TensorLike[]) => Tensor = ranked("hstack", atLeast1d, (x) =>
  x.ndim === 1 ? 0 : 1,
);

/**
 * The tensors on top of each other: along the first axis, vectors being rows.
 *
 * @example
 * ```ts
 * vstack([tensor([1, 2]), tensor([[3, 4]])]).toArray() // [[1, 2], [3, 4]]
 * ```
 */
export const vstack: (xs: readonly TensorLike[]) => Tensor = ranked("vstack", atLeast2d, () => 0);

/**
 * The tensors behind each other: along the third axis.
 *
 * @example
 * ```ts
 * dstack([tensor([1, 2]), tensor([3, 4])]).toArray() // [[[1, 3], [2, 4]]]
 * ```
 */
export const dstack: (xs: readonly TensorLike[]) => Tensor = ranked("dstack", atLeast3d, () => 2);

/**
 * Vectors as the columns of a matrix; matrices stay as they are.
 *
 * @example
 * ```ts
 * columnStack([tensor([1, 2]), tensor([3, 4])]).toArray() // [[1, 3], [2, 4]]
 * ```
 */
export const columnStack: (xs: readonly TensorLike[]) => Tensor = ranked(
  "columnStack",
  (x) => {
    const [e] = operands("columnStack", [x]);
    return asTensor(e!.ndim < 2 ? reshape(e!, [e!.size, 1]) : e!);
  },
  () => 1,
);

/**
 * `x` with `values` behind it along `axis`; without an axis both are flattened first, as in NumPy.
 *
 * @example
 * ```ts
 * append(tensor([1, 2]), 3).toArray() // [1, 2, 3]
 * append(tensor([[1, 2]]), tensor([[3, 4]]), { axis: 0 }).toArray() // [[1, 2], [3, 4]]
 * ```
 */
export const append = (x: TensorLike, values: TensorLike, options: JoinOptions = {}): Tensor => {
  checkJoin("append", options);
  const list = operands("append", [x, values]);
  if (options.axis !== undefined) return joined("append", list, options.axis);
  return joined(
    "append",
    list.map((e) => reshape(e, [e.size])),
    0,
  );
};
