/** What a loop carries from round to round, and the types that last. */
import { type Aval, aval, sameAval } from "../ir/aval.js";
import { type Expr, param, watermark } from "../ir/expr.js";
import { full, zerosOf } from "../ir/primitives/layout.js";
import { broadcastShapes, stretch } from "../ops/promotion.js";
import { asTensor } from "../ops/tensor.js";
import { argumentsOf } from "../ops/transformations/bind.js";
import { asExpr, dtypeOf, fits, type Float, isKnown, joined, type Value } from "./value.js";

/** A carried value: absent before its first assignment. */
export type Carried = Value | undefined;

/** The type with which a loop starts to look for one that lasts: the narrowest that it may keep. */
const firstType = (v: Carried, mayBeInteger: boolean, float: Float): Aval | null => {
  if (v === undefined) return null;
  if (!isKnown(v)) return v.aval;
  return aval([], mayBeInteger && fits(v, "int32") ? "int32" : dtypeOf(v, float));
};

/** The type that holds what a round starts with and what it ends with. */
const widened = (entry: Carried, type: Aval | null, out: Carried, float: Float): Aval | null => {
  if (out === undefined) return type;
  if (type === null) return aval(isKnown(out) ? [] : out.shape, dtypeOf(out, float));
  const shape = broadcastShapes("lift", [type.shape, isKnown(out) ? [] : out.shape]);
  const outType = dtypeOf(out, float);
  const stays = fits(out, type.dtype) || outType === type.dtype;
  if (stays) return aval(shape, type.dtype);
  return aval(
    shape,
    entry === undefined || !fits(entry, outType) ? joined(typedZero(type), out, float) : outType,
  );
};

const typedZero = (type: Aval): Expr => full([], type.dtype, 0);

export type Round = (values: readonly Carried[]) => readonly Carried[];

export const typed = (v: Carried, type: Aval): Expr =>
  v === undefined ? zerosOf(type) : stretch(asExpr(v, type.dtype), type.shape);

/** One round as a program of what is carried, with types that last. */
export interface Settled {
  /** Which of the carried values there are at all: those that are given or assigned. */
  readonly present: readonly number[];
  /** Types of all values; null for those that there are not. */
  readonly types: readonly (Aval | null)[];
  /** Of those present. */
  readonly params: readonly Expr[];
  readonly results: readonly Expr[];
  /** Nodes of the round are younger than this. */
  readonly mark: number;
}

/** A round traced with the types that it keeps, found by trying: shapes broadcast and dtypes widen. */
export const settled = (
  entries: readonly Carried[],
  f: Round,
  float: Float,
  mayBeInteger: (i: number) => boolean = () => true,
): Settled => {
  let types = entries.map((v, i) => firstType(v, mayBeInteger(i), float));
  for (;;) {
    const mark = watermark();
    const params = types.map((t) => (t === null ? null : param(t)));
    const outs = f(params.map((p) => p ?? undefined));
    const next = types.map((t, i) => widened(entries[i], t, outs[i], float));
    if (next.every((t, i) => t === types[i] || (t !== null && types[i] != null && sameAval(t, types[i])))) {
      const present = types.flatMap((t, i) => (t === null ? [] : [i]));
      const results = present.map((i) => typed(outs[i], types[i]!));
      return { present, types, params: present.map((i) => params[i]!), results, mark };
    }
    types = next;
  }
};

/** What a loop begins with: the values of those present. History of arguments that is long is computed here. */
export const initial = ({ present, types }: Settled, entries: readonly Carried[]): readonly Expr[] =>
  argumentsOf(
    "lift",
    present.map((i) => asTensor(typed(entries[i], types[i]!))),
  ).exprs;

/** The values that a loop leaves, in their places. */
export const spread = ({ present, types }: Settled, outs: readonly Expr[]): readonly Carried[] => {
  const all: Carried[] = types.map(() => undefined);
  present.forEach((i, k) => (all[i] = outs[k]!));
  return all;
};
