/** Nests of elementwise statements, four neighbours to an invocation. */
import { axisIndex, type Axis } from "../../index-expression.js";
import type { BufferUse, Statement } from "../../kernel.js";
import { positions, storesIn } from "../../statements.js";
import type { Stage } from "./dispatches.js";
import { independentOrSteps } from "./group.js";
import { grouped, lanesAlong, type Lanes, lanesOf, surveyed } from "./lanes.js";
import { vectors } from "./memory.js";
import type { Nest, Site } from "./site.js";

/**
 * Lanes along the last axis. Where it is no multiple of 4, the last group may reach beyond an array's end, whose place is a
 * multiple of 16 words: nothing else is there.
 */
const lanesIn = (
  axes: readonly Axis[],
  body: readonly Statement[],
  buffers: readonly BufferUse[],
): Lanes | null => {
  const [axis, ...others] = axes.filter((a) => a.size > 1);
  if (axis === undefined) return null;
  const toTheEnd = (): boolean =>
    others.length === 0 &&
    storesIn(body).every(
      (s) => s.index.key === axisIndex(axis).key && buffers[s.buffer]!.length === axis.size,
    );
  return lanesAlong(axes) ?? (toTheEnd() ? lanesOf(axis) : null);
};

/** The stage of a nest whose iterations read and write whole vectors; null for others. */
export const vectorStage = (site: Site, before: readonly Statement[], { axes, body }: Nest): Stage | null => {
  const lanes = site.crew.vectors ? lanesIn(axes, body, site.buffers) : null;
  if (lanes === null) return null;
  const accesses = surveyed(body, lanes);
  if (accesses === null || accesses.four === 0 || accesses.each > 0) return null;
  const { order, steps } = independentOrSteps(axes, body);
  if (steps || order.serial.some((a) => a.size > 1)) return null;
  const groups = grouped(axes, lanes);
  return site.threads(
    positions(groups),
    [[]],
    (thread, id) => {
      thread.statements(before);
      thread.digits(groups, id);
      thread.across(lanes, () => {
        thread.statements(body);
      });
    },
    vectors,
  );
};
