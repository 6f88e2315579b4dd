/** Scaled dot-product attention (A. Vaswani et al., "Attention is all you need", 2017). */
import { showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { largestFinite } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import { add, ge, mul, select } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { iota, reshape } from "../ir/primitives/views.js";
import { contract, type Label, labelled } from "./contract.js";
import { softmaxFunctions } from "./softmax.js";
import { checkOptions } from "./options.js";
import { asDType, broadcastShapes, commonDType, floating, stretch } from "./promotion.js";
import { asTensor, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";

/** Options of `dotProductAttention`. */
export interface AttentionOptions {
  /** bool that broadcasts to `[B, N, T, S]`: which keys each query may see. */
  readonly mask?: TensorLike;
  /** Added to the scores; broadcasts to `[B, N, T, S]`. */
  readonly bias?: TensorLike;
  /** What the scores are multiplied with. Default 1/√H. */
  readonly scale?: number;
  /** Whether query t sees only the keys 0 … t. Default false. */
  readonly causal?: boolean;
  /** "BTNH" (default, as JAX) has time before heads, "BNTH" (as PyTorch) heads before time. */
  readonly layout?: "BTNH" | "BNTH";
}

interface Heads {
  readonly q: Expr;
  readonly k: Expr;
  readonly v: Expr;
  readonly layout: "BTNH" | "BNTH";
  /** Query heads for each head of keys. */
  readonly group: number;
}

const headAxis = { BTNH: 2, BNTH: 1 } as const;
const timeAxis = { BTNH: 1, BNTH: 2 } as const;

const headsOf = (xs: readonly TensorLike[], layout: "BTNH" | "BNTH"): Heads => {
  const dtype = floating(commonDType("dotProductAttention", xs));
  const given = xs.map((x) => asDType("dotProductAttention", x, dtype));
  const [q, k, v] = given.map((e) => (e.ndim === 3 ? reshape(e, [1, ...e.shape]) : e)) as [Expr, Expr, Expr];
  const [n, t] = [headAxis[layout], timeAxis[layout]];
  const ranks = given.every((e) => e.ndim === given[0]!.ndim) && q.ndim === 4;
  const fits =
    ranks &&
    q.shape[0] === k.shape[0] &&
    q.shape[3] === k.shape[3] &&
    k.shape[0] === v.shape[0] &&
    k.shape[n] === v.shape[n] &&
    k.shape[t] === v.shape[t] &&
    k.shape[n]! > 0 &&
    q.shape[n]! % k.shape[n]! === 0;
  if (!fits)
    throw expected(
      "dotProductAttention",
      `q, k and v in layout ${layout} with one batch size, head size and number of keys, and query heads a multiple of the others`,
      showAvals(given.map((e) => e.aval)),
    );
  return { q, k, v, layout, group: q.shape[n]! / k.shape[n]! };
};

/** Labels of an operand; query heads split into key heads n and their group g. */
const labelsOf = (layout: "BTNH" | "BNTH", time: Label, query: boolean): Label[] => {
  const heads = query ? ["n", "g"] : ["n"];
  return layout === "BTNH" ? ["b", time, ...heads, "h"] : ["b", ...heads, time, "h"];
};

const grouped = ({ q, layout, group }: Heads): Expr => {
  const at = headAxis[layout];
  return reshape(q, [...q.shape.slice(0, at), q.shape[at]! / group, group, ...q.shape.slice(at + 1)]);
};

const broadcastTo = (what: string, x: Expr, like: Expr): Expr => {
  const shape = broadcastShapes("dotProductAttention", [x.shape, like.shape]);
  if (shape.length !== like.ndim || shape.some((n, i) => n !== like.shape[i]))
    throw expected("dotProductAttention", `a ${what} that broadcasts to [${like.shape}]`, describe(x));
  return stretch(x, like.shape);
};

/** As JAX: a finite value, so that a query that may see nothing gets the mean of all values. */
const hidden = (x: Expr): Expr => fullLike(x, -0.7 * largestFinite(x.dtype)!);

const maskedScores = (scores: Expr, options: AttentionOptions): Expr => {
  let s = scores;
  if (options.bias !== undefined)
    s = add(s, broadcastTo("bias", asDType("dotProductAttention", options.bias, s.dtype), s));
  if (options.mask !== undefined) {
    const mask = toExpr("dotProductAttention", options.mask);
    if (mask.dtype !== "bool") throw expected("dotProductAttention", "a bool mask", describe(mask));
    s = select(broadcastTo("mask", mask, s), s, hidden(s));
  }
  if (options.causal === true)
    s = select(ge(iota(s.shape, "int32", 2), iota(s.shape, "int32", 3)), s, hidden(s));
  return s;
};

/**
 * softmax(q·kᵀ · scale + bias) · v over the keys: attention of queries `[B, T, N, H]` to keys and values
 * `[B, S, K, H]`, the batch being optional. N may be a multiple of K (grouped queries).
 *
 * Integers become float32. Throws when the shapes do not fit.
 *
 * @example
 * ```ts
 * const q = tensor([[[1, 0]]]); // one query, one head of size 2
 * const k = tensor([[[0, 0]], [[0, 0]]]);
 * const v = tensor([[[1, 2]], [[3, 4]]]);
 * dotProductAttention(q, k, v).toArray() // [[[2, 3]]]
 * dotProductAttention(q, k, v, { causal: true }).toArray() // [[[1, 2]]]
 * ```
 */
export const dotProductAttention = (
  q: TensorLike,
  k: TensorLike,
  v: TensorLike,
  options: AttentionOptions = {},
): Tensor => {
  checkOptions("dotProductAttention", options, ["mask", "bias", "scale", "causal", "layout"]);
  const layout = options.layout ?? "BTNH";
  if (!(layout in headAxis))
    throw expected("dotProductAttention", 'layout "BTNH" or "BNTH"', describe(layout));
  const heads = headsOf([q, k, v], layout);
  const scores = contract(
    labelled(grouped(heads), labelsOf(layout, "t", true)),
    labelled(heads.k, labelsOf(layout, "s", false)),
    ["b", "n", "g", "t", "s"],
  ).x;
  const [b, n, g, t, s] = scores.shape as [number, number, number, number, number];
  const scaled = mul(scores, fullLike(scores, options.scale ?? 1 / Math.sqrt(heads.q.shape[3]!)));
  const shares = softmaxFunctions.softmax(asTensor(maskedScores(reshape(scaled, [b, n * g, t, s]), options)));
  const out = contract(
    labelled(reshape(toExpr("dotProductAttention", shares), [b, n, g, t, s]), ["b", "n", "g", "t", "s"]),
    labelled(heads.v, labelsOf(layout, "s", false)),
    labelsOf(layout, "t", true),
  ).x;
  const shape = layout === "BTNH" ? [b, t, n * g, heads.v.shape[3]!] : [b, n * g, t, heads.v.shape[3]!];
  return asTensor(reshape(out, toExpr("dotProductAttention", q).ndim === 3 ? shape.slice(1) : shape));
};
