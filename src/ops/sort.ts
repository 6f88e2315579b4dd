/** Order along an axis: one `argsort`, and gathers of what it finds. Stable; NaN counts as the largest number. */
import { showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { argsort as argsortPrimitive } from "../ir/primitives/sort.js";
import { reshape } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import {
  asTensor,
  checkAxis,
  describe,
  isTensorLike,
  type Tensor,
  type TensorLike,
  toExpr,
} from "./tensor.js";
import { gatherAlong } from "./take.js";
import { checkOptions, withOptions } from "./options.js";

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Default -1; null takes all elements, in row-major order. */
  readonly axis?: number | null;
  /** Largest first, NaN before everything. Default false. */
  readonly descending?: boolean;
}

/** Options of `topK` and `lexsort`. */
export interface TopKOptions {
  /** Default -1. */
  readonly axis?: number;
}

export interface SortArgs {
  /** In increasing order along an axis. */
  sort: [options?: SortOptions];
  /** The indices that sort along an axis. */
  argsort: [options?: SortOptions];
}

export interface TopKMethods {
  /** The k largest along an axis, largest first, and where they are. */
  topK(k: number, options?: TopKOptions): [values: Tensor, indices: Tensor];
}

const lineOf = (operation: string, input: TensorLike, options: SortOptions): [Expr, number] => {
  const x = toExpr(operation, input);
  if (options.axis === null) return [reshape(x, [x.size]), 0];
  return [x, checkAxis(operation, options.axis ?? -1, x.ndim)];
};

const sortBody = (input: TensorLike, options: SortOptions = {}): Tensor => {
  const [x, axis] = lineOf("sort", input, options);
  if (x.size === 0) return asTensor(x);
  return asTensor(gatherAlong("sort", x, argsortPrimitive(x, axis, options.descending ?? false), axis));
};

const argsortBody = (input: TensorLike, options: SortOptions = {}): Tensor => {
  const [x, axis] = lineOf("argsort", input, options);
  return asTensor(argsortPrimitive(x, axis, options.descending ?? false));
};

const topKBody = (
  input: TensorLike,
  k: number,
  { axis = -1 }: TopKOptions = {},
): [values: Tensor, indices: Tensor] => {
  const x = toExpr("topK", input);
  const at = checkAxis("topK", axis, x.ndim);
  if (!Number.isInteger(k) || k < 0 || k > x.shape[at]!)
    throw expected(
      "topK",
      `k from 0 to ${x.shape[at]!}, the size of axis ${at} of ${showAval(x.aval)}`,
      String(k),
    );
  const indices = argsortPrimitive(x, at, true, k);
  return [
    asTensor(x.size === 0 ? reshape(x, indices.shape) : gatherAlong("topK", x, indices, at)),
    asTensor(indices),
  ];
};

export const sortFunctions: BodiesOf<SortArgs> = {
  sort: withOptions("sort", 1, ["axis", "descending"], sortBody),
  argsort: withOptions("argsort", 1, ["axis", "descending"], argsortBody),
};

export const topKFunctions: {
  readonly topK: (x: TensorLike, k: number, options?: TopKOptions) => [values: Tensor, indices: Tensor];
} = {
  topK: withOptions("topK", 2, ["axis"], topKBody),
};

/**
 * In increasing order along `axis` (default the last), or decreasing. Equal elements keep their order, NaN comes last
 * (first where descending). Any dtype. The derivative follows the elements to their new places.
 *
 * @example
 * ```ts
 * sort(tensor([3, 1, 2])).toArray() // [1, 2, 3]
 * sort(tensor([[3, 1], [2, 4]]), { axis: 0, descending: true }).toArray() // [[3, 4], [2, 1]]
 * ```
 */
export const sort: Op<SortArgs["sort"]> & Unary = op(0, sortFunctions.sort);

/**
 * The indices that sort `x` along `axis` (default the last): int32. Stable.
 *
 * @example
 * ```ts
 * argsort(tensor([3, 1, 2])).toArray() // [1, 2, 0]
 * ```
 */
export const argsort: Op<SortArgs["argsort"]> & Unary = op(0, sortFunctions.argsort);

/** `topK` in both orders. */
export interface TopK {
  (k: number, options?: TopKOptions): (x: TensorLike) => [values: Tensor, indices: Tensor];
  (x: TensorLike, k: number, options?: TopKOptions): [values: Tensor, indices: Tensor];
}

/**
 * The `k` largest elements along `axis` (default the last), largest first, and their indices (int32). Of equal ones
 * the first comes first.
 *
 * @example
 * ```ts
 * const [values, indices] = topK(tensor([1, 4, 2, 3]), 2);
 * values.toArray() // [4, 3]
 * indices.toArray() // [1, 3]
 * ```
 */
export const topK: TopK = ((...args: unknown[]) =>
  typeof args[1] === "number"
    ? topKFunctions.topK(...(args as [TensorLike, number, TopKOptions?]))
    : (x: TensorLike) => topKFunctions.topK(x, ...(args as [number, TopKOptions?]))) as TopK; // one body, both overloads

/**
 * The indices that sort by several keys, the last key first in importance, as in NumPy: int32, stable.
 *
 * Keys are tensors of one shape; the order is along `axis` (default the last).
 *
 * @example
 * ```ts
 * const first = tensor([1, 0, 1, 0]);
 * const second = tensor([4, 3, 2, 1]);
 * lexsort([second, first]).toArray() // [3, 1, 2, 0]
 * ```
 */
export const lexsort = (keys: readonly TensorLike[], options: TopKOptions = {}): Tensor => {
  checkOptions("lexsort", options, ["axis"]);
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every(isTensorLike))
    throw expected("lexsort", "at least one key", describe(keys));
  const exprs = keys.map((k) => toExpr("lexsort", k));
  const first = exprs[0]!;
  const odd = exprs.find(
    (e) => showAval({ ...e.aval, dtype: "bool" }) !== showAval({ ...first.aval, dtype: "bool" }),
  );
  if (odd !== undefined)
    throw expected("lexsort", "keys of one shape", `${showAval(first.aval)} and ${showAval(odd.aval)}`);
  const at = checkAxis("lexsort", options.axis ?? -1, first.ndim);
  if (first.size === 0) return asTensor(argsortPrimitive(first, at));
  return asTensor(
    exprs.slice(1).reduce(
      (order, key) => {
        const next = argsortPrimitive(gatherAlong("lexsort", key, order, at), at);
        return gatherAlong("lexsort", order, next, at);
      },
      argsortPrimitive(first, at),
    ),
  );
};
