/**
 * Reductions other than sum: prod, max, min, argmax, argmin. They remove their axes.
 * Ties share the derivative of max and min equally; prod's is exact with any number of zeros.
 */
import { type Aval, aval, range, showAval, sizeOf } from "../aval.js";
import { type DType, highest, isFloat, lowest } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import type { ReduceOp } from "../lowering.js";
import type { Linear, Primitive } from "../primitive.js";
import { cast, div, eq, mul } from "./arithmetic.js";
import { cumulative } from "./cumulative.js";
import { foldAxes } from "./fold-axes.js";
import { type Axes, front, fullLike, moveAxis, reducedShape, shiftAxes, sum, unreduce } from "./layout.js";
import { concat, reshape, sliceAxis } from "./views.js";

interface ReductionSpec {
  readonly name: string;
  readonly op: ReduceOp;
  readonly fold: (elements: readonly number[], dtype: DType) => number;
  readonly jvp: (t: Expr, x: Expr, axes: readonly number[], out: () => Expr) => Linear;
}

const reduction = (spec: ReductionSpec): Primitive<Axes> => {
  const primitive: Primitive<Axes> = {
    name: spec.name,
    shape: ([x], { axes }) => {
      checkReduction(spec.name, x!, axes);
      return [aval(reducedShape(spec.name, x!, axes), x!.dtype)];
    },
    evaluate: ([x], { axes }) => [foldAxes(x!, axes, spec.fold)],
    jvp: ([x], [t], { axes }, outs) => [null, [t === null ? null : spec.jvp(t!, x!, axes, () => outs()[0]!)]],
    transpose: null,
    batch: ([x], [axis], { axes }, n) => [
      [apply(primitive, [front(x!, axis!, n)], { axes: shiftAxes(axes) }), 0],
    ],
    lower: { _tag: "Reduce", op: spec.op, axes: (a) => a.axes },
  };
  return primitive;
};

const checkReduction = (name: string, x: Aval, axes: readonly number[]): void => {
  if (name === "prod" && x.dtype === "bool") throw expected("prod", "a numeric operand", showAval(x));
  const empty = axes.some((a) => x.shape[a] === 0) && sizeOf(x.shape.filter((_, i) => !axes.includes(i))) > 0;
  if (empty && name !== "prod") throw expected(name, "at least one element to reduce", showAval(x));
};

/** Products of all elements but one along the last axis: exclusive products from both ends. */
const productsOfOthers = (x: Expr): Expr => {
  const axis = x.ndim - 1;
  const n = x.shape[axis]!;
  const ones = fullLike(sliceAxis(x, axis, 0, 1), 1);
  const before = concat([ones, sliceAxis(cumulative("cumprod", x, axis, false), axis, 0, n - 1)], axis);
  const after = concat([sliceAxis(cumulative("cumprod", x, axis, true), axis, 1, n - 1), ones], axis);
  return mul(before, after);
};

/** The reduced axes as one last axis. */
const gathered = (x: Expr, axes: readonly number[]): Expr => {
  const kept = range(x.ndim).filter((i) => !axes.includes(i));
  let y = x;
  axes.forEach((a, k) => (y = moveAxis(y, a - k, x.ndim - 1)));
  return reshape(y, [...kept.map((k) => x.shape[k]!), sizeOf(axes.map((a) => x.shape[a]!))]);
};

export const prodPrimitive: Primitive<Axes> = reduction({
  name: "prod",
  op: "prod",
  fold: (xs, dtype) => xs.reduce((a, b) => (isFloat(dtype) ? a * b : Math.imul(a, b)), 1),
  jvp: (t, x, axes) => {
    const flat = gathered(x, axes);
    if (flat.size === 0) return null;
    return sum(mul(gathered(t, axes), productsOfOthers(flat)), [flat.ndim - 1]);
  },
});

/** Each of the tied extremes takes an equal share. */
const extremeJvp: ReductionSpec["jvp"] = (t, x, axes, out) => {
  const hit = cast(eq(x, unreduce(out(), x.shape, axes)), x.dtype);
  return div(sum(mul(t, hit), axes), sum(hit, axes));
};

export const maxPrimitive: Primitive<Axes> = reduction({
  name: "reduceMax",
  op: "max",
  fold: (xs, dtype) => xs.reduce((a, b) => Math.max(a, b), lowest(dtype)),
  jvp: extremeJvp,
});
export const minPrimitive: Primitive<Axes> = reduction({
  name: "reduceMin",
  op: "min",
  fold: (xs, dtype) => xs.reduce((a, b) => Math.min(a, b), highest(dtype)),
  jvp: extremeJvp,
});

export const prod = (x: Expr, axes: readonly number[]): Expr =>
  axes.length === 0 ? x : apply(prodPrimitive, [x], { axes });
export const reduceMax = (x: Expr, axes: readonly number[]): Expr =>
  axes.length === 0 ? x : apply(maxPrimitive, [x], { axes });
export const reduceMin = (x: Expr, axes: readonly number[]): Expr =>
  axes.length === 0 ? x : apply(minPrimitive, [x], { axes });

// ---- positions of extremes

const argument = (name: "argmax" | "argmin", better: (a: number, b: number) => boolean): Primitive<Axes> => {
  const primitive: Primitive<Axes> = {
    name,
    shape: ([x], { axes }) => {
      if (axes.length !== 1) throw expected(name, "one axis", `[${axes}]`);
      checkReduction(name, x!, axes);
      return [aval(reducedShape(name, x!, axes), "int32")];
    },
    evaluate: ([x], { axes }) => [foldAxes(x!, axes, (xs) => firstBest(xs, better), "int32")],
    jvp: () => [null, [null]],
    transpose: null,
    batch: ([x], [axis], { axes }, n) => [
      [apply(primitive, [front(x!, axis!, n)], { axes: shiftAxes(axes) }), 0],
    ],
    lower: { _tag: "Reduce", op: name, axes: (a) => a.axes },
  };
  return primitive;
};

/** The first extreme; a NaN counts as more extreme than any number, as in NumPy. */
const firstBest = (xs: readonly number[], better: (a: number, b: number) => boolean): number => {
  let at = 0;
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(xs[i])) return i;
    if (better(xs[i]!, xs[at]!)) at = i;
  }
  return at;
};

export const argmaxPrimitive: Primitive<Axes> = argument("argmax", (a, b) => a > b);
export const argminPrimitive: Primitive<Axes> = argument("argmin", (a, b) => a < b);

/** Index of the largest element along `axis`, which disappears. int32. */
export const argmax = (x: Expr, axis: number): Expr => apply(argmaxPrimitive, [x], { axes: [axis] });
export const argmin = (x: Expr, axis: number): Expr => apply(argminPrimitive, [x], { axes: [axis] });

export const reductions: Record<"prod" | "reduceMax" | "reduceMin" | "argmax" | "argmin", Primitive> = {
  prod: prodPrimitive,
  reduceMax: maxPrimitive,
  reduceMin: minPrimitive,
  argmax: argmaxPrimitive,
  argmin: argminPrimitive,
};
