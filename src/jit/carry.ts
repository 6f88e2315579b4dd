/**
 * Where a step's results go. A next carry is written over the old one by the cluster that computes it, when nothing
 * needs the old one any more: only that cluster still reads it, and only the element that it is about to replace.
 */
import type { Expr } from "../ir/expr.js";
import { buffersBelow, type Cluster, type Fusion, readsOf } from "./fuse.js";
import { isInput } from "./materialize.js";
import { storageOf } from "./storage.js";

/** The carry of a step: params that stand for it, the buffers that hold it, what it becomes. */
export interface CarryStep {
  readonly params: readonly Expr[];
  readonly buffers: readonly Expr[];
  readonly next: readonly Expr[];
}

/** The buffers that a cluster reads, and whether only at the place that it computes. */
const clusterReads = (cluster: Cluster, fusion: Fusion): ReadonlyMap<Expr, boolean> => {
  const reads = new Map<Expr, boolean>();
  const add = (e: Expr, same: boolean): void => {
    reads.set(e, (reads.get(e) ?? true) && same);
  };
  cluster.members.forEach((m, i) => {
    const isAnchor =
      cluster.kind === "Single" ||
      (cluster.kind === "Contract" && i === 0) ||
      (cluster.kind === "Reduce" && m.primitive!.lower._tag === "Reduce");
    if (isAnchor) for (const b of buffersBelow(m, fusion.stored)) add(b, false);
    else for (const [b, same] of readsOf(m, (e) => fusion.stored.has(e))) add(b, same);
  });
  return reads;
};

/** For each carry, whether the cluster that computes the next one may write it in place. */
export const replaceable = (fusion: Fusion, { params, next }: CarryStep): boolean[] => {
  const storage = next.map(storageOf);
  const reads = fusion.clusters.map((c) => clusterReads(c, fusion));
  return params.map((p, i) => {
    const s = storage[i]!;
    if (isInput(s) || s.literal !== null || s.size === 0) return false;
    const cluster = fusion.clusterOf.get(s);
    if (cluster === undefined || cluster.kind === "Single") return false;
    // The old carry becomes another one: it is needed to the end.
    if (storage.some((other, j) => j !== i && other === p)) return false;
    const at = fusion.clusters.indexOf(cluster);
    return reads.every((r, k) => k < at || !r.has(p) || (k === at && r.get(p) === true));
  });
};

/** A carry that is not replaced by the cluster that computes it. */
export interface Move {
  readonly from: Expr;
  readonly to: Expr;
}

/** Moves in an order in which none overwrites what a later one reads; `save` breaks a cycle. */
export const ordered = (moves: readonly Move[], save: (e: Expr) => Expr): Move[] => {
  const out: Move[] = [];
  let left = [...moves];
  while (left.length > 0) {
    const free = left.find((m) => left.every((o) => o === m || o.from !== m.to));
    if (free !== undefined) {
      out.push(free);
      left = left.filter((m) => m !== free);
      continue;
    }
    const { to } = left[0]!;
    const saved = save(to);
    left = left.map((m) => (m.from === to ? { ...m, from: saved } : m));
  }
  return out;
};
