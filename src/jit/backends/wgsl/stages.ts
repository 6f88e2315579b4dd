/** A kernel as a list of stages, each one dispatch: what is in one runs at once, what is in the next sees its results. */
import type { Axis } from "../../index-expression.js";
import type { Kernel, Statement } from "../../kernel.js";
import { allOf, outerUpdates, positions, storesIn } from "../../statements.js";
import type { Chooser } from "./choices.js";
import { contractStages } from "./contract-stages.js";
import { callsOf, type Item, type Plan, type Repeat, type Stage } from "./dispatches.js";
import { innerSize, together } from "./group.js";
import { reductionStages } from "./reduction-stages.js";
import { runningStages } from "./running-stages.js";
import { type Crew, isPure, type Nest, Site } from "./site.js";
import { sortStages } from "./sort-stages.js";

/** A loop whose steps hold a nest of so much work is dispatched step by step, to all of the device. */
const worthDispatching = 1 << 16;
/** At most so many dispatches for one loop. */
const mostDispatches = 1 << 14;

export const planOf = (kernel: Kernel, crew: Crew, choose: Chooser): Plan => {
  const site = new Site(kernel.buffers, crew, choose);
  const items = itemsOf(site, kernel.body, []) ?? [site.solo(kernel.body)];
  return { items, scratch: site.scratchWords };
};

/** The buffers that statements which only compute read. */
const loadsIn = (body: readonly Statement[]): number[] =>
  body.flatMap((s) => {
    if (s._tag === "Guard") return loadsIn(s.body);
    return s._tag === "Let" && s.value.definition._tag === "Load" ? [s.value.definition.buffer] : [];
  });

/**
 * Whether something that is computed before the stages would be another thing when a stage computes it again: what it
 * reads has been written meanwhile.
 */
const changes = (body: readonly Statement[]): boolean =>
  body.some((s, i) => {
    if (!isPure(s)) return false;
    const read = new Set(loadsIn([s]));
    return read.size > 0 && storesIn(body.slice(i + 1)).some((w) => read.has(w.buffer));
  });

/** The largest number of operations that one statement offers to run at once. */
const widest = (body: readonly Statement[]): number =>
  Math.max(
    0,
    ...body.map((s) => {
      if (s._tag === "Nest" && s.sequential) return widest(s.body);
      if (s._tag === "Branch") return Math.max(0, ...s.branches.map(widest));
      return s._tag === "Nest" || s._tag === "Contract" ? innerSize([s]) : 0;
    }),
  );

const nestStage = (site: Site, before: readonly Statement[], nest: Nest): Stage => {
  if (together(nest, site.crew.few)) return site.groupPerIteration(before, nest);
  return site.threadPerIteration(before, nest.axes, nest.body, (t) => {
    t.statements(nest.body);
  });
};

/** Past the first statement from `from` on that does more than compute or declare an accumulator. */
const rowEnd = (body: readonly Statement[], from: number): number => {
  const at = body.findIndex((s, i) => i > from && s._tag !== "Accumulate" && !isPure(s));
  return at < 0 ? body.length : at + 1;
};

/** Whether nothing that follows reads the accumulators that a row declares. */
const isDone = (rest: readonly Statement[], row: readonly Statement[]): boolean => {
  const declared = row.flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));
  return !allOf(rest).some((s) => {
    const d = s._tag === "Let" ? s.value.definition : null;
    return d?._tag === "Accumulated" && declared.includes(d.accumulator);
  });
};

/** The stages of statements; null where only one workgroup can run them, in their order. */
const itemsOf = (site: Site, body: readonly Statement[], around: readonly Statement[]): Item[] | null => {
  if (changes([...around, ...body])) return null;
  const out: Item[] = [];
  const before = [...around];
  for (let i = 0; i < body.length; i++) {
    const s = body[i]!;
    if (isPure(s)) before.push(s);
    else if (s._tag === "Nest" && positions(s.axes) === 0) continue;
    else if (s._tag === "Accumulate") {
      const end = rowEnd(body, i);
      const row = body.slice(i, end);
      const running = isDone(body.slice(end), row) ? runningStages(site, before, [], row) : null;
      if (running === null) {
        // A reduction to one element, and what follows from it.
        out.push(...reductionStages(site, before, body.slice(i)));
        break;
      }
      out.push(...running);
      before.push(...row.filter(isPure));
      i = end - 1;
    } else if (s._tag === "Store") {
      let end = i;
      while (end < body.length && (isPure(body[end]!) || body[end]!._tag === "Store")) end++;
      out.push(site.solo([...before, ...body.slice(i, end)]));
      before.push(...body.slice(i, end).filter(isPure));
      i = end - 1;
    } else if (s._tag === "Nest" && !s.sequential && outerUpdates(s.body).length === 0)
      out.push(...(runningStages(site, before, s.axes, s.body) ?? [nestStage(site, before, s)]));
    else if (s._tag === "Contract") out.push(...contractStages(site, before, s.contraction));
    else if (s._tag === "Call") out.push(...sortStages(site, before, s));
    else if (s._tag === "Branch") out.push(...(branchesOf(site, before, s) ?? [site.solo([...before, s])]));
    else out.push(loopOf(site, before, s) ?? site.solo([...before, s]));
  }
  return out;
};

/**
 * Branches with so much work are dispatched to all of the device, each behind a gate. Processors that play graphics cards
 * are slow at invocations that only end: there contractions alone are worth it.
 */
const worthBranching = 1 << 13;

const isWorthBranching = (crew: Crew, s: Statement): boolean =>
  crew.shares
    ? widest([s]) >= worthBranching
    : allOf([s]).some((t) => t._tag === "Contract" && innerSize([t]) >= worthBranching);

/** The stages of all branches, of which one is taken; null where one workgroup does as well, or must. */
const branchesOf = (
  site: Site,
  before: readonly Statement[],
  s: Extract<Statement, { readonly _tag: "Branch" }>,
): Item[] | null => {
  if (!isWorthBranching(site.crew, s)) return null;
  const branches = s.branches.map((body, is) =>
    itemsOf(site.behind({ before, value: s.index, is }), body, []),
  );
  return branches.includes(null) ? null : branches.flatMap((items) => items ?? []);
};

/** A loop that is worth a dispatch for each step; null for others. */
const loopOf = (site: Site, before: readonly Statement[], s: Statement): Repeat | null => {
  if (s._tag !== "Nest" || !s.sequential || s.axes.length !== 1 || widest(s.body) < worthDispatching)
    return null;
  const [axis] = s.axes as [Axis];
  const items = itemsOf(site.inside(axis), s.body, before);
  if (items === null) return null;
  const count = callsOf(items).length * axis.size;
  return count > mostDispatches ? null : { times: axis.size, items };
};
