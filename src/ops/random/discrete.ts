/** Integers and truth values from random bits and uniform numbers. */
import type { Shape } from "../../ir/aval.js";
import { type DType, highest, isFloat, isInteger, lowest } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import {
  add,
  and,
  cast,
  div,
  eq,
  floor,
  gt,
  le,
  lt,
  max,
  min,
  mul,
  rem,
  select,
  sub,
} from "../../ir/primitives/arithmetic.js";
import { full, fullLike } from "../../ir/primitives/layout.js";
import { log, log1p } from "../../ir/primitives/transcendental.js";
import { reshape, sliceAxis } from "../../ir/primitives/views.js";
import { checkOptions } from "../options.js";
import { broadcastShapes, stretch } from "../promotion.js";
import {
  asTensor,
  checkDType,
  checkShape,
  describe,
  type Tensor,
  type TensorLike,
  toExpr,
} from "../tensor.js";
import { subkeys, toKey } from "./key.js";
import {
  integerDType,
  type IntegerOptions,
  type SampleOptions,
  spreadParameters,
  spreadTo,
} from "./parameters.js";
import { bits32, unit } from "./uniform.js";

/** A bound in the dtype that is drawn (int32 or uint32), saturated, and whether it lay above that dtype's range. */
interface Bound {
  readonly value: Expr;
  readonly above: Expr;
}

const truth = (shape: Shape, value: boolean): Expr => full(shape, "bool", Number(value));

const boundOf = (operation: string, bound: TensorLike, dtype: DType): Bound => {
  if (typeof bound === "number") {
    if (!Number.isInteger(bound)) throw expected(operation, "integer bounds", String(bound));
    const clipped = Math.min(Math.max(bound, lowest(dtype)), highest(dtype));
    return { value: full([], dtype, clipped), above: truth([], bound > highest(dtype)) };
  }
  const e = toExpr(operation, bound);
  if (!isInteger(e.dtype)) throw expected(operation, "integer bounds", describe(e));
  if (dtype === "int32" && e.dtype === "uint32") {
    const top = fullLike(e, highest("int32"));
    return { value: cast(min(e, top), dtype), above: gt(e, top) };
  }
  const raised =
    dtype === "uint32" && e.dtype !== "uint8" && e.dtype !== "uint32" ? max(e, fullLike(e, 0)) : e;
  return { value: cast(raised, dtype), above: truth(e.shape, false) };
};

/** A bound of an 8-bit dtype, which is drawn as int32. */
const clippedBound = (operation: string, bound: TensorLike, from: number, to: number): TensorLike => {
  if (typeof bound === "number") return Math.min(Math.max(bound, from), to);
  const e = toExpr(operation, bound);
  if (!isInteger(e.dtype)) throw expected(operation, "integer bounds", describe(e));
  const wide = cast(e, "int32");
  return asTensor(min(max(wide, fullLike(wide, from)), fullLike(wide, to)));
};

/** How many integers there are to choose from, as uint32: 1 when there are none, 0 when there are 2³². */
const spanOf = (low: Expr, high: Expr, above: Expr): Expr => {
  const span = cast(sub(high, low), "uint32");
  const one = fullLike(span, 1);
  const some = select(le(high, low), one, span);
  return select(and(above, gt(high, low)), add(some, one), some);
};

/** 64 bits modulo the span, as JAX takes them: the high word counts 2³² mod span. */
const offsetIn = (operation: string, key: Expr, shape: Shape, span: Expr): Expr => {
  const root = rem(fullLike(span, 2 ** 16), span);
  const weight = stretch(rem(mul(root, root), span), shape);
  const n = stretch(span, shape);
  const [k1, k2] = subkeys(operation, key, 2);
  const high = rem(bits32(operation, k1!, shape), n);
  const low = rem(bits32(operation, k2!, shape), n);
  return rem(add(mul(high, weight), low), n);
};

/**
 * Integers from `minval` (included) to `maxval` (excluded): 64 random bits modulo the range, so nearly unbiased.
 * Where the range is empty, `minval`. Bounds are integers or integer tensors; those beyond the dtype saturate, and
 * a `maxval` one above its greatest value includes that.
 *
 * Throws unless the bounds are integers that broadcast to the shape and the dtype is an integer one.
 *
 * @example
 * ```ts
 * random.randint(random.key(0), [5], 0, 10).toArray() // [9, 0, 2, 3, 1]
 * random.randint(random.key(0), [2, 3], 0, 256, { dtype: "uint8" }).dtype // "uint8"
 * ```
 */
