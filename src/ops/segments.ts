/** Reductions over segments: elements that share an id meet. Scatters into one row for each segment. */
import { type Shape, showAvals } from "../ir/aval.js";
import { highest, lowest } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import type { ScatterMode } from "../ir/lowering.js";
import { cast, div, max } from "../ir/primitives/arithmetic.js";
import { scatter } from "../ir/primitives/indexed.js";
import { broadcast, full, fullLike } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { integerIndices } from "./index-spec.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating } from "./promotion.js";
import { checkCount } from "./search.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of the reductions over segments. */
export interface SegmentOptions {
  /** The number of segments, which is the first size of the result. */
  readonly numSegments: number;
}

export interface SegmentArgs {
  /** Sums of the elements of each segment. */
  segmentSum: [ids: TensorLike, options: SegmentOptions];
  /** Products of the elements of each segment. */
  segmentProd: [ids: TensorLike, options: SegmentOptions];
  /** Largest element of each segment. */
  segmentMax: [ids: TensorLike, options: SegmentOptions];
  /** Smallest element of each segment. */
  segmentMin: [ids: TensorLike, options: SegmentOptions];
  /** Means of the elements of each segment. */
  segmentMean: [ids: TensorLike, options: SegmentOptions];
}

interface Segments {
  readonly x: Expr;
  readonly ids: Expr;
  readonly shape: Shape;
  readonly count: number;
}

const segments = (
  operation: string,
  input: TensorLike,
  given: TensorLike,
  options: SegmentOptions,
): Segments => {
  const x = toExpr(operation, input);
  const ids = integerIndices(operation, toExpr(operation, given));
  const fits = ids.ndim <= x.ndim && ids.shape.every((n, i) => n === x.shape[i]);
  if (!fits || ids.ndim === 0)
    throw expected(operation, "ids [n] for data [n, …]", showAvals([ids.aval, x.aval]));
  if (x.dtype === "bool") throw expected(operation, "numeric data", describe(x));
  const count = checkCount(operation, "numSegments", (options as SegmentOptions | undefined)?.numSegments);
  return { x, ids, shape: [count, ...x.shape.slice(ids.ndim)], count };
};

const into = (start: Expr, ids: Expr, updates: Expr, mode: ScatterMode): Expr =>
  scatter(start, reshape(ids, [...ids.shape, 1]), updates, {
    axes: [0],
    batch: 0,
    outOfBounds: "drop",
    mode,
  });

const reduce =
  (operation: string, mode: ScatterMode, identity: (x: Expr) => number) =>
  (input: TensorLike, given: TensorLike, options: SegmentOptions): Tensor => {
    const s = segments(operation, input, given, options);
    return asTensor(into(full(s.shape, s.x.dtype, identity(s.x)), s.ids, s.x, mode));
  };

const meanBody = (input: TensorLike, given: TensorLike, options: SegmentOptions): Tensor => {
  const { x, ids, shape, count } = segments("segmentMean", input, given, options);
  const dtype = floating(x.dtype);
  const sums = into(full(shape, dtype, 0), ids, cast(x, dtype), "add");
  const counts = into(full([count], dtype, 0), ids, full(ids.shape, dtype, 1), "add");
  return asTensor(div(sums, broadcast(max(counts, fullLike(counts, 1)), shape, [0])));
};

export const segmentFunctions: BodiesOf<SegmentArgs> = {
  segmentSum: withOptions(
    "segmentSum",
    2,
    ["numSegments"],
    reduce("segmentSum", "add", () => 0),
  ),
  segmentProd: withOptions(
    "segmentProd",
    2,
    ["numSegments"],
    reduce("segmentProd", "mul", () => 1),
  ),
  segmentMax: withOptions(
    "segmentMax",
    2,
    ["numSegments"],
    reduce("segmentMax", "max", (x) => lowest(x.dtype)),
  ),
  segmentMin: withOptions(
    "segmentMin",
    2,
    ["numSegments"],
    reduce("segmentMin", "min", (x) => highest(x.dtype)),
  ),
  segmentMean: withOptions("segmentMean", 2, ["numSegments"], meanBody),
};

/**
 * Sums of the elements (or rows) of `x` that have the same id: `[numSegments, …]`. Empty segments are 0.
 *
 * Ids are integers; those outside 0 … numSegments - 1 are dropped.
 *
 * @example
 * ```ts
 * segmentSum(tensor([1, 2, 4]), tensor([0, 2, 0], { dtype: "int32" }), { numSegments: 3 }).toArray() // [5, 0, 2]
 * ```
 */
export const segmentSum: Op<SegmentArgs["segmentSum"]> = op(1, segmentFunctions.segmentSum);

/**
 * Products of the elements (or rows) of `x` that have the same id. Empty segments are 1.
 *
 * @example
 * ```ts
 * segmentProd(tensor([3, 2, 4]), tensor([0, 1, 0], { dtype: "int32" }), { numSegments: 3 }).toArray() // [12, 2, 1]
 * ```
 */
export const segmentProd: Op<SegmentArgs["segmentProd"]> = op(1, segmentFunctions.segmentProd);

/**
 * The largest of the elements (or rows) of `x` that have the same id. Empty segments have the lowest value.
 *
 * @example
 * ```ts
 * segmentMax(tensor([1, 2, 4]), tensor([0, 1, 0], { dtype: "int32" }), { numSegments: 3 }).toArray() // [4, 2, -Infinity]
 * ```
 */
export const segmentMax: Op<SegmentArgs["segmentMax"]> = op(1, segmentFunctions.segmentMax);

/**
 * The smallest of the elements (or rows) of `x` that have the same id. Empty segments have the highest value.
 *
 * @example
 * ```ts
 * segmentMin(tensor([1, 2, 4]), tensor([0, 1, 0], { dtype: "int32" }), { numSegments: 2 }).toArray() // [1, 2]
 * ```
 */
export const segmentMin: Op<SegmentArgs["segmentMin"]> = op(1, segmentFunctions.segmentMin);

/**
 * Means of the elements (or rows) of `x` that have the same id. Integers become float32; empty segments are 0.
 *
 * @example
 * ```ts
 * segmentMean(tensor([1, 2, 4]), tensor([0, 1, 0], { dtype: "int32" }), { numSegments: 3 }).toArray() // [2.5, 2, 0]
 * ```
 */
export const segmentMean: Op<SegmentArgs["segmentMean"]> = op(1, segmentFunctions.segmentMean);
