/** Choosing between values: where, extremes of two, clip. No derivative leaks from what was not chosen. */
import { isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { binary } from "./elementwise.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asDType, broadcastShapes, commonDType, stretch, unify } from "./promotion.js";
import { asTensor, type TensorLike } from "./tensor.js";

/** Arguments after the tensor. */
export interface SelectionArgs {
  /** x where the tensor is not 0, else y. */
  where: [x: TensorLike, y: TensorLike];
  /** The larger of two. */
  maximum: [y: TensorLike];
  /** The smaller of two. */
  minimum: [y: TensorLike];
  /** The larger of two; a number rather than NaN. */
  fmax: [y: TensorLike];
  /** The smaller of two; a number rather than NaN. */
  fmin: [y: TensorLike];
  /** x moved into [lo, hi]; null leaves a side open. */
  clip: [lo: TensorLike | null, hi: TensorLike | null];
  /** x + (y − x)·t. */
  lerp: [y: TensorLike, t: TensorLike];
}

/**
 * `x` where `condition` is not 0, else `y`, elementwise.
 *
 * All three broadcast; x and y promote. No derivative flows through the value that is not chosen, even where
 * that derivative is infinite or NaN.
 * Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * const x = tensor([1, -2, 3]);
 * where(greater(x, 0), x, 0).toArray() // [1, 0, 3]
 * grad((x: Tensor) => sum(where(greater(x, 0), sqrt(x), 0)))(tensor([0, 4])).toArray() // [0, 0.25]
 * ```
 */
export const where: Op<[x: TensorLike, y: TensorLike]> = op<[x: TensorLike, y: TensorLike]>(
  2,
  (condition, x, y) => {
    const dtype = commonDType("where", [x, y]);
    const parts = [
      asDType("where", condition, "bool"),
      asDType("where", x, dtype),
      asDType("where", y, dtype),
    ];
    const shape = broadcastShapes(
      "where",
      parts.map((e) => e.shape),
    );
    const [c, a, b] = parts.map((e) => stretch(e, shape));
    return asTensor(prim.select(c!, a!, b!));
  },
);

/**
 * The larger of x and y, elementwise; NaN if either is. Tied operands share the derivative.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * maximum(tensor([1, -2]), 0).toArray() // [1, 0]
 * ```
 */
export const maximum: Op<[y: TensorLike]> = binary("maximum", prim.max);

/**
 * The smaller of x and y, elementwise; NaN if either is. Tied operands share the derivative.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * minimum(tensor([1, -2]), 0).toArray() // [0, -2]
 * ```
 */
export const minimum: Op<[y: TensorLike]> = binary("minimum", prim.min);

/** `extreme`, except that a number wins over NaN. */
const ignoringNaN =
  (extreme: (x: Expr, y: Expr) => Expr) =>
  (x: Expr, y: Expr): Expr =>
    isFloat(x.dtype)
      ? prim.select(prim.isNaN(x), y, prim.select(prim.isNaN(y), x, extreme(x, y)))
      : extreme(x, y);

/**
 * The larger of x and y, elementwise; where one is NaN, the other.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * fmax(tensor([1, NaN]), 0).toArray() // [1, 0]
 * ```
 */
export const fmax: Op<[y: TensorLike]> = binary("fmax", ignoringNaN(prim.max));

/**
 * The smaller of x and y, elementwise; where one is NaN, the other.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * fmin(tensor([1, NaN]), 0).toArray() // [0, 0]
 * ```
 */
export const fmin: Op<[y: TensorLike]> = binary("fmin", ignoringNaN(prim.min));

/**
 * x moved into [lo, hi], elementwise; `null` leaves that side open. With lo > hi the result is hi.
 *
 * Shapes broadcast and dtypes promote. Throws when both bounds are null.
 *
 * @example
 * ```ts
 * clip(tensor([-1, 0.5, 2]), 0, 1).toArray() // [0, 0.5, 1]
 * clip(tensor([-1, 0.5, 2]), 0, null).toArray() // [0, 0.5, 2]
 * ```
 */
export const clip: Op<[lo: TensorLike | null, hi: TensorLike | null]> = op<
  [lo: TensorLike | null, hi: TensorLike | null]
>(2, (x, lo, hi) => {
  const bounds = [lo, hi].filter((b) => b !== null && b !== undefined);
  if (bounds.length === 0) throw expected("clip", "at least one bound", "null and null");
  const [e, first, second] = unify("clip", [x, ...bounds]);
  if (lo === null || lo === undefined) return asTensor(prim.min(e!, first!));
  const raised = prim.max(e!, first!);
  return asTensor(second === undefined ? raised : prim.min(raised, second));
});

/**
 * x + (y − x)·t, elementwise, in floats: x at t = 0, y at t = 1.
 *
 * Shapes broadcast and dtypes promote. Throws when the shapes do not broadcast.
 *
 * @example
 * ```ts
 * lerp(tensor([0, 10]), tensor([10, 20]), 0.5).toArray() // [5, 15]
 * ```
 */
export const lerp: Op<[y: TensorLike, t: TensorLike]> = op<[y: TensorLike, t: TensorLike]>(2, (x, y, t) => {
  const [a, b, w] = unify("lerp", [x, y, t], (d) => (isFloat(d) ? d : "float32"));
  return asTensor(prim.add(a!, prim.mul(prim.sub(b!, a!), w!)));
});

/** The bodies of the methods. */
export const selectionFunctions: BodiesOf<SelectionArgs> = {
  where,
  maximum,
  minimum,
  fmax,
  fmin,
  clip,
  lerp,
};
