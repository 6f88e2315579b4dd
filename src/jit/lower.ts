/** From clusters to kernels. Each anchor family has its loop form here; contractions have a file of their own. */
import { range, type Shape, sizeOf, stridesOf } from "../ir/aval.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { dotPrimitive, freeAxes } from "../ir/primitives/dot.js";
import { mul } from "../ir/primitives/arithmetic.js";
import { indexOf, KernelBuilder } from "./builder.js";
import { contractForm, extentsOf, isBrief, lowerTiled, unrollLimit } from "./contraction.js";
import { type Cluster, type Fusion, sourcesOf } from "./fuse.js";
import { constantIndex, flatIndex, type Index } from "./index-expression.js";
import { interleave, operandIndex, viewedIndex } from "./operand.js";
import type { Kernel, Value } from "./kernel.js";
import { lowerSingle } from "./lower-single.js";
import { mergeLoops } from "./merge.js";
import { reductionOf } from "./reduction.js";

/** A kernel with the expressions behind its buffers. */
export interface Lowered {
  readonly kernel: Kernel;
  readonly buffers: readonly Expr[];
}

/** Which members of a cluster must be written to memory: someone outside reads them. */
export const escaping = (cluster: Cluster, fusion: Fusion, results: ReadonlySet<Expr>): Set<Expr> =>
  new Set(
    cluster.members.filter(
      (e) => results.has(e) || cluster.members.length === 1 || readOutside(e, cluster, fusion),
    ),
  );

/** Follows uses through expressions that have no buffer, up to the stored ones that they are inlined in. */
const readOutside = (e: Expr, cluster: Cluster, fusion: Fusion): boolean => {
  const stack = [e];
  const seen = new Set<Expr>();
  while (stack.length > 0)
    for (const u of fusion.users.get(stack.pop()!) ?? []) {
      if (seen.has(u)) continue;
      seen.add(u);
      const owner = fusion.clusterOf.get(u);
      if (owner !== undefined) {
        if (owner !== cluster) return true;
      } else stack.push(u);
    }
  return false;
};

/** The kernel of a cluster of a program. */
export const lowerCluster = (cluster: Cluster, fusion: Fusion, results: ReadonlySet<Expr>): Lowered => {
  const builder = new KernelBuilder(sourcesOf(fusion));
  emitCluster(builder, cluster, fusion, results);
  return {
    kernel: {
      name: nameOf(cluster.members),
      buffers: builder.buffers.uses,
      body: mergeLoops(builder.statements),
    },
    buffers: builder.buffers.expressions,
  };
};

/** Clusters as one kernel, with a statement for each; some of their results lie where others will be. */
export const lowerTogether = (
  clusters: readonly Cluster[],
  fusion: Fusion,
  results: ReadonlySet<Expr>,
  inPlace: ReadonlyMap<Expr, Expr>,
): Lowered => {
  const builder = new KernelBuilder(sourcesOf(fusion));
  for (const [e, buffer] of inPlace) builder.bind(e, { buffer, from: constantIndex(0) });
  for (const c of clusters) emitCluster(builder, c, fusion, results);
  const name = nameOf(clusters.flatMap((c) => c.members));
  return {
    kernel: { name, buffers: builder.buffers.uses, body: mergeLoops(builder.statements) },
    buffers: builder.buffers.expressions,
  };
};

/** A cluster's statements, added to a kernel. */
export const emitCluster = (
  b: KernelBuilder,
  cluster: Cluster,
  fusion: Fusion,
  results: ReadonlySet<Expr>,
): void => {
  const escape = escaping(cluster, fusion, results);
  const first = cluster.members[0]!;
  switch (cluster.kind) {
    case "Contract": {
      const dot = fusion.sunk.get(first) ?? first;
      if (contractForm(dot) === "Tiled") lowerTiled(b, dot, first, cluster.members.slice(1), escape);
      else lowerLoopDot(b, dot, first, cluster, escape);
      break;
    }
    case "Map":
      lowerMap(b, cluster, escape);
      break;
    case "Reduce":
      lowerReduce(b, cluster, escape);
      break;
    case "Single":
      lowerSingle(b, first, fusion, emitCluster);
  }
};

const nameOf = (members: readonly Expr[]): string =>
  [...new Set(members.map((e) => e.primitive!.name))].slice(0, 4).join("_");

