/**
 * Sums that are too few to be divided, over so much that they should be: parts of what is summed give partial sums, which
 * are added up afterwards. The parts depend on the program alone, so that the bits do not depend on the threads.
 */
import { range, sizeOf, stridesOf } from "../../../ir/aval.js";
import { bytesPerElement, isFloat } from "../../../ir/dtype.js";
import {
  addIndex,
  type Axis,
  axisIndex,
  constantIndex,
  flatIndex,
  type Index,
  scaleIndex,
} from "../../index-expression.js";
import type { Accumulator, BufferUse, Contraction, Kernel, Statement, Value } from "../../kernel.js";
import { mergeLoops, replaceAxes } from "../../merge.js";

/** A kernel as parts, each with its position of the axis, and what adds their sums up. */
export interface Partial {
  readonly axis: Axis;
  /** A nest over the axis, or a contraction whose batch it is. */
  readonly parts: Statement;
  readonly after: readonly Statement[];
  /** Where the partial sums are: it follows the kernel's own buffers. */
  readonly buffer: BufferUse;
}

type Nest = Extract<Statement, { _tag: "Nest" }>;
type Update = Extract<Statement, { _tag: "Update" }>;

/** Numbers of values and axes that no kernel has. */
const fresh = { part: -2, inner: -3, added: -4, rest: -5, value: -1000 } as const;

const nestOf = (axes: readonly Axis[], body: readonly Statement[]): Nest => ({
  _tag: "Nest",
  axes,
  body,
  sequential: false,
});

const bytesOf = (b: BufferUse): number => b.length * bytesPerElement(b.dtype);

/** Elements of a float64 scratch array that holds the partial sums. */
export const scratchFor = ({ buffer }: Partial): number => Math.ceil(bytesOf(buffer) / 8);

// ---- sums of one number

/** The positions of a part are a multiple of this, so that all of them run in vectors. */
const unit = 32;

interface Reduction {
  readonly accumulators: readonly Accumulator[];
  readonly nest: Nest;
  readonly before: readonly Statement[];
  readonly after: readonly Statement[];
}

/** The kernel as one nest that updates sums, and what is done with them. */
const reductionOf = ({ body }: Kernel): Reduction | null => {
  const nests = body.filter((s) => s._tag === "Nest");
  const [nest] = nests;
  if (nest === undefined || nests.length > 1 || nest.sequential) return null;
  const at = body.indexOf(nest);
  const accumulators = body.flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));
  const before = body.slice(0, at).filter((s) => s._tag !== "Accumulate");
  const after = body.slice(at + 1);
  if (accumulators.length === 0 || !accumulators.every(isFloatSum)) return null;
  if (!before.every((s) => s._tag === "Let") || !after.every(isPlain)) return null;
  return nest.body.every(isSummand) ? { accumulators, nest, before, after } : null;
};

const isFloatSum = (a: Accumulator): boolean => (a.op === "sum" || a.op === "prod") && isFloat(a.dtype);
const isPlain = (s: Statement): boolean => s._tag === "Let" || s._tag === "Store";
const isSummand = (s: Statement): boolean =>
  s._tag === "Let" || s._tag === "Update" || (s._tag === "Guard" && s.body.every((t) => t._tag === "Let"));

