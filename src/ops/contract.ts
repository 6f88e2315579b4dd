/**
 * Contractions by labels: every axis has a name, equal names meet. Matrix products, einsum and convolutions say
 * what they mean in labels; this file finds the fewest nodes: at most one `dot`, and a `permute` only where the
 * wanted order cannot be had by exchanging the operands.
 */
import { range } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { cast, mul, ne } from "../ir/primitives/arithmetic.js";
import { dot } from "../ir/primitives/dot.js";
import { broadcast, fullLike, permute, sum } from "../ir/primitives/layout.js";
import { reshape, slice } from "../ir/primitives/views.js";

export type Label = string;

/** An expression whose axes are named, each name once. */
export interface Labelled {
  readonly x: Expr;
  readonly labels: readonly Label[];
}

export const labelled = (x: Expr, labels: readonly Label[]): Labelled => ({ x, labels });

const sizeAt = (a: Labelled, label: Label): number => a.x.shape[a.labels.indexOf(label)]!;

/** The elements whose indices along axes `a` and `b`, of equal size, are equal: one axis, the last. Views only. */
const diagonalAxes = (x: Expr, a: number, b: number): Expr => {
  const n = x.shape[a]!;
  const others = range(x.ndim).filter((i) => i !== a && i !== b);
  const lead = others.map((i) => x.shape[i]!);
  const flat = reshape(permute(x, [...others, a, b]), [...lead, n * n]);
  return slice(
    flat,
    [...lead, 0].map(() => 0),
    [...lead, n],
    [...lead.map(() => 1), n + 1],
  );
};

/** Axes of one name become their diagonal. */
export const withoutRepeats = ({ x, labels }: Labelled): Labelled => {
  const second = labels.findIndex((l, i) => labels.indexOf(l) < i);
  if (second < 0) return { x, labels };
  const label = labels[second]!;
  const first = labels.indexOf(label);
  const rest = labels.filter((_, i) => i !== first && i !== second);
  return withoutRepeats({ x: diagonalAxes(x, first, second), labels: [...rest, label] });
};

/** Sums out the labels that `keep` does not hold. bool sums are "any". */
export const sumOut = ({ x, labels }: Labelled, keep: ReadonlySet<Label>): Labelled => {
  const axes = range(x.ndim).filter((i) => !keep.has(labels[i]!));
  if (axes.length === 0) return { x, labels };
  const rest = labels.filter((l) => keep.has(l));
  if (x.dtype !== "bool") return { x: sum(x, axes), labels: rest };
  const count = sum(cast(x, "int32"), axes);
  return { x: ne(count, fullLike(count, 0)), labels: rest };
};

/** The axes in the order of `to`; labels that are missing are repeated to the sizes given. */
export const arrange = (
  { x, labels }: Labelled,
  to: readonly Label[],
  sizes?: ReadonlyMap<Label, number>,
): Expr => {
  const present = to.filter((l) => labels.includes(l));
  const ordered = permute(
    x,
    present.map((l) => labels.indexOf(l)),
  );
  if (present.length === to.length) return ordered;
  const axes = present.map((l) => to.indexOf(l));
  return broadcast(
    ordered,
    to.map((l) => sizes!.get(l)!),
    axes,
  );
};

const sameOrder = (a: readonly Label[], b: readonly Label[]): boolean => a.every((l, i) => l === b[i]);

/** One dot; the axes of the result are batch, a's free ones, b's free ones. */
const dotLabelled = (
  a: Labelled,
  b: Labelled,
  batch: readonly Label[],
  contracted: readonly Label[],
): Labelled => {
  const at = (o: Labelled, ls: readonly Label[]): number[] => ls.map((l) => o.labels.indexOf(l));
  const free = (o: Labelled): Label[] =>
    o.labels.filter((l) => !batch.includes(l) && !contracted.includes(l));
  const attrs = {
    lhsBatch: at(a, batch),
    rhsBatch: at(b, batch),
    lhsContract: at(a, contracted),
    rhsContract: at(b, contracted),
  };
  const labels = [...batch, ...free(a), ...free(b)];
  if (a.x.dtype !== "bool") return { x: dot(a.x, b.x, attrs), labels };
  const count = dot(cast(a.x, "int32"), cast(b.x, "int32"), attrs);
  return { x: ne(count, fullLike(count, 0)), labels };
};

/** Products without sums need no dot: they fuse with whatever is around them. */
const multiply = (a: Labelled, b: Labelled, out: readonly Label[]): Labelled => {
  const sizes = new Map(out.map((l) => [l, a.labels.includes(l) ? sizeAt(a, l) : sizeAt(b, l)]));
  const [x, y] = [arrange(a, out, sizes), arrange(b, out, sizes)];
  if (x.dtype !== "bool") return { x: mul(x, y), labels: out };
  const product = mul(cast(x, "int32"), cast(y, "int32"));
  return { x: ne(product, fullLike(product, 0)), labels: out };
};

/** Σ a·b over the labels that `out` lacks. Its order is `out` when `ordered`, else what the dot gives. */
export const contract = (
  left: Labelled,
  right: Labelled,
  out: readonly Label[],
  ordered = true,
): Labelled => {
  const wanted = new Set(out);
  const a = sumOut(left, new Set([...wanted, ...right.labels]));
  const b = sumOut(right, new Set([...wanted, ...left.labels]));
  const shared = a.labels.filter((l) => b.labels.includes(l));
  const contracted = shared.filter((l) => !wanted.has(l));
  if (contracted.length === 0) return multiply(a, b, out);
  const batch = out.filter((l) => shared.includes(l));
  const free = (o: Labelled): Label[] => o.labels.filter((l) => !shared.includes(l));
  const exchanged =
    !sameOrder([...batch, ...free(a), ...free(b)], out) && sameOrder([...batch, ...free(b), ...free(a)], out);
  const product = exchanged ? dotLabelled(b, a, batch, contracted) : dotLabelled(a, b, batch, contracted);
  return ordered ? { x: arrange(product, out), labels: out } : product;
};
