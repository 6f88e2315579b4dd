/** Gumbel's distribution of maxima, from uniform numbers of three resolutions. */
import type { Shape } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import type { Expr } from "../../ir/expr.js";
import {
  add,
  and,
  bitcast,
  cast,
  eq,
  ge,
  lt,
  mul,
  neg,
  not,
  or,
  select,
  shl,
  shr,
  sub,
} from "../../ir/primitives/arithmetic.js";
import { full, fullLike } from "../../ir/primitives/layout.js";
import { log, log1p } from "../../ir/primitives/transcendental.js";
import { asTensor, checkShape, type Tensor } from "../tensor.js";
import { checkMode, halves } from "./discrete.js";
import { toKey } from "./key.js";
import { sampleDType, type SampleOptions } from "./parameters.js";
import { between, bits32, unit } from "./uniform.js";

/** How many random bits each Gumbel number takes. */
export type GumbelMode = "low" | "high" | "highest";

/** How Gumbel numbers are drawn. */
export interface GumbelOptions extends SampleOptions {
  /** How finely the tails are resolved: 23, 46 or (float32 only) 64 random bits each. Default: "low". */
  readonly mode?: GumbelMode;
}

const tiny = (dtype: DType): number => (dtype === "float32" ? 2 ** -126 : 2 ** -1022);
const word = (x: Expr, value: number): Expr => full(x.shape, "uint32", value);

/** Leading zero bits of a uint32: from the exponent of a float32 whose rounding cannot carry into the next one. */
const leadingZeros = (x: Expr): Expr => {
  const exponent = shr(bitcast(cast(and(x, not(shr(x, word(x, 1)))), "float32"), "uint32"), word(x, 23));
  return select(eq(x, word(x, 0)), word(x, 32), sub(word(x, 158), exponent));
};

/** The 64-bit fixed-point number high.low / 2⁶⁴, truncated to float32. */
const fromFixed = (high: Expr, low: Expr): Expr => {
  const zeros = leadingZeros(high);
  const lowZeros = leadingZeros(low);
  const empty = eq(zeros, word(zeros, 32));
  const rest = select(empty, shl(low, lowZeros), shr(low, sub(word(zeros, 32), zeros)));
  const mantissa = and(shr(or(shl(high, zeros), rest), word(zeros, 8)), word(zeros, 0x7fffff));
  const scale = sub(word(zeros, 126), select(empty, add(word(zeros, 32), lowZeros), zeros));
  const exponent = and(shl(scale, word(zeros, 23)), word(zeros, 0x3fc00000));
  return bitcast(or(exponent, mantissa), "float32");
};

const highest = (operation: string, key: Expr, shape: Shape): Expr => {
  const [b0, b1] = halves(bits32(operation, key, [2, ...shape]));
  const n1 = not(b1);
  const carry = cast(eq(n1, word(n1, 2 ** 32 - 1)), "uint32");
  const small = lt(b0, word(b0, 2 ** 31));
  const x = fromFixed(select(small, b0, add(not(b0), carry)), select(small, b1, add(n1, word(n1, 1))));
  // Each side gets a number at which its logarithm is finite.
  const half = fullLike(x, 0.5);
  const below = log1p(neg(select(small, x, half)));
  return neg(log(neg(select(small, below, log(select(small, half, x))))));
};

const high = (operation: string, key: Expr, shape: Shape, dtype: DType): Expr => {
  const [u1, u2] = halves(unit(operation, key, [2, ...shape], dtype));
  const fine = mul(u2, fullLike(u2, dtype === "float32" ? 2 ** -23 : 2 ** -52));
  const x = select(ge(u1, fullLike(u1, 0.5)), u1, add(add(u1, fine), fullLike(u1, tiny(dtype))));
  return neg(log(neg(log1p(neg(x)))));
};

export const drawGumbel = (
  operation: string,
  key: Expr,
  shape: Shape,
  dtype: DType,
  mode: GumbelMode,
): Expr => {
  if (mode === "low") return neg(log(neg(log(between(operation, key, shape, dtype, tiny(dtype), 1)))));
  return mode === "highest" && dtype === "float32"
    ? highest(operation, key, shape)
    : high(operation, key, shape, dtype);
};

/**
 * Gumbel's distribution with location 0 and scale 1: -log(-log u).
 *
 * Throws unless `key` is a key and the mode is one of "low", "high" and "highest".
 *
 * @example
 * ```ts
 * random.gumbel(random.key(0), [2]).toArray() // ≈ [2.9234, 3.8326]
 * ```
 */
export const gumbel = (key: Tensor, shape: Shape = [], options?: GumbelOptions): Tensor => {
  const op = "random.gumbel";
  const dtype = sampleDType(op, options, ["mode"]);
  const mode = checkMode(op, options?.mode, ["low", "high", "highest"]);
  return asTensor(drawGumbel(op, toKey(op, key), checkShape(op, shape), dtype, mode));
};
