/**
 * The part of a program around a large intermediate that is independent along one of its axes: everything that is large
 * and follows from it, up to where it is small again, and what is large on the way there. Nothing large leaves it.
 */
import type { Expr } from "../../ir/expr.js";
import { needsOf } from "./along.js";

/** A program's graph, and what of it is large. */
export interface Graph {
  /** Operands before users. */
  readonly order: readonly Expr[];
  readonly users: ReadonlyMap<Expr, readonly Expr[]>;
  readonly results: ReadonlySet<Expr>;
  readonly bytesOf: (e: Expr) => number;
}

/** Smaller than this part of the seed, it may leave: its blocks are put together. */
const smallPart = 1 / 4;

/** Nodes about as large as the seed. */
const largeBeside = (seed: Expr, { bytesOf }: Graph): ((e: Expr) => boolean) => {
  const least = smallPart * bytesOf(seed);
  return (e) => (e.tag === "Apply" || e.tag === "Project") && bytesOf(e) >= least;
};

export interface Region {
  /** The nodes, operands before users, each with its blocked axis. */
  readonly axes: ReadonlyMap<Expr, number>;
  /** Nodes that are read outside. */
  readonly outputs: readonly Expr[];
  /** Places along the axis. */
  readonly length: number;
}

/** The axis of `e` along which its operands are blocked as `axes` says; null where there is none. */
const axisAfter = (e: Expr, axes: ReadonlyMap<Expr, number>): number | null => {
  for (let r = 0; r < e.ndim; r++) {
    const needs = needsOf(e, r);
    if (needs?.every((k, i) => (axes.get(e.args[i]!) ?? k) === k) === true) return r;
  }
  return null;
};

/** What follows from `seed` block by block. Nodes of `banned`, and what follows from them, do not. */
const following = (
  seed: Expr,
  axis: number,
  { order }: Graph,
  banned: ReadonlySet<Expr>,
): Map<Expr, number> => {
  const axes = new Map([[seed, axis]]);
  const after = new Set<Expr>(banned);
  for (let i = order.indexOf(seed) + 1; i < order.length; i++) {
    const e = order[i]!;
    if (after.has(e)) continue;
    const depends = e.args.some((a) => axes.has(a));
    if (!depends && !e.args.some((a) => after.has(a))) continue;
    const r = e.args.some((a) => after.has(a)) ? null : axisAfter(e, axes);
    if (r === null) after.add(e);
    else axes.set(e, r);
  }
  return axes;
};

/** Rounds of taking out what is large and read elsewhere; more would not pay. */
const mostRounds = 8;

/** The same without large nodes that leave it; null where `seed` is one of them. */
const contained = (seed: Expr, axis: number, graph: Graph): Map<Expr, number> | null => {
  const isLarge = largeBeside(seed, graph);
  const banned = new Set<Expr>();
  for (let round = 0; round < mostRounds; round++) {
    const axes = following(seed, axis, graph, banned);
    const leaves = (e: Expr): boolean =>
      graph.results.has(e) || (graph.users.get(e) ?? []).some((u) => !axes.has(u));
    const leaving = [...axes.keys()].filter((e) => isLarge(e) && leaves(e));
    if (leaving.length === 0) return axes;
    if (leaving.includes(seed)) return null;
    for (const e of leaving) banned.add(e);
  }
  return null;
};

/** What is absorbed into a region, from its users to their operands. */
class Absorbing {
  readonly axes = new Map<Expr, number>();
  /** Nodes that nothing outside needs any more. */
  private readonly inside = new Set<Expr>();
  /** Axes along which blocks of a node are needed; null where all of it is. */
  private readonly wanted = new Map<Expr, Set<number | null>>();

  constructor(
    private readonly graph: Graph,
    private readonly isLarge: (e: Expr) => boolean,
  ) {}

  take(e: Expr, r: number, own: boolean): void {
    this.axes.set(e, r);
    if (own) this.inside.add(e);
    needsOf(e, r)!.forEach((k, i) => {
      const a = e.args[i]!;
      this.wanted.set(a, (this.wanted.get(a) ?? new Set()).add(k));
    });
  }

  isRead(e: Expr): boolean {
    return (this.graph.users.get(e) ?? []).some((u) => this.axes.has(u));
  }

  /** Views are free wherever they are. What else is needed block by block alone is computed so where that saves memory. */
  tryOperand(e: Expr): void {
    const [k, ...others] = this.wanted.get(e) ?? [];
    if (k === undefined || k === null || others.length > 0 || e.args.length === 0) return;
    if (needsOf(e, k) === null) return;
    const { results, users } = this.graph;
    const own = !results.has(e) && users.get(e)!.every((u) => this.inside.has(u));
    const tag = e.primitive?.lower._tag;
    if (tag === "View" || (own && (tag === "Elementwise" || this.isLarge(e)))) this.take(e, k, own);
  }
}

/** The region of `seed` along `axis`; null where a large node is needed as a whole. */
export const regionOf = (seed: Expr, axis: number, graph: Graph): Region | null => {
  const forward = needsOf(seed, axis) === null ? null : contained(seed, axis, graph);
  if (forward === null) return null;
  const { order, users, results } = graph;
  const isLarge = largeBeside(seed, graph);
  const absorbing = new Absorbing(graph, isLarge);
  for (let i = order.length - 1; i >= 0; i--) {
    const e = order[i]!;
    const r = forward.get(e);
    if (r === undefined) absorbing.tryOperand(e);
    else if (isLarge(e) || e.args.some((a) => forward.has(a) && isLarge(a)) || absorbing.isRead(e))
      absorbing.take(e, r, true);
  }
  const { axes } = absorbing;
  const isOutput = (e: Expr): boolean =>
    forward.has(e) && (results.has(e) || users.get(e)!.some((u) => !axes.has(u)));
  const nodes = order.filter((e) => axes.has(e));
  return {
    axes: new Map(nodes.map((e) => [e, axes.get(e)!])),
    outputs: nodes.filter(isOutput),
    length: seed.shape[axis]!,
  };
};
