/** Index maps between a contraction's result, its operands, and the views through which the result is seen. */
import { range, stridesOf } from "../ir/aval.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { permutePrimitive } from "../ir/primitives/layout.js";
import { constantIndex, flatIndex, type Index, symbols } from "./index-expression.js";

/** The index of one operand of a dot, from the result's index and the contraction's. */
export const operandIndex = (
  ndim: number,
  batch: readonly number[],
  free: readonly number[],
  contract: readonly number[],
  out: readonly Index[],
  firstFree: number,
  depth: readonly Index[],
): Index[] =>
  range(ndim).map((a) => {
    if (batch.includes(a)) return out[batch.indexOf(a)]!;
    const f = free.indexOf(a);
    return f >= 0 ? out[firstFree + f]! : depth[contract.indexOf(a)]!;
  });

/** Where element `index` of an anchor is in the view that takes its place: permutes and reshapes, forwards. */
export const viewedIndex = (anchor: Expr, view: Expr, index: readonly Index[]): readonly Index[] => {
  const chain: Expr[] = [];
  for (let x = view; x !== anchor; x = x.args[0]!) chain.push(x);
  let at = index;
  for (const v of chain.reverse()) {
    if (v.primitive!.name === "permute") {
      at = attrsOf(permutePrimitive, v).permutation.map((p) => at[p]!);
      continue;
    }
    const flat = flatIndex(at, stridesOf(v.args[0]!.shape));
    const strides = stridesOf(v.shape);
    at = v.shape.map((n, i) => (n === 1 ? constantIndex(0) : modulo(symbols.div(flat, strides[i]!), n, i)));
  }
  return at;
};

const modulo = (x: Index, n: number, i: number): Index => (i === 0 ? x : symbols.mod(x, n));

/** A multi-index put together from those of the axes that are reduced and of the rest. */
export const interleave = (
  ndim: number,
  reduced: readonly number[],
  outer: readonly Index[],
  inner: readonly Index[],
): Index[] => {
  let [o, i] = [0, 0];
  return range(ndim).map((a) => (reduced.includes(a) ? inner[i++]! : outer[o++]!));
};
