/** Order: `argsort`, of which sort and topK are gathers. Stable; NaN counts as larger than every number. */
import { aval, type Shape, showAval } from "../aval.js";
import type { TypedArray } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import { type NdArray, ndarray } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { sizeOf } from "../aval.js";
import { front } from "./layout.js";

export interface Argsort {
  readonly axis: number;
  readonly descending: boolean;
  /** How many of the first places are wanted; the rest is not computed. */
  readonly count: number;
}

const compare = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === b ? 0 : rankNaN(a) - rankNaN(b);
const rankNaN = (a: number): number => (Number.isNaN(a) ? 1 : 0);

const resultShape = (x: Shape, { axis, count }: Argsort): Shape => x.map((n, i) => (i === axis ? count : n));

/** Sorts every line of `x` along the axis and writes the indices to `out`. */
export const argsortInto = (x: NdArray, out: TypedArray, { axis, descending, count }: Argsort): void => {
  const n = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  const outer = sizeOf(x.shape.slice(0, axis));
  const line = new Float64Array(n);
  const order = new Int32Array(n);
  const before = descending
    ? (i: number, j: number) => compare(line[j]!, line[i]!) || i - j
    : (i: number, j: number) => compare(line[i]!, line[j]!) || i - j;
  for (let o = 0; o < outer; o++)
    for (let k = 0; k < inner; k++) {
      for (let i = 0; i < n; i++) {
        line[i] = x.data[(o * n + i) * inner + k]!;
        order[i] = i;
      }
      order.sort(before);
      for (let i = 0; i < count; i++) out[(o * count + i) * inner + k] = order[i]!;
    }
};

export const argsortPrimitive: Primitive<Argsort> = {
  name: "argsort",
  shape: ([x], attrs) => {
    const n = x!.shape[attrs.axis];
    if (n === undefined || attrs.count < 0 || attrs.count > n)
      throw expected(
        "argsort",
        `an axis of at least ${attrs.count} elements`,
        `axis ${attrs.axis} of ${showAval(x!)}`,
      );
    return [aval(resultShape(x!.shape, attrs), "int32")];
  },
  evaluate: ([x], attrs) => {
    const shape = resultShape(x!.shape, attrs);
    const data = new Int32Array(sizeOf(shape));
    argsortInto(x!, data, attrs);
    return [ndarray(shape, "int32", data)];
  },
  jvp: () => [null, [null]],
  transpose: null,
  batch: ([x], [axis], attrs, n) => [
    [apply(argsortPrimitive, [front(x!, axis!, n)], { ...attrs, axis: attrs.axis + 1 }), 0],
  ],
  lower: {
    _tag: "Routine",
    run: ([x], [out], attrs) => argsortInto(x!, out!, attrs),
    sort: (x, { axis, descending, count }) => ({
      outer: sizeOf(x.slice(0, axis)),
      length: x[axis]!,
      inner: sizeOf(x.slice(axis + 1)),
      count,
      descending,
    }),
  },
};

/** The indices that would sort `x` along `axis`; the first `count` of them. int32. */
export const argsort = (x: Expr, axis: number, descending = false, count: number = x.shape[axis]!): Expr =>
  apply(argsortPrimitive, [x], { axis, descending, count });
