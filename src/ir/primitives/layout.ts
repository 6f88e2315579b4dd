/**
 * The view family, and the views that every batch rule needs (permute, reshape, broadcast) with broadcast's adjoint, sum.
 *
 * A view is declared by one function from result index to operand index. Evaluating it with numbers gives the
 * reference; with symbols, the JIT's index maps.
 */
import { type Aval, aval, range, sameShape, type Shape, showAval, sizeOf, stridesOf } from "../aval.js";
import { type DType, isFloat } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, attrsOf, type Expr, literal } from "../expr.js";
import type { IndexAlgebra, ViewIndex } from "../lowering.js";
import { build, type NdArray, offsetOf } from "../ndarray.js";
import type { BatchAxis, Linear, Primitive } from "../primitive.js";
import { foldAxes } from "./fold-axes.js";

export const numbers: IndexAlgebra<number> = {
  constant: (n) => n,
  add: (a, b) => a + b,
  scale: (a, by) => a * by,
  div: (a, by) => Math.floor(a / by),
  mod: (a, by) => a - by * Math.floor(a / by),
};

export const holds = (c: { value: number; lo: number; hi: number; multiple?: number }): boolean =>
  c.value >= c.lo && c.value < c.hi && (c.multiple === undefined || c.value % c.multiple === 0);

export interface ViewSpec<A> {
  readonly name: string;
  /** Shape of the result; throws where the attributes do not fit the operand. */
  readonly shape: (operand: Aval, attrs: A) => Shape;
  readonly index: <I>(algebra: IndexAlgebra<I>, out: readonly I[], operand: Shape, attrs: A) => ViewIndex<I>;
  /** The tangent's view, where it differs (a pad's fill value is not part of the tangent). */
  readonly linear?: (attrs: A) => A;
  readonly transpose: (ct: Expr, operand: Aval, attrs: A) => Expr;
  /** Where the operand's cotangent may differ from 0, where `transpose` does more than move elements. */
  readonly support?: (mask: Expr, attrs: A) => Linear;
  /** The attributes when a batch axis of size `n` comes first. */
  readonly batched: (attrs: A, n: number, operand: Aval) => A;
}

/** A primitive that moves elements and computes nothing. Linear in its operand. */
export const view = <A extends object>(spec: ViewSpec<A>): Primitive<A> => {
  const primitive: Primitive<A> = {
    name: spec.name,
    shape: ([x], attrs) => [aval(spec.shape(x!, attrs), x!.dtype)],
    evaluate: ([x], attrs) => [evaluateView(spec, x!, attrs)],
    jvp: (_args, [t], attrs) => [
      null,
      [t === null ? null : apply(primitive, [t!], spec.linear?.(attrs) ?? attrs)],
    ],
    transpose: ([ct], [x], _linear, attrs) => [spec.transpose(ct!, x!.aval, attrs)],
    support: (mask, [x], attrs) => [
      spec.support === undefined ? spec.transpose(mask, x!.aval, attrs) : spec.support(mask, attrs),
    ],
    batch: ([x], [axis], attrs, n) => {
      const inner = aval(withoutAxis(x!.shape, axis!), x!.dtype);
      return [[apply(primitive, [front(x!, axis!, n)], spec.batched(attrs, n, inner)), 0]];
    },
    lower: { _tag: "View", index: spec.index },
  };
  return primitive;
};

const evaluateView = <A>(spec: ViewSpec<A>, x: NdArray, attrs: A): NdArray =>
  build(spec.shape(x, attrs), x.dtype, (out) => {
    const v = spec.index(numbers, out, x.shape, attrs);
    return v.within?.every(holds) === false ? (v.fill ?? 0) : x.data[offsetOf(x.shape, v.at)]!;
  });

const withoutAxis = (shape: Shape, axis: number): Shape => shape.filter((_, i) => i !== axis);

// ---- permute

export interface Permute {
  readonly permutation: readonly number[];
}

