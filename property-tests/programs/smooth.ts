/** Steps that are smooth in their float operands. */
import { range } from "../../src/ir/aval.js";
import type { Expr } from "../../src/ir/expr.js";
import { add, cast, div, mul, neg, select, shr, sub } from "../../src/ir/primitives/arithmetic.js";
import { threefry2x32 } from "../../src/ir/primitives/bits.js";
import { cumulative } from "../../src/ir/primitives/cumulative.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { dynamicSlice, dynamicUpdateSlice } from "../../src/ir/primitives/dynamic.js";
import { gather, restAxes, scatter } from "../../src/ir/primitives/indexed.js";
import { broadcast, full, fullLike, permute, sum } from "../../src/ir/primitives/layout.js";
import { prod } from "../../src/ir/primitives/reductions.js";
import { digamma, erf, erfc, erfInv, lgamma, polygamma } from "../../src/ir/primitives/special.js";
import * as t from "../../src/ir/primitives/transcendental.js";
import { concat, flip, iota, pad, reshape, sliceAxis } from "../../src/ir/primitives/views.js";
import { overlapAdd, windowCount, windows } from "../../src/ir/primitives/windows.js";
import { atLeastOne, chance, integer, oneOf, type Random, shuffled, some } from "../random.js";
import {
  above,
  anyEntry,
  axedFloat,
  fit,
  fitDType,
  fitShape,
  fitTo,
  float,
  kin,
  plus,
  type Pool,
  scaled,
  shapeLike,
  squash,
  type Step,
  truth,
  whole,
  withAxes,
  within,
} from "./pool.js";

// ---- elementwise

const unaries: readonly ((x: Expr) => Expr)[] = [
  neg,
  t.sin,
  t.cos,
  t.tanh,
  t.atan,
  t.asinh,
  t.logistic,
  erf,
  erfc,
  (x) => t.exp(within(x)),
  (x) => t.expm1(within(x)),
  (x) => t.sinh(within(x)),
  (x) => t.cosh(within(x)),
  (x) => t.tan(within(x)),
  (x) => t.asin(within(x)),
  (x) => t.acos(within(x)),
  (x) => t.atanh(within(x)),
  (x) => erfInv(within(x)),
  (x) => t.log(above(x, 0.5)),
  (x) => t.log1p(above(x, 0)),
  (x) => t.sqrt(above(x, 0.5)),
  (x) => t.rsqrt(above(x, 0.5)),
  (x) => t.cbrt(above(x, 0.5)),
  (x) => t.acosh(above(x, 1.5)),
  (x) => lgamma(above(x, 0.7)),
  (x) => digamma(above(x, 0.7)),
  (x) => polygamma(above(x, 1), 1),
];

const unary: Step = (pool, r) => [squash(r, oneOf(r, unaries)(float(pool, r)))];

const binaries: readonly ((x: Expr, y: Expr) => Expr)[] = [
  add,
  sub,
  mul,
  (x, y) => div(x, above(y, 0.5)),
  (x, y) => t.pow(above(x, 0.5), within(y)),
  (x, y) => t.atan2(x, above(y, 0.5)),
];

const binary: Step = (pool, r) => {
  const x = float(pool, r);
  const y = fitTo(anyEntry(pool, r), x);
  const [a, b] = chance(r, 0.5) ? [x, y] : [y, x];
  return [squash(r, oneOf(r, binaries)(a, b))];
};

const selection: Step = (pool, r) => {
  const x = float(pool, r);
  return [select(fit(truth(pool, r), x.shape, "bool"), x, fitTo(float(pool, r), x))];
};

const numbers: Step = (pool, r) => [fitDType(anyEntry(pool, r), oneOf(r, pool.mode.floats))];

// ---- views

const views: readonly ((x: Expr, r: Random, pool: Pool) => Expr)[] = [
  (x, r) => permute(x, shuffled(r, range(x.ndim))),
  (x, r) => broadcast(x, [...x.shape, integer(r, 1, 3)], range(x.ndim)),
  (x, r) =>
    broadcast(
      x,
      [integer(r, 1, 3), ...x.shape],
      range(x.ndim).map((i) => i + 1),
    ),
  (x) => reshape(x, [x.size]),
  (x) => reshape(x, [...x.shape, 1]),
  (x, r) => {
    const axis = integer(r, 0, x.ndim - 1);
    const n = x.shape[axis]!;
    const start = integer(r, 0, n - 1);
    const stride = integer(r, 1, 2);
    return sliceAxis(x, axis, start, Math.ceil((n - start) / stride), stride);
  },
  (x, r) =>
    pad(x, {
      low: x.shape.map(() => integer(r, 0, 1)),
      high: x.shape.map(() => integer(r, 0, 1)),
      interior: x.shape.map(() => integer(r, 0, 1)),
      value: oneOf(r, [0, 1]),
    }),
  (x, r) => flip(x, atLeastOne(r, range(x.ndim))),
  (x, r, pool) => concat([x, fitTo(kin(pool, r, x), x)], integer(r, 0, x.ndim - 1)),
];

const viewed: Step = (pool, r) => [oneOf(r, views)(withAxes(anyEntry(pool, r)), r, pool)];

// ---- reductions and contractions

const reduced: Step = (pool, r) => {
  const x = axedFloat(pool, r);
  const axes = atLeastOne(r, range(x.ndim));
  return [squash(r, chance(r, 0.7) ? sum(x, axes) : prod(x, axes))];
};

