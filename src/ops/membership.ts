/** Which elements are among others. */
import { expected } from "../ir/errors.js";
import { cast, eq, not } from "../ir/primitives/arithmetic.js";
import { full } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { withOptions } from "./options.js";
import { commonDType } from "./promotion.js";
import { searchsorted } from "./search.js";
import { sort } from "./sort.js";
import { gatherAxis } from "./take.js";
import { asTensor, describe, type TensorLike, toExpr } from "./tensor.js";

/** Options of `isin`. */
export interface IsinOptions {
  /** Whether to tell which elements are not among the values. Default false. */
  readonly invert?: boolean;
}

export interface MembershipArgs {
  /** Which elements are among these values. */
  isin: [values: TensorLike, options?: IsinOptions];
}

const isinBody: BodiesOf<MembershipArgs>["isin"] = (input, given, { invert = false } = {}) => {
  if (typeof invert !== "boolean") throw expected("isin", "true or false as invert", describe(invert));
  const common = commonDType("isin", [input, given]);
  const dtype = common === "bool" ? "uint8" : common;
  const x = cast(toExpr("isin", input), dtype);
  const values = cast(toExpr("isin", given), dtype);
  if (values.size === 0) return asTensor(full(x.shape, "bool", invert ? 1 : 0));
  const table = toExpr("isin", sort(asTensor(reshape(values, [values.size]))));
  const place = toExpr("isin", searchsorted(asTensor(table), asTensor(x)));
  const found = eq(gatherAxis(table, place, 0), x);
  return asTensor(invert ? not(found) : found);
};

export const membershipFunctions: BodiesOf<MembershipArgs> = {
  isin: withOptions("isin", 2, ["invert"], isinBody),
};

/**
 * Which elements of `x` are equal to one of `values`: bool, of the shape of `x`. NaN is equal to nothing.
 *
 * @example
 * ```ts
 * isin(tensor([[1, 2], [3, 4]]), tensor([4, 1])).toArray() // [[true, false], [false, true]]
 * isin(tensor([1, 2]), 1, { invert: true }).toArray() // [false, true]
 * ```
 */
export const isin: Op<MembershipArgs["isin"]> = op(1, membershipFunctions.isin);