export const permutePrimitive: Primitive<Permute> = view<Permute>({
  name: "permute",
  shape: (x, { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (!sameShape(sorted, range(x.shape.length)))
      throw expected(
        "permute",
        `a permutation of ${x.shape.length} axes`,
        `[${permutation}] for ${showAval(x)}`,
      );
    return permutation.map((p) => x.shape[p]!);
  },
  index: (_algebra, out, _operand, { permutation }) => {
    const at = [...out];
    permutation.forEach((p, i) => (at[p] = out[i]!));
    return { at };
  },
  transpose: (ct, _x, { permutation }) => permute(ct, inverse(permutation)),
  batched: ({ permutation }) => ({ permutation: [0, ...permutation.map((p) => p + 1)] }),
});

/** Axis `i` of the result is axis `permutation[i]` of `x`. */
export const permute = (x: Expr, permutation: readonly number[]): Expr =>
  permutation.every((p, i) => p === i) ? x : apply(permutePrimitive, [x], { permutation });

export const inverse = (permutation: readonly number[]): number[] => {
  const inv = new Array<number>(permutation.length);
  permutation.forEach((p, i) => (inv[p] = i));
  return inv;
};

export const moveAxis = (x: Expr, from: number, to: number): Expr => {
  if (from === to) return x;
  const order = range(x.ndim).filter((i) => i !== from);
  order.splice(to, 0, from);
  return permute(x, order);
};

// ---- reshape

export interface Reshape {
  readonly shape: Shape;
}

export const reshapePrimitive: Primitive<Reshape> = view<Reshape>({
  name: "reshape",
  shape: (x, { shape }) => {
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw expected("reshape", `a shape of ${sizeOf(x.shape)} elements`, `[${shape}] for ${showAval(x)}`);
    return shape;
  },
  index: (algebra, out, operand, { shape }) => ({
    at: unflatten(algebra, flatten(algebra, out, shape), operand),
  }),
  transpose: (ct, x) => reshape(ct, x.shape),
  batched: ({ shape }, n) => ({ shape: [n, ...shape] }),
});

/** The same elements, in order, under another shape. */
export const reshape = (x: Expr, shape: Shape): Expr =>
  sameShape(x.shape, shape) ? x : apply(reshapePrimitive, [x], { shape });

const flatten = <I>(algebra: IndexAlgebra<I>, index: readonly I[], shape: Shape): I =>
  stridesOf(shape).reduce((o, s, i) => algebra.add(o, algebra.scale(index[i]!, s)), algebra.constant(0));

const unflatten = <I>(algebra: IndexAlgebra<I>, flat: I, shape: Shape): I[] =>
  stridesOf(shape).map((s, i) => {
    if (shape[i] === 1) return algebra.constant(0);
    const q = s === 1 ? flat : algebra.div(flat, s);
    return i === 0 ? q : algebra.mod(q, shape[i]!);
  });

// ---- broadcast and sum, adjoint to each other

export interface Broadcast {
  readonly shape: Shape;
  /** Where each axis of the operand is in the result; sizes are equal there. Increasing. */
  readonly axes: readonly number[];
}

export const broadcastPrimitive: Primitive<Broadcast> = view<Broadcast>({
  name: "broadcast",
  shape: (x, { shape, axes }) => {
    const fits =
      axes.length === x.shape.length &&
      axes.every((a, i) => shape[a] === x.shape[i] && (i === 0 || a > axes[i - 1]!));
    if (!fits) throw expected("broadcast", `operand axes to match [${shape}] at [${axes}]`, showAval(x));
    return shape;
  },
  index: (_algebra, out, _operand, { axes }) => ({ at: axes.map((a) => out[a]!) }),
  transpose: (ct, _x, { shape, axes }) =>
    sum(
      ct,
      range(shape.length).filter((i) => !axes.includes(i)),
    ),
  support: (mask, { shape, axes }) =>
    constantAlong(
      mask,
      range(shape.length).filter((i) => !axes.includes(i)),
    ),
  batched: ({ shape, axes }, n) => ({ shape: [n, ...shape], axes: [0, ...axes.map((a) => a + 1)] }),
});

/** `x` repeated along the axes of `shape` that are not in `axes`. Sizes never stretch here: 1 is not special. */
export const broadcast = (x: Expr, shape: Shape, axes: readonly number[]): Expr =>
  sameShape(x.shape, shape) ? x : apply(broadcastPrimitive, [x], { shape, axes });

/** `x` without `axes`, along which the graph says that nothing changes; null when it does not say so. */
export const constantAlong = (x: Expr, axes: readonly number[], depth = 8): Expr | null => {
  if (axes.length === 0) return x;
  const kept = range(x.ndim).filter((a) => !axes.includes(a));
  const shape = kept.map((a) => x.shape[a]!);
  if (axes.every((a) => x.shape[a] === 1)) return reshape(x, shape);
  if (x.tag !== "Apply" || depth === 0) return null;
  if (x.primitive === broadcastPrimitive) {
    const own = attrsOf(broadcastPrimitive, x).axes;
    const inner = range(own.length).filter((i) => axes.includes(own[i]!));
    const y = constantAlong(x.args[0]!, inner, depth - 1);
    const places = own.filter((a) => !axes.includes(a)).map((a) => kept.indexOf(a));
    return y === null ? null : broadcast(y, shape, places);
  }
  if (x.primitive === permutePrimitive) {
    const { permutation } = attrsOf(permutePrimitive, x);
    const inner = axes.map((a) => permutation[a]!).sort((a, b) => a - b);
    const y = constantAlong(x.args[0]!, inner, depth - 1);
    const left = range(x.ndim).filter((a) => !inner.includes(a));
    return y === null
      ? null
      : permute(
          y,
          kept.map((a) => left.indexOf(permutation[a]!)),
        );
  }
  if (x.primitive!.lower._tag !== "Elementwise" || x.args.some((a) => a.dtype !== "bool")) return null;
  const args = x.args.map((a) => constantAlong(a, axes, depth - 1));
  return args.every((a) => a !== null) ? apply(x.primitive!, args, x.attrs) : null;
};

export interface Axes {
  /** Increasing. */
  readonly axes: readonly number[];
}

/** The shape that is left when `axes` are reduced away; checks them. */
export const reducedShape = (name: string, x: Aval, axes: readonly number[]): Shape => {
  if (!axes.every((a, i) => a >= 0 && a < x.shape.length && (i === 0 || a > axes[i - 1]!)))
    throw expected(name, `increasing axes below ${x.shape.length}`, `[${axes}] for ${showAval(x)}`);
  return x.shape.filter((_, i) => !axes.includes(i));
};

export const sumPrimitive: Primitive<Axes> = {
  name: "sum",
  shape: ([x], { axes }) => {
    if (x!.dtype === "bool") throw expected("sum", "a numeric operand", showAval(x!));
    return [aval(reducedShape("sum", x!, axes), x!.dtype)];
  },
  evaluate: ([x], { axes }) => [foldAxes(x!, axes, sumOf)],
  jvp: (_args, [t], { axes }) => [null, [t === null ? null : sum(t!, axes)]],
  transpose: ([ct], [x], _linear, { axes }) => [unreduce(ct!, x!.shape, axes)],
  support: (mask, [x], { axes }) => [unreduce(mask, x!.shape, axes)],
  batch: ([x], [axis], { axes }, n) => [[sum(front(x!, axis!, n), shiftAxes(axes)), 0]],
  lower: { _tag: "Reduce", op: "sum", axes: (a) => a.axes },
};

/** Neumaier's compensated sum in float64; integers are exact before they wrap. */
const sumOf = (xs: readonly number[], dtype: DType): number => {
  if (!isFloat(dtype)) return xs.reduce((a, b) => a + b, 0);
  let s = 0;
  let c = 0;
  for (const x of xs) {
    const t = s + x;
    c += Math.abs(s) >= Math.abs(x) ? s - t + x : x - t + s;
    s = t;
  }
  return Number.isFinite(c) ? s + c : s;
};

/** Sum over `axes`, which disappear. */
export const sum = (x: Expr, axes: readonly number[]): Expr =>
  axes.length === 0 ? x : apply(sumPrimitive, [x], { axes });

/** A reduced value repeated over the axes that were reduced: shape `shape` again. */
export const unreduce = (x: Expr, shape: Shape, axes: readonly number[]): Expr =>
  broadcast(
    x,
    shape,
    range(shape.length).filter((i) => !axes.includes(i)),
  );

export const shiftAxes = (axes: readonly number[]): number[] => axes.map((a) => a + 1);

// ---- batching and constants

/** `x` with its batch axis first; an unmapped value is repeated. */
export const front = (x: Expr, axis: BatchAxis, n: number): Expr =>
  axis === null ? broadcast(x, [n, ...x.shape], shiftAxes(range(x.ndim))) : moveAxis(x, axis, 0);

/** A scalar number repeated to `shape`. */
export const full = (shape: Shape, dtype: DType, value: number): Expr =>
  broadcast(literal(dtype, value), shape, []);

export const fullLike = (x: Expr, value: number): Expr => full(x.shape, x.dtype, value);

export const zerosOf = (a: Aval): Expr => full(a.shape, a.dtype, 0);

/** The number that every element of `e` is, when the graph says so: a literal, under any shape. */
export const splatOf = (e: Expr): number | null => {
  let x = e;
  while (x.tag === "Apply" && (x.primitive === broadcastPrimitive || x.primitive === reshapePrimitive))
    x = x.args[0]!;
  return x.literal;
};

/** Whether the graph says that every element of `e` is 0. */
export const isZeros = (e: Expr): boolean => splatOf(e) === 0;

export const elements = (x: Expr, axes: readonly number[]): number => sizeOf(axes.map((a) => x.shape[a]!));
