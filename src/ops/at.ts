/**
 * Indexing: ranges and points are views; places are one `gather` from what those leave.
 */
import { range, type Shape } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { gather, scatter } from "../ir/primitives/indexed.js";
import { inverse, permute } from "../ir/primitives/layout.js";
import { concat, flip, reshape, slice } from "../ir/primitives/views.js";
import { type Index, type Part, resolveIndex } from "./index-spec.js";
import { op, type Op } from "./op.js";
import { broadcastShapes, stretch } from "./promotion.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import type { ScatterMode } from "../ir/lowering.js";

/** The part of x that ranges and points leave; each of its axes is a range or an axis of places. */
export interface Region {
  readonly start: readonly number[];
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly flipped: readonly number[];
  /** The axes of x that stay: those that are no point. */
  readonly kept: readonly number[];
}

/** How the axes of the result come about. */
export interface Layout {
  /** Axes of the region that are picked from, and the places, int32, with their common shape. */
  readonly picked: readonly number[];
  readonly places: readonly Expr[];
  readonly placesShape: Shape;
  /** Order of [places…, rest…] in the result, before new axes. */
  readonly order: readonly number[];
  readonly shape: Shape;
}

export interface Plan {
  readonly region: Region;
  readonly layout: Layout;
}

const regionOf = (parts: readonly Part[], shape: Shape): Region => {
  const axes = parts.filter((p) => p._tag !== "New");
  const of = (f: (p: Part, n: number) => number): number[] => axes.map((p, i) => f(p, shape[i]!));
  return {
    start: of((p) =>
      p._tag === "Point"
        ? p.at
        : p._tag === "Range"
          ? p.step > 0
            ? p.start
            : Math.max(0, p.start + (p.size - 1) * p.step)
          : 0,
    ),
    size: of((p, n) => (p._tag === "Point" ? 1 : p._tag === "Range" ? p.size : n)),
    stride: of((p) => (p._tag === "Range" ? Math.abs(p.step) : 1)),
    flipped: range(axes.length).filter((i) => {
      const p = axes[i]!;
      return p._tag === "Range" && p.step < 0 && p.size > 1;
    }),
    kept: range(axes.length).filter((i) => axes[i]!._tag !== "Point"),
  };
};

/** Whether something that keeps an axis stands between the first and the last joint index. */
const isSplit = (parts: readonly Part[]): boolean => {
  const joint = range(parts.length).filter((i) => parts[i]!._tag === "Places" || parts[i]!._tag === "Point");
  return joint.length > 0 && joint[joint.length - 1]! - joint[0]! >= joint.length;
};

const layoutOf = (operation: string, parts: readonly Part[]): Layout => {
  const onRegion = parts.filter((p) => p._tag === "Range" || p._tag === "Places");
  const picked = range(onRegion.length).filter((i) => onRegion[i]!._tag === "Places");
  const indices = parts.flatMap((p) => (p._tag === "Places" ? [p.indices] : []));
  const placesShape = broadcastShapes(
    operation,
    indices.map((e) => e.shape),
  );
  const sizes = parts.flatMap((p) => (p._tag === "Range" ? [p.size] : p._tag === "New" ? [1] : []));
  // Result axes (rest and new ones) that come before the places.
  const first = parts.findIndex((p) => p._tag === "Places" || p._tag === "Point");
  const before = picked.length === 0 || isSplit(parts) ? [] : parts.slice(0, first);
  const lead = before.length;
  const restBefore = before.filter((p) => p._tag === "Range").length;
  const k = placesShape.length;
  const rest = onRegion.length - picked.length;
  const order = [
    ...range(restBefore).map((i) => k + i),
    ...range(k),
    ...range(rest - restBefore).map((i) => k + restBefore + i),
  ];
  return {
    picked,
    places: indices.map((e) => stretch(e, placesShape)),
    placesShape,
    order,
    shape: [...sizes.slice(0, lead), ...placesShape, ...sizes.slice(lead)],
  };
};

