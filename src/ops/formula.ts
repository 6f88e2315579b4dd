/** Arithmetic with plain numbers, for formulas of one variable. */
import type { Expr } from "../ir/expr.js";
import { add, mul } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { toFloat } from "./promotion.js";
import { asTensor, type Tensor, type TensorLike } from "./tensor.js";

export const scale = (x: Expr, by: number): Expr => mul(x, fullLike(x, by));
export const plus = (x: Expr, c: number): Expr => add(x, fullLike(x, c));
export const zero = (x: Expr): Expr => fullLike(x, 0);

/** The public function of a formula on floats. */
export const float =
  (operation: string, f: (x: Expr) => Expr) =>
  (x: TensorLike): Tensor =>
    asTensor(f(toFloat(operation, x)));
