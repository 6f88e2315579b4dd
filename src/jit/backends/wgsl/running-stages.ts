/**
 * The stages of running sums, products, maxima and minima along rows that are long and few: each row is cut into parts,
 * whose totals one stage finds; in the next each part goes on from the totals of those before it. Parts depend on the
 * shape alone, so results are the same every time.
 */
import type { Axis } from "../../index-expression.js";
import type { Accumulator, Statement } from "../../kernel.js";
import { positions } from "../../statements.js";
import { combined } from "./accumulate.js";
import type { Stage } from "./dispatches.js";
import { isRunning } from "./group.js";
import { isPure, type Site } from "./site.js";
import type { Thread } from "./thread.js";
import { fromWord, toWord } from "./types.js";

/** A row: what comes before its loop, and the loop, whose statements up to `update` give what is accumulated. */
interface Row {
  readonly before: readonly Statement[];
  readonly accumulator: Accumulator;
  readonly axis: Axis;
  readonly body: readonly Statement[];
  readonly update: number;
}

/** Statements as a row that is gone through from end to end, and nothing else. */
const rowOf = (statements: readonly Statement[]): Row | null => {
  const before = statements.slice(0, -1);
  const nest = statements.at(-1);
  const accumulators = before.flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));
  if (nest?._tag !== "Nest" || nest.sequential || nest.axes.length !== 1 || accumulators.length !== 1)
    return null;
  if (!before.every((s) => s._tag === "Accumulate" || isPure(s))) return null;
  const { body } = nest;
  const update = body.findIndex((s) => s._tag === "Update");
  const simple = body.every(
    (s, i) => isPure(s) || (s._tag === "Update" ? i === update : s._tag === "Store" && i > update),
  );
  if (
    update < 0 ||
    !simple ||
    !isRunning(body, accumulators) ||
    isRunning(body.slice(0, update), accumulators)
  )
    return null;
  return { before, accumulator: accumulators[0]!, axis: nest.axes[0]!, body, update };
};

/** Parts of a row; fewer than these are not worth a stage more. */
const fewest = 4;

/** As many parts as keep a device busy, but no more than make the way through a part as long as that past the others. */
const partsOf = (rows: number, length: number, few: number): number =>
  Math.min(Math.ceil((16 * few) / rows), Math.floor(Math.sqrt(2 * length)));

/** The stages of rows on outer axes; null where they are not such rows, or where a row for each invocation is as good. */
export const runningStages = (
  site: Site,
  outside: readonly Statement[],
  outer: readonly Axis[],
  statements: readonly Statement[],
): Stage[] | null => {
  const row = rowOf(statements);
  const rows = positions(outer);
  if (row === null || rows === 0 || 2 * rows >= site.crew.few) return null;
  const { axis, accumulator: a } = row;
  const parts = partsOf(rows, axis.size, site.crew.few);
  if (parts < fewest) return null;
  const length = Math.ceil(axis.size / parts);
  site.needScratch(parts * rows);

  /** Each part: what comes before its elements, and its elements. */
  const each = (
    start: (t: Thread, rowNumber: string, part: string) => void,
    body: readonly Statement[],
    end: (t: Thread, id: string) => void,
  ): Stage =>
    site.threads(parts * rows, [[]], (t, id) => {
      const { writer } = t;
      const rowNumber = writer.declare(`${id} % ${rows}`);
      const part = writer.declare(`${id} / ${rows}`);
      t.statements(outside);
      t.digits(outer, rowNumber);
      t.statements(row.before);
      start(t, rowNumber, part);
      const from = writer.declare(`${part} * ${length}`);
      const to = writer.declare(`min(${from} + ${length}, ${axis.size})`);
      const i = writer.fresh("i");
      writer.block(`for (var ${i} = ${from}; ${i} < ${to}; ${i}++) {`, () => {
        t.indices.name(axis, i);
        t.statements(body);
      });
      end(t, id);
    });

  const name = `a${a.id}`;
  return [
    each(
      () => undefined,
      row.body.slice(0, row.update + 1),
      (t, id) => {
        t.writer.line(`heap[scratch + ${id}] = ${toWord(a.dtype, name)};`);
      },
    ),
    each(
      (t, rowNumber, part) => {
        t.writer.block(`for (var p = 0; p < ${part}; p++) {`, () => {
          const total = fromWord(a.dtype, `heap[scratch + p * ${rows} + ${rowNumber}]`);
          t.writer.line(`${name} = ${combined(a.op, a.dtype, name, total)};`);
        });
      },
      row.body,
      () => undefined,
    ),
  ];
};
