/**
 * Statements inside loops whose turns follow each other (a scan's step, say) that are worth dividing: they become
 * functions of their own, which are told where the loops around them are.
 */
import { type Axis, valuesIn } from "../../index-expression.js";
import { forEachIndex, type Kernel, type Statement, type Value } from "../../kernel.js";
import { type Division, dividedStatement } from "./division.js";

export interface Inner {
  /** The statement as it is rendered in its function. */
  readonly statement: Statement;
  readonly division: Division;
  /** The loops around it. */
  readonly axes: readonly Axis[];
}

/** What may be divided inside loops, by the statement that it replaces. */
export const innerDivisions = (kernel: Kernel): ReadonlyMap<Statement, Inner> => {
  const found = new Map<Statement, Inner>();
  const visit = (body: readonly Statement[], axes: readonly Axis[]): void => {
    for (const s of body)
      if (s._tag === "While") visit([...s.test, ...s.body], axes);
      else if (s._tag === "Branch") s.branches.forEach((b) => visit(b, axes));
      else if (s._tag === "Nest" && s.sequential) visit(s.body, [...axes, ...s.axes]);
      else if ((s._tag === "Nest" || s._tag === "Contract") && isClosed(s)) {
        const [statement, division] = dividedStatement(s);
        if (division !== null) found.set(s, { statement, division, axes });
      }
  };
  for (const s of kernel.body)
    if (s._tag === "While" || s._tag === "Branch" || (s._tag === "Nest" && s.sequential)) visit([s], []);
  return found;
};

/** Whether a statement uses no value that is computed outside. */
const isClosed = (s: Statement): boolean => {
  const defined = new Set<number>();
  const used = new Set<number>();
  const use = (v: Value): void => {
    if (v.definition._tag !== "Constant") used.add(v.id);
  };
  const visit = (body: readonly Statement[]): boolean =>
    body.every((t) => {
      switch (t._tag) {
        case "Let":
          defined.add(t.value.id);
          if (t.value.definition._tag === "Compute") t.value.definition.args.forEach(use);
          return true;
        case "Nest":
          return visit(t.body);
        case "Guard":
          defined.add(t.result.id);
          use(t.value);
          return visit(t.body);
        case "Contract": {
          const c = t.contraction;
          defined.add(c.sum.id);
          [c.a.value, c.b.value].forEach(use);
          return [c.a.body, c.b.body, c.epilogue].every(visit);
        }
        case "Update":
        case "Store":
          use(t.value);
          return true;
        case "Accumulate":
          return true;
        default:
          return false;
      }
    });
  const plain = visit([s]);
  forEachIndex([s], (x) => valuesIn(x).forEach((id) => used.add(id)));
  return plain && [...used].every((id) => defined.has(id));
};
