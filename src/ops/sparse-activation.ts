/** Piecewise relatives of softplus and sigmoid that are exactly 0 (and x, and 1) outside [-1, 1], as `jax.nn` has them. */
import type { Expr } from "../ir/expr.js";
import { add, ge, le, mul, select } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { floatUnary } from "./elementwise.js";
import type { BodiesOf, Unary } from "./op.js";

export interface SparseActivationArgs {
  /** 0 below -1, x above 1, (x + 1)² / 4 between. */
  sparsePlus: [];
  /** 0 below -1, 1 above 1, (x + 1) / 2 between. */
  sparseSigmoid: [];
}

const ends = (x: Expr, low: Expr, middle: Expr, high: Expr): Expr =>
  select(le(x, fullLike(x, -1)), low, select(ge(x, fullLike(x, 1)), high, middle));

const shifted = (x: Expr): Expr => add(x, fullLike(x, 1));

/**
 * 0 for x ≤ -1, x for x ≥ 1 and (x + 1)² / 4 between, elementwise: a softplus with zeros. Integers become float32.
 *
 * @example
 * ```ts
 * sparsePlus(tensor([-2, 0, 3])).toArray() // [0, 0.25, 3]
 * grad((x: Tensor) => sparsePlus(x))(0).item() // 0.5
 * ```
 */
export const sparsePlus: Unary = floatUnary("sparsePlus", (x) => {
  const s = shifted(x);
  return ends(x, fullLike(x, 0), mul(mul(s, s), fullLike(x, 0.25)), x);
});

/**
 * 0 for x ≤ -1, 1 for x ≥ 1 and (x + 1) / 2 between, elementwise: the derivative of `sparsePlus`. Integers become float32.
 *
 * @example
 * ```ts
 * sparseSigmoid(tensor([-2, 0, 3])).toArray() // [0, 0.5, 1]
 * ```
 */
export const sparseSigmoid: Unary = floatUnary("sparseSigmoid", (x) =>
  ends(x, fullLike(x, 0), mul(shifted(x), fullLike(x, 0.5)), fullLike(x, 1)),
);

/** The bodies of the methods. */
export const sparseActivationFunctions: BodiesOf<SparseActivationArgs> = { sparsePlus, sparseSigmoid };
