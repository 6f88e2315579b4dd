/** Work inside a loop that gives the same at every step: it is done once, before the loop. */
import type { Expr } from "../../ir/expr.js";
import { param } from "../../ir/expr.js";
import { dependents, type Program, substitute, topological } from "../../ir/program.js";

const lowerOf = (e: Expr): string => (e.tag === "Apply" ? e.primitive!.lower._tag : e.tag);

const isView = (e: Expr): boolean => lowerOf(e) === "View";

/** Computing it again costs no more than reading it. */
const cheap = 4;

/** Operations for one element, and how many numbers they are computed from. Infinite where a whole array is needed. */
const workOf = (e: Expr): { readonly work: number; readonly leaves: number } => {
  let [work, leaves] = [0, 0];
  for (const x of topological([e])) {
    const lower = x.primitive?.lower;
    if (x.tag === "Param") leaves += x.size;
    else if (lower?._tag === "Elementwise") work += lower.cost;
    else if (lower !== undefined && lower._tag !== "View" && lower._tag !== "Iota") work = Infinity;
  }
  return { work, leaves };
};

/** Worth a buffer: more than a little arithmetic, or no larger than what it is computed from. */
const isWorth = (e: Expr): boolean => {
  const { work, leaves } = workOf(e);
  return work > cheap || e.size <= leaves;
};

/** The largest expressions under `roots` that do not depend on `varying` and are worth computing once. */
const invariants = (roots: readonly Expr[], varying: readonly Expr[]): Expr[] => {
  const { order, depends } = dependents(roots, new Set(varying));
  const stack = order.flatMap((e) => (depends.has(e) ? e.args : []));
  stack.push(...roots);
  const seen = new Set<Expr>();
  const found = new Set<Expr>();
  while (stack.length > 0) {
    let e = stack.pop()!;
    while (isView(e) && !depends.has(e)) e = e.args[0]!;
    if (seen.has(e) || depends.has(e)) continue;
    seen.add(e);
    if (e.tag === "Param" || e.tag === "Const" || lowerOf(e) === "Iota") continue;
    if (e.tag === "Project" || isWorth(e)) found.add(e);
    else stack.push(...e.args);
  }
  return [...found].sort((a, b) => a.id - b.id);
};

export interface Hoisted {
  readonly program: Program;
  /** What is computed outside, and the params that stand for it, to go after the other constants. */
  readonly operands: readonly Expr[];
  readonly params: readonly Expr[];
}

/** The program without invariant work. `constants` gives the operand of every param that does not vary. */
export const hoist = (
  program: Program,
  varying: readonly Expr[],
  constants: ReadonlyMap<Expr, Expr>,
): Hoisted => {
  const found = invariants(program.results, varying);
  const params = found.map((e) => param(e.aval));
  const inside = new Map(found.map((e, i) => [e, params[i]!]));
  return {
    program:
      found.length === 0 ? program : { params: program.params, results: substitute(program.results, inside) },
    operands: substitute(found, constants),
    params,
  };
};
