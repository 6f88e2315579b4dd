/** From expressions to values: the same pipeline that `jit` uses, so plain code is fused too. */
import { AbstractValueError } from "../ir/errors.js";
import { collapse, type Expr } from "../ir/expr.js";
import { substitute, topological } from "../ir/program.js";
import { compile } from "./compile.js";
import { runShared } from "./donation.js";
import { copySlices } from "./slices.js";

/** The roots with every param replaced by the caller's value that it stands for. */
const grounded = (roots: readonly Expr[], operation: string): readonly Expr[] => {
  let now = roots;
  for (;;) {
    if (now.every((r) => !r.open)) return now;
    const map = new Map<Expr, Expr>();
    for (const e of topological(now)) if (e.tag === "Param") map.set(e, witnessOf(e, operation));
    now = substitute(now, map);
  }
};

const witnessOf = (e: Expr, operation: string): Expr => {
  if (e.witness !== null) return e.witness;
  throw new AbstractValueError(
    operation,
    "expected a concrete value, got a traced argument, whose value is not known while jit or vmap traces the function: use where instead of JavaScript control flow, or mark the argument static",
  );
};

/** Computes the values of `roots` in one program; afterwards each has its `value`. Throws on abstract params. */
export const realize = (roots: readonly Expr[], operation: string): void => {
  copySlices(roots.filter((r) => r.value === null));
  const missing = [...new Set(roots.filter((r) => r.value === null))];
  if (missing.length === 0) return;
  const { runner, constants } = compile({ params: [], results: grounded(missing, operation) });
  const values = runShared(runner, constants);
  missing.forEach((r, i) => collapse(r, values[i]!));
};

/**
 * Computes, in one program, those of `roots` whose unread history is deeper than `depth`. Loops that read only a loss,
 * or nothing at all, stay linear in time and bounded in memory that way.
 */
export const settle = (roots: readonly Expr[], depth: number): void => {
  const deep = roots.filter((r) => !r.open && r.depth > depth);
  if (deep.length > 0) realize(deep, "realize");
};
