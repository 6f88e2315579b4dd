/**
 * Groups stored expressions into clusters: everything in one cluster is computed by one kernel.
 *
 * - A map cluster is one loop nest over one shape; it may hold many results (all of Adam's updates).
 * - A reduce cluster is one nest over kept and reduced axes, with elementwise epilogues over the kept ones.
 * - A contraction takes elementwise epilogues over its result, seen through permutes and reshapes.
 * - Everything else is alone.
 *
 * A member joins when every buffer that it reads comes from elsewhere, or from the cluster at the same place, and no
 * path leads from the cluster out and back.
 */
import { sameShape, type Shape, stridesOf } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { indexOf, KernelBuilder, type Sources } from "./builder.js";
import { contractForm, epilogueFits as contractEpilogueFits } from "./contraction.js";
import { flatIndex } from "./index-expression.js";
import { isFusible, isInput, type Materialization } from "./materialize.js";
import { Precedence } from "./precedence.js";
import { reductionOf } from "./reduction.js";

export type ClusterKind = "Map" | "Reduce" | "Contract" | "Single";

export interface Cluster {
  readonly kind: ClusterKind;
  /** Shape of what members are elements of: the kept axes for reductions, the (viewed) result for contractions. */
  readonly shape: Shape;
  /** The reduction's operand shape and axes, as text: siblings must agree. */
  readonly domain: string;
  readonly members: Expr[];
  /** Clusters whose results it reads. */
  readonly needs: Set<Cluster>;
  /** By which its precedence goes. */
  readonly number: number;
}

export interface Fusion extends Materialization {
  /** In an order in which they can run. */
  readonly clusters: readonly Cluster[];
  readonly clusterOf: ReadonlyMap<Expr, Cluster>;
  /**
   * For a contraction seen through views: from the last view, which takes its place, to the contraction. The last view
   * may be a sum of overlapping windows.
   */
  readonly sunk: ReadonlyMap<Expr, Expr>;
}

/** Members of one cluster at most: more would spill registers. */
const memberLimit = 24;

/** Buffers that an expression reads when it is computed in place over `shape`, and whether only at the same place. */
export const readsOf = (e: Expr, isBuffer: (e: Expr) => boolean): Map<Expr, boolean> => {
  const builder = new KernelBuilder({ isBuffer });
  const index = indexOf(builder.axes(e.shape));
  builder.compute(e, index);
  const here = flatIndex(index, stridesOf(e.shape)).key;
  const reads = new Map<Expr, boolean>();
  for (const r of builder.reads) {
    const same = r.source.size === e.size && r.flat.key === here;
    reads.set(r.source, (reads.get(r.source) ?? true) && same);
  }
  return reads;
};

/** The buffers below the operands of an anchor. */
export const buffersBelow = (e: Expr, stored: ReadonlySet<Expr>): Set<Expr> => {
  const found = new Set<Expr>();
  const seen = new Set<Expr>();
  const stack = [...e.args];
  while (stack.length > 0) {
    const a = stack.pop()!;
    if (seen.has(a)) continue;
    seen.add(a);
    if (stored.has(a)) found.add(a);
    else stack.push(...a.args);
  }
  return found;
};

const kindOf = (e: Expr): ClusterKind => {
  switch (e.primitive?.lower._tag) {
    case "Reduce":
      return "Reduce";
    case "Contract":
      return "Contract";
    default:
      return isFusible(e) ? "Map" : "Single";
  }
};

/** An anchor seen through its only users as long as they are permutes and reshapes, nearest first. */
const viewsAbove = (e: Expr, m: Materialization): Expr[] => {
  const views: Expr[] = [];
  for (let x = e; ;) {
    const users = m.users.get(x) ?? [];
    const [user] = users;
    const name = user?.primitive?.name;
    if (users.length !== 1 || (name !== "permute" && name !== "reshape")) return views;
    if (m.results.has(x) || (x !== e && m.stored.has(x))) return views;
    x = user!;
    views.push(x);
  }
};

/** The last view in which the contraction can store its result: tiles need addresses affine in rows and columns. */
const sink = (dot: Expr, m: Materialization, isBuffer: (e: Expr) => boolean): Expr => {
  const fits = (view: Expr): boolean =>
    contractForm(dot) === "Loop" || contractEpilogueFits(dot, view, [], isBuffer);
  return viewsAbove(dot, m).findLast(fits) ?? dot;
};

/** The sum of overlapping windows that alone reads a contraction's view: the tiles can be added up in place. */
const overlapOf = (
  dot: Expr,
  view: Expr,
  m: Materialization,
  isBuffer: (e: Expr) => boolean,
): Expr | null => {
  const [user, ...others] = m.users.get(view) ?? [];
  if (user?.primitive?.lower._tag !== "Accumulate" || others.length > 0 || m.results.has(view)) return null;
  if (contractForm(dot) === "Loop" || !m.stored.has(user) || user.size === 0) return null;
  return contractEpilogueFits(dot, user, [], isBuffer) ? user : null;
};

