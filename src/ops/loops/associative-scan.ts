/** Running combination under an associative function, in a logarithmic number of vectorised steps. */
import { showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { concat, flip, reshape, sliceAxis } from "../../ir/primitives/views.js";
import { expectStructure } from "../../ir/tree.js";
import { checkAxis } from "../tensor.js";
import { checkOptions } from "../options.js";
import { exprsOf, type FlatExprs, requireFunction, treeOf } from "../transformations/bind.js";

/** Options of `associativeScan`. */
export interface AssociativeScanOptions {
  /** Default 0. */
  readonly axis?: number;
  readonly reverse?: boolean;
}

/**
 * Running results of the associative `f` along an axis: element k is f of the first k + 1 elements. `f` combines whole
 * slices (elementwise along the axis), on trees like `xs`. About 2·log2(n) calls of `f`.
 * (G. E. Blelloch, "Prefix sums and their applications", 1990.)
 *
 * @example
 * ```ts
 * associativeScan((a, b) => add(a, b), tensor([1, 2, 3, 4])).toArray() // [1, 3, 6, 10]
 * associativeScan((a, b) => maximum(a, b), tensor([1, 3, 2]), { reverse: true }).toArray() // [3, 3, 2]
 * ```
 */
export function associativeScan<X>(f: (a: X, b: X) => X, xs: X, options: AssociativeScanOptions = {}): X {
  requireFunction("associativeScan", f, "a function (a, b) => combined");
  checkOptions("associativeScan", options, ["axis", "reverse"]);
  const flat = exprsOf("associativeScan", xs);
  const axes = flat.exprs.map((e) => checkAxis("associativeScan", options.axis ?? 0, e.ndim));
  const n = flat.exprs[0]?.shape[axes[0]!] ?? 0;
  flat.exprs.forEach((e, i) => {
    if (e.shape[axes[i]!] !== n)
      throw expected("associativeScan", `an axis of size ${n} in every leaf`, showAval(e.aval));
  });
  const reversed = (es: readonly Expr[]): Expr[] =>
    options.reverse === true ? es.map((e, i) => flip(e, [axes[i]!])) : [...es];
  const combine = (a: readonly Expr[], b: readonly Expr[]): readonly Expr[] => applyTo(f, flat, a, b);
  return treeOf(flat, reversed(blelloch(combine, reversed(flat.exprs), axes))) as X;
}

const applyTo = <X>(
  f: (a: X, b: X) => X,
  like: FlatExprs,
  a: readonly Expr[],
  b: readonly Expr[],
): readonly Expr[] => {
  const out = exprsOf("associativeScan", f(treeOf(like, a) as X, treeOf(like, b) as X));
  expectStructure("associativeScan", like.structure, out.structure, "result of f");
  return out.exprs;
};

type Combine = (a: readonly Expr[], b: readonly Expr[]) => readonly Expr[];

/** Combine neighbours, scan the half, combine back: odd places are the half's, even ones one step further. */
const blelloch = (combine: Combine, xs: readonly Expr[], axes: readonly number[]): readonly Expr[] => {
  const n = xs[0]?.shape[axes[0]!] ?? 0;
  if (n < 2) return xs;
  const part = (es: readonly Expr[], start: number, size: number, stride = 1): Expr[] =>
    es.map((e, i) => sliceAxis(e, axes[i]!, start, size, stride));
  const half = Math.floor(n / 2);
  const odd = blelloch(combine, combine(part(xs, 0, half, 2), part(xs, 1, half, 2)), axes);
  const evens = Math.ceil(n / 2) - 1;
  const first = part(xs, 0, 1);
  const even =
    evens === 0
      ? first
      : combine(part(odd, 0, evens), part(xs, 2, evens, 2)).map((e, i) => concat([first[i]!, e], axes[i]!));
  return even.map((e, i) => interleave(e, odd[i]!, axes[i]!, n));
};

/** e0 o0 e1 o1 …: both padded to pairs, then read in order. */
const interleave = (even: Expr, odd: Expr, axis: number, n: number): Expr => {
  const pairs = even.shape[axis]!;
  const padded = odd.shape[axis] === pairs ? odd : concat([odd, sliceAxis(even, axis, 0, 1)], axis);
  const split = (e: Expr): number[] => [...e.shape.slice(0, axis + 1), 1, ...e.shape.slice(axis + 1)];
  const both = concat([reshape(even, split(even)), reshape(padded, split(padded))], axis + 1);
  const merged = reshape(both, [...even.shape.slice(0, axis), 2 * pairs, ...even.shape.slice(axis + 1)]);
  return sliceAxis(merged, axis, 0, n);
};
