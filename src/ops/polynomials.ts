/** Polynomials, interpolation and quadrature over given points. */
import { promote } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { broadcast, full, fullLike, sum as sumOver } from "../ir/primitives/layout.js";
import { gather } from "../ir/primitives/indexed.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { checkOptions } from "./options.js";
import { floating, stretch, toFloat } from "./promotion.js";
import { searchsorted } from "./search.js";
import { asTensor, checkAxis, describe, type TensorLike, toExpr } from "./tensor.js";

/** What `interp` gives outside the points. */
export interface InterpOptions {
  /** Before the first point; the first value by default. */
  readonly left?: number | undefined;
  /** After the last point; the last value by default. */
  readonly right?: number | undefined;
}

/** Where the points of `trapezoid` are. */
export interface TrapezoidOptions {
  /** The points, in the tensor's shape or one for each element along the axis; `dx` apart by default. */
  readonly x?: TensorLike | undefined;
  /** The distance of the points; 1 by default. */
  readonly dx?: number | undefined;
  /** The axis to integrate along; the last by default. */
  readonly axis?: number | undefined;
}

/** Arguments after the tensor. */
export interface PolynomialArgs {
  /** The polynomial with these coefficients (highest power first) at x. */
  polyval: [x: TensorLike];
  /** The broken line through (xp, fp) at these places. */
  interp: [xp: TensorLike, fp: TensorLike, options?: InterpOptions];
  /** The integral by the trapezoidal rule. */
  trapezoid: [options?: TrapezoidOptions];
}

/** The `i`-th element of a vector, as a scalar. */
const elementOf = (v: Expr, i: number): Expr => reshape(sliceAxis(v, 0, i, 1), []);

/**
 * The polynomial p[0]·xⁿ⁻¹ + … + p[n − 1] at x, by Horner's rule, of the shape of x.
 * Throws unless the coefficients are a vector.
 *
 * @example
 * ```ts
 * polyval(tensor([1, 0, 2]), tensor([0, 3])).toArray() // [2, 11]
 * ```
 */
export const polyval: Op<[x: TensorLike]> = op<[x: TensorLike]>(1, (coefficients, at) => {
  const [p, x] = [toExpr("polyval", coefficients), toExpr("polyval", at)];
  if (p.ndim !== 1) throw expected("polyval", "a vector of coefficients", describe(p));
  const common = promote(p.dtype, x.dtype);
  const dtype = common === "bool" ? "int32" : common;
  const [c, v] = [prim.cast(p, dtype), prim.cast(x, dtype)];
  let y = full(x.shape, dtype, 0);
  for (let i = 0; i < c.size; i++) {
    const next = stretch(elementOf(c, i), x.shape);
    y = i === 0 ? next : prim.add(prim.mul(y, v), next);
  }
  return asTensor(y);
});

const checkPoints = (xp: Expr, fp: Expr): void => {
  if (xp.ndim !== 1 || fp.ndim !== 1 || xp.size !== fp.size || xp.size === 0)
    throw expected("interp", "two vectors of equal, positive length", `${describe(xp)} and ${describe(fp)}`);
};

/** The values at both ends of each place's piece, and how far along it the place is. */
const piecewise = (x: Expr, xp: Expr, fp: Expr): Expr => {
  if (xp.size === 1) return stretch(elementOf(fp, 0), x.shape);
  const found = toExpr("interp", searchsorted(asTensor(xp), asTensor(x), { side: "right" }));
  const upper = prim.min(prim.max(found, fullLike(found, 1)), fullLike(found, xp.size - 1));
  const lower = prim.sub(upper, fullLike(upper, 1));
  const at = (v: Expr, i: Expr): Expr =>
    gather(v, reshape(i, [...i.shape, 1]), { axes: [0], batch: 0, outOfBounds: "clip" });
  const [x0, x1, f0, f1] = [at(xp, lower), at(xp, upper), at(fp, lower), at(fp, upper)];
  const width = prim.sub(x1, x0);
  const none = prim.eq(width, fullLike(width, 0));
  const t = prim.div(prim.sub(x, x0), prim.select(none, fullLike(width, 1), width));
  return prim.select(none, f0, prim.add(f0, prim.mul(t, prim.sub(f1, f0))));
};

