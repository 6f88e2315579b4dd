/**
 * Which of a loop's variables matter once a lane has left it. The others need not be kept for lanes that are done: in
 * `while (x * x + y * y <= 4) { …; n++ } return n` only n does.
 */
import { expressionsIn, partsOf, type Scalar, type Slot, type Statement, statementsIn } from "./program.js";

type Reads = ReadonlyMap<Slot, number>;

const count = (expressions: readonly Scalar[]): Reads => {
  const reads = new Map<Slot, number>();
  for (const e of expressions.flatMap(expressionsIn))
    if (e._tag === "Read") reads.set(e.slot, (reads.get(e.slot) ?? 0) + 1);
  return reads;
};

const readsOf = (block: readonly Statement[]): Reads =>
  count(statementsIn(block).flatMap((s) => partsOf(s).expressions));

/** The statements with the lasting slots of every loop filled in: those that something outside of the loop reads. */
export const withLasting = (block: readonly Statement[], result: readonly Scalar[]): readonly Statement[] => {
  const all = new Map(readsOf(block));
  for (const [slot, n] of count(result)) all.set(slot, (all.get(slot) ?? 0) + n);
  const visit = (statements: readonly Statement[], outside: ReadonlySet<Slot>): readonly Statement[] =>
    statements.map((s): Statement => {
      switch (s._tag) {
        case "If":
          return { ...s, yes: visit(s.yes, outside), no: visit(s.no, outside) };
        case "Region":
          return { ...s, body: visit(s.body, outside) };
        case "Loop": {
          const inside = readsOf([s]);
          // What a loop around this one carries comes back in its next round.
          const lasting = s.carried.filter((c) => outside.has(c) || all.get(c) !== inside.get(c));
          const carried = new Set([...outside, ...s.carried]);
          return { ...s, lasting, body: visit(s.body, carried) };
        }
        default:
          return s;
      }
    });
  return visit(block, new Set());
};
