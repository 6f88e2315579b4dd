/** Views: slice and pad (adjoint), flip, concat, iota; reshape comes from layout.ts, where batching needs it. */
import { type Aval, aval, sameShape, type Shape, showAval, showAvals } from "../aval.js";
import type { DType } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import { build, type NdArray, offsetOf } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { front, shiftAxes, view, zerosOf } from "./layout.js";

export { type Reshape, reshape, reshapePrimitive } from "./layout.js";

// ---- slice and pad

export interface Slice {
  readonly start: readonly number[];
  /** Number of elements kept along each axis. */
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

export const slicePrimitive: Primitive<Slice> = view<Slice>({
  name: "slice",
  shape: (x, { start, size, stride }) => {
    const inside = x.shape.every(
      (n, i) =>
        start[i]! >= 0 &&
        stride[i]! > 0 &&
        size[i]! >= 0 &&
        start[i]! + (size[i] === 0 ? 0 : (size[i]! - 1) * stride[i]! + 1) <= n,
    );
    if (!inside || start.length !== x.shape.length)
      throw expected(
        "slice",
        `a range inside ${showAval(x)}`,
        `start [${start}] size [${size}] stride [${stride}]`,
      );
    return size;
  },
  index: (algebra, out, _operand, { start, stride }) => ({
    at: out.map((o, i) => algebra.add(algebra.scale(o, stride[i]!), algebra.constant(start[i]!))),
  }),
  transpose: (ct, x, { start, size, stride }) => {
    const interior = stride.map((s) => s - 1);
    const spans = size.map((n, i) => (n === 0 ? 0 : (n - 1) * stride[i]! + 1));
    return pad(ct, { low: start, high: x.shape.map((n, i) => n - start[i]! - spans[i]!), interior });
  },
  batched: ({ start, size, stride }, n) => ({
    start: [0, ...start],
    size: [n, ...size],
    stride: [1, ...stride],
  }),
});

/** `x[start : start + size * stride : stride]` along every axis. */
export const slice = (
  x: Expr,
  start: readonly number[],
  size: readonly number[],
  stride: readonly number[] = start.map(() => 1),
): Expr => (sameShape(size, x.shape) ? x : apply(slicePrimitive, [x], { start, size, stride }));

/** `size` elements from `start` along one axis. */
export const sliceAxis = (x: Expr, axis: number, start: number, size: number, stride = 1): Expr =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? start : 0)),
    x.shape.map((n, i) => (i === axis ? size : n)),
    x.shape.map((_, i) => (i === axis ? stride : 1)),
  );

export interface Pad {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Zeros between neighbouring elements. */
  readonly interior: readonly number[];
  readonly value: number;
}

export const padPrimitive: Primitive<Pad> = view<Pad>({
  name: "pad",
  shape: (x, { low, high, interior }) => {
    if (![low, high, interior].every((p) => p.length === x.shape.length && p.every((n) => n >= 0)))
      throw expected(
        "pad",
        `non-negative padding for ${showAval(x)}`,
        `low [${low}] high [${high}] interior [${interior}]`,
      );
    return x.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(0, n - 1) * interior[i]!);
  },
  index: (algebra, out, operand, { low, high, interior, value }) => {
    const shifted = out.map((o, i) => algebra.add(o, algebra.constant(-low[i]!)));
    return {
      at: shifted.map((o, i) => (interior[i] === 0 ? o : algebra.div(o, interior[i]! + 1))),
      within: shifted.flatMap((o, i) => {
        if (low[i] === 0 && high[i] === 0 && interior[i] === 0) return [];
        const hi = operand[i]! + Math.max(0, operand[i]! - 1) * interior[i]!;
        return [{ value: o, lo: 0, hi, ...(interior[i] === 0 ? {} : { multiple: interior[i]! + 1 }) }];
      }),
      fill: value,
    };
  },
  linear: (attrs) => ({ ...attrs, value: 0 }),
  transpose: (ct, x, { low, interior }) =>
    slice(
      ct,
      low,
      x.shape,
      interior.map((i) => i + 1),
    ),
  batched: ({ low, high, interior, value }) => ({
    low: [0, ...low],
    high: [0, ...high],
    interior: [0, ...interior],
    value,
  }),
});

/** `x` surrounded (and interleaved) with `value`. */
export const pad = (
  x: Expr,
  { low, high, interior = low.map(() => 0), value = 0 }: Omit<Pad, "interior" | "value"> & Partial<Pad>,
): Expr =>
  [low, high, interior].every((p) => p.every((n) => n === 0))
    ? x
    : apply(padPrimitive, [x], { low, high, interior, value });

