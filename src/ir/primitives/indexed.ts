/**
 * Reading and writing at computed places.
 *
 * `gather(x, indices)` and `scatter(x, indices, updates)` share a layout: leading `batch` axes that x and indices
 * have in common; indices `[batch…, I…, K]` whose last axis holds one coordinate for each of the K indexed `axes`
 * of x; values `[batch…, I…, rest…]`, rest being the axes of x that are neither.
 * Out of bounds, `clip` moves to the nearest element and `drop` reads zero or writes nothing.
 */
import { type Aval, aval, range, sameShape, type Shape, showAvals, sizeOf } from "../aval.js";
import { isFloat } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import type { OutOfBounds, ScatterMode } from "../lowering.js";
import { build, type NdArray, ndarray, offsetOf } from "../ndarray.js";
import type { Linear, Primitive } from "../primitive.js";
import { add, cast, div, eq, mul, select } from "./arithmetic.js";
import { shifted } from "./cumulative.js";
import { front, full, fullLike, moveAxis, shiftAxes, zerosOf } from "./layout.js";
import { argsort } from "./sort.js";
import { iota, reshape } from "./views.js";

export interface Gather {
  readonly axes: readonly number[];
  readonly batch: number;
  readonly outOfBounds: OutOfBounds;
}

export interface Scatter extends Gather {
  readonly mode: ScatterMode;
}

/** The axes of x that a single index leaves whole. */
export const restAxes = (ndim: number, { axes, batch }: Gather): number[] =>
  range(ndim).filter((i) => i >= batch && !axes.includes(i));

const valueShape = (name: string, x: Aval, indices: Aval, attrs: Gather): Shape => {
  const { axes, batch } = attrs;
  const fits =
    indices.dtype === "int32" &&
    indices.shape.length > batch &&
    indices.shape[indices.shape.length - 1] === axes.length &&
    axes.every((a) => a >= batch && a < x.shape.length) &&
    sameShape(indices.shape.slice(0, batch), x.shape.slice(0, batch));
  if (!fits)
    throw expected(
      name,
      `int32 indices [${batch} batch axes, …, ${axes.length}] for axes [${axes}]`,
      showAvals([x, indices]),
    );
  return [...indices.shape.slice(0, -1), ...restAxes(x.shape.length, attrs).map((a) => x.shape[a]!)];
};

/** The place in x that an index into the values refers to; null when it is out of bounds and dropped. */
const place = (x: Shape, indices: NdArray, at: readonly number[], attrs: Gather): number | null => {
  const { axes, batch, outOfBounds } = attrs;
  const nI = indices.shape.length - 1;
  const index = new Array<number>(x.length).fill(0);
  for (let b = 0; b < batch; b++) index[b] = at[b]!;
  restAxes(x.length, attrs).forEach((a, k) => (index[a] = at[nI + k]!));
  for (let k = 0; k < axes.length; k++) {
    const i = indices.data[offsetOf(indices.shape, [...at.slice(0, nI), k])]!;
    const n = x[axes[k]!]!;
    if ((i < 0 || i >= n) && outOfBounds === "drop") return null;
    index[axes[k]!] = Math.min(Math.max(i, 0), n - 1);
  }
  return offsetOf(x, index);
};

// ---- gather

export const gatherPrimitive: Primitive<Gather> = {
  name: "gather",
  shape: ([x, indices], attrs) => {
    const shape = valueShape("gather", x!, indices!, attrs);
    if (sizeOf(shape) > 0 && attrs.axes.some((a) => x!.shape[a] === 0) && attrs.outOfBounds === "clip")
      throw expected("gather", "at least one element to take", showAvals([x!, indices!]));
    return [aval(shape, x!.dtype)];
  },
  evaluate: ([x, indices], attrs) => [
    build(valueShape("gather", x!, indices!, attrs), x!.dtype, (at) => {
      const p = place(x!.shape, indices!, at, attrs);
      return p === null ? 0 : x!.data[p]!;
    }),
  ],
  jvp: ([, indices], [t], attrs) => [null, [t == null ? null : gather(t, indices!, attrs)]],
  transpose: ([ct], [x, indices], _linear, attrs) => [
    scatter(zerosOf(x!.aval), indices!, ct!, { ...attrs, mode: "add" }),
    null,
  ],
  batch: ([x, indices], [ax, ai], attrs, n) => {
    const { axes, batch } = attrs;
    if (ax != null && ai != null)
      return [
        [
          gather(front(x!, ax, n), front(indices!, ai, n), {
            ...attrs,
            axes: shiftAxes(axes),
            batch: batch + 1,
          }),
          0,
        ],
      ];
    if (ax == null) return [[gather(x!, moveAxis(indices!, ai!, batch), attrs), batch]];
    // The mapped axis of x is one more axis that an index leaves whole.
    const y = gather(moveAxis(x!, ax, batch), indices!, { ...attrs, axes: shiftAxes(axes) });
    return [[y, indices!.ndim - 1]];
  },
  lower: { _tag: "Gather" },
};

