/**
 * Rewriting rules: from an expression with simplified operands to a cheaper one that is equal bit for bit, but for
 * those marked `reassociates`, which are equal up to rounding. Each is tested on against off.
 */
import * as O from "fp-ts/lib/Option.js";
import { range, sameShape, sizeOf } from "../../ir/aval.js";
import { isFloat, promote } from "../../ir/dtype.js";
import { attrsOf, type Expr, literal } from "../../ir/expr.js";
import { cast, mul, select } from "../../ir/primitives/arithmetic.js";
import {
  broadcast,
  broadcastPrimitive,
  full,
  permute,
  permutePrimitive,
  splatOf,
} from "../../ir/primitives/layout.js";
import { padPrimitive, reshape, slice, slicePrimitive } from "../../ir/primitives/views.js";
import { evaluate } from "../../transforms/evaluate.js";
import { reductionOf } from "../reduction.js";
import { sumsOfPads } from "./beside.js";
import { disjointWindows } from "./disjoint.js";
import { shallowDots } from "./shallow.js";

export interface Rule {
  readonly name: string;
  /** Results may differ by rounding. */
  readonly reassociates?: boolean;
  readonly rewrite: (e: Expr) => O.Option<Expr>;
}

const nameOf = (e: Expr): string => (e.tag === "Apply" ? e.primitive!.name : "");
const isView = (e: Expr): boolean => e.primitive?.lower._tag === "View";

/** A rule for the primitives named. */
const on =
  (names: readonly string[], f: (e: Expr) => Expr | null) =>
  (e: Expr): O.Option<Expr> =>
    names.includes(nameOf(e)) ? O.fromNullable(f(e)) : O.none;

/** Arithmetic on numbers known now is done now, once. */
const foldConstants: Rule = {
  name: "foldConstants",
  rewrite: (e) => {
    if (e.primitive?.lower._tag !== "Elementwise" || nameOf(e) === "stopGradient") return O.none;
    const numbers = e.args.map(splatOf);
    if (numbers.some((n) => n === null)) return O.none;
    const scalars = e.args.map((a, i) => literal(a.dtype, numbers[i]!));
    const out = e.primitive.evaluate(evaluate(scalars), e.attrs)[0]!;
    return O.some(full(e.shape, e.dtype, out.data[0]!));
  },
};

/** A view of one number everywhere is that number everywhere. */
const splatViews: Rule = {
  name: "splatViews",
  rewrite: (e) => {
    if (!isView(e)) return O.none;
    const x = e.args[0]!;
    const n = splatOf(x);
    if (n === null || (nameOf(e) === "broadcast" && x.literal !== null)) return O.none;
    if (nameOf(e) === "pad" && !Object.is(attrsOf(padPrimitive, e).value, n)) return O.none;
    return O.some(full(e.shape, e.dtype, n));
  },
};

const stopGradients: Rule = { name: "stopGradients", rewrite: on(["stopGradient"], (e) => e.args[0]!) };

/** x·1, 1·x, x/1, x-0, --x. (x+0 is not x: it turns -0 into 0.) */
const identities: Rule = {
  name: "identities",
  rewrite: on(["mul", "div", "sub", "neg"], (e) => {
    const [x, y] = e.args as [Expr, Expr];
    if (nameOf(e) === "neg") return nameOf(x) === "neg" ? x.args[0]! : null;
    const right = splatOf(y);
    if (nameOf(e) === "sub") return right === 0 && !Object.is(right, -0) ? x : null;
    if (right === 1) return x;
    return nameOf(e) === "mul" && splatOf(x) === 1 ? y : null;
  }),
};

const isPowerOfTwo = (x: number, greatest: number): boolean => {
  const l = Math.log2(Math.abs(x));
  return Number.isInteger(l) && Math.abs(l) < greatest;
};

/** x / c = x · (1/c) where 1/c is exact. */
const exactReciprocals: Rule = {
  name: "exactReciprocals",
  rewrite: on(["div"], (e) => {
    const c = splatOf(e.args[1]!);
    if (c === null || !isFloat(e.dtype) || !isPowerOfTwo(c, e.dtype === "float16" ? 15 : 100)) return null;
    return mul(e.args[0]!, full(e.shape, e.dtype, 1 / c));
  }),
};

/** Small integer powers are products. */
const powers: Rule = {
  name: "powers",
  reassociates: true,
  rewrite: on(["pow"], (e) => {
    const [x, y] = e.args as [Expr, Expr];
    const n = splatOf(y);
    if (n === 1) return x;
    if (n === 2) return mul(x, x);
    if (n === 3) return mul(mul(x, x), x);
    return n === 0 ? full(e.shape, e.dtype, 1) : null;
  }),
};