export const planIndex = (operation: string, index: Index, shape: Shape): Plan => {
  const parts = resolveIndex(operation, index, shape);
  return { region: regionOf(parts, shape), layout: layoutOf(operation, parts) };
};

/** The region of x, points dropped. */
export const readRegion = (x: Expr, { start, size, stride, flipped, kept }: Region): Expr => {
  const part = flip(slice(x, start, size, stride), flipped);
  return reshape(
    part,
    kept.map((a) => size[a]!),
  );
};

/** `[places…, K]`: the coordinates that a gather or scatter takes. */
const coordinates = ({ places, placesShape }: Layout): Expr =>
  concat(
    places.map((p) => reshape(p, [...placesShape, 1])),
    placesShape.length,
  );

const pick = (operation: string, y: Expr, layout: Layout): Expr => {
  if (layout.picked.length === 0) return y;
  const empty = layout.picked.find((a) => y.shape[a] === 0);
  if (empty !== undefined && layout.places[0]!.size > 0)
    throw expected(operation, "at least one element to pick from", `[${y.shape}]`);
  return permute(
    gather(y, coordinates(layout), { axes: layout.picked, batch: 0, outOfBounds: "clip" }),
    layout.order,
  );
};

/** `x[index]`. */
export const readIndex = (operation: string, x: Expr, index: Index): Expr => {
  const { region, layout } = planIndex(operation, index, x.shape);
  return reshape(pick(operation, readRegion(x, region), layout), layout.shape);
};

/** Values of the result's shape, written into a region by `mode`. */
export const writePlaces = (y: Expr, values: Expr, layout: Layout, mode: ScatterMode): Expr => {
  const rest = range(y.ndim).filter((a) => !layout.picked.includes(a));
  const gathered = [...layout.placesShape, ...rest.map((a) => y.shape[a]!)];
  const ordered = reshape(
    values,
    layout.order.map((o) => gathered[o]!),
  );
  return scatter(y, coordinates(layout), permute(ordered, inverse(layout.order)), {
    axes: layout.picked,
    batch: 0,
    outOfBounds: "drop",
    mode,
  });
};

export interface AtMethods {
  /** The elements at an index: `x.at(0, ":", [1, 2])` is NumPy's `x[0, :, [1, 2]]`. */
  at(...index: Index): Tensor;
}

const atBody = (input: TensorLike, index: Index): Tensor => {
  if (!Array.isArray(index))
    throw expected("at", "an index as an array with an entry for each axis", describe(index));
  return asTensor(readIndex("at", toExpr("at", input), index));
};

export const atFunctions: { readonly at: (x: TensorLike, ...index: Index) => Tensor } = {
  at: (x, ...index) => atBody(x, index),
};

/**
 * The elements at an index: `at(x, [0, ":", [1, 2]])`, or `x.at(0, ":", [1, 2])`, is NumPy's `x[0, :, [1, 2]]`.
 *
 * Integers drop their axis, `"start:stop:step"` keeps a range, `null` makes an axis, `"..."` fills up, lists and
 * integer tensors pick places by NumPy's rules. Integers and lists out of range throw; tensors of indices are only
 * known later: negative ones count from the end, and what is then still out of range is clamped. Masks throw: their
 * result has no static shape. Any dtype.
 *
 * @example
 * ```ts
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * x.at(0).toArray() // [1, 2, 3]
 * x.at(-1, "::-1").toArray() // [6, 5, 4]
 * x.at("...", [0, 2]).toArray() // [[1, 3], [4, 6]]
 * x.at([0, 1], [2, 0]).toArray() // [3, 4]
 * x.at(null, 1, "1:").toArray() // [[5, 6]]
 * x.at(tensor([1, 9], { dtype: "int32" }), 0).toArray() // [4, 4]
 * at(x, [1, 1]).item() // 5
 * ```
 */
export const at: Op<[index: Index]> = op(1, atBody);