export const gather = (x: Expr, indices: Expr, attrs: Gather): Expr =>
  apply(gatherPrimitive, [x, indices], attrs);

// ---- scatter

const combine: Record<ScatterMode, (a: number, b: number) => number> = {
  set: (_a, b) => b,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
};

/** Sums of float32 are kept in float64 until the end; integer products wrap at every step. */
const evaluateScatter = (x: NdArray, indices: NdArray, updates: NdArray, attrs: Scatter): NdArray => {
  const exact: Float64Array | Int32Array = isFloat(x.dtype)
    ? Float64Array.from(x.data)
    : Int32Array.from(x.data);
  const f = attrs.mode === "mul" && !isFloat(x.dtype) ? Math.imul : combine[attrs.mode];
  const unsigned = x.dtype === "uint32";
  build(updates.shape, "float64", (at, flat) => {
    const p = place(x.shape, indices, at, attrs);
    if (p !== null) exact[p] = f(unsigned ? exact[p]! >>> 0 : exact[p]!, updates.data[flat]!);
    return 0;
  });
  const data = x.data.slice();
  data.set(exact);
  return ndarray(x.shape, x.dtype, data);
};

/** Which updates survive a `set`: the last one written to a place. */
const survives = (x: Expr, indices: Expr, updates: Expr, attrs: Scatter): Expr => {
  const order = reshape(iota([updates.size], "int32", 0), updates.shape);
  const last = scatter(full(x.shape, "int32", -1), indices, order, { ...attrs, mode: "set" });
  return eq(gather(last, indices, attrs), order);
};

type ScatterRule = (
  tx: Linear,
  tu: Linear,
  x: Expr,
  indices: Expr,
  u: Expr,
  out: () => Expr,
  attrs: Scatter,
) => Linear;

const linearRule: ScatterRule = (tx, tu, x, indices, u, _out, attrs) =>
  scatter(tx ?? zerosOf(x.aval), indices, tu ?? zerosOf(u.aval), attrs);

/** Adds `tu` (or nothing) into zeros of x's shape. */
const spread = (tu: Linear, x: Expr, indices: Expr, attrs: Scatter): Linear =>
  tu === null ? null : scatter(zerosOf(x.aval), indices, tu, { ...attrs, mode: "add" });

/** `x[order]` along the only axis of x. */
const reorder = (x: Expr, order: Expr): Expr =>
  gather(x, reshape(order, [...order.shape, 1]), { axes: [0], batch: 0, outOfBounds: "clip" });

/** For each of `x`, the product of those before it (or after it) with the same id; equal ids are neighbours. */
const productsBefore = (x: Expr, ids: Expr, reverse: boolean): Expr => {
  const scan = { axis: 0, reverse };
  const step = (y: Expr, by: number): Expr =>
    select(eq(shifted(ids, scan, by, -1), ids), shifted(y, scan, by, 1), fullLike(y, 1));
  let y = x.size === 0 ? x : step(x, 1);
  for (let by = 1; by < x.size; by *= 2) y = mul(y, step(y, by));
  return y;
};

/**
 * Product of everything else that met an update's place. Updates of one place are brought together and multiplied
 * from both ends: no division, so it is exact, and differentiable again, with any number of zeros.
 */
