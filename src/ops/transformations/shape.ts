/** What a function would return, without computing it. */
import { param, type Expr } from "../../ir/expr.js";
import { printProgram } from "../../ir/print.js";
import type { Program } from "../../ir/program.js";
import { lift } from "../../ir/program.js";
import { watermark } from "../../ir/expr.js";
import { unflatten } from "../../ir/tree.js";
import type { Aval } from "../../ir/aval.js";
import type { Tensor } from "../tensor.js";
import { exprsOf, requireFunction, treeOf } from "./bind.js";

/** Every tensor of `T` replaced by its shape and dtype. */
export type AvalTree<T> = T extends Tensor ? Aval : { [K in keyof T]: AvalTree<T[K]> };

/**
 * Shapes and dtypes of what `f` would return for such arguments: a tree of `{ shape, dtype }`. Nothing is computed.
 *
 * @example
 * ```ts
 * evalShape((x) => matmul(x, x), zeros([3, 3])).shape // [3, 3]
 * ```
 */
export function evalShape<A extends unknown[], R>(f: (...args: A) => R, ...args: A): AvalTree<R> {
  requireFunction("evalShape", f);
  const flat = exprsOf("evalShape", args);
  const params = flat.exprs.map((e) => param(e.aval));
  const out = exprsOf("evalShape", f(...(treeOf(flat, params) as A)));
  return unflatten(
    out.structure,
    out.exprs.map((e): Aval => ({ shape: e.shape, dtype: e.dtype })),
  ) as AvalTree<R>;
}

/** A traced function: its program, which prints as a typed listing. */
export interface Traced {
  readonly program: Program;
  /** The typed SSA listing. */
  toString(): string;
}

/**
 * The program that `f` is on arguments like these. What it captures from outside becomes leading parameters.
 *
 * @example
 * ```ts
 * trace((x) => sin(x))(zeros([3])).toString() // "{ a:float32[3] -> b:float32[3]\n  b:float32[3] = sin a }"
 * ```
 */
export function trace<A extends unknown[] = Tensor[]>(f: (...args: A) => unknown): (...args: A) => Traced {
  requireFunction("trace", f);
  return (...args) => {
    const flat = exprsOf("trace", args);
    const mark = watermark();
    const params: Expr[] = flat.exprs.map((e) => param(e.aval));
    const results = exprsOf("trace", f(...(treeOf(flat, params) as A))).exprs;
    const { program } = lift({ params, results }, mark);
    return { program, toString: () => printProgram(program) };
  };
}