// ---- flip

export interface Flip {
  readonly axes: readonly number[];
}

export const flipPrimitive: Primitive<Flip> = view<Flip>({
  name: "flip",
  shape: (x, { axes }) => {
    if (!axes.every((a) => a >= 0 && a < x.shape.length))
      throw expected("flip", `axes below ${x.shape.length}`, `[${axes}] for ${showAval(x)}`);
    return x.shape;
  },
  index: (algebra, out, operand, { axes }) => ({
    at: out.map((o, i) =>
      axes.includes(i) ? algebra.add(algebra.constant(operand[i]! - 1), algebra.scale(o, -1)) : o,
    ),
  }),
  transpose: (ct, _x, { axes }) => flip(ct, axes),
  batched: ({ axes }) => ({ axes: shiftAxes(axes) }),
});

/** `x` read backwards along `axes`. */
export const flip = (x: Expr, axes: readonly number[]): Expr =>
  axes.length === 0 ? x : apply(flipPrimitive, [x], { axes });

// ---- concat

export interface Concat {
  readonly axis: number;
}

export const concatPrimitive: Primitive<Concat> = {
  name: "concat",
  shape: (avals, { axis }) => {
    const first = avals[0]!;
    const fits = avals.every(
      (a) =>
        a.dtype === first.dtype &&
        a.shape.length === first.shape.length &&
        a.shape.every((n, i) => i === axis || n === first.shape[i]),
    );
    if (!fits || axis < 0 || axis >= first.shape.length)
      throw expected("concat", `operands equal but for axis ${axis}`, showAvals(avals));
    const total = avals.reduce((n, a) => n + a.shape[axis]!, 0);
    return [
      aval(
        first.shape.map((n, i) => (i === axis ? total : n)),
        first.dtype,
      ),
    ];
  },
  evaluate: (args, { axis }) => [evaluateConcat(args, axis)],
  jvp: (args, ts, { axis }) => [
    null,
    [
      concat(
        ts.map((t, i) => t ?? zerosOf(args[i]!.aval)),
        axis,
      ),
    ],
  ],
  transpose: ([ct], args, linear, { axis }) => {
    let start = 0;
    return args.map((a, i) => {
      const size = a.shape[axis]!;
      start += size;
      return linear[i] ? sliceAxis(ct!, axis, start - size, size) : null;
    });
  },
  support: (mask, args, attrs) =>
    concatPrimitive.transpose!(
      [mask],
      args,
      args.map(() => true),
      attrs,
    ),
  batch: (args, axes, { axis }, n) => [
    [
      concat(
        args.map((a, i) => front(a, axes[i]!, n)),
        axis + 1,
      ),
      0,
    ],
  ],
  lower: { _tag: "Concat", axis: (a) => a.axis },
};

const evaluateConcat = (args: readonly NdArray[], axis: number): NdArray => {
  const first = args[0]!;
  const total = args.reduce((n, a) => n + a.shape[axis]!, 0);
  const shape = first.shape.map((n, i) => (i === axis ? total : n));
  return build(shape, first.dtype, (index) => {
    const at = [...index];
    let k = 0;
    while (at[axis]! >= args[k]!.shape[axis]!) at[axis]! -= args[k++]!.shape[axis]!;
    return args[k]!.data[offsetOf(args[k]!.shape, at)]!;
  });
};

/** The operands one after another along `axis`. */
export const concat = (xs: readonly Expr[], axis: number): Expr =>
  xs.length === 1 ? xs[0]! : apply(concatPrimitive, xs, { axis });

// ---- iota

export interface Iota {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly axis: number;
}

export const iotaPrimitive: Primitive<Iota> = {
  name: "iota",
  shape: (_avals: readonly Aval[], { shape, dtype }) => [aval(shape, dtype)],
  evaluate: (_args, { shape, dtype, axis }) => [build(shape, dtype, (index) => index[axis]!)],
  jvp: () => [null, [null]],
  transpose: null,
  batch: (_args, _axes, attrs) => [[apply(iotaPrimitive, [], attrs), null]],
  lower: { _tag: "Iota" },
};

/** The index along `axis` at every element of `shape`. */
export const iota = (shape: Shape, dtype: DType, axis: number): Expr =>
  apply(iotaPrimitive, [], { shape, dtype, axis });
