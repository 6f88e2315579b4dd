/** Steps on integers and bools, which no derivative reaches, and steps with kinks, jumps and ties. */
import { range } from "../../src/ir/aval.js";
import type { DType } from "../../src/ir/dtype.js";
import type { Expr } from "../../src/ir/expr.js";
import * as a from "../../src/ir/primitives/arithmetic.js";
import { cumulative } from "../../src/ir/primitives/cumulative.js";
import { gather } from "../../src/ir/primitives/indexed.js";
import { fullLike, sum } from "../../src/ir/primitives/layout.js";
import { argmax, argmin, prod, reduceMax, reduceMin } from "../../src/ir/primitives/reductions.js";
import { argsort } from "../../src/ir/primitives/sort.js";
import { pow } from "../../src/ir/primitives/transcendental.js";
import { iota, reshape } from "../../src/ir/primitives/views.js";
import { atLeastOne, chance, integer, oneOf, type Random } from "../random.js";
import {
  above,
  anyEntry,
  axedFloat,
  fitTo,
  float,
  type Pool,
  scaled,
  shapeLike,
  type Step,
  truth,
  whole,
  withAxes,
} from "./pool.js";
import { contraction, scattered } from "./smooth.js";

// ---- integers and bools

const integerDTypes: readonly DType[] = ["int32", "uint32", "int8", "uint8"];
const wholeBinaries: readonly ((x: Expr, y: Expr) => Expr)[] = [
  a.add,
  a.sub,
  a.mul,
  a.div,
  a.rem,
  a.and,
  a.or,
  a.xor,
  a.shl,
  a.shr,
  a.max,
  a.min,
  pow,
];
const comparisons: readonly ((x: Expr, y: Expr) => Expr)[] = [a.eq, a.ne, a.lt, a.le, a.gt, a.ge];

const wholeBinary: Step = (pool, r) => {
  const x = whole(pool, r);
  return [oneOf(r, wholeBinaries)(x, fitTo(anyWhole(pool, r), x))];
};
const anyWhole = (pool: Pool, r: Random): Expr => (chance(r, 0.8) ? whole(pool, r) : truth(pool, r));

const wholeUnary: Step = (pool, r) => {
  const x = whole(pool, r);
  return [oneOf(r, [a.neg, a.abs, a.sign, a.not, (e: Expr) => a.cast(e, oneOf(r, integerDTypes))])(x)];
};

const compared: Step = (pool, r) => {
  const x = anyWhole(pool, r);
  return [oneOf(r, comparisons)(x, fitTo(anyWhole(pool, r), x))];
};

const logic: Step = (pool, r) => {
  const x = truth(pool, r);
  const y = fitTo(truth(pool, r), x);
  return [oneOf(r, [a.and, a.or, a.xor, a.max, a.min, (e: Expr) => a.not(e)])(x, y)];
};

const wholeReduced: Step = (pool, r) => {
  const x = withAxes(whole(pool, r));
  const axes = atLeastOne(r, range(x.ndim));
  const axis = axes[0]!;
  return [
    oneOf(r, [
      () => sum(x, axes),
      () => prod(x, axes),
      () => reduceMax(x, axes),
      () => reduceMin(x, axes),
      () => argmax(x, axis),
      () => argmin(x, axis),
      () => argsort(x, axis, chance(r, 0.5)),
      () => cumulative(oneOf(r, ["cumsum", "cumprod", "cummax", "cummin"]), x, axis, chance(r, 0.5)),
      () => contraction(r, x, a.cast(whole(pool, r), x.dtype)),
    ])(),
  ];
};

const counted: Step = (_pool, r) => {
  const shape = [...shapeLike(r), integer(r, 1, 3)];
  return [iota(shape, oneOf(r, integerDTypes), integer(r, 0, shape.length - 1))];
};

const rebits: Step = (pool, r) => {
  const x = a.cast(whole(pool, r), "int32");
  return [a.bitcast(x, "uint32")];
};

export const integerSteps: readonly Step[] = [
  wholeBinary,
  wholeBinary,
  wholeUnary,
  compared,
  logic,
  wholeReduced,
  counted,
  rebits,
];

// ---- floats with kinks, jumps and ties

const kinks: readonly ((x: Expr, y: Expr) => Expr)[] = [
  a.max,
  a.min,
  a.abs,
  a.sign,
  a.stopGradient,
  (x) => scaled(a.floor(scaled(x, 3)), 0.3),
  (x) => scaled(a.ceil(scaled(x, 3)), 0.3),
  (x) => scaled(a.round(scaled(x, 3)), 0.3),
  (x, y) => a.rem(x, above(y, 0.5)),
];

const kinked: Step = (pool, r) => {
  const x = float(pool, r);
  return [oneOf(r, kinks)(x, fitTo(anyEntry(pool, r), x))];
};

const testOf: Step = (pool, r) => {
  const x = float(pool, r);
  const y = fitTo(float(pool, r), x);
  return [oneOf(r, [...comparisons, (e: Expr) => a.isNaN(e), (e: Expr) => a.isFinite(e)])(x, y)];
};

const extremes: Step = (pool, r) => {
  const x = axedFloat(pool, r);
  const axes = atLeastOne(r, range(x.ndim));
  const axis = axes[0]!;
  return [
    oneOf(r, [
      () => reduceMax(x, axes),
      () => reduceMin(x, axes),
      () => argmax(x, axis),
      () => argmin(x, axis),
      () => cumulative(oneOf(r, ["cummax", "cummin"]), x, axis, chance(r, 0.5)),
    ])(),
  ];
};

/** Sorting: the places by argsort, the values by gather. */
const sorted: Step = (pool, r) => {
  const x = axedFloat(pool, r);
  const last = x.ndim - 1;
  const order = argsort(x, last, chance(r, 0.5), integer(r, 1, x.shape[last]!));
  const indices = reshape(order, [...order.shape, 1]);
  return [gather(x, indices, { axes: [last], batch: last, outOfBounds: "clip" })];
};

const truncated: Step = (pool, r) => [a.cast(scaled(float(pool, r), 3), oneOf(r, integerDTypes))];

/** Bits of whole numbers: those of others would show how a backend rounds. */
const floatBits: Step = (pool, r) => {
  const x = a.round(scaled(float(pool, r), 3));
  if (x.dtype !== "float32") return [a.cast(x, "bool")];
  const bits = a.bitcast(x, "int32");
  return [a.shr(bits, fullLike(bits, 20))];
};

const castBetween: Step = (pool, r) => [a.cast(float(pool, r), oneOf(r, pool.mode.floats))];

export const kinkedSteps: readonly Step[] = [
  kinked,
  kinked,
  testOf,
  extremes,
  sorted,
  truncated,
  floatBits,
  castBetween,
  scattered(["min", "max"]),
];
