/**
 * Running sum, product, maximum and minimum along an axis, forwards or backwards.
 *
 * The derivative of a product or extreme that runs is itself a scan of pairs (value, derivative) under an
 * associative combination; it is done in log2(n) doubling steps (W. D. Hillis and G. L. Steele, "Data parallel
 * algorithms", CACM 1986) of ordinary primitives, so it is linear, transposable and differentiable again.
 */
import { aval, showAval } from "../aval.js";
import { type DType, isFloat } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import type { ReduceOp } from "../lowering.js";
import { build, type NdArray, ndarray, offsetOf } from "../ndarray.js";
import type { Linear, Primitive } from "../primitive.js";
import { allocate } from "../dtype.js";
import { add, eq, gt, lt, max, min, mul, select } from "./arithmetic.js";
import type { Binary } from "./elementwise.js";
import { front, fullLike } from "./layout.js";
import { pad, sliceAxis } from "./views.js";

export interface Cumulative {
  readonly axis: number;
  readonly reverse: boolean;
}

export type CumulativeName = "cumsum" | "cumprod" | "cummax" | "cummin";

interface CumulativeSpec {
  readonly name: CumulativeName;
  readonly op: ReduceOp;
  readonly combine: (a: number, b: number, dtype: DType) => number;
  readonly jvp: (t: Expr, x: Expr, attrs: Cumulative) => Linear;
  readonly transpose?: (ct: Expr, attrs: Cumulative) => Expr;
}

const cumulativePrimitive = (spec: CumulativeSpec): Primitive<Cumulative> => {
  const primitive: Primitive<Cumulative> = {
    name: spec.name,
    shape: ([x], { axis }) => {
      if (axis < 0 || axis >= x!.shape.length || x!.dtype === "bool")
        throw expected(spec.name, `a numeric operand with an axis ${axis}`, showAval(x!));
      return [aval(x!.shape, x!.dtype)];
    },
    evaluate: ([x], attrs) => [evaluateCumulative(x!, attrs, spec.combine)],
    jvp: ([x], [t], attrs) => [null, [t === null ? null : spec.jvp(t!, x!, attrs)]],
    transpose:
      spec.transpose === undefined ? null : ([ct], _args, _linear, attrs) => [spec.transpose!(ct!, attrs)],
    batch: ([x], [axis], attrs, n) => [
      [apply(primitive, [front(x!, axis!, n)], { ...attrs, axis: attrs.axis + 1 }), 0],
    ],
    lower: { _tag: "Cumulative", op: spec.op, axis: (a) => a.axis, reverse: (a) => a.reverse },
  };
  return primitive;
};

const evaluateCumulative = (
  x: NdArray,
  { axis, reverse }: Cumulative,
  combine: (a: number, b: number, dtype: DType) => number,
): NdArray => {
  const n = x.shape[axis]!;
  const running = new Float64Array(x.data.length);
  build(
    x.shape.map((d, i) => (i === axis ? Math.min(d, 1) : d)),
    "float64",
    (index) => {
      const at = [...index];
      for (let k = 0; k < n; k++) {
        at[axis] = reverse ? n - 1 - k : k;
        const here = offsetOf(x.shape, at);
        at[axis] = reverse ? n - k : k - 1;
        running[here] =
          k === 0 ? x.data[here]! : combine(running[offsetOf(x.shape, at)]!, x.data[here]!, x.dtype);
      }
      return 0;
    },
  );
  const data = allocate(x.dtype, running.length);
  data.set(running);
  return ndarray(x.shape, x.dtype, data);
};

/** `x` moved by `by` along the axis in the direction of the scan; the first places take `value`. */
export const shifted = (x: Expr, { axis, reverse }: Cumulative, by: number, value: number): Expr => {
  const n = x.shape[axis]!;
  const kept = sliceAxis(x, axis, reverse ? by : 0, n - by);
  const low = x.shape.map((_, i) => (i === axis && !reverse ? by : 0));
  const high = x.shape.map((_, i) => (i === axis && reverse ? by : 0));
  return pad(kept, { low, high, value });
};

/** Derivative of the running combination: pairs (value, derivative), doubled until the whole axis is covered. */
const pairScan =
  (identity: number, value: Binary, derivative: (a: Expr, ta: Expr, b: Expr, tb: Expr) => Expr) =>
  (t: Expr, x: Expr, attrs: Cumulative): Expr => {
    let y = x;
    let ty = t;
    for (let by = 1; by < x.shape[attrs.axis]!; by *= 2) {
      const before = shifted(y, attrs, by, identity);
      ty = derivative(before, shifted(ty, attrs, by, 0), y, ty);
      y = value(before, y);
    }
    return ty;
  };

/** The better one's derivative; half of each where they tie. */
const extreme = (value: Binary, better: Binary, identity: number): CumulativeSpec["jvp"] =>
  pairScan(identity, value, (a, ta, b, tb) => {
    const half = fullLike(a, 0.5);
    const tied = eq(a, b);
    return select(better(a, b), ta, select(tied, add(mul(ta, half), mul(tb, half)), tb));
  });

export const cumulatives: Record<CumulativeName, Primitive<Cumulative>> = {
  cumsum: cumulativePrimitive({
    name: "cumsum",
    op: "sum",
    combine: (a, b) => a + b,
    jvp: (t, _x, attrs) => cumulative("cumsum", t, attrs.axis, attrs.reverse),
    transpose: (ct, { axis, reverse }) => cumulative("cumsum", ct, axis, !reverse),
  }),
  cumprod: cumulativePrimitive({
    name: "cumprod",
    op: "prod",
    combine: (a, b, dtype) => (isFloat(dtype) ? a * b : Math.imul(a, b)),
    jvp: pairScan(1, mul, (a, ta, b, tb) => add(mul(ta, b), mul(a, tb))),
  }),
  cummax: cumulativePrimitive({
    name: "cummax",
    op: "max",
    combine: (a, b) => Math.max(a, b),
    jvp: extreme(max, gt, -Infinity),
  }),
  cummin: cumulativePrimitive({
    name: "cummin",
    op: "min",
    combine: (a, b) => Math.min(a, b),
    jvp: extreme(min, lt, Infinity),
  }),
};

export const cumulative = (name: CumulativeName, x: Expr, axis: number, reverse: boolean): Expr =>
  apply(cumulatives[name], [x], { axis, reverse });
