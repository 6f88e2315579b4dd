/**
 * Places of elements that are not zero, and the different elements. How many there are depends on values, so the
 * caller says how many the result holds.
 */
import { stridesOf } from "../ir/aval.js";
import { isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import { and, cast, div, eq, isNaN, lt, ne, not, or, rem, select, sub } from "../ir/primitives/arithmetic.js";
import { cumulative } from "../ir/primitives/cumulative.js";
import { broadcast, full, fullLike, sum } from "../ir/primitives/layout.js";
import { argsort } from "../ir/primitives/sort.js";
import { concat, iota, reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkCount, scatterInto } from "./search.js";
import { gatherAxis } from "./take.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of functions whose result would otherwise depend on values for its size. */
export interface SizeOptions {
  /** How many places the result has: shapes are known before values are. */
  readonly size: number;
  /** What fills the places that are left over. */
  readonly fillValue?: number;
}

export interface PlacesArgs {
  /** Places in the flattened tensor of the elements that are not 0. */
  flatnonzero: [options: SizeOptions];
  /** Coordinates of the elements that are not 0, a row each. */
  argwhere: [options: SizeOptions];
  /** The different elements, sorted. */
  unique: [options: SizeOptions];
}

export interface PlacesMethods {
  /** Coordinates of the elements that are not 0, a vector for each axis. */
  nonzero(options: SizeOptions): Tensor[];
  /** The different elements, sorted, with their first places, their counts, and every element's own. */
  uniqueAll(options: SizeOptions): UniqueAll;
}

/** What `uniqueAll` finds. */
export interface UniqueAll {
  readonly values: Tensor;
  /** Where each value is first, in the flattened tensor; int32. */
  readonly indices: Tensor;
  /** Which of the values each element is, in the tensor's shape; int32. */
  readonly inverse: Tensor;
  /** How often each value occurs; int32. */
  readonly counts: Tensor;
}

const isTrue = (x: Expr): Expr => (x.dtype === "bool" ? x : ne(x, fullLike(x, 0)));

/** The elements of a vector where `mask` holds, in order, at the front of a vector of `size`; zeros behind. */
const compact = (values: Expr, mask: Expr, size: number): Expr => {
  const ordinal = cumulative("cumsum", cast(mask, "int32"), 0, false);
  const places = select(mask, sub(ordinal, fullLike(ordinal, 1)), fullLike(ordinal, size));
  return scatterInto(full([size], values.dtype, 0), places, values, "set");
};

/** Which of `size` places are taken by the trues of a mask. */
const taken = (mask: Expr, size: number): Expr =>
  lt(iota([size], "int32", 0), broadcast(sum(cast(mask, "int32"), [0]), [size], []));

interface Found {
  readonly places: Expr;
  readonly taken: Expr;
  readonly fill: number;
}

const find = (operation: string, x: Expr, options: SizeOptions): Found => {
  const size = checkCount(operation, "a size", (options as SizeOptions | undefined)?.size);
  const mask = isTrue(reshape(x, [x.size]));
  return {
    places: compact(iota([x.size], "int32", 0), mask, size),
    taken: taken(mask, size),
    fill: options.fillValue ?? 0,
  };
};

const filled = (e: Expr, f: Found): Expr => select(f.taken, e, fullLike(e, f.fill));

const coordinates = (operation: string, input: TensorLike, options: SizeOptions): Expr[] => {
  const x = toExpr(operation, input);
  const found = find(operation, x, options);
  const strides = stridesOf(x.shape);
  return x.shape.map((n, i) => {
    const place = found.places;
    const at = rem(div(place, fullLike(place, Math.max(strides[i]!, 1))), fullLike(place, Math.max(n, 1)));
    return filled(at, found);
  });
};

/** Whether each element of a sorted vector differs from the one before; NaNs are equal to each other. */
const firsts = (sorted: Expr): Expr => {
  const n = sorted.shape[0]!;
  if (n === 0) return full([0], "bool", 0);
  const [a, b] = [sliceAxis(sorted, 0, 0, n - 1), sliceAxis(sorted, 0, 1, n - 1)];
  const same = isFloat(sorted.dtype) ? or(eq(a, b), and(isNaN(a), isNaN(b))) : eq(a, b);
  return concat([full([1], "bool", 1), not(same)], 0);
};

/** The default fill of `unique` is the smallest element. */
const filledValues = (sorted: Expr, first: Expr, size: number, fill: number | undefined): Expr => {
  const values = compact(sorted, first, size);
  if (sorted.size === 0) return full([size], sorted.dtype, fill ?? 0);
  const least = broadcast(reshape(sliceAxis(sorted, 0, 0, 1), []), [size], []);
  return select(taken(first, size), values, fill === undefined ? least : fullLike(values, fill));
};

const uniqueAllBody = (operation: string, input: TensorLike, options: SizeOptions): UniqueAll => {
  const x = toExpr(operation, input);
  const size = checkCount(operation, "a size", (options as SizeOptions | undefined)?.size);
  const order = argsort(reshape(x, [x.size]), 0);
  const sorted = x.size === 0 ? reshape(x, [0]) : gatherAxis(reshape(x, [x.size]), order, 0);
  const first = firsts(sorted);
  const running = cumulative("cumsum", cast(first, "int32"), 0, false);
  const ordinal = sub(running, fullLike(running, 1));
  return {
    values: asTensor(filledValues(sorted, first, size, options.fillValue)),
    indices: asTensor(compact(order, first, size)),
    inverse: asTensor(reshape(scatterInto(full([x.size], "int32", 0), order, ordinal, "set"), x.shape)),
    counts: asTensor(scatterInto(full([size], "int32", 0), ordinal, full([x.size], "int32", 1), "add")),
  };
};

export const placesFunctions: BodiesOf<PlacesArgs> = {
  flatnonzero: withOptions("flatnonzero", 1, ["size", "fillValue"], (input, options) => {
    const found = find("flatnonzero", toExpr("flatnonzero", input), options);
    return asTensor(filled(found.places, found));
  }),
  argwhere: withOptions("argwhere", 1, ["size", "fillValue"], (input, options) => {
    const at = coordinates("argwhere", input, options);
    if (at.length === 0) return asTensor(full([options.size, 0], "int32", 0));
    return asTensor(
      concat(
        at.map((e) => reshape(e, [e.size, 1])),
        1,
      ),
    );
  }),
  unique: withOptions(
    "unique",
    1,
    ["size", "fillValue"],
    (input, options) => uniqueAllBody("unique", input, options).values,
  ),
};

export const placesMethods: {
  readonly nonzero: (x: TensorLike, options: SizeOptions) => Tensor[];
  readonly uniqueAll: (x: TensorLike, options: SizeOptions) => UniqueAll;
} = {
  nonzero: withOptions("nonzero", 1, ["size", "fillValue"], (x, options) =>
    coordinates("nonzero", x, options).map(asTensor),
  ),
  uniqueAll: withOptions("uniqueAll", 1, ["size", "fillValue"], (x, options) =>
    uniqueAllBody("uniqueAll", x, options),
  ),
};

/**
 * Coordinates of the elements of `x` that are not 0, an int32 vector of length `size` for each axis.
 *
 * The first `size` are kept, in row-major order; places that are left over get `fillValue` (default 0).
 *
 * @example
 * ```ts
 * nonzero(tensor([[0, 1], [2, 0]]), { size: 2 }).map((i) => i.toArray()) // [[0, 1], [1, 0]]
 * nonzero(tensor([0, 3]), { size: 2, fillValue: -1 }).map((i) => i.toArray()) // [[1, -1]]
 * ```
 */
export const nonzero = (x: TensorLike, options: SizeOptions): Tensor[] => placesMethods.nonzero(x, options);

/**
 * Places, in the flattened tensor, of the elements that are not 0: int32 of length `size`.
 *
 * @example
 * ```ts
 * flatnonzero(tensor([[0, 1], [2, 0]]), { size: 3, fillValue: -1 }).toArray() // [1, 2, -1]
 * ```
 */
export const flatnonzero: Op<PlacesArgs["flatnonzero"]> = op(0, placesFunctions.flatnonzero);

/**
 * Coordinates of the elements that are not 0, a row each: int32 `[size, ndim]`.
 *
 * @example
 * ```ts
 * argwhere(tensor([[0, 1], [2, 0]]), { size: 2 }).toArray() // [[0, 1], [1, 0]]
 * ```
 */
export const argwhere: Op<PlacesArgs["argwhere"]> = op(0, placesFunctions.argwhere);

/**
 * The first `size` different elements of `x`, sorted. Places that are left over get `fillValue`, by default the
 * smallest element. NaNs are equal to each other. Any dtype.
 *
 * @example
 * ```ts
 * unique(tensor([3, 1, 3, 2]), { size: 3 }).toArray() // [1, 2, 3]
 * unique(tensor([3, 1, 3]), { size: 3, fillValue: 0 }).toArray() // [1, 3, 0]
 * ```
 */
export const unique: Op<PlacesArgs["unique"]> = op(0, placesFunctions.unique);

/**
 * The first `size` different elements of `x`, sorted, with the place where each is first, how often it occurs, and
 * for every element of `x` which of them it is.
 *
 * @example
 * ```ts
 * const { values, indices, inverse, counts } = uniqueAll(tensor([3, 1, 3]), { size: 2 });
 * values.toArray() // [1, 3]
 * indices.toArray() // [1, 0]
 * inverse.toArray() // [1, 0, 1]
 * counts.toArray() // [1, 2]
 * ```
 */
export const uniqueAll = (x: TensorLike, options: SizeOptions): UniqueAll =>
  placesMethods.uniqueAll(x, options);