const running: Step = (pool, r) => {
  const x = axedFloat(pool, r);
  return [
    squash(r, cumulative(oneOf(r, ["cumsum", "cumprod"]), x, integer(r, 0, x.ndim - 1), chance(r, 0.5))),
  ];
};

/** One side of a contraction, its axes in any order. */
const side = (
  r: Random,
  e: Expr,
  b: readonly number[],
  c: readonly number[],
): readonly [Expr, number[], number[]] => {
  const sizes = [...b, ...c, ...range(integer(r, 0, 2)).map(() => integer(r, 1, 3))];
  const order = shuffled(r, range(sizes.length));
  const at = (from: number, n: number): number[] => range(n).map((i) => order.indexOf(from + i));
  return [
    fitShape(
      e,
      order.map((o) => sizes[o]!),
    ),
    at(0, b.length),
    at(b.length, c.length),
  ];
};

export const contraction = (r: Random, x: Expr, y: Expr): Expr => {
  const batch = range(integer(r, 0, 1)).map(() => 2);
  const contract = range(integer(r, 0, 2)).map(() => integer(r, 1, 3));
  const [a, lhsBatch, lhsContract] = side(r, x, batch, contract);
  const [b, rhsBatch, rhsContract] = side(r, y, batch, contract);
  return dot(a, b, { lhsBatch, rhsBatch, lhsContract, rhsContract });
};

const contracted: Step = (pool, r) => {
  const x = float(pool, r);
  return [squash(r, contraction(r, x, fitDType(float(pool, r), x.dtype)))];
};

const patches: Step = (pool, r) => {
  const x = axedFloat(pool, r);
  const axes = atLeastOne(r, range(x.ndim)).slice(0, 2);
  const strides = axes.map(() => integer(r, 1, 2));
  const dilations = axes.map(() => integer(r, 1, 2));
  const sizes = axes.map((a, k) => {
    const n = integer(r, 1, 3);
    return windowCount(x.shape[a]!, n, strides[k]!, dilations[k]!) > 0 ? n : 1;
  });
  const attrs = { axes, sizes, strides, dilations };
  const w = windows(x, attrs);
  if (chance(r, 0.5))
    return [
      squash(
        r,
        sum(
          w,
          axes.map((_, k) => x.ndim + k),
        ),
      ),
    ];
  const weighted = mul(w, fitTo(float(pool, r), w));
  return [squash(r, overlapAdd(weighted, { ...attrs, lengths: axes.map((a) => x.shape[a]!) }))];
};

// ---- computed places

const indexed = (pool: Pool, r: Random, x: Expr) => {
  const batch = x.ndim > 1 && chance(r, 0.3) ? 1 : 0;
  const axes = shuffled(r, some(r, range(x.ndim).slice(batch), 0.7));
  const attrs = { axes, batch, outOfBounds: oneOf(r, ["clip", "drop"] as const) };
  const outer = range(integer(r, 0, 1)).map(() => integer(r, 1, 3));
  const places = fit(whole(pool, r), [...x.shape.slice(0, batch), ...outer, axes.length], "int32");
  return { attrs, indices: places, rest: restAxes(x.ndim, attrs).map((a) => x.shape[a]!) };
};

const gathered: Step = (pool, r) => {
  const x = withAxes(anyEntry(pool, r));
  const { attrs, indices } = indexed(pool, r, x);
  return [gather(x, indices, attrs)];
};

export const scattered =
  (modes: readonly ("set" | "add" | "mul" | "min" | "max")[]): Step =>
  (pool, r) => {
    const x = axedFloat(pool, r);
    const { attrs, indices, rest } = indexed(pool, r, x);
    const updates = fit(float(pool, r), [...indices.shape.slice(0, -1), ...rest], x.dtype);
    return [squash(r, scatter(x, indices, updates, { ...attrs, mode: oneOf(r, modes) }))];
  };

const dynamic: Step = (pool, r) => {
  const x = anyEntry(pool, r);
  const starts = fit(whole(pool, r), [x.ndim], "int32");
  const sizes = x.shape.map((n) => integer(r, 1, n));
  const read = dynamicSlice(x, starts, sizes);
  return chance(r, 0.5) ? [read] : [dynamicUpdateSlice(x, fit(kin(pool, r, x), sizes, x.dtype), starts)];
};

// ---- random bits

/** Uniform floats from hashed counters. */
const randomBits: Step = (pool, r) => {
  const shape = shapeLike(r);
  const counter = iota([...shape, 2], "uint32", shape.length);
  const key = fit(whole(pool, r), counter.shape, "uint32");
  const bits = threefry2x32(key, fullLike(key, 7), counter, counter, oneOf(r, ["first", "second", "xor"]));
  const dtype = oneOf(r, pool.mode.floats);
  // The integers are too large for float16.
  const integers = cast(shr(bits, fullLike(bits, 9)), dtype === "float16" ? "float32" : dtype);
  return [cast(plus(scaled(integers, 2 ** -22), -1), dtype), bits];
};

const literals: Step = (_pool, r) => [full(shapeLike(r), oneOf(r, _pool.mode.floats), integer(r, -4, 4) / 4)];

export const smoothSteps: readonly Step[] = [
  unary,
  unary,
  unary,
  binary,
  binary,
  binary,
  selection,
  numbers,
  viewed,
  viewed,
  viewed,
  reduced,
  running,
  contracted,
  contracted,
  patches,
  gathered,
  scattered(["set", "add", "mul"]),
  dynamic,
  randomBits,
  literals,
];
