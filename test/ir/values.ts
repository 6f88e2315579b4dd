/** Small programs in tests: expressions from numbers, and their derivatives at a point. */
import { constant, type Expr, param } from "../../src/ir/expr.js";
import type { DType } from "../../src/ir/dtype.js";
import { allocate } from "../../src/ir/dtype.js";
import { sizeOf, type Shape } from "../../src/ir/aval.js";
import { ndarray, type NdArray } from "../../src/ir/ndarray.js";
import { call, evaluate } from "../../src/transforms/evaluate.js";
import { jvpFold } from "../../src/transforms/jvp.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { zerosOf } from "../../src/ir/primitives/layout.js";
import { type Program, substitute } from "../../src/ir/program.js";

export const array = (
  values: readonly number[],
  shape: Shape = [values.length],
  dtype: DType = "float64",
): NdArray => {
  const data = allocate(dtype, sizeOf(shape));
  data.set(values);
  return ndarray(shape, dtype, data);
};

/** A constant with storage. */
export const values = (xs: readonly number[], shape?: Shape, dtype?: DType): Expr => {
  const a = array(xs, shape, dtype);
  return constant(a, a.data);
};

export const scalar = (x: number, dtype: DType = "float64"): Expr => values([x], [], dtype);

/** The elements of closed expressions, by the reference interpreter. */
export const read = (...es: readonly Expr[]): number[][] => evaluate(es).map((x) => Array.from(x.data));

export const run = (program: Program, ...args: readonly (readonly number[])[]): number[][] =>
  call(
    program,
    program.params.map((p, i) => array(args[i]!, p.shape, p.dtype)),
  ).map((x) => Array.from(x.data));

/** The derivative of `f` at `x` in direction `t`; both may depend on params. */
export const pushed = (f: (x: Expr) => Expr, x: Expr, t: Expr): Expr => {
  const p = param(x.aval);
  const y = f(p);
  return substituteOne(jvpFold([y], new Map([[p, t]])).tangents[0] ?? zerosOf(y.aval), p, x);
};

/** The gradient of the scalar `f` at `x`; `x` may itself depend on params. */
export const gradOf = (f: (x: Expr) => Expr, x: Expr): Expr => {
  const p = param(x.aval);
  const { pull } = vjpFold([f(p)], [p]);
  const g = pull([scalar(1, x.dtype)])[0] ?? zerosOf(x.aval);
  return substituteOne(g, p, x);
};

const substituteOne = (e: Expr, p: Expr, x: Expr): Expr => substitute([e], new Map([[p, x]]))[0]!;