const selects: Rule = {
  name: "selects",
  rewrite: on(["select"], (e) => {
    const [c, x, y] = e.args as [Expr, Expr, Expr];
    const known = splatOf(c);
    if (known !== null) return known !== 0 ? x : y;
    if (x === y) return x;
    // A negated condition swaps its branches.
    return nameOf(c) === "not" ? select(c.args[0]!, y, x) : null;
  }),
};

/** A cast of a cast, where the first loses nothing. */
const casts: Rule = {
  name: "casts",
  rewrite: on(["cast"], (e) => {
    const x = e.args[0]!;
    if (nameOf(x) !== "cast") return null;
    const source = x.args[0]!;
    const widening =
      source.dtype === "bool" ||
      (isFloat(source.dtype) && promote(source.dtype, x.dtype) === x.dtype && isFloat(x.dtype));
    return widening ? cast(source, e.dtype) : null;
  }),
};

// ---- views of views

const reshapes: Rule = {
  name: "reshapes",
  rewrite: on(["reshape"], (e) => {
    const x = e.args[0]!;
    if (nameOf(x) === "reshape") return reshape(x.args[0]!, e.shape);
    return sameShape(x.shape, e.shape) ? x : null;
  }),
};

const permutes: Rule = {
  name: "permutes",
  rewrite: on(["permute"], (e) => {
    const x = e.args[0]!;
    const { permutation } = attrsOf(permutePrimitive, e);
    if (permutation.every((p, i) => p === i)) return x;
    if (nameOf(x) === "permute") {
      const inner = attrsOf(permutePrimitive, x).permutation;
      return permute(
        x.args[0]!,
        permutation.map((p) => inner[p]!),
      );
    }
    // Only axes of size 1 move: the elements stay where they are.
    const moved = permutation.filter((p) => x.shape[p] !== 1);
    return moved.every((p, i) => i === 0 || p > moved[i - 1]!) ? reshape(x, e.shape) : null;
  }),
};

const broadcasts: Rule = {
  name: "broadcasts",
  rewrite: on(["broadcast"], (e) => {
    const x = e.args[0]!;
    const { shape, axes } = attrsOf(broadcastPrimitive, e);
    if (sameShape(shape, x.shape)) return x;
    if (nameOf(x) === "broadcast") {
      const inner = attrsOf(broadcastPrimitive, x).axes;
      return broadcast(
        x.args[0]!,
        shape,
        inner.map((a) => axes[a]!),
      );
    }
    return null;
  }),
};

const slices: Rule = {
  name: "slices",
  rewrite: on(["slice"], (e) => {
    const x = e.args[0]!;
    const { start, size, stride } = attrsOf(slicePrimitive, e);
    if (nameOf(x) !== "slice") return null;
    const inner = attrsOf(slicePrimitive, x);
    return slice(
      x.args[0]!,
      inner.start.map((s, i) => s + start[i]! * inner.stride[i]!),
      size,
      inner.stride.map((s, i) => s * stride[i]!),
    );
  }),
};

// ---- reductions

/** Reducing axes of size 1 is a reshape; summing something repeated is a multiplication. */
const reductionsOfFew: Rule = {
  name: "reductionsOfFew",
  reassociates: true,
  rewrite: on(["sum", "prod", "reduceMax", "reduceMin"], (e) => {
    const x = e.args[0]!;
    const { axes } = reductionOf(e);
    if (axes.every((a) => x.shape[a] === 1)) return reshape(x, e.shape);
    if (nameOf(e) !== "sum" || nameOf(x) !== "broadcast" || !isFloat(e.dtype)) return null;
    return sumOfBroadcast(e, x, axes);
  }),
};

const sumOfBroadcast = (e: Expr, x: Expr, axes: readonly number[]): Expr | null => {
  const own = attrsOf(broadcastPrimitive, x).axes;
  if (!axes.every((a) => !own.includes(a)) || axes.length === 0) return null;
  const times = sizeOf(axes.map((a) => x.shape[a]!));
  if (times === 0) return null; // the sum of nothing is 0, but 0 · ∞ is NaN
  if (e.dtype === "float16" && times > 2048) return null; // which float16 may not have
  const kept = range(x.ndim).filter((a) => !axes.includes(a));
  const y = broadcast(
    x.args[0]!,
    e.shape,
    own.map((a) => kept.indexOf(a)),
  );
  return mul(y, full(e.shape, e.dtype, times));
};

export const rules: readonly Rule[] = [
  foldConstants,
  splatViews,
  stopGradients,
  identities,
  exactReciprocals,
  powers,
  selects,
  casts,
  reshapes,
  permutes,
  broadcasts,
  slices,
  reductionsOfFew,
  disjointWindows,
  sumsOfPads,
  shallowDots,
];
