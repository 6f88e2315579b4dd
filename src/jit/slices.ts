/**
 * Slices of known values that lie in one piece are copied instead of compiled. Batches of a data set differ in where
 * they start: each would be a program of its own.
 */
import { sizeOf, stridesOf } from "../ir/aval.js";
import { DeviceArray, type Stored } from "../ir/stored.js";
import { attrsOf, collapse, type Expr } from "../ir/expr.js";
import { slicePrimitive } from "../ir/primitives/views.js";
import { topological } from "../ir/program.js";

/** The first element of a slice whose elements follow each other in memory; null for others. */
const startOf = (e: Expr): number | null => {
  const { start, size, stride } = attrsOf(slicePrimitive, e);
  const { shape } = e.args[0]!;
  if (stride.some((s, i) => s !== 1 && size[i]! > 1)) return null;
  // Single positions, then any part of one axis, then whole axes.
  const axis = size.findIndex((n) => n !== 1);
  if (axis >= 0 && size.some((n, i) => i > axis && n !== shape[i])) return null;
  const strides = stridesOf(shape);
  return start.reduce((at, s, i) => at + s * strides[i]!, 0);
};

const copied = (e: Expr): Stored | null => {
  if (e.open || e.primitive !== slicePrimitive) return null;
  const [x] = e.args as [Expr];
  // A donated value is empty: reading it is an error, which the compiler reports.
  if (x.value === null || x.value.length !== sizeOf(x.shape)) return null;
  const from = startOf(e);
  if (from === null) return null;
  return x.value instanceof DeviceArray ? x.value.slice(from, e.size) : x.value.slice(from, from + e.size);
};

export const copySlices = (roots: readonly Expr[]): void => {
  for (const e of topological(roots)) {
    const value = copied(e);
    if (value !== null) collapse(e, value);
  }
};