/**
 * The broken line through the points (xp, fp) at x, elementwise, in floats. `xp` increases. Outside, it is the value at
 * the nearer end unless the options say otherwise. Throws unless xp and fp are vectors of equal, positive length.
 *
 * @example
 * ```ts
 * interp(tensor([0.5, 2, 9]), tensor([0, 1, 3]), tensor([0, 10, 20])).toArray() // [5, 15, 20]
 * ```
 */
export const interp: Op<[xp: TensorLike, fp: TensorLike, options?: InterpOptions]> = op<
  [xp: TensorLike, fp: TensorLike, options?: InterpOptions]
>(2, (input, points, values, options = {}) => {
  checkOptions("interp", options, ["left", "right"]);
  const given = [input, points, values].map((v) => toFloat("interp", v));
  const dtype = floating(given.map((e) => e.dtype).reduce(promote));
  const [x, xp, fp] = given.map((e) => prim.cast(e, dtype)) as [Expr, Expr, Expr];
  checkPoints(xp, fp);
  const n = xp.size;
  const outer = (value: number | undefined, i: number): Expr =>
    value === undefined ? stretch(elementOf(fp, i), x.shape) : full(x.shape, dtype, value);
  const before = prim.lt(x, stretch(elementOf(xp, 0), x.shape));
  const after = prim.gt(x, stretch(elementOf(xp, n - 1), x.shape));
  const inside = piecewise(x, xp, fp);
  return asTensor(
    prim.select(before, outer(options.left, 0), prim.select(after, outer(options.right, n - 1), inside)),
  );
});

/** Distances of neighbouring points, in the shape of the intervals. */
const widths = (y: Expr, axis: number, { x, dx = 1 }: TrapezoidOptions, shape: readonly number[]): Expr => {
  if (x === undefined) return full(shape, y.dtype, dx);
  const points = prim.cast(toExpr("trapezoid", x), y.dtype);
  const fits = points.ndim === 1 ? points.size === y.shape[axis] : points.shape.join() === y.shape.join();
  if (!fits)
    throw expected(
      "trapezoid",
      `points of shape [${y.shape.join(",")}] or [${y.shape[axis]!}]`,
      describe(points),
    );
  const whole = points.ndim === 1 ? broadcast(points, y.shape, [axis]) : points;
  return prim.sub(sliceAxis(whole, axis, 1, shape[axis]!), sliceAxis(whole, axis, 0, shape[axis]!));
};

/**
 * The integral along `axis` (default: the last) by the trapezoidal rule, in floats, over points `x` or `dx` apart.
 * Throws when the axis does not exist or the points do not fit.
 *
 * @example
 * ```ts
 * trapezoid(tensor([1, 2, 3])).toArray() // 4
 * trapezoid(tensor([1, 2, 3]), { x: tensor([0, 1, 3]) }).toArray() // 6.5
 * ```
 */
export const trapezoid: Op<[options?: TrapezoidOptions]> = op<[options?: TrapezoidOptions]>(
  0,
  (input, options = {}) => {
    checkOptions("trapezoid", options, ["x", "dx", "axis"]);
    const y = toFloat("trapezoid", input);
    const axis = checkAxis("trapezoid", options.axis ?? -1, y.ndim);
    const n = Math.max(0, y.shape[axis]! - 1);
    const shape = y.shape.map((d, i) => (i === axis ? n : d));
    const ends = prim.add(sliceAxis(y, axis, 0, n), sliceAxis(y, axis, y.shape[axis]! - n, n));
    const areas = prim.mul(prim.mul(widths(y, axis, options, shape), ends), full(shape, y.dtype, 0.5));
    return asTensor(sumOver(areas, [axis]));
  },
);

/** The bodies of the methods. */
export const polynomialFunctions: BodiesOf<PolynomialArgs> = { polyval, interp, trapezoid };
