/** Between trees of tensors, which people pass, and lists of expressions, which the folds work on. */
import { showAval } from "../../ir/aval.js";
import { isFloat } from "../../ir/dtype.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { type Expr, param } from "../../ir/expr.js";
import { substitute } from "../../ir/program.js";
import { flatten, type Structure, unflatten } from "../../ir/tree.js";
import { settle } from "../../jit/realize.js";
import { describe, toExpr } from "../tensor.js";

export interface FlatExprs {
  readonly exprs: readonly Expr[];
  readonly structure: Structure;
}

/** History of arguments and results up to this depth stays lazy. */
const argumentDepth = 64;
const resultDepth = 512;

/** Arguments at the border of a transformation: a training loop's parameters are computed here, all at once. */
export const argumentsOf = (operation: string, tree: unknown, name = ""): FlatExprs => {
  const flat = exprsOf(operation, tree, name);
  settle(flat.exprs, argumentDepth);
  return flat;
};

/** The leaves of a tree as expressions. */
export const exprsOf = (operation: string, tree: unknown, name = ""): FlatExprs => {
  const { leaves, structure } = flatten(operation, tree, name);
  return { exprs: leaves.map((l) => toExpr(operation, l)), structure };
};

export const treeOf = (flat: FlatExprs, leaves: readonly Expr[] = flat.exprs): unknown =>
  unflatten(flat.structure, leaves);

/** Params that stand for expressions and know their values, for tracing a function whose arguments are at hand. */
export const witnessed = (exprs: readonly Expr[]): Expr[] => exprs.map((e) => param(e.aval, e));

/** The roots with every param replaced by the expression that it stands for. */
export const bind = (roots: readonly Expr[], params: readonly Expr[], exprs: readonly Expr[]): Expr[] => {
  const bound = substitute(roots, new Map(params.map((p, i) => [p, exprs[i]!])));
  settle(bound, resultDepth);
  return bound;
};

export const requireFloat = (operation: string, exprs: readonly Expr[]): void => {
  for (const e of exprs)
    if (!isFloat(e.dtype))
      throw expected(
        operation,
        "differentiated arguments of a float dtype",
        `${showAval(e.aval)}: cast it, or leave it out of argnums`,
      );
};

/** Throws at once when what is to be transformed is no function. */
export const requireFunction = (operation: string, f: unknown, what = "a function"): void => {
  if (typeof f !== "function") throw expected(operation, what, describe(f));
};

/** The single scalar that a loss must return. */
export const scalarResult = (operation: string, y: unknown): Expr => {
  const { exprs, structure } = exprsOf(operation, y);
  if (structure._tag !== "Leaf")
    throw new FluxionError(
      operation,
      "expected a function that returns one scalar, got a tree (use hasAux for extra results, vjp or jacrev for several)",
    );
  const e = exprs[0]!;
  if (e.ndim !== 0 || !isFloat(e.dtype))
    throw expected(
      operation,
      "a function that returns a float scalar",
      `${showAval(e.aval)} (reduce it with sum or mean, or use vjp or jacrev)`,
    );
  return e;
};

/** Positions of the differentiated arguments. */
export const positions = (
  operation: string,
  argnums: number | readonly number[],
  count: number,
): number[] => {
  if (typeof argnums !== "number" && !Array.isArray(argnums))
    throw expected(operation, "argnums to be a number or a list of them", describe(argnums));
  const numbers: readonly number[] = typeof argnums === "number" ? [argnums] : argnums;
  return numbers.map((n) => {
    const i = n < 0 ? n + count : n;
    if (!Number.isInteger(i) || i < 0 || i >= count)
      throw expected(operation, `argnums below the ${count} arguments`, String(n));
    return i;
  });
};
