/** Categories drawn by Gumbel noise: the largest of logits plus noise, or the k largest. */
import { sameShape, type Shape, sizeOf } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { add } from "../../ir/primitives/arithmetic.js";
import { moveAxis } from "../../ir/primitives/layout.js";
import { argmax } from "../../ir/primitives/reductions.js";
import { argsort } from "../../ir/primitives/sort.js";
import { reshape } from "../../ir/primitives/views.js";
import { checkOptions } from "../options.js";
import { broadcastShapes, stretch, toFloat } from "../promotion.js";
import { asTensor, checkAxis, checkShape, type Tensor, type TensorLike } from "../tensor.js";
import { checkMode } from "./discrete.js";
import { drawGumbel, type GumbelMode } from "./gumbel.js";
import { toKey } from "./key.js";

/** How categories are drawn. */
export interface CategoricalOptions {
  /** The axis of the categories. Default: -1. */
  readonly axis?: number;
  /** The shape of the result, which ends with the logits' shape without the axis (or one that it broadcasts to). */
  readonly shape?: Shape;
  /** Whether a category may come again along the shape's leading axes. Default: true. */
  readonly replace?: boolean;
  /** The resolution of the noise, see `gumbel`. Default: "low". */
  readonly mode?: GumbelMode;
}

/** Indices of the `count` largest, along a new first axis, largest first. */
const largest = (x: Expr, axis: number, count: number): Expr =>
  moveAxis(argsort(x, axis, true, count), axis, 0);

const withAxis = (shape: Shape, axis: number, size: number): Shape => [
  ...shape.slice(0, axis),
  size,
  ...shape.slice(axis),
];

/**
 * Indices of categories with probabilities softmax(logits): int32, of the logits' shape without the axis.
 *
 * A longer `shape` draws several times; with `replace: false` its leading axes hold different categories.
 * Throws when there is no category, when the shape does not end with the batch shape, or when more categories are
 * wanted without replacement than there are.
 *
 * @example
 * ```ts
 * const logits = tensor([0, 1, 2]);
 * random.categorical(random.key(0), logits, { shape: [6] }).toArray() // [1, 1, 2, 1, 2, 2]
 * random.categorical(random.key(0), logits, { shape: [3], replace: false }).toArray() // [1, 0, 2]
 * ```
 */
export const categorical = (key: Tensor, logits: TensorLike, options?: CategoricalOptions): Tensor => {
  const op = "random.categorical";
  checkOptions(op, options, ["axis", "shape", "replace", "mode"]);
  const mode = checkMode<GumbelMode>(op, options?.mode, ["low", "high", "highest"]);
  const k = toKey(op, key);
  const x = toFloat(op, logits);
  const axis = checkAxis(op, options?.axis ?? -1, x.ndim);
  const n = x.shape[axis]!;
  const batch = x.shape.filter((_, i) => i !== axis);
  const shape = options?.shape === undefined ? batch : checkShape(op, options.shape);
  const prefix = shape.slice(0, Math.max(0, shape.length - batch.length));
  const tail = shape.slice(prefix.length);
  const fits = tail.length === batch.length && sameShape(broadcastShapes(op, [tail, batch]), tail);
  if (!fits) throw expected(op, `a shape that ends with [${batch.join(",")}]`, `[${shape.join(",")}]`);
  if (n === 0 && sizeOf(shape) > 0)
    throw expected(op, "at least one category", `logits of shape [${x.shape.join(",")}]`);

  if (options?.replace === false) {
    if (!sameShape(tail, batch))
      throw expected(op, `a shape that ends with [${batch.join(",")}]`, `[${shape.join(",")}]`);
    const count = sizeOf(prefix);
    if (count > n) throw expected(op, `at most ${n} samples without replacement`, String(count));
    const noise = drawGumbel(op, k, x.shape, x.dtype, mode);
    return asTensor(reshape(largest(add(x, noise), axis, count), shape));
  }
  const whole = [...prefix, ...withAxis(tail, axis, n)];
  const noise = drawGumbel(op, k, whole, x.dtype, mode);
  return asTensor(argmax(add(noise, stretch(x, whole)), prefix.length + axis));
};
