/** The stages of a reduction to one element, and of what follows from it. */
import type { Statement } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { outerUpdates, positions, storesIn } from "../../statements.js";
import type { Stage } from "./dispatches.js";
import { Group, isRunning } from "./group.js";
import { isPure, type Site } from "./site.js";

/** Reductions of so many elements to one are cut into parts. */
const longReduction = 1 << 16;
const reductionParts = 256;

/** A reduction to one element: a long one in parts, whose results another stage reduces. */
export const reductionStages = (
  site: Site,
  before: readonly Statement[],
  body: readonly Statement[],
): Stage[] => {
  const at = body.findIndex((s) => s._tag !== "Accumulate" && !isPure(s));
  const nest = body[at];
  const accumulators = body.slice(0, at).flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));
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
