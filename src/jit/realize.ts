/** From expressions to values. */
import { AbstractValueError } from "../ir/errors.js";
import { collapse, type Expr, onDeepGraph } from "../ir/expr.js";
import { evaluate } from "../transforms/evaluate.js";
import { topological } from "../ir/program.js";

/** Computes the values of `roots`; afterwards each has its `value`. Throws on abstract params. */
export const realize = (roots: readonly Expr[], operation: string): void => {
  const missing = roots.filter((r) => r.value === null);
  if (missing.length === 0) return;
  for (const e of topological(missing))
    if (e.tag === "Param" && e.witness === null)
      throw new AbstractValueError(
        operation,
        "expected a concrete value, got a traced argument whose value is not known while jit, vmap or a loop traces the function: use where, cond, whileLoop or lift instead of JavaScript control flow",
      );
  const values = evaluate(missing);
  missing.forEach((r, i) => collapse(r, values[i]!.data));
};

onDeepGraph((node) => realize([node], "realize"));
