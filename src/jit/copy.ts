/** The simplest kernels: one expression's elements, written to places of another; zeros. */
import { stridesOf } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { indexOf, type KernelBuilder } from "./builder.js";
import { axisIndex, flatIndex, type Index } from "./index-expression.js";

/** Writes every element of `x` to `out` at the index that `to` gives. */
export const copy = (
  b: KernelBuilder,
  x: Expr,
  out: Expr,
  to: (index: readonly Index[]) => readonly Index[],
): void => {
  const axes = b.axes(x.shape);
  b.nest(axes, () => {
    const index = indexOf(axes);
    b.store(out, flatIndex(to(index), stridesOf(out.shape)), b.emit(x, index));
  });
};

/** Writes zeros. */
export const clear = (b: KernelBuilder, e: Expr): void => {
  const axes = b.axes([e.size]);
  b.nest(axes, () => b.store(e, axisIndex(axes[0]!), b.values.constant(e.dtype, 0)));
};
