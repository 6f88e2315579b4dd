/** A kernel as a list of stages, each one dispatch: what is in one runs at once, what is in the next sees its results. */
import type { BufferUse, Kernel, Statement } from "../../kernel.js";
import { allOf, outerUpdates, positions } from "../../statements.js";
import { changes } from "./changes.js";
import type { Chooser } from "./choices.js";
import { contractStages } from "./contract-stages.js";
import { controlOf, loopsIn } from "./control-stages.js";
import type { Item, Plan, Stage } from "./dispatches.js";
import { together } from "./group.js";
import { apart, reductionEnd, reductionStages } from "./reduction-stages.js";
import { runningStages } from "./running-stages.js";
import { type Crew, isPure, type Nest, Site } from "./site.js";
import { sortStages } from "./sort-stages.js";
import { vectorStage } from "./vector-stages.js";

export const planOf = (kernel: Kernel, crew: Crew, choose: Chooser): Plan => {
  const flags = loopsIn(kernel.body);
  const shared: BufferUse = { dtype: "bool", length: flags, written: true };
  const site = new Site(flags === 0 ? kernel.buffers : [...kernel.buffers, shared], crew, choose);
  const items = itemsOf(site, kernel.body, []) ?? [site.solo(kernel.body)];
  return { items, flags, scratch: site.scratchWords };
};

const nestStage = (site: Site, before: readonly Statement[], nest: Nest): Stage => {
  if (together(nest, site.crew.few)) return site.groupPerIteration(before, nest);
  const four = vectorStage(site, before, nest);
  if (four !== null) return four;
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
        const past = reductionEnd(site.crew, body, i);
        const whole = body.slice(i, past);
        out.push(...reductionStages(site, before, whole));
        before.push(...apart(whole));
        i = past - 1;
        continue;
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
    else out.push(...(controlOf(itemsOf, site, before, s) ?? [site.solo([...before, s])]));
  }
  return out;
};
