/** One of several values, by conditions or by number. Nothing flows back to what was not chosen. */
import { range } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { cast, eq, gt, select as selectOf } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { integerIndices } from "./index-spec.js";
import { checkOptions } from "./options.js";
import { asDType, broadcastShapes, commonDType, stretch } from "./promotion.js";
import { asTensor, describe, isTensorLike, type Tensor, type TensorLike, toExpr } from "./tensor.js";

const checkList = (operation: string, what: string, xs: unknown): void => {
  if (!Array.isArray(xs) || xs.length === 0 || !xs.every(isTensorLike))
    throw expected(
      operation,
      `a list of ${what}`,
      Array.isArray(xs) ? "an empty or mixed one" : describe(xs),
    );
};

/** Conditions (or an index) and values, stretched to one shape, values in one dtype. */
const together = (
  operation: string,
  guides: readonly Expr[],
  values: readonly TensorLike[],
): { readonly guides: readonly Expr[]; readonly values: readonly Expr[] } => {
  const dtype = commonDType(operation, values);
  const exprs = values.map((v) => asDType(operation, v, dtype));
  const shape = broadcastShapes(
    operation,
    [...guides, ...exprs].map((e) => e.shape),
  );
  return { guides: guides.map((e) => stretch(e, shape)), values: exprs.map((e) => stretch(e, shape)) };
};

/**
 * For every element the first of the choices whose condition holds, else `default` (0), as `numpy.select`.
 *
 * Everything broadcasts; choices promote to one dtype.
 *
 * @example
 * ```ts
 * const x = tensor([-5, 0, 5]);
 * select([less(x, -1), greater(x, 1)], [neg(x), square(x)], { default: 9 }).toArray() // [5, 9, 25]
 * ```
 */
export const select = (
  conditions: readonly TensorLike[],
  choices: readonly TensorLike[],
  options: { readonly default?: TensorLike } = {},
): Tensor => {
  checkOptions("select", options, ["default"]);
  checkList("select", "conditions", conditions);
  checkList("select", "choices", choices);
  if (conditions.length !== choices.length)
    throw expected("select", `${conditions.length} choices, one for each condition`, String(choices.length));
  const bools = conditions.map((c) => asDType("select", c, "bool"));
  const { guides, values } = together("select", bools, [...choices, options.default ?? 0]);
  return asTensor(
    guides.reduceRight((other, c, i) => selectOf(c, values[i]!, other), values[values.length - 1]!),
  );
};

/**
 * For every element of the integers `which` (or bools) the element of the choice with that number; numbers out of
 * range choose the nearest.
 *
 * Everything broadcasts; choices promote to one dtype.
 *
 * @example
 * ```ts
 * choose(tensor([0, 1, 1], { dtype: "int32" }), [tensor([1, 2, 3]), 10]).toArray() // [1, 10, 10]
 * ```
 */
export const choose = (which: TensorLike, choices: readonly TensorLike[]): Tensor => {
  checkList("choose", "choices", choices);
  const given = toExpr("choose", which);
  const index = given.dtype === "bool" ? cast(given, "int32") : integerIndices("choose", given);
  const { guides, values } = together("choose", [index], choices);
  const at = guides[0]!;
  const last = values.length - 1;
  // Below the first is the first, above the last is the last.
  return asTensor(
    range(last).reduce<Expr>((chosen, k) => {
      const next = k + 1;
      const hit = next === last ? gt(at, fullLike(at, last - 1)) : eq(at, fullLike(at, next));
      return selectOf(hit, values[next]!, chosen);
    }, values[0]!),
  );
};
