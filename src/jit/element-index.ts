/** Indices that are elements of an int32 array: where gathers, scatters and dynamic slices point. */
import { range, type Shape } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import type { Condition } from "../ir/lowering.js";
import { type Gather, restAxes } from "../ir/primitives/indexed.js";
import type { KernelBuilder } from "./builder.js";
import { constantIndex, type Index, valueIndex } from "./index-expression.js";
import type { Value } from "./kernel.js";

const int32: readonly [number, number] = [-2147483648, 2147483647];

const indexFrom = (v: Value, lo: number, hi: number): Index =>
  v.definition._tag === "Constant" ? constantIndex(v.definition.value) : valueIndex(v.id, lo, hi);

/** An element clamped to [0, n). */
export const clamped = (b: KernelBuilder, e: Expr, at: readonly Index[], n: number): Value =>
  b.values.clamped(b.emit(e, at), n);

/** The same as an index. */
export const clampedIndex = (b: KernelBuilder, e: Expr, at: readonly Index[], n: number): Index =>
  indexFrom(clamped(b, e, at, n), 0, n - 1);

/** An element as an index that may lie outside [0, n), with the condition that it does not. */
const checkedIndex = (
  b: KernelBuilder,
  e: Expr,
  at: readonly Index[],
  n: number,
): readonly [Index, Condition<Index>] => {
  const index = indexFrom(b.emit(e, at), ...int32);
  return [index, { value: index, lo: 0, hi: n }];
};

/** Where an index of a gather or scatter points in `x`, and when it points inside. */
export const gatheredIndex = (
  b: KernelBuilder,
  x: Shape,
  indices: Expr,
  at: readonly Index[],
  attrs: Gather,
): readonly [readonly Index[], readonly Condition<Index>[]] => {
  const nI = indices.ndim - 1;
  const index: Index[] = range(x.length).map((a) => (a < attrs.batch ? at[a]! : constantIndex(0)));
  restAxes(x.length, attrs).forEach((a, k) => (index[a] = at[nI + k]!));
  const conditions: Condition<Index>[] = [];
  attrs.axes.forEach((a, k) => {
    const where = [...at.slice(0, nI), constantIndex(k)];
    if (attrs.outOfBounds === "clip") index[a] = clampedIndex(b, indices, where, x[a]!);
    else {
      const [i, condition] = checkedIndex(b, indices, where, x[a]!);
      index[a] = i;
      conditions.push(condition);
    }
  });
  return [index, conditions];
};
