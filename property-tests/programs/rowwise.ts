/**
 * Random programs like attention: a contraction or a difference of all pairs, then steps that keep rows apart (for the
 * most part), then something small.
 */
import { range } from "../../src/ir/aval.js";
import type { DType } from "../../src/ir/dtype.js";
import { type Expr, param } from "../../src/ir/expr.js";
import { add, ge, max, mul, select, sub } from "../../src/ir/primitives/arithmetic.js";
import { cumulative } from "../../src/ir/primitives/cumulative.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { gather } from "../../src/ir/primitives/indexed.js";
import { broadcast, fullLike, permute, sum, unreduce } from "../../src/ir/primitives/layout.js";
import { argmin, prod, reduceMax } from "../../src/ir/primitives/reductions.js";
import { argsort } from "../../src/ir/primitives/sort.js";
import { cos, tanh } from "../../src/ir/primitives/transcendental.js";
import { concat, flip, iota, pad, reshape, sliceAxis } from "../../src/ir/primitives/views.js";
import { windows } from "../../src/ir/primitives/windows.js";
import type { Program } from "../../src/ir/program.js";
import { chance, integer, oneOf, type Random, shuffled } from "../random.js";

interface Making {
  readonly r: Random;
  readonly dtype: DType;
  readonly params: Expr[];
}

/** A param, or one that is there already, of a shape. */
const given = ({ r, dtype, params }: Making, shape: readonly number[]): Expr => {
  const fits = params.filter((p) => p.dtype === dtype && p.shape.join() === shape.join());
  if (fits.length > 0 && chance(r, 0.3)) return oneOf(r, fits);
  const p = param({ shape, dtype });
  params.push(p);
  return p;
};

const last = (x: Expr): number => x.ndim - 1;

/** One number for each line along some axes, in `[-1, 1]`. */
const lines = (x: Expr, r: Random): Expr => {
  const axes = chance(r, 0.8) ? [last(x)] : [integer(r, 0, last(x))];
  const whole = oneOf(r, [reduceMax, sum, prod])(x, axes);
  return unreduce(tanh(whole), x.shape, axes);
};

/** Something of the shape of `x` that depends on some of its axes. */
const along = (m: Making, x: Expr): Expr => {
  const axes = range(x.ndim).filter(() => chance(m.r, 0.6));
  return broadcast(
    given(
      m,
      axes.map((a) => x.shape[a]!),
    ),
    x.shape,
    axes,
  );
};

const masked = (x: Expr, r: Random): Expr => {
  const count = (): Expr => iota(x.shape, "int32", integer(r, 0, last(x)));
  return select(ge(count(), count()), x, fullLike(x, -1));
};

const widened = (x: Expr, r: Random): Expr => {
  const axis = chance(r, 0.8) ? last(x) : integer(r, 0, last(x));
  const at = (n: number): number[] => range(x.ndim).map((a) => (a === axis ? n : 0));
  return pad(x, { low: at(1), high: at(integer(r, 0, 1)), value: 0.5 });
};

const seen = (x: Expr, r: Random): Expr =>
  x.shape[last(x)]! < 2
    ? x
    : sum(windows(x, { axes: [last(x)], sizes: [2], strides: [1], dilations: [integer(r, 1, 1)] }), [x.ndim]);

const merged = (x: Expr, r: Random): Expr => {
  const a = integer(r, 0, Math.max(0, x.ndim - 2));
  return x.ndim < 2
    ? x
    : reshape(x, [...x.shape.slice(0, a), x.shape[a]! * x.shape[a + 1]!, ...x.shape.slice(a + 2)]);
};

const steps: readonly ((x: Expr, m: Making) => Expr)[] = [
  (x) => cos(x),
  (x) => tanh(mul(x, x)),
  (x, { r }) => sub(x, lines(x, r)),
  (x, { r }) => mul(x, lines(x, r)),
  (x, m) => add(x, along(m, x)),
  (x, m) => mul(x, tanh(along(m, x))),
  (x, { r }) => masked(x, r),
  (x, { r }) => permute(x, shuffled(r, range(x.ndim))),
  (x, { r }) => flip(x, [integer(r, 0, last(x))]),
  (x, { r }) => widened(x, r),
  (x, { r }) => merged(x, r),
  (x, { r }) => tanh(cumulative("cumsum", x, integer(r, 0, last(x)), chance(r, 0.5))),
  (x, { r }) => (x.shape[last(x)]! < 2 ? x : sliceAxis(x, last(x), 1, x.shape[last(x)]! - integer(r, 1, 1))),
  (x) => concat([x, mul(x, x)], last(x)),
  (x, { r }) => seen(x, r),
  (x, m) => max(x, pairs(m, x.shape)),
  (x, m) => mul(x, tanh(x.ndim < 2 ? x : pairs(m, x.shape))),
];

/** All pairs of two operands: `[batch…, rows, columns]`. */
const pairs = (m: Making, shape: readonly number[]): Expr => {
  if (shape.length < 2) return given(m, shape);
  const batch = shape.slice(0, -2);
  const [n, k] = shape.slice(-2) as [number, number];
  const depth = integer(m.r, 1, 5);
  const own = range(batch.length);
  const nb = batch.length;
  if (chance(m.r, 0.3)) {
    const [x, y] = [given(m, [...batch, n]), given(m, [...batch, k])];
    return cos(sub(broadcast(x, shape, [...own, nb]), broadcast(y, shape, [...own, nb + 1])));
  }
  const [x, y] = [given(m, [...batch, n, depth]), given(m, [...batch, k, depth])];
  return dot(x, y, { lhsBatch: own, rhsBatch: own, lhsContract: [nb + 1], rhsContract: [nb + 1] });
};

/** What ends it. */
const ends: readonly ((x: Expr, m: Making) => Expr)[] = [
  (x) => sum(x, [last(x)]),
  (x) => argmin(x, last(x)),
  (x, m) => {
    const batch = range(x.ndim - 2);
    const [k, width] = [x.shape[last(x)]!, integer(m.r, 1, 3)];
    if (x.ndim < 2) return x;
    const v = given(m, [...x.shape.slice(0, -2), k, width]);
    return dot(x, v, {
      lhsBatch: batch,
      rhsBatch: batch,
      lhsContract: [last(x)],
      rhsContract: [last(x) - 1],
    });
  },
  (x) => {
    const count = Math.min(2, x.shape[last(x)]!);
    const at = argsort(x, last(x), true, count);
    const batch = last(x);
    return gather(x, reshape(at, [...at.shape, 1]), { axes: [batch], batch, outOfBounds: "clip" });
  },
  (x, { r }) => sum(x, [integer(r, 0, last(x))]),
];

/** A program of this kind; its params are in the order in which they were needed. */
export const rowwise = (r: Random, dtype: DType): Program => {
  const m: Making = { r, dtype, params: [] };
  const shape = [...range(integer(r, 0, 2)).map(() => integer(r, 1, 3)), integer(r, 2, 7), integer(r, 1, 6)];
  let x = pairs(m, shape);
  const between: Expr[] = [];
  for (let i = integer(r, 1, 6); i > 0; i--) {
    x = oneOf(r, steps)(x, m);
    if (chance(r, 0.1)) between.push(x);
  }
  const results = [oneOf(r, ends)(x, m), ...(chance(r, 0.2) ? between.slice(0, 1) : [])];
  if (chance(r, 0.3)) results.push(oneOf(r, ends)(x, m));
  return { params: m.params, results };
};
