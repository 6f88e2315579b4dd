/**
 * A choice on one truth value for all elements, between branches that cost something: only one of them runs (`cond`).
 * Other choices compute both branches and select, which is cheaper for little work and the only way lane by lane.
 */
import { aval, sizeOf } from "../ir/aval.js";
import { applyAll, type Expr, param } from "../ir/expr.js";
import { cast } from "../ir/primitives/arithmetic.js";
import { lift, type Program } from "../ir/program.js";
import { stretch } from "../ops/promotion.js";
import { condPrimitive } from "../transforms/loops/cond.js";
import { expressionsIn, partsOf, type Scalar, type Statement, statementsIn } from "./program.js";
import { asExpr, commonShape, type Float, joined, type Mask, type Value } from "./value.js";

/** Elements times operations from which on skipping a branch is worth two kernels. */
const worthwhile = 1 << 16;

const costOfExpression = (e: Scalar): number =>
  expressionsIn(e).reduce((sum, x) => sum + (x._tag === "Call" ? 15 : 1), 0);

/** Operations in a block; loops count as many. */
export const costOf = (block: readonly Statement[]): number =>
  statementsIn(block).reduce(
    (sum, s) =>
      sum +
      (s._tag === "Loop" ? worthwhile : 1) +
      partsOf(s).expressions.reduce((n, e) => n + costOfExpression(e), 0),
    0,
  );

export const costOfChoice = (yes: Scalar, no: Scalar): number => costOfExpression(yes) + costOfExpression(no);

/** The programs with all that any of them captured as common params. */
const withCommonParams = (
  branches: readonly (readonly Expr[])[],
  mark: number,
): { readonly programs: readonly Program[]; readonly captured: readonly Expr[] } => {
  const lifted = branches.map((results) => lift({ params: [], results }, mark));
  const captured = [...new Set(lifted.flatMap((l) => l.captured))];
  const programs = lifted.map(({ program, captured: own }) => ({
    params: captured.map((c) => (own.includes(c) ? program.params[own.indexOf(c)]! : param(c.aval))),
    results: program.results,
  }));
  return { programs, captured };
};

/**
 * The values of the branch that `test` chooses, or null where selecting is better. The branches were computed after
 * `mark` was taken, and after `test`.
 */
export const branch = (
  test: Mask,
  mark: number,
  yes: readonly Value[],
  no: readonly Value[],
  cost: number,
  float: Float,
): readonly Value[] | null => {
  if (typeof test === "boolean" || test.ndim > 0 || yes.length === 0) return null;
  const avals = yes.map((y, i) => aval(commonShape("lift", [y, no[i]!]), joined(y, no[i]!, float)));
  if (cost * Math.max(...avals.map((a) => sizeOf(a.shape))) < worthwhile) return null;
  const typed = (values: readonly Value[]): Expr[] =>
    values.map((v, i) => stretch(asExpr(v, avals[i]!.dtype), avals[i]!.shape));
  const { programs, captured } = withCommonParams([typed(no), typed(yes)], mark);
  return applyAll(condPrimitive, [cast(test, "int32"), ...captured], { branches: programs });
};
