/** Places of values in sorted tables. */
import { showAval } from "../ir/aval.js";
import { type DType, isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { add, and, cast, isNaN, le, lt, not, or, select, sub } from "../ir/primitives/arithmetic.js";
import { scatter } from "../ir/primitives/indexed.js";
import { full, fullLike } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { commonDType } from "./promotion.js";
import { gatherAxis } from "./take.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `searchsorted`. */
export interface SearchOptions {
  /** "left" gives the first place that keeps the order, "right" the last. Default "left". */
  readonly side?: "left" | "right";
}

/** Options of `digitize`. */
export interface DigitizeOptions {
  /** Whether a bin contains its right edge rather than its left one. Default false. */
  readonly right?: boolean;
}

export interface SearchArgs {
  /** Where values go into this sorted vector. */
  searchsorted: [values: TensorLike, options?: SearchOptions];
  /** The bin of every element. */
  digitize: [bins: TensorLike, options?: DigitizeOptions];
}

/** a < b, where NaN is larger than every number. */
const less = (a: Expr, b: Expr): Expr => {
  const plain = lt(a, b);
  return isFloat(a.dtype) ? or(plain, and(isNaN(b), not(isNaN(a)))) : plain;
};

/** Binary search with a fixed number of steps: the largest count of elements that all come before the value. */
const search = (table: Expr, values: Expr, side: "left" | "right"): Expr => {
  const n = table.shape[0]!;
  let place = full(values.shape, "int32", 0);
  if (n === 0) return place;
  for (let step = 2 ** Math.floor(Math.log2(n)); step >= 1; step /= 2) {
    const next = add(place, fullLike(place, step));
    const element = gatherAxis(table, sub(next, fullLike(next, 1)), 0);
    const before = side === "left" ? less(element, values) : not(less(values, element));
    place = select(and(le(next, fullLike(next, n)), before), next, place);
  }
  return place;
};

const searchIn = (operation: string, table: TensorLike, values: TensorLike, side: unknown): Tensor => {
  const a = toExpr(operation, table);
  if (a.ndim !== 1) throw expected(operation, "a sorted vector", showAval(a.aval));
  if (side !== "left" && side !== "right")
    throw expected(operation, 'side "left" or "right"', describe(side));
  const dtype: DType = commonDType(operation, [table, values]);
  return asTensor(search(cast(a, dtype), cast(toExpr(operation, values), dtype), side));
};

/** A size that makes the result's shape. */
export const checkCount = (operation: string, what: string, n: unknown): number => {
  if (typeof n === "number" && Number.isInteger(n) && n >= 0) return n;
  throw expected(operation, `${what} in the options (a result's shape cannot depend on values)`, describe(n));
};

/** `values` added into, or written to, `places` of a vector; places outside are dropped. */
export const scatterInto = (start: Expr, places: Expr, values: Expr, mode: "add" | "set"): Expr =>
  scatter(start, reshape(places, [...places.shape, 1]), values, {
    axes: [0],
    batch: 0,
    outOfBounds: "drop",
    mode,
  });

export const searchFunctions: BodiesOf<SearchArgs> = {
  searchsorted: withOptions("searchsorted", 2, ["side"], (table, values, { side = "left" } = {}) =>
    searchIn("searchsorted", table, values, side),
  ),
  digitize: withOptions("digitize", 2, ["right"], (x, bins, { right = false } = {}) =>
    searchIn("digitize", bins, x, right ? "left" : "right"),
  ),
};

/**
 * Where `values` go into a sorted vector so that it stays sorted: int32, of the shape of `values`.
 *
 * NaN counts as larger than every number. Throws unless the table is a vector.
 *
 * @example
 * ```ts
 * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 9])).toArray() // [0, 1, 3]
 * searchsorted(tensor([1, 3, 5]), 3, { side: "right" }).item() // 2
 * ```
 */
export const searchsorted: Op<SearchArgs["searchsorted"]> = op(1, searchFunctions.searchsorted);

/**
 * The bin of every element of `x`, bins being cut by the increasing vector `bins`: int32, 0 before the first edge.
 *
 * @example
 * ```ts
 * digitize(tensor([0.5, 1, 7]), tensor([1, 5])).toArray() // [0, 1, 2]
 * ```
 */
export const digitize: Op<SearchArgs["digitize"]> = op(1, searchFunctions.digitize);
