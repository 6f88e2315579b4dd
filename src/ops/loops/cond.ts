/** Choosing between functions by a value that is known only when the program runs. */
import { showAval } from "../../ir/aval.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { applyAll, type Expr, param, watermark } from "../../ir/expr.js";
import { cast, ne } from "../../ir/primitives/arithmetic.js";
import { fullLike } from "../../ir/primitives/layout.js";
import { type Program, lift } from "../../ir/program.js";
import { expectStructure } from "../../ir/tree.js";
import { condPrimitive } from "../../transforms/loops/cond.js";
import { type TensorLike, toExpr } from "../tensor.js";
import { exprsOf, type FlatExprs, requireFunction, treeOf } from "../transformations/bind.js";

/** Programs with what any of them captured as common leading params. */
const liftAll = (
  programs: readonly Program[],
  mark: number,
): { readonly programs: Program[]; readonly captured: Expr[] } => {
  const lifted = programs.map((p) => lift(p, mark));
  const captured = [...new Set(lifted.flatMap((l) => l.captured))];
  return {
    captured,
    programs: lifted.map(({ program, captured: own }) => ({
      params: [
        ...captured.map((c) => (own.includes(c) ? program.params[own.indexOf(c)]! : param(c.aval))),
        ...program.params.slice(own.length),
      ],
      results: program.results,
    })),
  };
};

const branchTo = <A extends unknown[], R>(
  operation: string,
  index: Expr,
  branches: readonly ((...args: A) => R)[],
  args: A,
): R => {
  const operands = exprsOf(operation, args);
  const mark = watermark();
  let result: FlatExprs | null = null;
  const traced = branches.map((f, k): Program => {
    const params = operands.exprs.map((e) => param(e.aval));
    const out = exprsOf(operation, f(...(treeOf(operands, params) as A)));
    if (result === null) result = out;
    else {
      expectStructure(operation, result.structure, out.structure, `branch ${k}`);
      out.exprs.forEach((e, i) => {
        const want = result!.exprs[i]!;
        if (showAval(want.aval) !== showAval(e.aval))
          throw expected(
            operation,
            `branches that return ${showAval(want.aval)}`,
            `${showAval(e.aval)} from branch ${k} (cast or reshape it)`,
          );
      });
    }
    return { params, results: out.exprs };
  });
  const { programs, captured } = liftAll(traced, mark);
  const outs =
    result!.exprs.length === 0
      ? []
      : applyAll(condPrimitive, [index, ...captured, ...operands.exprs], { branches: programs });
  return treeOf(result!, outs) as R;
};

/**
 * `onTrue(...operands)` where the scalar `pred` is true (not zero), else `onFalse(...operands)`. Only the chosen branch
 * runs, and only its derivative counts. Both must return trees of the same structure and types.
 * A plain JavaScript boolean chooses at once. Under `vmap` of the predicate both run and `where` selects.
 *
 * @example
 * ```ts
 * const f = (x: Tensor) => cond(greater(x, 0), (v: Tensor) => mul(v, 2), (v: Tensor) => neg(v), x);
 * f(tensor(3)).item() // 6
 * f(tensor(-3)).item() // 3
 * grad(f)(tensor(-3)).item() // -1
 * ```
 */
export function cond<A extends unknown[], R>(
  pred: TensorLike,
  onTrue: (...operands: A) => R,
  onFalse: (...operands: A) => R,
  ...operands: A
): R {
  for (const f of [onTrue, onFalse]) requireFunction("cond", f, "a function for each branch");
  if (typeof pred === "boolean") return pred ? onTrue(...operands) : onFalse(...operands);
  const p = toExpr("cond", pred);
  if (p.ndim !== 0)
    throw expected("cond", "a scalar predicate", `${showAval(p.aval)} (use where for elementwise choice)`);
  const index = cast(p.dtype === "bool" ? p : ne(p, fullLike(p, 0)), "int32");
  return branchTo("cond", index, [onFalse, onTrue], operands);
}

/**
 * `branches[index](...operands)`, the scalar integer `index` clamped to the branches. Only that branch runs.
 *
 * @example
 * ```ts
 * const f = (i: Tensor, x: Tensor) => switchCase(i, [(v: Tensor) => v, (v: Tensor) => mul(v, v), (v: Tensor) => neg(v)], x);
 * f(tensor(1, { dtype: "int32" }), tensor(3)).item() // 9
 * f(tensor(7, { dtype: "int32" }), tensor(3)).item() // -3
 * ```
 */
export function switchCase<A extends unknown[], R>(
  index: TensorLike,
  branches: readonly ((...operands: A) => R)[],
  ...operands: A
): R {
  for (const f of branches) requireFunction("switchCase", f, "a function for each branch");
  if (Number.isNaN(index)) throw expected("switchCase", "an integer scalar index", "NaN");
  if (branches.length === 0) throw new FluxionError("switchCase", "expected at least one branch, got none");
  if (typeof index === "number")
    return branches[Math.min(Math.max(Math.trunc(index), 0), branches.length - 1)]!(...operands);
  const i = toExpr("switchCase", index);
  if (i.ndim !== 0 || i.dtype === "float32" || i.dtype === "float64")
    throw expected("switchCase", "an integer scalar index", showAval(i.aval));
  return branchTo("switchCase", cast(i, "int32"), branches, operands);
}
