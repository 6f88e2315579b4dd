/**
 * Attention, and what is like it: a contraction whose result is much larger than what it is made of and what is made of
 * it is computed in blocks of rows (or heads), in a loop, so that all of it never exists. Every row is computed as
 * before: no bit changes.
 */
import { bytesPerElement } from "../../ir/dtype.js";
import { sizeOf } from "../../ir/aval.js";
import type { Expr } from "../../ir/expr.js";
import { type Program, substitute, topological } from "../../ir/program.js";
import { materialize } from "../materialize.js";
import { withBodies } from "./bodies.js";
import { looped } from "./loop.js";
import { type Blocking, planOf } from "./plan.js";
import type { Graph } from "./region.js";

export { type Blocking, blocking } from "./plan.js";

const bytesOf = (e: Expr): number =>
  e.avals.reduce((n, { shape, dtype }) => n + sizeOf(shape) * bytesPerElement(dtype), 0);

const isComputed = (e: Expr): boolean => e.tag === "Apply" || e.tag === "Project";

/** Large intermediates in a row that have to exist, as all of a training step's may: then it is no use looking on. */
const patience = 16;

/** The results with the first large intermediate that can be in blocks; null where there is none. */
const round = (results: readonly Expr[], sizes: Blocking, tried: Set<Expr>): readonly Expr[] | null => {
  const order = topological(results);
  if (!order.some((e) => e.tag === "Apply" && bytesOf(e) >= sizes.large)) return null;
  const { users, stored } = materialize(results);
  const graph: Graph = { order, users, results: new Set(results), bytesOf };
  let failures = 0;
  for (const e of order) {
    if (failures === patience) return null;
    if (!isComputed(e) || bytesOf(e) < sizes.large || !stored.has(e) || tried.has(e)) continue;
    tried.add(e);
    const plan = planOf(e, graph, stored, sizes);
    if (plan === null) {
      failures++;
      continue;
    }
    const inside = (p: Program): Program => (plan.rereads ? p : inBlocks(p, sizes));
    const outs = looped(plan.region, plan.places, inside);
    return substitute(results, new Map(plan.region.outputs.map((o, i) => [o, outs[i]!])));
  }
  return null;
};

/** The program with large intermediates in blocks, in its loops and branches, too: itself where there are none. */
export const inBlocks = (program: Program, sizes: Blocking): Program => {
  let results: readonly Expr[] = withBodies(program.results, (p) => inBlocks(p, sizes));
  const tried = new Set<Expr>();
  for (let next = round(results, sizes, tried); next !== null; next = round(results, sizes, tried))
    results = next;
  return results === program.results ? program : { params: program.params, results };
};