const productOfOthers = (x: Expr, indices: Expr, u: Expr, attrs: Scatter): Expr => {
  const places = add(reshape(iota([x.size], "int32", 0), x.shape), full(x.shape, "int32", 1));
  const id = reshape(gather(places, indices, attrs), [u.size]); // 0 for those that are dropped
  const order = argsort(id, 0);
  const [ids, v] = [reorder(id, order), reorder(reshape(u, [u.size]), order)];
  const others = mul(productsBefore(v, ids, false), productsBefore(v, ids, true));
  return mul(gather(x, indices, attrs), reshape(reorder(others, argsort(order, 0)), u.shape));
};

const both = (a: Linear, b: Linear): Linear => (a === null ? b : b === null ? a : add(a, b));

const extremeRule: ScatterRule = (tx, tu, x, indices, u, out, attrs) => {
  const keeps = cast(eq(x, out()), x.dtype);
  const hits = cast(eq(u, gather(out(), indices, attrs)), u.dtype);
  const count = add(keeps, spread(hits, x, indices, attrs)!);
  const t = both(
    tx === null ? null : mul(tx, keeps),
    spread(tu === null ? null : mul(tu, hits), x, indices, attrs),
  );
  return t === null ? null : div(t, count);
};

const scatterRules: Record<ScatterMode, ScatterRule> = {
  set: linearRule,
  add: linearRule,
  mul: (tx, tu, x, indices, u, _out, attrs) =>
    both(
      tx === null ? null : mul(tx, scatter(fullLike(x, 1), indices, u, attrs)),
      spread(tu === null ? null : mul(tu, productOfOthers(x, indices, u, attrs)), x, indices, attrs),
    ),
  min: extremeRule,
  max: extremeRule,
};

export const scatterPrimitive: Primitive<Scatter> = {
  name: "scatter",
  shape: ([x, indices, updates], attrs) => {
    const want = valueShape("scatter", x!, indices!, attrs);
    if (!sameShape(want, updates!.shape) || updates!.dtype !== x!.dtype)
      throw expected("scatter", `updates ${x!.dtype}[${want}]`, showAvals([updates!]));
    if (x!.dtype === "bool" && attrs.mode !== "set")
      throw expected("scatter", "a numeric operand", showAvals([x!]));
    return [x!];
  },
  evaluate: ([x, indices, updates], attrs) => [evaluateScatter(x!, indices!, updates!, attrs)],
  jvp: ([x, indices, u], [tx, , tu], attrs, outs) => [
    null,
    [
      tx == null && tu == null
        ? null
        : scatterRules[attrs.mode](tx ?? null, tu ?? null, x!, indices!, u!, () => outs()[0]!, attrs),
    ],
  ],
  transpose: ([ct], [x, indices, u], [lx, , lu], attrs) => {
    if (attrs.mode === "add") return [lx ? ct! : null, null, lu ? gather(ct!, indices!, attrs) : null];
    if (attrs.mode !== "set") throw expected("scatter", "a mode that is linear (add, set)", attrs.mode);
    const kept = lx ? scatter(ct!, indices!, zerosOf(u!.aval), attrs) : null;
    if (!lu) return [kept, null, null];
    const back = gather(ct!, indices!, attrs);
    return [kept, null, select(survives(x!, indices!, u!, attrs), back, zerosOf(back.aval))];
  },
  batch: ([x, indices, u], [ax, ai, au], attrs, n) => {
    const { axes, batch } = attrs;
    if (ai == null && ax != null && au != null) {
      const y = scatter(moveAxis(x!, ax, batch), indices!, moveAxis(u!, au, indices!.ndim - 1), {
        ...attrs,
        axes: shiftAxes(axes),
      });
      return [[y, batch]];
    }
    const y = scatter(front(x!, ax!, n), front(indices!, ai!, n), front(u!, au!, n), {
      ...attrs,
      axes: shiftAxes(axes),
      batch: batch + 1,
    });
    return [[y, 0]];
  },
  lower: { _tag: "Scatter" },
};

export const scatter = (x: Expr, indices: Expr, updates: Expr, attrs: Scatter): Expr =>
  apply(scatterPrimitive, [x, indices, updates], attrs);
