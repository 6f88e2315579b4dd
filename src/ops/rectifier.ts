/**
 * Activations made of straight lines, with or without an exponential below zero. Integers become float32 unless said
 * otherwise; a derivative at a kink is JAX's.
 */
import type { Expr } from "../ir/expr.js";
import { abs, div, ge, gt, le, lt, mul, select } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { expm1 } from "../ir/primitives/transcendental.js";
import { float, plus, scale, zero } from "./formula.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { withOptions } from "./options.js";
import { floating, toFloat, unify } from "./promotion.js";
import { asTensor, type TensorLike, toExpr } from "./tensor.js";

export interface RectifierArgs {
  /** max(x, 0). */
  relu: [];
  /** min(max(x, 0), 6). */
  relu6: [];
  /** x where positive, else a small multiple of it. */
  leakyRelu: [options?: { readonly negativeSlope?: number }];
  /** x where positive, else alpha, which may be learnt, times x. */
  prelu: [alpha: TensorLike];
  /** x where positive, else alpha · (exp(x) - 1). */
  elu: [options?: { readonly alpha?: number }];
  /** The self-normalising elu. */
  selu: [];
  /** The continuously differentiable elu. */
  celu: [options?: { readonly alpha?: number }];
  /** x held between -1 and 1. */
  hardTanh: [];
  /** relu6(x + 3) / 6. */
  hardSigmoid: [];
  /** x · hardSigmoid(x). */
  hardSwish: [];
  /** x moved towards 0 by lambda, and 0 within it. */
  softShrink: [options?: { readonly lambda?: number }];
  /** x where its magnitude is above lambda, else 0. */
  hardShrink: [options?: { readonly lambda?: number }];
}

const reluOf = (x: Expr): Expr => select(le(x, zero(x)), zero(x), x);
const relu6Of = (x: Expr): Expr =>
  select(le(x, zero(x)), zero(x), select(ge(x, fullLike(x, 6)), fullLike(x, 6), x));

/** exp(x) - 1 where x is not positive; the other side never sees an overflow. */
const eluOf = (x: Expr, alpha: number, stretched = 1): Expr => {
  const positive = gt(x, zero(x));
  const below = select(positive, zero(x), x);
  return select(positive, x, scale(expm1(stretched === 1 ? below : scale(below, 1 / stretched)), alpha));
};

const hardTanhOf = (x: Expr): Expr =>
  select(gt(x, fullLike(x, 1)), fullLike(x, 1), select(lt(x, fullLike(x, -1)), fullLike(x, -1), x));

const hardSigmoidOf = (x: Expr): Expr => div(relu6Of(plus(x, 3)), fullLike(x, 6));

const softShrinkOf = (x: Expr, lambda: number): Expr =>
  select(
    gt(x, fullLike(x, lambda)),
    plus(x, -lambda),
    select(lt(x, fullLike(x, -lambda)), plus(x, lambda), zero(x)),
  );

/** G. Klambauer et al., "Self-normalizing neural networks", 2017. */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

export const rectifierFunctions: BodiesOf<RectifierArgs> = {
  relu: (x) => asTensor(reluOf(toExpr("relu", x))),
  relu6: (x) => asTensor(relu6Of(toExpr("relu6", x))),
  leakyRelu: withOptions("leakyRelu", 1, ["negativeSlope"], (input, { negativeSlope = 0.01 } = {}) => {
    const x = toFloat("leakyRelu", input);
    return asTensor(select(ge(x, zero(x)), x, scale(x, negativeSlope)));
  }),
  prelu: (input, alpha) => {
    const [x, a] = unify("prelu", [input, alpha], floating) as [Expr, Expr];
    return asTensor(select(ge(x, zero(x)), x, mul(a, x)));
  },
  elu: withOptions("elu", 1, ["alpha"], (x, { alpha = 1 } = {}) => asTensor(eluOf(toFloat("elu", x), alpha))),
  selu: float("selu", (x) => scale(eluOf(x, seluAlpha), seluScale)),
  celu: withOptions("celu", 1, ["alpha"], (x, { alpha = 1 } = {}) =>
    asTensor(eluOf(toFloat("celu", x), alpha, alpha)),
  ),
  hardTanh: float("hardTanh", hardTanhOf),
  hardSigmoid: float("hardSigmoid", hardSigmoidOf),
  hardSwish: float("hardSwish", (x) => mul(x, hardSigmoidOf(x))),
  softShrink: withOptions("softShrink", 1, ["lambda"], (x, { lambda = 0.5 } = {}) =>
    asTensor(softShrinkOf(toFloat("softShrink", x), lambda)),
  ),
  hardShrink: withOptions("hardShrink", 1, ["lambda"], (input, { lambda = 0.5 } = {}) => {
    const x = toFloat("hardShrink", input);
    return asTensor(select(le(abs(x), fullLike(x, lambda)), zero(x), x));
  }),
};

