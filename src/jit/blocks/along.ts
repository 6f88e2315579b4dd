/**
 * Nodes that are independent along an axis: which part of each operand a block of the result needs, and the node that
 * computes such a block. What mixes elements along the axis has no such part.
 */
import { range, type Shape, sizeOf } from "../../ir/aval.js";
import { apply, attrsOf, type Expr } from "../../ir/expr.js";
import { argsortPrimitive } from "../../ir/primitives/sort.js";
import { dotPrimitive, freeAxes } from "../../ir/primitives/dot.js";
import { gatherPrimitive, restAxes } from "../../ir/primitives/indexed.js";
import { broadcastPrimitive, permutePrimitive, reshapePrimitive } from "../../ir/primitives/layout.js";
import { flipPrimitive, iotaPrimitive, padPrimitive, slicePrimitive } from "../../ir/primitives/views.js";
import { overlapAddPrimitive, windowsPrimitive } from "../../ir/primitives/windows.js";
import { reductionOf } from "../reduction.js";

/** For each operand the axis of which a block is needed, or null where it is needed as a whole. */
export type Needs = readonly (number | null)[];

/** The axis of `inner` that is axis `r` of a reshape to `outer`; null where the reshape takes it apart. */
const reshapedAxis = (inner: Shape, outer: Shape, r: number): number | null => {
  const before = sizeOf(outer.slice(0, r));
  const k = inner.findIndex((n, a) => n === outer[r] && sizeOf(inner.slice(0, a)) === before);
  return k < 0 ? null : k;
};

const viewNeeds = (e: Expr, r: number): Needs | null => {
  const inner = e.args[0]!.shape;
  switch (e.primitive) {
    case broadcastPrimitive: {
      const k = attrsOf(broadcastPrimitive, e).axes.indexOf(r);
      return [k < 0 ? null : k];
    }
    case permutePrimitive:
      return [attrsOf(permutePrimitive, e).permutation[r]!];
    case reshapePrimitive: {
      const k = reshapedAxis(inner, e.shape, r);
      return k === null ? null : [k];
    }
    case slicePrimitive:
      return inner[r] === e.shape[r] ? [r] : null;
    case padPrimitive: {
      const { low, high, interior } = attrsOf(padPrimitive, e);
      return low[r] === 0 && high[r] === 0 && interior[r] === 0 ? [r] : null;
    }
    case flipPrimitive:
      return attrsOf(flipPrimitive, e).axes.includes(r) ? null : [r];
    case windowsPrimitive:
      return r < inner.length && !attrsOf(windowsPrimitive, e).axes.includes(r) ? [r] : null;
    default:
      return null;
  }
};

const dotNeeds = (e: Expr, r: number): Needs => {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = attrsOf(dotPrimitive, e);
  const [left, right] = [
    freeAxes(e.args[0]!.ndim, lhsBatch, lhsContract),
    freeAxes(e.args[1]!.ndim, rhsBatch, rhsContract),
  ];
  const free = r - lhsBatch.length;
  if (free < 0) return [lhsBatch[r]!, rhsBatch[r]!];
  return free < left.length ? [left[free]!, null] : [null, right[free - left.length]!];
};

const gatherNeeds = (e: Expr, r: number): Needs => {
  const attrs = attrsOf(gatherPrimitive, e);
  const [x, indices] = e.args as [Expr, Expr];
  if (r < attrs.batch) return [r, r];
  const rest = r - (indices.ndim - 1);
  return rest < 0 ? [null, r] : [restAxes(x.ndim, attrs)[rest]!, null];
};

/** What elements of `e` in a block of its axis `r` need; null where they depend on others along it. */
export const needsOf = (e: Expr, r: number): Needs | null => {
  const lower = e.primitive?.lower;
  if (lower === undefined || e.avals.length > 1) return null;
  switch (lower._tag) {
    case "Elementwise":
      return e.args.map(() => r);
    case "View":
      return viewNeeds(e, r);
    case "Iota":
      return [];
    case "Concat":
      return lower.axis(e.attrs) === r ? null : e.args.map(() => r);
    case "Reduce": {
      const { axes } = reductionOf(e);
      return [range(e.args[0]!.ndim).filter((a) => !axes.includes(a))[r]!];
    }
    case "Cumulative":
      return lower.axis(e.attrs) === r ? null : [r];
    case "Contract":
      return dotNeeds(e, r);
    case "Gather":
      return gatherNeeds(e, r);
    case "Accumulate":
      if (e.primitive !== overlapAddPrimitive) return null;
      return attrsOf(overlapAddPrimitive, e).axes.includes(r) ? null : [r];
    case "Routine":
      return e.primitive === argsortPrimitive && attrsOf(argsortPrimitive, e).axis !== r ? [r] : null;
    default:
      return null;
  }
};

/** Primitives whose attributes hold the shape of the result. */
const shaped: ReadonlySet<unknown> = new Set([broadcastPrimitive, reshapePrimitive, iotaPrimitive]);

/** `e` for `n` places along its axis `r`, of operands that are blocks where `needsOf` says so. */
export const blockOf = (e: Expr, r: number, n: number, args: readonly Expr[]): Expr => {
  const shape = e.shape.map((s, a) => (a === r ? n : s));
  const attrs = shaped.has(e.primitive)
    ? { ...e.attrs, shape }
    : e.primitive === slicePrimitive
      ? { ...e.attrs, size: shape }
      : e.attrs;
  return apply(e.primitive!, args, attrs);
};
