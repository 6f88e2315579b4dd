/** Random order, and elements drawn from an array. Shuffling sorts by random keys, as JAX does. */
import { range, sameShape, type Shape, sizeOf } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { add, div, lt, mul, select, sub } from "../../ir/primitives/arithmetic.js";
import { cumulative } from "../../ir/primitives/cumulative.js";
import { gather } from "../../ir/primitives/indexed.js";
import { full, fullLike, moveAxis, permute } from "../../ir/primitives/layout.js";
import { argsort } from "../../ir/primitives/sort.js";
import { log } from "../../ir/primitives/transcendental.js";
import { iota, reshape, sliceAxis } from "../../ir/primitives/views.js";
import { checkOptions } from "../options.js";
import { stretch, toFloat } from "../promotion.js";
import {
  asTensor,
  checkAxis,
  checkShape,
  describe,
  isTensor,
  type Tensor,
  type TensorLike,
  toExpr,
} from "../tensor.js";
import { checkMode, randint } from "./discrete.js";
import { drawGumbel, type GumbelMode } from "./gumbel.js";
import { subkeys, toKey } from "./key.js";
import { bits32, unit } from "./uniform.js";

/** `x` at `indices` (int32, any shape) along an axis, which the axes of the indices replace. */
const takeAxis = (x: Expr, indices: Expr, axis: number): Expr => {
  const places = reshape(indices, [...indices.shape, 1]);
  const taken = gather(x, places, { axes: [axis], batch: 0, outOfBounds: "clip" });
  const n = indices.ndim;
  const before = range(axis).map((i) => n + i);
  const after = range(x.ndim - 1 - axis).map((i) => n + axis + i);
  return permute(taken, [...before, ...range(n), ...after]);
};

/** Every line of `x` along the axis in the order of that line's own `order`. */
const reorder = (x: Expr, order: Expr, axis: number): Expr => {
  const last = x.ndim - 1;
  const moved = moveAxis(x, axis, last);
  const [lines, n] = [moved.size === 0 ? 0 : moved.size / x.shape[axis]!, x.shape[axis]!];
  if (lines === 0) return x;
  const places = reshape(moveAxis(order, axis, last), [lines, n, 1]);
  const taken = gather(reshape(moved, [lines, n]), places, { axes: [1], batch: 1, outOfBounds: "clip" });
  return moveAxis(reshape(taken, moved.shape), last, axis);
};

/** Rounds of sorting after which equal keys do not matter any more: at least 3 log₂ n random bits for each element. */
const rounds = (size: number): number => Math.ceil((3 * Math.log(Math.max(1, size))) / Math.log(2 ** 32 - 1));

const shuffle = (operation: string, key: Expr, x: Expr, axis: number): Expr => {
  let y = x;
  let k = key;
  for (let r = rounds(x.size); r > 0; r--) {
    const [next, sub] = subkeys(operation, k, 2);
    k = next!;
    y = reorder(y, argsort(bits32(operation, sub!, y.shape), axis), axis);
  }
  return y;
};

/** A random order of 0, …, n - 1. int32. */
const shuffledIndices = (operation: string, key: Expr, n: number): Expr =>
  shuffle(operation, key, iota([n], "int32", 0), 0);

const permute1 = (operation: string, key: Expr, x: Expr, axis: number, independent: boolean): Expr =>
  independent || x.ndim === 1
    ? shuffle(operation, key, x, axis)
    : takeAxis(x, shuffledIndices(operation, key, x.shape[axis]!), axis);

/** What changes places. */
export interface PermutationOptions {
  /** The axis whose elements change places. Default: 0. */
  readonly axis?: number;
  /** Whether every line along the axis has an order of its own. Default: false, slices stay together. */
  readonly independent?: boolean;
}

/**
 * A random order of the slices of a tensor along an axis, or of 0, …, n - 1 (int32) for a number n.
 *
 * Throws unless `x` is a non-negative integer or a tensor with the axis.
 *
 * @example
 * ```ts
 * random.permutation(random.key(0), 5).toArray() // [0, 1, 4, 3, 2]
 * random.permutation(random.key(0), tensor([[1, 2], [3, 4], [5, 6]])).shape // [3, 2]
 * ```
 */
export const permutation = (key: Tensor, x: number | Tensor, options?: PermutationOptions): Tensor => {
  const op = "random.permutation";
  checkOptions(op, options, ["axis", "independent"]);
  const k = toKey(op, key);
  if (isTensor(x)) {
    const e = toExpr(op, x);
    return asTensor(
      permute1(op, k, e, checkAxis(op, options?.axis ?? 0, e.ndim), options?.independent ?? false),
    );
  }
  if (!Number.isInteger(x) || x < 0) throw expected(op, "a non-negative integer or a tensor", describe(x));
  return asTensor(shuffledIndices(op, k, x));
};

