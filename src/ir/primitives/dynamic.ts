/** A window whose start is computed: reading it and writing it, adjoint to each other. Starts are clamped inside. */
import { aval, type Shape, showAvals } from "../aval.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import { build, type NdArray, ndarray, offsetOf } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { add, max, min } from "./arithmetic.js";
import { front, full, fullLike, unreduce, zerosOf } from "./layout.js";
import { range } from "../aval.js";
import { type Gather, gather, scatter } from "./indexed.js";
import { concat, iota, reshape, sliceAxis } from "./views.js";

export interface DynamicSlice {
  readonly sizes: Shape;
}

type NoAttrs = Readonly<Record<never, never>>;

const checkStarts = (name: string, x: Shape, starts: { shape: Shape; dtype: string }, sizes: Shape): void => {
  const fits =
    starts.dtype === "int32" &&
    starts.shape.length === 1 &&
    starts.shape[0] === x.length &&
    sizes.length === x.length &&
    sizes.every((s, i) => s >= 0 && s <= x[i]!);
  if (!fits)
    throw expected(
      name,
      `int32[${x.length}] starts and sizes within [${x}]`,
      `${starts.dtype}[${starts.shape}] and sizes [${sizes}]`,
    );
};

/** Where the window really starts. */
const clamped = (x: Shape, starts: NdArray, sizes: Shape): number[] =>
  x.map((n, i) => Math.min(Math.max(starts.data[i]!, 0), n - sizes[i]!));

/** `[n, sizes…, ndim]` coordinates of every element of n windows, for gather and scatter. */
const coordinates = (x: Shape, starts: Expr, sizes: Shape): Expr => {
  const n = starts.shape[0]!;
  const shape = [n, ...sizes];
  const parts = sizes.map((size, k) => {
    const start = reshape(sliceAxis(starts, 1, k, 1), [n]);
    const inside = max(min(start, fullLike(start, x[k]! - size)), fullLike(start, 0));
    const at = add(
      unreduce(
        inside,
        shape,
        range(sizes.length).map((a) => a + 1),
      ),
      iota(shape, "int32", k + 1),
    );
    return reshape(at, [...shape, 1]);
  });
  return concat(parts, shape.length);
};

const everyAxis = (ndim: number, batch: 0 | 1): Gather => ({
  axes: range(ndim).map((a) => a + batch),
  batch,
  outOfBounds: "clip",
});

const withZero = (starts: Expr): Expr => concat([full([1], "int32", 0), starts], 0);

export const dynamicSlicePrimitive: Primitive<DynamicSlice> = {
  name: "dynamicSlice",
  shape: ([x, starts], { sizes }) => {
    checkStarts("dynamicSlice", x!.shape, starts!, sizes);
    return [aval(sizes, x!.dtype)];
  },
  evaluate: ([x, starts], { sizes }) => {
    const from = clamped(x!.shape, starts!, sizes);
    return [
      build(
        sizes,
        x!.dtype,
        (at) =>
          x!.data[
            offsetOf(
              x!.shape,
              at.map((i, k) => i + from[k]!),
            )
          ]!,
      ),
    ];
  },
  jvp: ([, starts], [t], { sizes }) => [null, [t == null ? null : dynamicSlice(t, starts!, sizes)]],
  transpose: ([ct], [x, starts]) => [dynamicUpdateSlice(zerosOf(x!.aval), ct!, starts!), null],
  batch: ([x, starts], [ax, as], { sizes }, n) => {
    if (as == null) return [[dynamicSlice(front(x!, ax!, n), withZero(starts!), [n, ...sizes]), 0]];
    const inner = ax == null ? x!.shape : x!.shape.filter((_, i) => i !== ax);
    if (inner.length === 0) return [[front(x!, ax!, n), 0]];
    const at = coordinates(inner, front(starts!, as, n), sizes);
    const source = ax == null ? x! : front(x!, ax, n);
    return [[gather(source, at, everyAxis(inner.length, ax == null ? 0 : 1)), 0]];
  },
  lower: { _tag: "DynamicSlice" },
};

/** `sizes` elements of `x` from `starts` (int32, one for each axis). */
export const dynamicSlice = (x: Expr, starts: Expr, sizes: Shape): Expr =>
  apply(dynamicSlicePrimitive, [x, starts], { sizes });

export const dynamicUpdateSlicePrimitive: Primitive<NoAttrs> = {
  name: "dynamicUpdateSlice",
  shape: ([x, update, starts]) => {
    if (x!.dtype !== update!.dtype)
      throw expected("dynamicUpdateSlice", "operands of equal dtype", showAvals([x!, update!]));
    checkStarts("dynamicUpdateSlice", x!.shape, starts!, update!.shape);
    return [x!];
  },
  evaluate: ([x, update, starts]) => {
    const from = clamped(x!.shape, starts!, update!.shape);
    const data = x!.data.slice();
    build(update!.shape, "float64", (at, flat) => {
      data[
        offsetOf(
          x!.shape,
          at.map((i, k) => i + from[k]!),
        )
      ] = update!.data[flat]!;
      return 0;
    });
    return [ndarray(x!.shape, x!.dtype, data)];
  },
  jvp: ([x, update, starts], [tx, tu]) => [
    null,
    [
      tx == null && tu == null
        ? null
        : dynamicUpdateSlice(tx ?? zerosOf(x!.aval), tu ?? zerosOf(update!.aval), starts!),
    ],
  ],
  transpose: ([ct], [, update, starts], [lx, lu]) => [
    lx ? dynamicUpdateSlice(ct!, zerosOf(update!.aval), starts!) : null,
    lu ? dynamicSlice(ct!, starts!, update!.shape) : null,
    null,
  ],
  batch: ([x, update, starts], [ax, au, as], _attrs, n) => {
    const xf = front(x!, ax!, n);
    const uf = front(update!, au!, n);
    if (as == null) return [[dynamicUpdateSlice(xf, uf, withZero(starts!)), 0]];
    const inner = xf.shape.slice(1);
    if (inner.length === 0) return [[uf, 0]];
    const at = coordinates(inner, front(starts!, as, n), uf.shape.slice(1));
    return [[scatter(xf, at, uf, { ...everyAxis(inner.length, 1), mode: "set" }), 0]];
  },
  lower: { _tag: "DynamicUpdateSlice" },
};

/** `x` with `update` written over it from `starts` (int32, one for each axis). */
export const dynamicUpdateSlice = (x: Expr, update: Expr, starts: Expr): Expr =>
  apply(dynamicUpdateSlicePrimitive, [x, update, starts], {});
