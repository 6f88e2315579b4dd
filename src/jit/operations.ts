/**
 * How many operations on numbers a kernel does, counted from its loops: 2 for each product of a contraction, 1 for each
 * element that a reduction takes, and the cost that its primitive states for each elementwise function. Indices are not
 * counted. Of a loop whose length is not known one turn counts; of branches the dearest.
 */
import type { Axis } from "./index-expression.js";
import type { Contraction, Statement } from "./kernel.js";
import { positions } from "./statements.js";

const contractionOperations = (c: Contraction): number => {
  const [rows, columns, depth] = [c.rows, c.columns, c.depth].map((axes: readonly Axis[]) => positions(axes));
  const panels = depth! * (rows! * operationsIn(c.a.body) + columns! * operationsIn(c.b.body));
  return positions(c.batch) * (rows! * columns! * (2 * depth! + operationsIn(c.epilogue)) + panels);
};

/** The operations of statements that run once. */
export const operationsIn = (body: readonly Statement[]): number =>
  body.reduce((n, s) => n + operationsOf(s), 0);

const operationsOf = (s: Statement): number => {
  switch (s._tag) {
    case "Let":
      return s.value.definition._tag === "Compute" ? Math.max(0, s.value.definition.lower.cost) : 0;
    case "Nest":
      return positions(s.axes) * operationsIn(s.body);
    case "Guard":
      return operationsIn(s.body);
    case "Update":
      return 1;
    case "Store":
      return s.mode === "set" ? 0 : 1;
    case "While":
      return operationsIn(s.test) + operationsIn(s.body);
    case "Branch":
      return Math.max(0, ...s.branches.map(operationsIn));
    case "Contract":
      return contractionOperations(s.contraction);
    case "Accumulate":
    case "Call":
      return 0;
  }
};