/** Partial sums of a kernel that makes single numbers of a long nest; null where it does something else. */
export const partialSums = (kernel: Kernel, most: number): Partial | null => {
  const reduction = reductionOf(kernel);
  if (reduction === null) return null;
  const { accumulators, nest, before, after } = reduction;
  const axis = nest.axes.reduce((a, b) => (b.size > a.size ? b : a));
  const parts = Math.min(most, Math.floor(axis.size / unit));
  if (parts < 2) return null;
  const step = Math.floor(axis.size / parts / unit) * unit;
  const [part, inner, added] = [
    { id: fresh.part, size: parts },
    { id: fresh.inner, size: step },
    { id: fresh.added, size: parts },
  ];
  const rest: Axis = { id: fresh.rest, size: axis.size - parts * step };
  const over = (replacement: Axis, from: Index): Nest =>
    nestOf(
      nest.axes.map((a) => (a === axis ? replacement : a)),
      replaceAxes(nest.body, (a) => (a.id === axis.id ? addIndex(from, axisIndex(replacement)) : null)),
    );
  const buffer = kernel.buffers.length;
  const place = (k: number, p: Axis): Index => addIndex(constantIndex(k * parts), axisIndex(p));
  const sums = accumulators.flatMap((a, k): Statement[] => {
    const value: Value = {
      id: fresh.value - k,
      dtype: "float64",
      definition: { _tag: "Accumulated", accumulator: a },
    };
    return [
      { _tag: "Let", value },
      { _tag: "Store", buffer, index: place(k, part), value, mode: "set", conditions: [] },
    ];
  });
  const adding = accumulators.flatMap((a, k): Statement[] => {
    const accumulator: Accumulator = { ...a, dtype: "float64" };
    return loadAndAdd(accumulator, buffer, place(k, added), fresh.value - k, "float64");
  });
  const declared = accumulators.map((a): Statement => ({ _tag: "Accumulate", accumulator: a }));
  const wide = accumulators.map((a): Statement => ({
    _tag: "Accumulate",
    accumulator: { ...a, dtype: "float64" },
  }));
  return {
    axis: part,
    parts: nestOf([part], [...before, ...declared, over(inner, scaleIndex(axisIndex(part), step)), ...sums]),
    after: [
      ...before,
      ...wide,
      nestOf([added], adding),
      ...(rest.size === 0 ? [] : [over(rest, constantIndex(parts * step))]),
      ...after,
    ],
    buffer: { dtype: "float64", length: accumulators.length * parts, written: true },
  };
};

const loadAndAdd = (
  accumulator: Accumulator,
  buffer: number,
  index: Index,
  id: number,
  dtype: Value["dtype"],
): [Statement, Update] => {
  const value: Value = { id, dtype, definition: { _tag: "Load", buffer, index } };
  return [
    { _tag: "Let", value },
    { _tag: "Update", accumulator, value, position: null },
  ];
};

// ---- contractions

/** The largest number of equal parts of the depth's outermost axis; 1 where there are none. */
export const depthParts = (c: Contraction, most: number): number => {
  const axis = c.depth.find((a) => a.size > 1);
  if (axis === undefined) return 1;
  return (
    range(most)
      .map((i) => most - i)
      .find((n) => axis.size % n === 0) ?? 1
  );
};

/** A contraction in parts of its depth; `parts` divides its outermost axis. */
export const partialProducts = (c: Contraction, buffer: number, parts: number): Partial => {
  const axis = c.depth.find((a) => a.size > 1)!;
  const [part, inner, added] = [
    { id: fresh.part, size: parts },
    { id: axis.id, size: axis.size / parts },
    { id: fresh.added, size: parts },
  ];
  const index = addIndex(scaleIndex(axisIndex(part), inner.size), axisIndex(inner));
  const statements = (body: readonly Statement[]): readonly Statement[] =>
    replaceAxes(body, (a) => (a.id === axis.id ? index : null));
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const shape = axes.map((a) => a.size);
  const elements = sizeOf(shape);
  const flat = flatIndex(axes.map(axisIndex), stridesOf(shape));
  const place = (p: Axis): Index => addIndex(scaleIndex(axisIndex(p), elements), flat);
  const store: Statement = {
    _tag: "Store",
    buffer,
    index: place(part),
    value: c.sum,
    mode: "set",
    conditions: [],
  };
  const accumulator: Accumulator = { id: fresh.value, op: "sum", brief: false, dtype: c.dtype };
  const sum: Value = { ...c.sum, definition: { _tag: "Accumulated", accumulator } };
  const real = axes.filter((a) => a.size > 1);
  const adding = nestOf([added], loadAndAdd(accumulator, buffer, place(added), fresh.value, c.dtype));
  return {
    axis: part,
    parts: {
      _tag: "Contract",
      contraction: {
        ...c,
        batch: [part, ...c.batch],
        depth: c.depth.map((a) => (a === axis ? inner : a)),
        a: { ...c.a, body: statements(c.a.body) },
        b: { ...c.b, body: statements(c.b.body) },
        epilogue: [store],
      },
    },
    after: mergeLoops([
      nestOf(real, [{ _tag: "Accumulate", accumulator }, adding, { _tag: "Let", value: sum }, ...c.epilogue]),
    ]),
    buffer: { dtype: c.dtype, length: parts * elements, written: true },
  };
};
