/**
 * The cotangent of a weight that every step uses is a sum of outer products, one for each step. Instead of adding a
 * product at every step, the loop stacks the two factors and one contraction after it sums over steps as well.
 */
import { attrsOf, type Expr } from "../../ir/expr.js";
import type { Linear } from "../../ir/primitive.js";
import { addLinear } from "../../ir/primitives/elementwise.js";
import { type Dot, dot, dotPrimitive } from "../../ir/primitives/dot.js";
import { permute, permutePrimitive, shiftAxes } from "../../ir/primitives/layout.js";

export interface Product {
  readonly left: Expr;
  readonly right: Expr;
  readonly attrs: Dot;
  readonly permutations: readonly (readonly number[])[];
}

export interface Deferred {
  readonly products: readonly Product[];
  /** What is still added up step by step. */
  readonly rest: Linear;
}

const nameOf = (e: Expr): string => (e.tag === "Apply" ? e.primitive!.name : "");

const summands = (e: Expr): Expr[] => {
  const out: Expr[] = [];
  const stack = [e];
  while (stack.length > 0) {
    const x = stack.pop()!;
    if (nameOf(x) === "add") stack.push(x.args[1]!, x.args[0]!);
    else out.push(x);
  }
  return out;
};

/** A product whose factors together are smaller than what they make. */
const productOf = (e: Expr): Product | null => {
  const permutations: (readonly number[])[] = [];
  let x = e;
  while (nameOf(x) === "permute") {
    permutations.unshift(attrsOf(permutePrimitive, x).permutation);
    x = x.args[0]!;
  }
  if (nameOf(x) !== "dot") return null;
  const [left, right] = x.args as [Expr, Expr];
  const smaller = left.literal === null && right.literal === null && left.size + right.size <= 2 * x.size;
  return smaller ? { left, right, attrs: attrsOf(dotPrimitive, x), permutations } : null;
};

export const deferProducts = (ct: Linear): Deferred => {
  if (ct === null) return { products: [], rest: null };
  const products: Product[] = [];
  let rest: Linear = null;
  for (const e of summands(ct)) {
    const p = productOf(e);
    if (p === null) rest = addLinear(rest, e);
    else products.push(p);
  }
  return { products, rest };
};

/** The sum of a product over all steps, from its stacked factors. */
export const afterLoop = (
  { left, right, attrs, permutations }: Product,
  rowsOf: ReadonlyMap<Expr, Expr>,
): Expr => {
  const total = dot(rowsOf.get(left)!, rowsOf.get(right)!, {
    lhsBatch: shiftAxes(attrs.lhsBatch),
    rhsBatch: shiftAxes(attrs.rhsBatch),
    lhsContract: [0, ...shiftAxes(attrs.lhsContract)],
    rhsContract: [0, ...shiftAxes(attrs.rhsContract)],
  });
  return permutations.reduce((x, p) => permute(x, p), total);
};
