/**
 * Index checks as part of the program: for every gather, scatter and dynamic slice, one more result that says whether
 * an index was out of bounds. Without them such indices clamp or drop, as in JAX.
 */
import { range } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { max, sub } from "../ir/primitives/arithmetic.js";
import { gatherPrimitive, scatterPrimitive } from "../ir/primitives/indexed.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { full } from "../ir/primitives/layout.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { isProgram } from "../ir/print.js";
import { type Program, topological } from "../ir/program.js";
import { simplify } from "./simplify/index.js";

interface Check {
  readonly operation: string;
  /** Number of valid indices. */
  readonly size: number;
  readonly axis: number;
  /** Largest distance outside [0, size) — positive when an index is out of bounds. int32 scalar. */
  readonly excess: Expr;
}

/** max(-i, i - (size - 1)) over all indices; positive when one is outside. */
const excessOf = (index: Expr, size: number): Expr => {
  const flat = reshape(index, [index.size]);
  const zero = full(flat.shape, "int32", 0);
  const below = sub(zero, flat);
  const above = sub(flat, full(flat.shape, "int32", size - 1));
  return reduceMax(max(below, above), [0]);
};

const checksOf = (e: Expr): Check[] => {
  const lower = e.primitive?.lower;
  const operation = e.primitive?.name ?? "";
  const component = (indices: Expr, axis: number, k: number): Expr => sliceAxis(indices, axis, k, 1);
  const x = e.args[0]!;
  if (lower?._tag === "Gather" || lower?._tag === "Scatter") {
    const indices = e.args[1]!;
    if (indices.size === 0) return [];
    const { axes } = lower._tag === "Gather" ? attrsOf(gatherPrimitive, e) : attrsOf(scatterPrimitive, e);
    return axes.map((axis, k) => ({
      operation,
      axis,
      size: x.shape[axis]!,
      excess: excessOf(component(indices, indices.ndim - 1, k), x.shape[axis]!),
    }));
  }
  const window =
    lower?._tag === "DynamicSlice" ? e.shape : lower?._tag === "DynamicUpdateSlice" ? e.args[1]!.shape : null;
  if (window === null || x.ndim === 0) return [];
  const starts = e.args[e.args.length - 1]!;
  return range(x.ndim).map((axis) => {
    const size = x.shape[axis]! - window[axis]! + 1;
    return { operation, axis, size, excess: excessOf(component(starts, 0, axis), size) };
  });
};

export interface CheckedProgram {
  /** The program with the checks as further results. */
  readonly program: Program;
  /** Throws when a check failed; takes the values of the further results. */
  readonly verify: (excesses: readonly number[]) => void;
}

/** The sub-programs of a loop or branch. */
const bodiesOf = (e: Expr): Program[] =>
  Object.values(e.attrs).flatMap((v) => (Array.isArray(v) ? (v as unknown[]) : [v]).filter(isProgram));

/** Whether a program, or a loop in it, reads or writes at computed places. */
const hasIndices = (program: Program): boolean =>
  topological(program.results).some((e) => {
    if (e.tag !== "Apply") return false;
    return e.primitive!.lower._tag === "Loop" ? bodiesOf(e).some(hasIndices) : checksOf(e).length > 0;
  });

const refuseLoops = (program: Program): void => {
  for (const e of topological(program.results))
    if (e.primitive?.lower._tag === "Loop" && bodiesOf(e).some(hasIndices))
      throw new FluxionError(
        "jit",
        `expected indices outside of loops (checked is set), got some inside ${e.primitive.name}, where they are not checked yet: leave checked out`,
      );
};

export const withChecks = (whole: Program): CheckedProgram => {
  const program = simplify(whole, [], null); // sub-programs are spliced in: their indices are checked too
  refuseLoops(program);
  const checks = topological(program.results).flatMap((e) => (e.tag === "Apply" ? checksOf(e) : []));
  return {
    program: { params: program.params, results: [...program.results, ...checks.map((c) => c.excess)] },
    verify: (excesses) => {
      checks.forEach((c, i) => {
        if (excesses[i]! <= 0) return;
        throw new FluxionError(
          c.operation,
          `expected indices from 0 to ${c.size - 1} along axis ${c.axis}, got one that is out of bounds by ${excesses[i]}`,
        );
      });
    },
  };
};
