/** What a loop carries from round to round, and the types that last. */
import { type Aval, aval, sameAval } from "../ir/aval.js";
import { type Expr, param } from "../ir/expr.js";
import { full, zerosOf } from "../ir/primitives/layout.js";
import { broadcastShapes, stretch } from "../ops/promotion.js";
import { asTensor, type Tensor, toExpr } from "../ops/tensor.js";
import { asExpr, dtypeOf, fits, type Float, isKnown, joined, type Value } from "./value.js";

/** A carried value: absent before its first assignment. */
export type Carried = Value | undefined;

/** The type with which a loop starts to look for one that lasts: the narrowest. */
const firstType = (v: Carried, float: Float): Aval | null => {
  if (v === undefined) return null;
  if (!isKnown(v)) return v.aval;
  return aval([], fits(v, "int32") ? "int32" : dtypeOf(v, float));
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

/** Types of the carried values that a round keeps, found by trying: shapes broadcast and dtypes widen. */
export const lastingTypes = (
  entries: readonly Carried[],
  f: Round,
  float: Float,
): readonly (Aval | null)[] => {
  let types = entries.map((v) => firstType(v, float));
  for (;;) {
    const outs = f(types.map((t) => (t === null ? undefined : param(t))));
    const next = types.map((t, i) => widened(entries[i], t, outs[i], float));
    if (next.every((t, i) => t === types[i] || (t !== null && types[i] != null && sameAval(t, types[i]))))
      return types;
    types = next;
  }
};

export const typed = (v: Carried, type: Aval): Expr =>
  v === undefined ? zerosOf(type) : stretch(asExpr(v, type.dtype), type.shape);

/** A loop over a carry of tensors: the values that it needs and leaves, in the order of `entries`. */
export const carrying = (
  entries: readonly Carried[],
  types: readonly (Aval | null)[],
  f: Round,
  loop: (body: (carry: readonly Tensor[]) => readonly Tensor[], init: readonly Tensor[]) => readonly Tensor[],
): readonly Carried[] => {
  const present = types.flatMap((t, i) => (t === null ? [] : [i]));
  const spread = (xs: readonly Tensor[]): readonly Carried[] => {
    const all: Carried[] = types.map(() => undefined);
    present.forEach((i, k) => (all[i] = toExpr("lift", xs[k])));
    return all;
  };
  const pack = (values: readonly Carried[]): readonly Tensor[] =>
    present.map((i) => asTensor(typed(values[i], types[i]!)));
  return spread(loop((carry) => pack(f(spread(carry))), pack(entries)));
};
