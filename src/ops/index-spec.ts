/**
 * What stands between the brackets of `x[…]` in NumPy, as data: one entry for each axis.
 * Parsing resolves an index against a shape; `at.ts` reads with the result, `update.ts` writes.
 */
import type { Shape } from "../ir/aval.js";
import { isInteger } from "../ir/dtype.js";
import { expected, FluxionError } from "../ir/errors.js";
import { constant, Expr } from "../ir/expr.js";
import { add, cast, lt, select } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { describe, type Tensor } from "./tensor.js";

type Bound = number | "";

/** `"start:stop:step"` with any part left out, as between Python's brackets. */
export type RangeText = `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`;

/** A range as an object; null or a missing part is the default. */
export interface Range {
  readonly start?: number | null;
  readonly stop?: number | null;
  readonly step?: number | null;
}

/** Places along an axis, listed. */
export type Places = readonly (number | Places)[];

/**
 * One part of an index:
 * - an integer picks one place and drops the axis; negative ones count from the end;
 * - `"start:stop:step"`, or the same as an object, keeps a range; `":"` is the whole axis;
 * - `"..."` stands for as many `":"` as are missing, at most once;
 * - `null` (or `"newaxis"`) makes a new axis of size 1;
 * - a nested list of integers or an integer tensor picks places. Several of them broadcast together and index jointly;
 *   their axes take the place of the first, or come first where something stands between them (NumPy's rules).
 */
export type IndexEntry = number | RangeText | "..." | "newaxis" | null | Range | Places | Tensor;

/** An index: one entry for each axis, missing ones at the end being `":"`. */
export type Index = readonly IndexEntry[];

/** An entry resolved against its axis. */
export type Part =
  | { readonly _tag: "Range"; readonly start: number; readonly size: number; readonly step: number }
  | { readonly _tag: "Point"; readonly at: number }
  | { readonly _tag: "New" }
  | { readonly _tag: "Places"; readonly indices: Expr };

const maskHint =
  "use where(mask, x, other), or nonzero(mask, { size }) for a fixed number of places: the number of trues is no static shape";

const pattern = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

const parseRange = (operation: string, text: string): Range => {
  const m = pattern.exec(text);
  if (m === null)
    throw expected(operation, 'an index like ":", "1:5", "::-1", "..." or "newaxis"', JSON.stringify(text));
  const part = (s: string | undefined): number | null => (s === undefined ? null : Number(s));
  return { start: part(m[1]), stop: part(m[2]), step: part(m[3]) };
};

const showRange = ({ start, stop, step }: Range): string => `"${start ?? ""}:${stop ?? ""}:${step ?? ""}"`;

/** Python's slice rules: bounds beyond the ends are pulled in. */
export const resolveRange = (
  operation: string,
  range: Range,
  n: number,
): Part & { readonly _tag: "Range" } => {
  const step = range.step ?? 1;
  for (const v of [range.start ?? 0, range.stop ?? 0, step])
    if (!Number.isInteger(v)) throw expected(operation, "integers in a range", showRange(range));
  if (step === 0) throw expected(operation, "a step other than 0", showRange(range));
  const [lowest, highest] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (v: number | null | undefined, otherwise: number): number =>
    v === null || v === undefined ? otherwise : Math.min(Math.max(v < 0 ? v + n : v, lowest), highest);
  const start = bound(range.start, step > 0 ? 0 : n - 1);
  const stop = bound(range.stop, step > 0 ? n : -1);
  const size = Math.max(0, Math.ceil((stop - start) / step));
  return { _tag: "Range", start: size === 0 ? 0 : start, size, step };
};

const checkPlace = (operation: string, i: number, n: number, axis: number): number => {
  if (!Number.isInteger(i)) throw expected(operation, "integers as indices", String(i));
  if (i < -n || i >= n)
    throw expected(
      operation,
      n === 0
        ? `no index into axis ${axis}, which is empty`
        : `an index from ${-n} to ${n - 1} for axis ${axis}`,
      String(i),
    );
  return i < 0 ? i + n : i;
};

