/**
 * What a random program is grown from: a pool of expressions, and steps that take some and add new ones.
 * Any two entries can meet, because `fit` brings one to the other's shape and dtype; values stay small, because
 * whatever expands is squashed. So every list of steps is a well-typed program with meaningful numbers.
 */
import { type Shape, sizeOf } from "../../src/ir/aval.js";
import { type DType, isFloat, isInteger } from "../../src/ir/dtype.js";
import type { Expr } from "../../src/ir/expr.js";
import { add, cast, div, mul, ne, rem } from "../../src/ir/primitives/arithmetic.js";
import { broadcast, fullLike } from "../../src/ir/primitives/layout.js";
import { atan, sin, tanh } from "../../src/ir/primitives/transcendental.js";
import { concat, reshape, sliceAxis } from "../../src/ir/primitives/views.js";
import { chance, oneOf, type Random } from "../random.js";

export interface Mode {
  /** Only nodes through which every float result is smooth in the float params. */
  readonly smooth: boolean;
  /** Only nodes that have a forward mode: no customVjp. */
  readonly forward: boolean;
  readonly floats: readonly DType[];
  /** How deeply sub-programs may nest. */
  readonly nesting: number;
}

export interface Pool {
  readonly mode: Mode;
  readonly entries: Expr[];
}

/** New expressions from the pool; none when the pool has nothing to offer. */
export type Step = (pool: Pool, r: Random) => readonly Expr[];

// ---- taking

const where = (pool: Pool, test: (e: Expr) => boolean): Expr[] => pool.entries.filter(test);

/** Recent entries are more likely, so that programs grow deep. */
const take = (r: Random, from: readonly Expr[]): Expr => {
  const recent = Math.floor(from.length * r() ** 0.5);
  return from[Math.min(recent, from.length - 1)]!;
};

export const anyEntry = (pool: Pool, r: Random): Expr => take(r, pool.entries);
export const float = (pool: Pool, r: Random): Expr =>
  take(
    r,
    where(pool, (e) => isFloat(e.dtype)),
  );
export const whole = (pool: Pool, r: Random): Expr =>
  take(
    r,
    where(pool, (e) => isInteger(e.dtype)),
  );
export const truth = (pool: Pool, r: Random): Expr =>
  take(
    r,
    where(pool, (e) => e.dtype === "bool"),
  );

/** Something that may be cast to x's dtype: integers never come from floats where results must be smooth. */
export const kin = (pool: Pool, r: Random, x: Expr): Expr =>
  take(r, isFloat(x.dtype) ? pool.entries : where(pool, (e) => !isFloat(e.dtype)));

/** A float of at least one axis. */
export const axedFloat = (pool: Pool, r: Random): Expr => withAxes(float(pool, r));
export const withAxes = (e: Expr): Expr => (e.ndim === 0 ? broadcast(e, [3], []) : e);

export const shapeLike = (r: Random): Shape => oneOf(r, [[], [3], [2, 3], [1, 4], [2, 1, 3], [2, 2, 2], [6]]);

// ---- fitting

/** The elements of `e`, cut off or repeated, under another shape. */
export const fitShape = (e: Expr, shape: Shape): Expr => {
  const size = sizeOf(shape);
  if (e.size === 1) return broadcast(reshape(e, []), shape, []);
  let flat = reshape(e, [e.size]);
  if (size === 0) return reshape(sliceAxis(flat, 0, 0, 0), shape);
  while (flat.size < size) flat = concat([flat, flat], 0);
  return reshape(sliceAxis(flat, 0, 0, size), shape);
};

/** Floats from integers stay small; bools from anything are a test. */
export const fitDType = (e: Expr, dtype: DType): Expr => {
  if (dtype === "bool" && e.dtype !== "bool") return ne(e, fullLike(e, 0));
  if (isFloat(dtype) && isInteger(e.dtype)) {
    const small = cast(rem(e, fullLike(e, 5)), dtype);
    return mul(small, fullLike(small, 0.3));
  }
  return cast(e, dtype);
};

export const fit = (e: Expr, shape: Shape, dtype: DType): Expr => fitDType(fitShape(e, shape), dtype);
export const fitTo = (e: Expr, like: Expr): Expr => fit(e, like.shape, like.dtype);

// ---- keeping values small

const rational = (x: Expr): Expr => div(x, add(mul(x, x), fullLike(x, 1)));

/** A float brought back to about [-1, 1]. */
export const squash = (r: Random, x: Expr): Expr =>
  isFloat(x.dtype) ? oneOf(r, [sin, tanh, atan, rational])(x) : x;

export const scaled = (x: Expr, by: number): Expr => mul(x, fullLike(x, by));
export const plus = (x: Expr, by: number): Expr => add(x, fullLike(x, by));
/** At least `least`, smoothly. */
export const above = (x: Expr, least: number): Expr => plus(mul(x, x), least);
/** In (-0.9, 0.9). */
export const within = (x: Expr): Expr => scaled(tanh(x), 0.9);

/** Large or many-dimensional results are cut down, so that programs stay quick to evaluate. */
export const settled = (r: Random, e: Expr): Expr => {
  if (e.size <= 24 && e.ndim <= 4) return e;
  return fitShape(e, chance(r, 0.5) ? [3, 4] : [2, 3, 2]);
};
