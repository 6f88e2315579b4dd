/** Rows that go to sums in vectors several at a time. */
import type { Statement, Value } from "../../kernel.js";

/** Rows that are added up in float32 before they go to sums in vectors. */
export const rowsInTurn = 8;
/** Statements of a row at most, and what the dearest may cost: its code is repeated. */
const most = 12;
const dearest = 4;

const isCheap = ({ definition: d }: Value): boolean =>
  d._tag === "Compute" ? d.lower.cost <= dearest : d._tag === "Load" || d._tag === "Constant";

/** Whether a row does nothing but compute cheap values and update sums, and little of that. */
export const isShortRow = (body: readonly Statement[]): boolean =>
  body.length <= most && body.every((s) => s._tag === "Update" || (s._tag === "Let" && isCheap(s.value)));
