/** Sums start at 0: they are never -0, unlike what takes their place. */
import { isFloat } from "../../ir/dtype.js";
import { type Expr, literal } from "../../ir/expr.js";
import { add } from "../../ir/primitives/arithmetic.js";
import { broadcast } from "../../ir/primitives/layout.js";

/** -0 + 0 is 0. */
export const plusZero = (x: Expr): Expr =>
  isFloat(x.dtype) ? add(x, broadcast(literal(x.dtype, 0), x.shape, [])) : x;
