/**
 * Attention chunk by chunk of the keys: of the scores only one chunk exists at a time, forwards and backwards, so memory
 * grows with the number of keys and not with its product with that of the queries. What has been added up is scaled
 * again when a greater score comes (M. Rabe and C. Staats, "Self-attention does not need O(n²) memory", 2021; T. Dao et
 * al., "FlashAttention", 2022).
 */
import { range } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { add, div, eq, lt, max, mul, select, stopGradient, sub } from "../ir/primitives/arithmetic.js";
import { full, fullLike, permute, sum, unreduce } from "../ir/primitives/layout.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { exp } from "../ir/primitives/transcendental.js";
import { iota, pad, reshape } from "../ir/primitives/views.js";
import { scan } from "./loops/scan.js";
import { asTensor, type Tensor, toExpr } from "./tensor.js";

/** An operand that has an entry for each key, along an axis. */
export interface Keyed {
  readonly x: Expr;
  readonly axis: number;
}

/** What a chunk of keys gives: scores `[…, queries, keys]`, and the sum of its values weighted by shares of that shape. */
export interface Chunk {
  readonly scores: Expr;
  readonly weigh: (shares: Expr) => Expr;
}

/** Chunks of an axis, as a first axis; zeros fill the last one. */
const chunked = ({ x, axis }: Keyed, count: number, size: number): Expr => {
  const none = x.shape.map(() => 0);
  const missing = count * size - x.shape[axis]!;
  const whole = pad(x, { low: none, high: none.map((n, a) => (a === axis ? missing : n)) });
  const split = reshape(whole, [...x.shape.slice(0, axis), count, size, ...x.shape.slice(axis + 1)]);
  return permute(split, [axis, ...range(split.ndim).filter((a) => a !== axis)]);
};

/** What is beyond the last key has no share. */
const withoutMissing = (scores: Expr, first: Expr, keys: number): Expr => {
  const at = iota(scores.shape, "int32", scores.ndim - 1);
  const position = add(at, unreduce(first, scores.shape, range(scores.ndim)));
  return select(lt(position, fullLike(position, keys)), scores, fullLike(scores, -Infinity));
};

/** The greatest score so far, the sum of shares in terms of it, and the weighted sum of values. */
type Sums = readonly [greatest: Expr, total: Expr, values: Expr];

const expr = (x: Tensor): Expr => toExpr("dotProductAttention", x);

const sumsOf = ([greatest, total, values]: readonly Tensor[]): Sums => [
  expr(greatest!),
  expr(total!),
  expr(values!),
];

const withChunk = ([greatest, total, values]: Sums, { scores, weigh }: Chunk): Sums => {
  const last = [scores.ndim - 1];
  // Any number may be taken away from all scores: no derivative passes through the one that is.
  const now = stopGradient(max(greatest, reduceMax(scores, last)));
  // -∞ - -∞ is NaN; where there is no score yet there is nothing to scale either.
  const base = select(eq(now, fullLike(now, -Infinity)), fullLike(now, 0), now);
  const shares = exp(sub(scores, unreduce(base, scores.shape, last)));
  const again = exp(sub(greatest, base));
  const inner = range(values.ndim).slice(again.ndim);
  return [
    now,
    add(mul(total, again), sum(shares, last)),
    add(mul(values, unreduce(again, values.shape, inner)), weigh(shares)),
  ];
};

/**
 * Σ softmax(scores) · values over all keys, `size` at a time. `chunkOf` gets a chunk of each operand and the number of
 * its first key; results have the shape of `zeros`, whose axes after `rows` are those of one value.
 */
export const inChunks = (
  { keys, size }: { readonly keys: number; readonly size: number },
  operands: readonly Keyed[],
  zeros: Expr,
  rows: number,
  chunkOf: (parts: readonly Expr[], first: Expr) => Chunk,
): Expr => {
  const count = Math.ceil(keys / size);
  const step = (sums: readonly Tensor[], [index, ...parts]: readonly Tensor[]): [Tensor[], null] => {
    const first = mul(expr(index!), full([], "int32", size));
    const { scores, weigh } = chunkOf(parts.map(expr), first);
    const present = count * size === keys ? scores : withoutMissing(scores, first, keys);
    return [withChunk(sumsOf(sums), { scores: present, weigh }).map(asTensor), null];
  };
  const nothing = full(zeros.shape.slice(0, rows), zeros.dtype, 0);
  const init = [fullLike(nothing, -Infinity), nothing, zeros].map(asTensor);
  const xs = [iota([count], "int32", 0), ...operands.map((o) => chunked(o, count, size))].map(asTensor);
  const [sums] = scan<Tensor[], Tensor[], null>(step, init, xs, { checkpoint: 1 });
  const [, total, values] = sumsOf(sums);
  return div(values, unreduce(total, values.shape, range(values.ndim).slice(rows)));
};
