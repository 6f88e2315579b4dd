/**
 * Scans that remember little: reverse mode keeps the carry between segments of steps, and computes a segment's own
 * intermediate values again when it comes to it (A. Griewank, "Achieving logarithmic growth of temporal and spatial
 * complexity in reverse automatic differentiation", 1992; T. Chen et al., "Training deep nets with sublinear memory
 * cost", 2016). With √T steps a segment, memory grows with √T and every step runs twice.
 */
import { expected } from "../../ir/errors.js";
import { concat, sliceAxis } from "../../ir/primitives/views.js";
import type { Expr } from "../../ir/expr.js";
import { exprsOf, type FlatExprs, treeOf } from "../transformations/bind.js";
import { checkpoint } from "../transformations/custom.js";
import type { Step } from "./scan.js";

/** Steps of a segment, from the option's value. */
export const segmentSteps = (length: number, option: boolean | number | undefined): number | null => {
  if (option === undefined || option === false) return null;
  if (option === true) return Math.max(1, Math.ceil(Math.sqrt(length)));
  if (!Number.isInteger(option) || option < 1)
    throw expected("scan", "checkpoint to be true or a positive number of steps", String(option));
  return Math.min(option, Math.max(1, length));
};

interface Loop {
  readonly carry: FlatExprs;
  readonly rows: FlatExprs;
  readonly length: number;
  readonly reverse: boolean;
}

/** Runs groups of steps one after the other. */
type ScanGroups = <C, X, Y>(
  group: Step<C, X, Y>,
  carry: FlatExprs,
  rows: FlatExprs,
  groups: number,
  steps: number,
  reverse: boolean,
) => [C, FlatExprs];

export const mapped = (x: FlatExprs, f: (e: Expr) => Expr): FlatExprs => ({ ...x, exprs: x.exprs.map(f) });

/** A scan over whole segments, each a checkpointed scan, then over the rows that are left. */
export const inSegments = <C, X, Y>(
  plain: (carry: C, rows: X, length: number) => [C, Y],
  scanGroups: ScanGroups,
  { carry, rows, length, reverse }: Loop,
  steps: number,
): [C, Y] => {
  const groups = Math.floor(length / steps);
  const [whole, rest] = [groups * steps, length - groups * steps];
  const segment = (n: number): ((c: C, x: X) => [C, Y]) => checkpoint((c: C, x: X) => plain(c, x, n));
  const part = (from: number, n: number): FlatExprs => mapped(rows, (e) => sliceAxis(e, 0, from, n));

  const middleRows = part(reverse ? rest : 0, whole);
  const [middle, first] = scanGroups(segment(steps), carry, middleRows, groups, steps, reverse);
  if (rest === 0) return [middle, treeOf(first) as Y];

  const left = part(reverse ? 0 : whole, rest);
  const [last, ys] = segment(rest)(middle, treeOf(left) as X);
  const second = exprsOf("scan", ys).exprs;
  const joined = first.exprs.map((e, i) => concat(reverse ? [second[i]!, e] : [e, second[i]!], 0));
  return [last, treeOf(first, joined) as Y];
};
