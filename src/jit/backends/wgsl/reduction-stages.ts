/** The stages of a reduction to one element, and of what follows from it at once. */
import type { Accumulator, Statement } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { allOf, outerUpdates, positions, storesIn } from "../../statements.js";
import { definedBy, following, storesEnd, usesAny } from "./changes.js";
import { isWorthStages } from "./control-stages.js";
import type { Stage } from "./dispatches.js";
import { Group, isRunning } from "./group.js";
import { type Crew, isPure, type Site } from "./site.js";

/** Reductions of so many elements to one are cut into parts. */
const longReduction = 1 << 16;
const reductionParts = 256;

const accumulatorsOf = (row: readonly Statement[]): readonly Accumulator[] =>
  row.flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));

const reads = (statement: Statement, of: readonly Accumulator[]): boolean =>
  allOf([statement]).some((s) => {
    const d = s._tag === "Let" ? s.value.definition : null;
    return d?._tag === "Accumulated" && of.includes(d.accumulator);
  });

/** The values that follow from what a row accumulates. */
const resultsOf = (row: readonly Statement[]): ReadonlySet<number> => {
  const accumulators = accumulatorsOf(row);
  return following(
    row.filter((s) => isPure(s) && reads(s, accumulators)),
    row,
  );
};

/**
 * Past a reduction that begins at `from`, and what follows from it at once: the rest reads what it stored. All is one
 * where the rest needs its values themselves, or is little.
 */
export const reductionEnd = (crew: Crew, body: readonly Statement[], from: number): number => {
  const nest = body.findIndex((s, i) => i > from && s._tag !== "Accumulate" && !isPure(s));
  if (nest < 0) return body.length;
  const end = storesEnd(body, nest + 1);
  const [row, rest] = [body.slice(from, end), body.slice(end)];
  if (!isWorthStages(crew, rest)) return body.length;
  const results = accumulatorsOf(row);
  const goesOn =
    usesAny(rest, resultsOf(row)) ||
    rest.some((s) => reads(s, results)) ||
    outerUpdates(rest).some((a) => results.includes(a));
  return goesOn ? body.length : end;
};

/** What is computed beside a reduction and does not follow from it. */
export const apart = (row: readonly Statement[]): readonly Statement[] => {
  const results = resultsOf(row);
  return row.filter((s) => isPure(s) && !definedBy(s).some((id) => results.has(id)));
};

/** A reduction to one element: a long one in parts, whose results another stage reduces. */
export const reductionStages = (
  site: Site,
  before: readonly Statement[],
  body: readonly Statement[],
): Stage[] => {
  const at = body.findIndex((s) => s._tag !== "Accumulate" && !isPure(s));
  const nest = body[at];
  const accumulators = accumulatorsOf(body.slice(0, at));
  const long =
    nest?._tag === "Nest" &&
    positions(nest.axes) >= longReduction &&
    storesIn(nest.body).length === 0 &&
    !isRunning(nest.body, accumulators) &&
    !accumulators.some((a) => isArgument(a.op)) &&
    outerUpdates(nest.body).length === accumulators.length &&
    outerUpdates(body.slice(at + 1)).length === 0;
  if (!long) return [site.solo([...before, ...body])];
  site.needScratch(accumulators.length * reductionParts);
  const first = site.thread();
  const parts = new Group(first, site.crew.size, site.crew.subgroup);
  first.statements([...before, ...body.slice(0, at)]);
  parts.part(nest.axes, nest.body, "i32(wid.x)", reductionParts);
  const second = site.thread();
  const whole = new Group(second, site.crew.size, site.crew.subgroup);
  whole.statements([...before, ...body.slice(0, at)]);
  whole.gather(accumulators, reductionParts);
  whole.statements(body.slice(at + 1));
  return [
    site.stage(first, parts.shared, site.crew.size, reductionParts),
    site.stage(second, whole.shared, site.crew.size, 1),
  ];
};