export const fuse = (m: Materialization): Fusion => {
  const stored = new Set(m.stored);
  const isBuffer = (e: Expr): boolean => stored.has(e);
  const sunk = new Map<Expr, Expr>();
  for (const e of m.order) {
    if (kindOf(e) !== "Contract" || !stored.has(e)) continue;
    const last = sink(e, m, isBuffer);
    const view = overlapOf(e, last, m, isBuffer) ?? last;
    if (view === e) continue;
    stored.delete(e);
    stored.delete(last);
    stored.add(view);
    sunk.set(view, e);
  }

  const clusterOf = new Map<Expr, Cluster>();
  const clusters: Cluster[] = [];
  const precedence = new Precedence();

  const start = (e: Expr, kind: ClusterKind, reads: Iterable<Expr>): void => {
    const cluster: Cluster = {
      kind,
      shape: e.shape,
      domain: domainOf(e, kind),
      members: [e],
      needs: new Set(),
      number: precedence.admit(),
    };
    addNeeds(cluster, reads);
    clusters.push(cluster);
    clusterOf.set(e, cluster);
  };
  const addNeeds = (cluster: Cluster, reads: Iterable<Expr>): void => {
    for (const r of reads) {
      const c = clusterOf.get(r);
      if (c === undefined || c === cluster) continue;
      cluster.needs.add(c);
      precedence.put(c.number, cluster.number);
    }
  };
  const canJoin = (cluster: Cluster, reads: ReadonlyMap<Expr, boolean>): boolean => {
    if (cluster.members.length >= memberLimit) return false;
    for (const [r, same] of reads) {
      const c = clusterOf.get(r);
      if (c === cluster ? !same : c !== undefined && precedence.isBefore(cluster.number, c.number))
        return false;
    }
    return true;
  };
  const epilogueFits = (cluster: Cluster, e: Expr): boolean => {
    if (cluster.kind !== "Contract") return true;
    const view = cluster.members[0]!;
    if (view.primitive?.lower._tag === "Accumulate") return false; // finished only when all tiles are
    const dot = sunk.get(view) ?? view;
    if (contractForm(dot) === "Loop") return true;
    return contractEpilogueFits(dot, view, [...cluster.members.slice(1), e], isBuffer);
  };
  const join = (cluster: Cluster, e: Expr, reads: Iterable<Expr>): void => {
    cluster.members.push(e);
    clusterOf.set(e, cluster);
    addNeeds(cluster, reads);
  };

  for (const e of m.order) {
    if (!stored.has(e) || isInput(e)) continue;
    if (e.tag === "Project") {
      clusterOf.set(e, clusterOf.get(e.args[0]!)!); // one of several results of a node
      continue;
    }
    const anchor = sunk.get(e) ?? e;
    const kind = kindOf(anchor);
    if (kind === "Contract" || kind === "Single") {
      start(e, kind, buffersBelow(anchor, stored));
      continue;
    }
    if (kind === "Reduce") {
      const reads = new Map([...buffersBelow(e, stored)].map((r) => [r, false] as const));
      const sibling = clusters.find(
        (c) => c.kind === "Reduce" && c.domain === domainOf(e, kind) && canJoin(c, reads),
      );
      if (sibling === undefined) start(e, kind, reads.keys());
      else join(sibling, e, reads.keys());
      continue;
    }
    const reads = readsOf(e, isBuffer);
    const home = homeFor(e, reads, clusters, clusterOf, canJoin, epilogueFits);
    if (home === undefined) start(e, "Map", reads.keys());
    else join(home, e, reads.keys());
  }
  return { ...m, stored, clusters: runnable(clusters), clusterOf, sunk };
};

/** The cluster that an elementwise expression joins: one that it reads from, or else a sibling. */
const homeFor = (
  e: Expr,
  reads: ReadonlyMap<Expr, boolean>,
  clusters: readonly Cluster[],
  clusterOf: ReadonlyMap<Expr, Cluster>,
  canJoin: (c: Cluster, reads: ReadonlyMap<Expr, boolean>) => boolean,
  epilogueFits: (c: Cluster, e: Expr) => boolean,
): Cluster | undefined => {
  const fits = (c: Cluster): boolean =>
    c.kind !== "Single" && sameShape(c.shape, e.shape) && canJoin(c, reads) && epilogueFits(c, e);
  for (const r of reads.keys()) {
    const c = clusterOf.get(r);
    if (c !== undefined && fits(c)) return c;
  }
  return clusters.find((c) => c.kind === "Map" && fits(c));
};

const domainOf = (e: Expr, kind: ClusterKind): string =>
  kind === "Reduce" ? `${e.args[0]!.shape.join()}|${reductionOf(e).axes.join()}` : "";

/** Clusters in dependency order, otherwise as they were made. */
const runnable = (clusters: readonly Cluster[]): Cluster[] => {
  const done = new Set<Cluster>();
  const out: Cluster[] = [];
  const visit = (c: Cluster): void => {
    if (done.has(c)) return;
    done.add(c);
    for (const n of c.needs) visit(n);
    out.push(c);
  };
  clusters.forEach(visit);
  return out;
};

/** What a kernel of the program reads from memory and what it need not round. */
export const sourcesOf = (fusion: Fusion): Sources => ({
  isBuffer: (e) => fusion.stored.has(e),
  isLoose: (e) => fusion.loose.has(e),
});