/**
 * max(x, 0). Keeps the dtype; the derivative at 0 is 0.
 *
 * @example
 * ```ts
 * relu(tensor([-1, 0, 2])).toArray() // [0, 0, 2]
 * ```
 */
export const relu: Unary = rectifierFunctions.relu;

/**
 * min(max(x, 0), 6). Keeps the dtype.
 *
 * @example
 * ```ts
 * relu6(tensor([-1, 3, 8])).toArray() // [0, 3, 6]
 * ```
 */
export const relu6: Unary = rectifierFunctions.relu6;

/**
 * x where it is not negative, else `negativeSlope` · x (default 0.01).
 *
 * @example
 * ```ts
 * leakyRelu(tensor([-100, 2])).toArray() // [-1, 2]
 * ```
 */
export const leakyRelu: Op<RectifierArgs["leakyRelu"]> & Unary = op(0, rectifierFunctions.leakyRelu);

/**
 * x where it is not negative, else `alpha` · x: a leaky relu whose slope may be learnt (K. He et al., 2015).
 *
 * Operands broadcast; one slope for each channel of `[N, C, …space]` has the shape `[C, 1, …]`.
 *
 * @example
 * ```ts
 * prelu(tensor([-2, 3]), 0.25).toArray() // [-0.5, 3]
 * ```
 */
export const prelu: Op<RectifierArgs["prelu"]> = op(1, rectifierFunctions.prelu);

/**
 * x where positive, else `alpha` · (exp(x) - 1).
 *
 * @example
 * ```ts
 * elu(tensor([-1, 2])).toArray() // ≈ [-0.6321, 2]
 * ```
 */
export const elu: Op<RectifierArgs["elu"]> & Unary = op(0, rectifierFunctions.elu);

/**
 * The scaled elu that keeps mean 0 and variance 1 (G. Klambauer et al., "Self-normalizing neural networks", 2017).
 *
 * @example
 * ```ts
 * selu(tensor([-1, 1])).toArray() // ≈ [-1.1113, 1.0507]
 * ```
 */
export const selu: Unary = rectifierFunctions.selu;

/**
 * x where positive, else `alpha` · (exp(x / alpha) - 1): an elu with a continuous derivative for every alpha.
 *
 * @example
 * ```ts
 * celu(tensor([-2, 1]), { alpha: 2 }).toArray() // ≈ [-1.2642, 1]
 * ```
 */
export const celu: Op<RectifierArgs["celu"]> & Unary = op(0, rectifierFunctions.celu);

/**
 * x held between -1 and 1.
 *
 * @example
 * ```ts
 * hardTanh(tensor([-2, 0.5, 2])).toArray() // [-1, 0.5, 1]
 * ```
 */
export const hardTanh: Unary = rectifierFunctions.hardTanh;

/**
 * relu6(x + 3) / 6: a sigmoid of straight lines.
 *
 * @example
 * ```ts
 * hardSigmoid(tensor([-4, 0, 4])).toArray() // [0, 0.5, 1]
 * ```
 */
export const hardSigmoid: Unary = rectifierFunctions.hardSigmoid;

/**
 * x · hardSigmoid(x) (A. Howard et al., "Searching for MobileNetV3", 2019).
 *
 * @example
 * ```ts
 * hardSwish(tensor([-4, 3])).toArray() // [0, 3]
 * ```
 */
export const hardSwish: Unary = rectifierFunctions.hardSwish;

/**
 * x moved towards 0 by `lambda` (default 0.5), and 0 within it.
 *
 * @example
 * ```ts
 * softShrink(tensor([-2, 0.25, 2])).toArray() // [-1.5, 0, 1.5]
 * ```
 */
export const softShrink: Op<RectifierArgs["softShrink"]> & Unary = op(0, rectifierFunctions.softShrink);

/**
 * x where |x| > `lambda` (default 0.5), else 0.
 *
 * @example
 * ```ts
 * hardShrink(tensor([-2, 0.25, 2])).toArray() // [-2, 0, 2]
 * ```
 */
export const hardShrink: Op<RectifierArgs["hardShrink"]> & Unary = op(0, rectifierFunctions.hardShrink);