/** For every element of `values` how many elements of the increasing `sorted` are smaller. int32. */
const searchSorted = (sorted: Expr, values: Expr): Expr => {
  const n = sorted.shape[0]!;
  let low = full(values.shape, "int32", 0);
  let high = full(values.shape, "int32", n);
  const one = fullLike(low, 1);
  for (let width = n; width > 0; width = Math.floor(width / 2)) {
    const open = lt(low, high);
    const middle = div(add(low, high), fullLike(low, 2));
    const smaller = lt(takeAxis(sorted, middle, 0), values);
    low = select(open, select(smaller, add(middle, one), low), low);
    high = select(open, select(smaller, high, middle), high);
  }
  return low;
};

const withReplacement = (operation: string, key: Expr, p: Expr, shape: Shape): Expr => {
  const sums = cumulative("cumsum", p, 0, false);
  const total = stretch(reshape(sliceAxis(sums, 0, p.size - 1, 1), []), shape);
  const u = unit(operation, key, shape, p.dtype);
  return searchSorted(sums, mul(total, sub(fullLike(u, 1), u)));
};

const withoutReplacement = (operation: string, key: Expr, p: Expr, shape: Shape, mode: GumbelMode): Expr => {
  const noisy = add(drawGumbel(operation, key, p.shape, p.dtype, mode), log(p));
  return reshape(argsort(noisy, 0, true, sizeOf(shape)), shape);
};

/** How elements are drawn. */
export interface ChoiceOptions {
  /** Whether an element may be drawn again. Default: true. */
  readonly replace?: boolean;
  /** A probability for each element, `[n]`. Default: all the same. */
  readonly p?: TensorLike;
  /** The axis whose slices are drawn. Default: 0. */
  readonly axis?: number;
  /** The resolution of the noise behind draws with `p` and without replacement, see `gumbel`. Default: "low". */
  readonly mode?: GumbelMode;
}

/**
 * Elements (slices along the axis) of a tensor, or integers below a number `a`, drawn at random. The shape replaces
 * the axis: `a.shape[:axis] ++ shape ++ a.shape[axis + 1:]`.
 *
 * Throws when there is nothing to draw, when more is wanted without replacement than there is, or when `p` is not
 * of shape `[n]`.
 *
 * @example
 * ```ts
 * random.choice(random.key(0), 5, [3], { replace: false }).toArray() // [0, 1, 4]
 * random.choice(random.key(0), tensor([10, 20, 30]), [2, 2]).shape // [2, 2]
 * ```
 */
export const choice = (
  key: Tensor,
  a: number | Tensor,
  shape: Shape = [],
  options: ChoiceOptions = {},
): Tensor => {
  const op = "random.choice";
  checkOptions(op, options, ["replace", "p", "axis", "mode"]);
  const mode = checkMode<GumbelMode>(op, options.mode, ["low", "high", "highest"]);
  const k = toKey(op, key);
  const dims = checkShape(op, shape);
  const { replace = true } = options;
  const x = isTensor(a) && toExpr(op, a).ndim > 0 ? toExpr(op, a) : null;
  if (x === null && (typeof a !== "number" || !Number.isInteger(a)))
    throw expected(op, "an integer or a tensor with an axis", describe(a));
  const axis = x === null ? 0 : checkAxis(op, options.axis ?? 0, x.ndim);
  const n = x === null ? (a as number) : x.shape[axis]!;
  const draws = sizeOf(dims);
  if (n <= 0 && draws > 0) throw expected(op, "at least one element to draw from", String(n));
  if (!replace && draws > n) throw expected(op, `at most ${n} draws without replacement`, String(draws));
  const take = (indices: Expr): Tensor => asTensor(x === null ? indices : takeAxis(x, indices, axis));

  if (options.p !== undefined) {
    const p = toFloat(op, options.p);
    if (!sameShape(p.shape, [n])) throw expected(op, `p of shape [${n}]`, describe(p));
    return take(replace ? withReplacement(op, k, p, dims) : withoutReplacement(op, k, p, dims, mode));
  }
  if (replace) return take(toExpr(op, randint(asTensor(k), dims, 0, n)));
  const order = x === null ? shuffledIndices(op, k, n) : permute1(op, k, x, axis, false);
  const first = sliceAxis(order, axis, 0, draws);
  return asTensor(reshape(first, [...first.shape.slice(0, axis), ...dims, ...first.shape.slice(axis + 1)]));
};