const computeMembers = (
  b: KernelBuilder,
  members: readonly Expr[],
  index: readonly Index[],
  escape: ReadonlySet<Expr>,
): void => {
  for (const e of members) {
    const v = b.compute(e, index);
    b.alias(e, index, v);
    if (escape.has(e)) b.store(e, flatIndex(index, stridesOf(e.shape)), v);
  }
};

const lowerMap = (b: KernelBuilder, cluster: Cluster, escape: ReadonlySet<Expr>): void => {
  const axes = b.axes(cluster.shape);
  b.nest(axes, () => computeMembers(b, cluster.members, indexOf(axes), escape));
};

// ---- reductions

/** All multi-indices of a small shape. */
const allIndices = (shape: Shape): Index[][] => {
  let out: Index[][] = [[]];
  for (const n of shape) out = out.flatMap((prefix) => range(n).map((i) => [...prefix, constantIndex(i)]));
  return out;
};

/** Runs `body` at every point of `shape`: written out when there are few, else in a nest. */
const everyPoint = (b: KernelBuilder, shape: Shape, body: (index: readonly Index[]) => void): void => {
  if (sizeOf(shape) <= unrollLimit) {
    for (const index of allIndices(shape)) body(index);
    return;
  }
  const axes = b.axes(shape);
  b.nest(axes, () => body(indexOf(axes)));
};

const lowerReduce = (b: KernelBuilder, cluster: Cluster, escape: ReadonlySet<Expr>): void => {
  const reduces = cluster.members.filter((e) => e.primitive!.lower._tag === "Reduce");
  const epilogue = cluster.members.filter((e) => !reduces.includes(e));
  const operand = reduces[0]!.args[0]!;
  const { axes: reduced } = reductionOf(reduces[0]!);
  const outer = b.axes(cluster.shape);
  b.nest(outer, () => {
    const index = indexOf(outer);
    const accumulators = reduces.map((e) => b.accumulate(reductionOf(e).op, e.args[0]!.dtype));
    everyPoint(
      b,
      reduced.map((a) => operand.shape[a]!),
      (inner) => {
        const at = interleave(operand.ndim, reduced, index, inner);
        reduces.forEach((e, i) => b.update(accumulators[i]!, b.emit(e.args[0]!, at), inner[0] ?? null));
      },
    );
    reduces.forEach((e, i) => finish(b, e, index, b.values.accumulated(accumulators[i]!, e.dtype), escape));
    computeMembers(b, epilogue, index, escape);
  });
};

const finish = (
  b: KernelBuilder,
  e: Expr,
  index: readonly Index[],
  v: Value,
  escape: ReadonlySet<Expr>,
): void => {
  b.alias(e, index, v);
  if (escape.has(e)) b.store(e, flatIndex(index, stridesOf(e.shape)), v);
};

// ---- small contractions: a reduction of products

const lowerLoopDot = (
  b: KernelBuilder,
  dot: Expr,
  view: Expr,
  cluster: Cluster,
  escape: ReadonlySet<Expr>,
): void => {
  const [x, y] = dot.args as [Expr, Expr];
  const d = attrsOf(dotPrimitive, dot);
  const outer = b.axes(dot.shape);
  b.nest(outer, () => {
    const out = indexOf(outer);
    const depth = d.lhsContract.map((a) => x.shape[a]!);
    const accumulator = b.accumulate("sum", dot.dtype, isBrief(extentsOf(dot)));
    everyPoint(b, depth, (at) => {
      const nb = d.lhsBatch.length;
      const left = freeAxes(x.ndim, d.lhsBatch, d.lhsContract);
      const right = freeAxes(y.ndim, d.rhsBatch, d.rhsContract);
      const xAt = operandIndex(x.ndim, d.lhsBatch, left, d.lhsContract, out, nb, at);
      const yAt = operandIndex(y.ndim, d.rhsBatch, right, d.rhsContract, out, nb + left.length, at);
      b.update(accumulator, b.values.product(mul.primitive, b.emit(x, xAt), b.emit(y, yAt), dot.dtype));
    });
    const v = b.values.accumulated(accumulator, dot.dtype);
    const index = viewedIndex(dot, view, out);
    b.alias(view, index, v);
    if (escape.has(view)) b.store(view, flatIndex(index, stridesOf(view.shape)), v);
    computeMembers(b, cluster.members.slice(1), index, escape);
  });
};
