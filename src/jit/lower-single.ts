/** Nodes that are alone in their kernel: concatenation, running reductions, scatters, routines, loops. */
import { FluxionError } from "../ir/errors.js";
import { stridesOf } from "../ir/aval.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { ndarray } from "../ir/ndarray.js";
import { scatterPrimitive } from "../ir/primitives/indexed.js";
import { indexOf, type KernelBuilder } from "./builder.js";
import { clear, copy } from "./copy.js";
import { clampedIndex, gatheredIndex } from "./element-index.js";
import type { Fusion } from "./fuse.js";
import { addIndex, type Axis, axisIndex, constantIndex, flatIndex, symbols } from "./index-expression.js";
import { type EmitCluster, lowerLoop } from "./lower-loop.js";
import { interleave } from "./operand.js";

export const lowerSingle = (b: KernelBuilder, e: Expr, fusion: Fusion, emit: EmitCluster): void => {
  const lower = e.primitive!.lower;
  switch (lower._tag) {
    case "Concat":
      return lowerConcat(b, e, lower.axis(e.attrs));
    case "Cumulative":
      return lowerCumulative(b, e, lower.axis(e.attrs), lower.reverse(e.attrs), lower.op);
    case "Accumulate":
      return lowerAccumulate(b, e);
    case "Scatter":
      return lowerScatter(b, e);
    case "DynamicUpdateSlice":
      return lowerDynamicUpdateSlice(b, e);
    case "Routine":
      return lowerRoutine(b, e);
    case "Loop":
      return lowerLoop(b, e, fusion, emit);
    case "Unsupported":
      throw new FluxionError(e.primitive!.name, lower.reason);
    default:
      throw new FluxionError("jit", `expected a kernel for ${e.primitive!.name}`);
  }
};

const lowerRoutine = (b: KernelBuilder, e: Expr): void => {
  const lower = e.primitive!.lower;
  if (lower._tag !== "Routine") return;
  const avals = e.args.map((a) => a.aval);
  const { attrs } = e;
  const outs = e.avals;
  b.add({
    _tag: "Call",
    name: e.primitive!.name,
    run: (...arrays) => {
      const args = avals.map((a, i) => ndarray(a.shape, a.dtype, arrays[i]!));
      lower.run(args, arrays.slice(avals.length), attrs, outs);
    },
    args: [...e.args.map((a) => b.part(b.storageOf(a), false)), b.part(e, true)],
    sort: lower.sort?.(e.args[0]!.shape, attrs) ?? null,
  });
};

const lowerConcat = (b: KernelBuilder, e: Expr, axis: number): void => {
  let start = 0;
  for (const x of e.args) {
    const offset = constantIndex(start);
    if (x.size > 0) copy(b, x, e, (index) => index.map((i, a) => (a === axis ? addIndex(i, offset) : i)));
    start += x.shape[axis]!;
  }
};

const lowerCumulative = (
  b: KernelBuilder,
  e: Expr,
  axis: number,
  reverse: boolean,
  op: Parameters<KernelBuilder["accumulate"]>[0],
): void => {
  const x = e.args[0]!;
  const n = x.shape[axis]!;
  const outer = b.axes(x.shape.filter((_, a) => a !== axis));
  b.nest(outer, () => {
    const accumulator = b.accumulate(op, x.dtype);
    const [inner] = b.axes([n]);
    b.nest([inner!], () => {
      const i = axisIndex(inner!);
      const along = reverse ? addIndex(constantIndex(n - 1), symbols.scale(i, -1)) : i;
      const index = interleave(x.ndim, [axis], indexOf(outer), [along]);
      b.update(accumulator, b.emit(x, index));
      b.store(e, flatIndex(index, stridesOf(e.shape)), b.values.accumulated(accumulator, e.dtype));
    });
  });
};

/** A row is worth a loop of its own from so many elements on. */
const shortRow = 4;

/**
 * Loops over what is added up: for each place in the window a row of the result, which lies in memory one after the
 * other, in place of a window for each position.
 */
const inRows = (axes: readonly Axis[], ndim: number): readonly Axis[] => {
  const row = axes[ndim - 1];
  if (row === undefined || row.size < shortRow) return axes;
  return [...axes.slice(0, ndim - 1), ...axes.slice(ndim), row];
};

const lowerAccumulate = (b: KernelBuilder, e: Expr): void => {
  const x = e.args[0]!;
  const lower = e.primitive!.lower;
  if (lower._tag !== "Accumulate") return;
  clear(b, e);
  const axes = b.axes(x.shape);
  b.nest(inRows(axes, e.ndim), () => {
    const index = indexOf(axes);
    const at = lower.index(symbols, index, e.attrs);
    b.store(e, flatIndex(at, stridesOf(e.shape)), b.emit(x, index), "add");
  });
};

const lowerScatter = (b: KernelBuilder, e: Expr): void => {
  const [x, indices, updates] = e.args as [Expr, Expr, Expr];
  const attrs = attrsOf(scatterPrimitive, e);
  copy(b, x, e, (index) => index);
  if (updates.size === 0) return;
  const axes = b.axes(updates.shape);
  b.nest(axes, () => {
    const at = indexOf(axes);
    const [index, conditions] = gatheredIndex(b, x.shape, indices, at, attrs);
    b.store(e, flatIndex(index, stridesOf(e.shape)), b.emit(updates, at), attrs.mode, conditions);
  });
};

const lowerDynamicUpdateSlice = (b: KernelBuilder, e: Expr): void => {
  const [x, update, starts] = e.args as [Expr, Expr, Expr];
  copy(b, x, e, (index) => index);
  if (update.size === 0) return;
  const axes = b.axes(update.shape);
  b.nest(axes, () => {
    const at = indexOf(axes);
    const index = at.map((i, k) =>
      addIndex(i, clampedIndex(b, starts, [constantIndex(k)], x.shape[k]! - update.shape[k]! + 1)),
    );
    b.store(e, flatIndex(index, stridesOf(e.shape)), b.emit(update, at));
  });
};
