/**
 * Contractions as panels: each operand is a scalar expression whose loads have affine addresses that separate into a
 * part by row (or column) and a part by depth. Convolution's windows, transposes and slices need no copy for that.
 */
import { sizeOf, stridesOf } from "../ir/aval.js";
import { type DType, isFloat } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { dotPrimitive, freeAxes } from "../ir/primitives/dot.js";
import { indexOf, KernelBuilder } from "./builder.js";
import { clear } from "./copy.js";
import { type Axis, flatIndex, type Index, isAffine, symbols } from "./index-expression.js";
import { type Contraction, forEachIndex, type Panel, type Statement, type Value } from "./kernel.js";
import { operandIndex, viewedIndex } from "./operand.js";

export interface Extents {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export const extentsOf = (dot: Expr): Extents => {
  const [x, y] = dot.args as [Expr, Expr];
  const d = attrsOf(dotPrimitive, dot);
  const size = (e: Expr, axes: readonly number[]): number => sizeOf(axes.map((a) => e.shape[a]!));
  return {
    batch: size(x, d.lhsBatch),
    rows: size(x, freeAxes(x.ndim, d.lhsBatch, d.lhsContract)),
    columns: size(y, freeAxes(y.ndim, d.rhsBatch, d.rhsContract)),
    depth: size(x, d.lhsContract),
  };
};

/** Columns packed at a time. The rows are packed again for each such block. */
export const columnBlock = 256;

/** Below this many multiplications a batch item is not worth packing. */
const tiledLimit = 4096;

export type ContractForm = "Tiled" | "Loop";

/** Packed register tiles, or (small, thin or integer products) a plain reduction of products. */
export const formOf = (dtype: DType, { rows, columns, depth }: Extents): ContractForm => {
  const worth = rows >= 3 && columns >= 3 && depth >= 4 && rows * columns * depth >= tiledLimit;
  return isFloat(dtype) && worth ? "Tiled" : "Loop";
};

export const contractForm = (dot: Expr): ContractForm => formOf(dot.dtype, extentsOf(dot));

/** Reductions of so few elements are written out instead of looped. */
export const unrollLimit = 32;

/** From so many multiplications on a product of matrices is large. */
const largeProduct = 65536;

/** Large products add in float32 wherever they are computed (docs/numerics.md), so these may, too. */
export const isBrief = ({ batch, rows, columns, depth }: Extents): boolean =>
  depth <= unrollLimit && batch * rows * columns * depth >= largeProduct;

interface Axes {
  readonly batch: readonly Axis[];
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
  readonly depth: readonly Axis[];
}

const axesOf = (b: KernelBuilder, dot: Expr): Axes => {
  const [x, y] = dot.args as [Expr, Expr];
  const d = attrsOf(dotPrimitive, dot);
  const of = (e: Expr, axes: readonly number[]): Axis[] => b.axes(axes.map((a) => e.shape[a]!));
  return {
    batch: of(x, d.lhsBatch),
    rows: of(x, freeAxes(x.ndim, d.lhsBatch, d.lhsContract)),
    columns: of(y, freeAxes(y.ndim, d.rhsBatch, d.rhsContract)),
    depth: of(x, d.lhsContract),
  };
};

/** An operand's panel, or null where an address is not affine or a value is not always defined. */
const panelOf = (b: KernelBuilder, e: Expr, index: readonly Index[]): Panel | null => {
  let value: Value | null = null;
  const body = b.scoped(() => (value = b.emit(e, index)));
  return isSeparable(body) ? { body, value: value! } : null;
};

const isSeparable = (body: readonly Statement[]): boolean => {
  let ok = body.every((s) => s._tag === "Let" || s._tag === "Store");
  forEachIndex(body, (x) => (ok &&= isAffine(x)));
  return ok;
};

const sides = (dot: Expr, axes: Axes): { x: Index[]; y: Index[]; out: Index[] } => {
  const [x, y] = dot.args as [Expr, Expr];
  const d = attrsOf(dotPrimitive, dot);
  const out = [...indexOf(axes.batch), ...indexOf(axes.rows), ...indexOf(axes.columns)];
  const left = freeAxes(x.ndim, d.lhsBatch, d.lhsContract);
  const right = freeAxes(y.ndim, d.rhsBatch, d.rhsContract);
  const nb = d.lhsBatch.length;
  const depth = indexOf(axes.depth);
  return {
    out,
    x: operandIndex(x.ndim, d.lhsBatch, left, d.lhsContract, out, nb, depth),
    y: operandIndex(y.ndim, d.rhsBatch, right, d.rhsContract, out, nb + left.length, depth),
  };
};

/** Whether operand `i` can be packed as it is, given what is stored. */
export const panelFits = (dot: Expr, i: 0 | 1, isBuffer: (e: Expr) => boolean): boolean => {
  if (contractForm(dot) === "Loop") return true;
  const b = new KernelBuilder({ isBuffer });
  const s = sides(dot, axesOf(b, dot));
  return panelOf(b, dot.args[i]!, i === 0 ? s.x : s.y) !== null;
};

/** The contraction whose result, seen as `view`, feeds the elementwise `epilogue`. */
const contractionOf = (
  b: KernelBuilder,
  dot: Expr,
  view: Expr,
  epilogue: readonly Expr[],
  escape: ReadonlySet<Expr>,
): Contraction | null => {
  const axes = axesOf(b, dot);
  const s = sides(dot, axes);
  const left = panelOf(b, dot.args[0]!, s.x);
  const right = panelOf(b, dot.args[1]!, s.y);
  if (left === null || right === null) return null;

  const sum = b.values.opaque(dot.dtype);
  const lower = view.primitive!.lower;
  const overlap = lower._tag === "Accumulate" ? lower : null;
  const index = viewedIndex(dot, overlap === null ? view : view.args[0]!, s.out);
  const after = b.scoped(() => {
    if (overlap !== null) {
      const at = overlap.index(symbols, index, view.attrs);
      b.store(view, flatIndex(at, stridesOf(view.shape)), sum, "add");
      return;
    }
    b.alias(view, index, sum);
    if (escape.has(view)) b.store(view, flatIndex(index, stridesOf(view.shape)), sum);
    for (const e of epilogue) {
      const v = b.compute(e, index);
      b.alias(e, index, v);
      if (escape.has(e)) b.store(e, flatIndex(index, stridesOf(e.shape)), v);
    }
  });
  return isSeparable(after) ? { dtype: dot.dtype, ...axes, a: left, b: right, sum, epilogue: after } : null;
};

/** Whether the epilogue's addresses, too, are affine in rows and columns. */
export const epilogueFits = (
  dot: Expr,
  view: Expr,
  epilogue: readonly Expr[],
  isBuffer: (e: Expr) => boolean,
): boolean =>
  contractionOf(new KernelBuilder({ isBuffer }), dot, view, epilogue, new Set([view, ...epilogue])) !== null;

/** Adds a tiled contraction to a kernel. */
export const lowerTiled = (
  b: KernelBuilder,
  dot: Expr,
  view: Expr,
  epilogue: readonly Expr[],
  escape: ReadonlySet<Expr>,
): void => {
  const contraction = contractionOf(b, dot, view, epilogue, escape);
  if (contraction === null) throw new FluxionError("jit", "expected a contraction with affine operands");
  if (view.primitive!.lower._tag === "Accumulate") clear(b, view);
  b.add({ _tag: "Contract", contraction });
};