export const randint = (
  key: Tensor,
  shape: Shape,
  minval: TensorLike,
  maxval: TensorLike,
  options?: IntegerOptions,
): Tensor => {
  const op = "random.randint";
  const dtype = integerDType(op, options);
  const k = toKey(op, key);
  const dims = checkShape(op, shape);
  const narrow = dtype === "int8" || dtype === "uint8";
  const drawn = narrow ? "int32" : dtype;
  const [least, most] = [lowest(dtype), highest(dtype)];
  const low = boundOf(op, narrow ? clippedBound(op, minval, least, most) : minval, drawn);
  const high = boundOf(op, narrow ? clippedBound(op, maxval, least, most + 1) : maxval, drawn);
  const common = broadcastShapes(op, [low.value.shape, high.value.shape]);
  const [lo, hi, above] = [low.value, high.value, high.above].map((e) => stretch(e, common));
  const start = spreadTo(op, asTensor(lo!), dims, drawn);
  const offset = offsetIn(op, k, dims, spanOf(lo!, hi!, above!));
  return asTensor(cast(add(start, cast(offset, drawn)), dtype));
};

/** How finely probabilities are resolved. */
export interface ModeOptions {
  /** "high" spends twice the bits, so that probabilities below 2⁻²³ are told apart. Default: "low". */
  readonly mode?: "low" | "high";
}

export const checkMode = <M extends string>(operation: string, mode: unknown, modes: readonly M[]): M => {
  if (mode === undefined) return modes[0]!;
  if (modes.includes(mode as M)) return mode as M;
  throw expected(operation, `mode ${modes.map((m) => JSON.stringify(m)).join(" or ")}`, describe(mode));
};

/** The two halves of a tensor whose first axis has size 2. */
export const halves = (x: Expr): readonly [Expr, Expr] => {
  const half = (i: number): Expr => reshape(sliceAxis(x, 0, i, 1), x.shape.slice(1));
  return [half(0), half(1)];
};

/**
 * true with probability `p`: bool, of p's shape unless given.
 *
 * Throws unless `p` broadcasts to the shape.
 *
 * @example
 * ```ts
 * random.bernoulli(random.key(0), 0.7, [4]).toArray() // [false, false, true, true]
 * ```
 */
export const bernoulli = (key: Tensor, p: TensorLike = 0.5, shape?: Shape, options?: ModeOptions): Tensor => {
  const op = "random.bernoulli";
  checkOptions(op, options, ["mode"]);
  const mode = checkMode(op, options?.mode, ["low", "high"]);
  const k = toKey(op, key);
  const { shape: dims, dtype, values } = spreadParameters(op, [p], shape, undefined);
  const probability = values[0]!;
  if (mode === "low") return asTensor(lt(unit(op, k, dims, dtype), probability));
  const [u1, u2] = halves(unit(op, k, [2, ...dims], dtype));
  const resolution = fullLike(u2, dtype === "float32" ? 2 ** -23 : 2 ** -52);
  return asTensor(lt(mul(u2, resolution), sub(probability, u1)));
};

/** -1 or 1, each with probability 1/2. int32. */
export const signs = (operation: string, key: Expr, shape: Shape): Expr => {
  const u = unit(operation, key, shape, "float32");
  return select(lt(u, fullLike(u, 0.5)), full(shape, "int32", 1), full(shape, "int32", -1));
};

/**
 * -1 or 1, each with probability 1/2: Rademacher's distribution. int32, or another signed dtype.
 *
 * @example
 * ```ts
 * random.rademacher(random.key(0), [4]).toArray() // [-1, -1, 1, 1]
 * ```
 */
export const rademacher = (key: Tensor, shape: Shape = [], options?: SampleOptions): Tensor => {
  const op = "random.rademacher";
  checkOptions(op, options, ["dtype"]);
  const dtype = checkDType(op, options?.dtype ?? "int32");
  if (!isFloat(dtype) && lowest(dtype) >= 0)
    throw expected(op, "a signed dtype (int32, int8, float32, float64)", dtype);
  return asTensor(cast(signs(op, toKey(op, key), checkShape(op, shape)), dtype));
};

/**
 * The number of trials up to the first success, each with probability `p`: integers from 1.
 *
 * Throws unless `p` broadcasts to the shape (its own by default) and the dtype is an integer one.
 *
 * @example
 * ```ts
 * random.geometric(random.key(0), 0.5, [4]).toArray() // [1, 1, 2, 2]
 * ```
 */
export const geometric = (key: Tensor, p: TensorLike, shape?: Shape, options?: IntegerOptions): Tensor => {
  const op = "random.geometric";
  const dtype = integerDType(op, options);
  const k = toKey(op, key);
  const { shape: dims, dtype: real, values } = spreadParameters(op, [p], shape, undefined);
  const u = unit(op, k, dims, real);
  const one = fullLike(u, 1);
  const positive = select(eq(u, fullLike(u, 0)), one, u);
  const failures = floor(div(log(positive), log1p(sub(fullLike(u, 0), values[0]!))));
  return asTensor(cast(add(failures, one), dtype));
};