/** Listed places as an int32 constant. */
export const listedPlaces = (operation: string, places: Places, resolve: (i: number) => number): Expr => {
  const shape: number[] = [];
  for (let p: unknown = places; Array.isArray(p); p = (p as readonly unknown[])[0]) shape.push(p.length);
  const flat: number[] = [];
  const visit = (p: unknown, depth: number): void => {
    if (typeof p === "boolean") throw expected(operation, "integer indices", `booleans: ${maskHint}`);
    if (Array.isArray(p) ? p.length !== shape[depth] : depth !== shape.length)
      throw expected(operation, "a rectangular list of integers", "a ragged one");
    if (Array.isArray(p)) for (const q of p) visit(q, depth + 1);
    else if (typeof p === "number") flat.push(resolve(p));
    else throw expected(operation, "integer indices", describe(p));
  };
  visit(places, 0);
  return constant({ shape, dtype: "int32" }, Int32Array.from(flat));
};

/** Listed places of an axis; they are known, so they are checked. */
export const placesOf = (operation: string, places: Places, n: number, axis: number): Expr =>
  listedPlaces(operation, places, (i) => checkPlace(operation, i, n, axis));

/** An integer tensor as int32. */
export const integerIndices = (operation: string, x: Expr): Expr => {
  if (x.dtype === "bool")
    throw expected(operation, "integer indices", `the mask ${describe(x)}: ${maskHint}`);
  if (!isInteger(x.dtype))
    throw expected(
      operation,
      "integer indices",
      `${describe(x)}: use a plain array, tensor(…, { dtype: "int32" }) or cast(x, "int32")`,
    );
  return cast(x, "int32");
};

/** Negative indices count from the end. */
export const wrapNegative = (indices: Expr, n: number): Expr =>
  select(lt(indices, fullLike(indices, 0)), add(indices, fullLike(indices, n)), indices);

const partOf = (operation: string, entry: IndexEntry, n: number, axis: number): Part => {
  if (typeof entry === "number") return { _tag: "Point", at: checkPlace(operation, entry, n, axis) };
  if (typeof entry === "string") return resolveRange(operation, parseRange(operation, entry), n);
  if (entry instanceof Expr)
    return { _tag: "Places", indices: wrapNegative(integerIndices(operation, entry), n) };
  if (Array.isArray(entry)) return { _tag: "Places", indices: placesOf(operation, entry as Places, n, axis) };
  if (
    typeof entry === "object" &&
    entry !== null &&
    Object.keys(entry).every((k) => ["start", "stop", "step"].includes(k))
  )
    return resolveRange(operation, entry as Range, n);
  throw expected(
    operation,
    'an integer, a range, a list or tensor of integers, null or "..."',
    describe(entry),
  );
};

const isNew = (e: IndexEntry): boolean => e === null || e === "newaxis";

/** The parts of an index into `shape`; every axis has one. */
export const resolveIndex = (operation: string, index: Index, shape: Shape): Part[] => {
  if (!Array.isArray(index))
    throw expected(operation, "an index as an array with an entry for each axis", describe(index));
  if (index.filter((e) => e === "...").length > 1)
    throw expected(operation, 'at most one "..."', JSON.stringify(index));
  const used = index.filter((e) => !isNew(e) && e !== "...").length;
  if (used > shape.length)
    throw new FluxionError(
      operation,
      `expected at most ${shape.length} indices for shape [${shape.join(",")}], got ${used}`,
    );
  const whole = (from: number, count: number): Part[] =>
    shape.slice(from, from + count).map((n) => ({ _tag: "Range", start: 0, size: n, step: 1 }));
  const missing = shape.length - used;
  const parts: Part[] = [];
  let axis = 0;
  for (const entry of index as Index) {
    if (isNew(entry)) parts.push({ _tag: "New" });
    else if (entry === "...") {
      parts.push(...whole(axis, missing));
      axis += missing;
    } else parts.push(partOf(operation, entry, shape[axis]!, axis++));
  }
  return [...parts, ...whole(axis, shape.length - axis)];
};
