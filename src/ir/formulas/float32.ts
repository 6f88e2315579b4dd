/** Formulas that hold in float32. */
import type { DType } from "../dtype.js";
import type { Machine } from "../machine.js";

/** A formula of one operand, for float32; other dtypes have none. */
export const float32 =
  (formula: <V>(m: Machine<V>, x: V) => V) =>
  <V>(m: Machine<V>, x: V, dtype: DType): V | null =>
    dtype === "float32" ? formula(m, x) : null;

export const float32Binary =
  (formula: <V>(m: Machine<V>, x: V, y: V) => V) =>
  <V>(m: Machine<V>, x: V, y: V, dtype: DType): V | null =>
    dtype === "float32" ? formula(m, x, y) : null;
