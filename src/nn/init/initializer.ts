/** What an initialiser is. */
import type { DType } from "../../ir/dtype.js";
import type { Shape } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { mul } from "../../ir/primitives/arithmetic.js";
import { fullLike } from "../../ir/primitives/layout.js";
import { asTensor, describe, type Tensor, toExpr } from "../../ops/tensor.js";

/** Makes a parameter's first value. `dtype` is float32 by default. */
export type Initializer = (key: Tensor, shape: Shape, dtype?: DType) => Tensor;

export const checkNumber = (operation: string, what: string, x: unknown): number => {
  if (typeof x === "number") return x;
  throw expected(operation, what, describe(x));
};

export const scaled = (x: Tensor, by: number): Tensor => {
  const e = toExpr("init", x);
  return asTensor(mul(e, fullLike(e, by)));
};
