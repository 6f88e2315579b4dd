/** Strides, dilations and padding of windows that slide along the spatial axes of `[N, C, …space]`. */
import { type Shape, showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { pad as padView, slice } from "../ir/primitives/views.js";
import { describe } from "./tensor.js";

/**
 * "VALID" pads nothing. "SAME" pads so that stride 1 keeps the size (the odd one goes behind). A number pads every
 * side, a list gives each axis its own number or `[before, behind]`; negative numbers crop.
 */
export type Padding =
  "VALID" | "SAME" | number | readonly (number | readonly [before: number, behind: number])[];

/** A number for every axis, or one each. */
export type PerAxis = number | readonly number[];

export const perAxis = (
  operation: string,
  name: string,
  value: PerAxis | undefined,
  n: number,
  least: number,
): number[] => {
  const list = value === undefined ? [least] : typeof value === "number" ? [value] : value;
  const ok = Array.isArray(list) && (list.length === n || typeof value === "number" || value === undefined);
  if (!ok || !list.every((v) => Number.isInteger(v) && v >= least))
    throw expected(
      operation,
      `${name} as an integer of at least ${least}, or ${n} of them`,
      JSON.stringify(value),
    );
  return list.length === n ? [...(list as readonly number[])] : new Array<number>(n).fill(list[0] as number);
};

/** The extent of a window whose elements are `dilation` apart. */
export const extent = (size: number, dilation: number): number => (size - 1) * dilation + 1;

export interface Geometry {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

const same = (n: number, stride: number, window: number): readonly [number, number] => {
  const total = Math.max(0, (Math.ceil(n / stride) - 1) * stride + window - n);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
};

const pairOf = (operation: string, p: unknown): readonly [number, number] => {
  const pair: unknown = typeof p === "number" ? [p, p] : p;
  if (Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger))
    return pair as unknown as [number, number];
  throw expected(operation, "padding as integers or pairs [before, behind] of them", describe(p));
};

/** Padding before and behind each spatial axis. */
export const resolvePadding = (
  operation: string,
  padding: Padding,
  space: Shape,
  { sizes, strides, dilations }: Geometry,
): (readonly [number, number])[] => {
  if (padding === "VALID") return space.map(() => [0, 0] as const);
  if (padding === "SAME") return space.map((n, i) => same(n, strides[i]!, extent(sizes[i]!, dilations[i]!)));
  if (typeof padding === "number") return space.map(() => pairOf(operation, padding));
  if (!Array.isArray(padding) || padding.length !== space.length)
    throw expected(
      operation,
      `padding "SAME", "VALID", a number or ${space.length} of them`,
      JSON.stringify(padding),
    );
  return padding.map((p) => pairOf(operation, p));
};

/** Pads the axes from `first` on, with `interior` elements between neighbours; negative padding crops. */
export const padSpace = (
  x: Expr,
  first: number,
  pads: readonly (readonly [number, number])[],
  value = 0,
  interior: readonly number[] = pads.map(() => 0),
): Expr => {
  const every = <T>(f: (i: number) => T, other: T): T[] =>
    x.shape.map((_, a) => (a < first ? other : f(a - first)));
  const padded = padView(x, {
    low: every((i) => Math.max(0, pads[i]![0]), 0),
    high: every((i) => Math.max(0, pads[i]![1]), 0),
    interior: every((i) => interior[i]!, 0),
    value,
  });
  const start = every((i) => Math.max(0, -pads[i]![0]), 0);
  const size = padded.shape.map((n, a) =>
    Math.max(0, n - start[a]! - (a < first ? 0 : Math.max(0, -pads[a - first]![1]))),
  );
  return slice(
    padded,
    start.map((s, a) => (size[a] === 0 ? 0 : s)),
    size,
  );
};

/** Throws unless every window fits somewhere. */
export const checkFits = (operation: string, x: Expr, space: Shape, { sizes, dilations }: Geometry): void => {
  const i = space.findIndex((n, k) => n < extent(sizes[k]!, dilations[k]!));
  if (i >= 0)
    throw expected(
      operation,
      `at least ${extent(sizes[i]!, dilations[i]!)} elements along spatial axis ${i} for a window of ${sizes[i]!} (dilation ${dilations[i]!})`,
      `${space[i]!} after padding ${showAval(x.aval)}`,
    );
};
