/** Scaled dot-product attention (A. Vaswani et al., "Attention is all you need", 2017). */
import { sameShape, type Shape, showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { largestFinite } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import { add, cast, ge, mul, select } from "../ir/primitives/arithmetic.js";
import { full, fullLike, permute, unreduce } from "../ir/primitives/layout.js";
import { iota, reshape } from "../ir/primitives/views.js";
import { inChunks, type Keyed } from "./attention-chunks.js";
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
  /**
   * Keys that are gone through at a time. The scores of all of them need not exist at once, forwards or backwards (where
   * they are computed again): memory for long sequences, at the price of time for short ones. Default: all at once, where
   * compiled code still goes through heads and queries by blocks, but for gradients of keys and values.
   */
  readonly keyChunkSize?: number;
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

/** Throws unless an operand broadcasts to the shape of all scores. */
const requireFit = (what: string, x: Expr, shape: Shape): void => {
  const met = broadcastShapes("dotProductAttention", [x.shape, shape]);
  if (!sameShape(met, shape))
    throw expected("dotProductAttention", `a ${what} that broadcasts to [${shape}]`, describe(x));
};

/** As JAX: a finite value, so that a query that may see nothing gets the mean of all values. */
const hidden = (x: Expr): Expr => fullLike(x, -0.7 * largestFinite(x.dtype)!);

/** The scores of keys from `first` on, with the part of bias and mask for them. */
const maskedScores = (scores: Expr, { bias, mask, causal }: Extras, first: Expr | null): Expr => {
  let s = scores;
  if (bias !== undefined) s = add(s, stretch(bias, s.shape));
  if (mask !== undefined) s = select(stretch(mask, s.shape), s, hidden(s));
  if (causal) {
    const at = iota(s.shape, "int32", 3);
    const key = first === null ? at : add(at, unreduce(first, s.shape, [0, 1, 2, 3]));
    s = select(ge(iota(s.shape, "int32", 2), key), s, hidden(s));
  }
  return s;
};

interface Extras {
  readonly bias: Expr | undefined;
  readonly mask: Expr | undefined;
  readonly causal: boolean;
}

const extrasOf = ({ bias, mask, causal }: AttentionOptions, { q, k, layout }: Heads): Extras => {
  const [head, time] = [headAxis[layout], timeAxis[layout]];
  const shape = [q.shape[0]!, q.shape[head]!, q.shape[time]!, k.shape[time]!];
  const added = bias === undefined ? undefined : asDType("dotProductAttention", bias, q.dtype);
  if (added !== undefined) requireFit("bias", added, shape);
  const masked = mask === undefined ? undefined : toExpr("dotProductAttention", mask);
  if (masked !== undefined) {
    if (masked.dtype !== "bool") throw expected("dotProductAttention", "a bool mask", describe(masked));
    requireFit("mask", masked, shape);
  }
  return { bias: added, mask: masked, causal: causal === true };
};

const scoresOf = (heads: Heads, keys: Expr, scale: number): Expr => {
  const scores = contract(
    labelled(grouped(heads), labelsOf(heads.layout, "t", true)),
    labelled(keys, labelsOf(heads.layout, "s", false)),
    scoreLabels,
  ).x;
  const [b, n, g, t, s] = scores.shape as [number, number, number, number, number];
  return reshape(mul(scores, fullLike(scores, scale)), [b, n * g, t, s]);
};

const scoreLabels: readonly Label[] = ["b", "n", "g", "t", "s"];

/** Shares `[B, N, T, S]` of values. */
const weighted = ({ layout, group }: Heads, shares: Expr, values: Expr, out: readonly Label[]): Expr => {
  const [b, n, t, s] = shares.shape as [number, number, number, number];
  return contract(
    labelled(reshape(shares, [b, n / group, group, t, s]), scoreLabels),
    labelled(values, labelsOf(layout, "s", false)),
    out,
  ).x;
};

/** Everything at once: all scores exist. */
const atOnce = (heads: Heads, scale: number, extras: Extras): Expr => {
  const scores = maskedScores(scoresOf(heads, heads.k, scale), extras, null);
  const shares = toExpr("dotProductAttention", softmaxFunctions.softmax(asTensor(scores)));
  return weighted(heads, shares, heads.v, labelsOf(heads.layout, "t", true));
};

/** By chunks of the keys, and of what bias and mask have for each. Sums over all chunks are float32 at least. */
const byChunks = (given: Heads, scale: number, { bias, ...others }: Extras, size: number): Expr => {
  const wide = (x: Expr): Expr => (x.dtype === "float16" ? cast(x, "float32") : x);
  const heads = { ...given, q: wide(given.q), k: wide(given.k), v: wide(given.v) };
  const extras = { ...others, bias: bias && wide(bias) };
  const { q, k, v, layout } = heads;
  const keys = k.shape[timeAxis[layout]]!;
  const perKey = (x: Expr | undefined): x is Expr =>
    x !== undefined && x.ndim > 0 && keys > 1 && x.shape[x.ndim - 1] === keys;
  const along = (x: Expr): Keyed => ({ x, axis: x.ndim - 1 });
  const own = [extras.bias, extras.mask].filter(perKey).map(along);
  const operands = [k, v].map((x): Keyed => ({ x, axis: timeAxis[layout] }));
  const [b, n, t] = [q.shape[0]!, q.shape[headAxis[layout]]!, q.shape[timeAxis[layout]]!];
  const zeros = full([b, n, t, v.shape[3]!], q.dtype, 0);
  const out = inChunks(
    { keys, size },
    [...operands, ...own],
    zeros,
    3,
    ([keysNow, values, ...rest], first) => {
      const bias = perKey(extras.bias) ? rest[0] : extras.bias;
      const mask = perKey(extras.mask) ? rest[rest.length - 1] : extras.mask;
      return {
        scores: maskedScores(scoresOf(heads, keysNow!, scale), { ...extras, bias, mask }, first),
        weigh: (shares) => reshape(weighted(heads, shares, values!, ["b", "n", "g", "t", "h"]), zeros.shape),
      };
    },
  );
  return cast(layout === "BTNH" ? permute(out, [0, 2, 1, 3]) : out, given.q.dtype);
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
  checkOptions("dotProductAttention", options, ["mask", "bias", "scale", "causal", "layout", "keyChunkSize"]);
  const { layout = "BTNH", keyChunkSize: size } = options;
  if (!(layout in headAxis))
    throw expected("dotProductAttention", 'layout "BTNH" or "BNTH"', describe(layout));
  if (size !== undefined && (!Number.isInteger(size) || size < 1))
    throw expected("dotProductAttention", "a keyChunkSize of at least 1", describe(size));
  const heads = headsOf([q, k, v], layout);
  const scale = options.scale ?? 1 / Math.sqrt(heads.q.shape[3]!);
  const extras = extrasOf(options, heads);
  const keys = heads.k.shape[timeAxis[layout]]!;
  const out =
    size === undefined || size >= keys ? atOnce(heads, scale, extras) : byChunks(heads, scale, extras, size);
  const { shape } = heads.q;
  const whole = reshape(out, [...shape.slice(0, 3), heads.v.shape[3]!]);
  return asTensor(toExpr("dotProductAttention", q).ndim === 3 ? reshape(whole, whole.shape.slice(1)) : whole);
};
