/**
 * Activations: elementwise functions between the layers of a network. Integers become float32 unless said otherwise.
 * Formulas are chosen so that neither values nor derivatives overflow; a derivative at a kink is JAX's.
 */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { abs, add, div, ge, gt, le, lt, mul, neg, select, sub } from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { erfc } from "../ir/primitives/special.js";
import { exp, expm1, log1p, logistic, sqrt, tanh } from "../ir/primitives/transcendental.js";
import { sliceAxis } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { floating, toFloat, unify } from "./promotion.js";
import { asTensor, checkAxis, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

export interface ActivationArgs {
  /** max(x, 0). */
  relu: [];
  /** min(max(x, 0), 6). */
  relu6: [];
  /** x where positive, else a small multiple of it. */
  leakyRelu: [options?: { readonly negativeSlope?: number }];
  /** x where positive, else alpha · (exp(x) - 1). */
  elu: [options?: { readonly alpha?: number }];
  /** The self-normalising elu. */
  selu: [];
  /** The continuously differentiable elu. */
  celu: [options?: { readonly alpha?: number }];
  /** x times the normal distribution function of x. */
  gelu: [options?: { readonly approximate?: boolean }];
  /** x · sigmoid(x). */
  silu: [];
  /** x · sigmoid(x). */
  swish: [];
  /** x · tanh(softplus(x)). */
  mish: [];
  /** log(1 + exp(x)). */
  softplus: [];
  /** x / (1 + |x|). */
  softSign: [];
  /** log(sigmoid(x)). */
  logSigmoid: [];
  /** x held between -1 and 1. */
  hardTanh: [];
  /** relu6(x + 3) / 6. */
  hardSigmoid: [];
  /** x · hardSigmoid(x). */
  hardSwish: [];
  /** x where positive, else alpha, which may be learnt, times x. */
  prelu: [alpha: TensorLike];
  /** The first half along an axis times the sigmoid of the second. */
  glu: [options?: { readonly axis?: number }];
  /** (x + √(x² + b)) / 2. */
  squareplus: [options?: { readonly b?: number }];
  /** x - tanh(x). */
  tanhShrink: [];
  /** x moved towards 0 by lambda, and 0 within it. */
  softShrink: [options?: { readonly lambda?: number }];
  /** x where its magnitude is above lambda, else 0. */
  hardShrink: [options?: { readonly lambda?: number }];
}

const scale = (x: Expr, by: number): Expr => mul(x, fullLike(x, by));
const plus = (x: Expr, c: number): Expr => add(x, fullLike(x, c));
const zero = (x: Expr): Expr => fullLike(x, 0);

const reluOf = (x: Expr): Expr => select(le(x, zero(x)), zero(x), x);
const relu6Of = (x: Expr): Expr =>
  select(le(x, zero(x)), zero(x), select(ge(x, fullLike(x, 6)), fullLike(x, 6), x));

/** exp(x) - 1 where x is not positive; the other side never sees an overflow. */
const eluOf = (x: Expr, alpha: number, stretched = 1): Expr => {
  const positive = gt(x, zero(x));
  const below = select(positive, zero(x), x);
  return select(positive, x, scale(expm1(stretched === 1 ? below : scale(below, 1 / stretched)), alpha));
};

/** x⁺ + log(1 + exp(-|x|)), each side analytic, so that derivatives of every order are right at 0 too. */
export const softplusOf = (x: Expr): Expr => {
  const positive = gt(x, zero(x));
  return add(select(positive, x, zero(x)), log1p(exp(select(positive, neg(x), x))));
};

/** D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016: exact, and the tanh approximation. */
const geluOf = (x: Expr, approximate: boolean): Expr => {
  if (!approximate) return mul(scale(x, 0.5), erfc(scale(x, -Math.SQRT1_2)));
  const cubic = add(x, scale(mul(x, mul(x, x)), 0.044715));
  return mul(x, scale(plus(tanh(scale(cubic, Math.sqrt(2 / Math.PI))), 1), 0.5));
};

const hardTanhOf = (x: Expr): Expr =>
  select(gt(x, fullLike(x, 1)), fullLike(x, 1), select(lt(x, fullLike(x, -1)), fullLike(x, -1), x));

const hardSigmoidOf = (x: Expr): Expr => div(relu6Of(plus(x, 3)), fullLike(x, 6));

const gluOf = (x: Expr, axis: number): Expr => {
  const at = checkAxis("glu", axis, x.ndim);
  const n = x.shape[at]!;
  if (n % 2 !== 0) throw expected("glu", `an even size along axis ${at}`, String(n));
  return mul(sliceAxis(x, at, 0, n / 2), logistic(sliceAxis(x, at, n / 2, n / 2)));
};

const softShrinkOf = (x: Expr, lambda: number): Expr =>
  select(gt(x, fullLike(x, lambda)), plus(x, -lambda), select(lt(x, fullLike(x, -lambda)), plus(x, lambda), zero(x)));

/** G. Klambauer et al., "Self-normalizing neural networks", 2017. */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

const float =
  (operation: string, f: (x: Expr) => Expr) =>
  (x: TensorLike): Tensor =>
    asTensor(f(toFloat(operation, x)));

export const activationFunctions: BodiesOf<ActivationArgs> = {
  relu: (x) => asTensor(reluOf(toExpr("relu", x))),
  relu6: (x) => asTensor(relu6Of(toExpr("relu6", x))),
  leakyRelu: withOptions("leakyRelu", 1, ["negativeSlope"], (input, { negativeSlope = 0.01 } = {}) => {
    const x = toFloat("leakyRelu", input);
    return asTensor(select(ge(x, zero(x)), x, scale(x, negativeSlope)));
  }),
  elu: withOptions("elu", 1, ["alpha"], (x, { alpha = 1 } = {}) => asTensor(eluOf(toFloat("elu", x), alpha))),
  prelu: (input, alpha) => {
    const [x, a] = unify("prelu", [input, alpha], floating) as [Expr, Expr];
    return asTensor(select(ge(x, zero(x)), x, mul(a, x)));
  },
  selu: float("selu", (x) => scale(eluOf(x, seluAlpha), seluScale)),
  celu: withOptions("celu", 1, ["alpha"], (x, { alpha = 1 } = {}) => asTensor(eluOf(toFloat("celu", x), alpha, alpha))),
  gelu: withOptions("gelu", 1, ["approximate"], (x, { approximate = true } = {}) => asTensor(geluOf(toFloat("gelu", x), approximate))),
  silu: float("silu", (x) => mul(x, logistic(x))),
  swish: float("swish", (x) => mul(x, logistic(x))),
  mish: float("mish", (x) => mul(x, tanh(softplusOf(x)))),
  softplus: float("softplus", softplusOf),
  softSign: float("softSign", (x) => div(x, plus(abs(x), 1))),
  logSigmoid: float("logSigmoid", (x) => neg(softplusOf(neg(x)))),
  hardTanh: float("hardTanh", hardTanhOf),
  hardSigmoid: float("hardSigmoid", hardSigmoidOf),
  hardSwish: float("hardSwish", (x) => mul(x, hardSigmoidOf(x))),
  glu: withOptions("glu", 1, ["axis"], (x, { axis = -1 } = {}) => asTensor(gluOf(toFloat("glu", x), axis))),
  squareplus: withOptions("squareplus", 1, ["b"], (input, { b = 4 } = {}) => {
    const x = toFloat("squareplus", input);
    return asTensor(scale(add(x, sqrt(plus(mul(x, x), b))), 0.5));
  }),
  tanhShrink: float("tanhShrink", (x) => sub(x, tanh(x))),
  softShrink: withOptions("softShrink", 1, ["lambda"], (x, { lambda = 0.5 } = {}) => asTensor(softShrinkOf(toFloat("softShrink", x), lambda))),
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
export const relu: Unary = activationFunctions.relu;

/**
 * min(max(x, 0), 6). Keeps the dtype.
 *
 * @example
 * ```ts
 * relu6(tensor([-1, 3, 8])).toArray() // [0, 3, 6]
 * ```
 */
export const relu6: Unary = activationFunctions.relu6;

/**
 * x where it is not negative, else `negativeSlope` · x (default 0.01).
 *
 * @example
 * ```ts
 * leakyRelu(tensor([-100, 2])).toArray() // [-1, 2]
 * ```
 */
export const leakyRelu: Op<ActivationArgs["leakyRelu"]> & Unary = op(0, activationFunctions.leakyRelu);

/**
 * x where positive, else `alpha` · (exp(x) - 1).
 *
 * @example
 * ```ts
 * elu(tensor([-1, 2])).toArray() // ≈ [-0.6321, 2]
 * ```
 */
export const elu: Op<ActivationArgs["elu"]> & Unary = op(0, activationFunctions.elu);

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
export const prelu: Op<ActivationArgs["prelu"]> = op(1, activationFunctions.prelu);

/**
 * The scaled elu that keeps mean 0 and variance 1 (G. Klambauer et al., "Self-normalizing neural networks", 2017).
 *
 * @example
 * ```ts
 * selu(tensor([-1, 1])).toArray() // ≈ [-1.1113, 1.0507]
 * ```
 */
export const selu: Unary = activationFunctions.selu;

/**
 * x where positive, else `alpha` · (exp(x / alpha) - 1): an elu with a continuous derivative for every alpha.
 *
 * @example
 * ```ts
 * celu(tensor([-2, 1]), { alpha: 2 }).toArray() // ≈ [-1.2642, 1]
 * ```
 */
export const celu: Op<ActivationArgs["celu"]> & Unary = op(0, activationFunctions.celu);

/**
 * x · Φ(x), Φ being the normal distribution function (D. Hendrycks and K. Gimpel, 2016).
 *
 * Approximated by tanh, as in JAX, unless `approximate` is false.
 *
 * @example
 * ```ts
 * gelu(tensor([-1, 1])).toArray() // ≈ [-0.1588, 0.8412]
 * gelu(tensor([-1, 1]), { approximate: false }).toArray() // ≈ [-0.1587, 0.8413]
 * ```
 */
export const gelu: Op<ActivationArgs["gelu"]> & Unary = op(0, activationFunctions.gelu);

/**
 * x · sigmoid(x).
 *
 * @example
 * ```ts
 * silu(tensor([-1, 1])).toArray() // ≈ [-0.2689, 0.7311]
 * ```
 */
export const silu: Unary = activationFunctions.silu;

/**
 * x · sigmoid(x): another name of `silu`.
 *
 * @example
 * ```ts
 * swish(tensor([1])).toArray() // ≈ [0.7311]
 * ```
 */
export const swish: Unary = activationFunctions.swish;

/**
 * x · tanh(softplus(x)) (D. Misra, "Mish", 2019).
 *
 * @example
 * ```ts
 * mish(tensor([1])).toArray() // ≈ [0.8651]
 * ```
 */
export const mish: Unary = activationFunctions.mish;

/**
 * log(1 + exp(x)), which never overflows.
 *
 * @example
 * ```ts
 * softplus(tensor([0, 100])).toArray() // ≈ [0.6931, 100]
 * ```
 */
export const softplus: Unary = activationFunctions.softplus;

/**
 * x / (1 + |x|).
 *
 * @example
 * ```ts
 * softSign(tensor([-1, 3])).toArray() // [-0.5, 0.75]
 * ```
 */
export const softSign: Unary = activationFunctions.softSign;

/**
 * log(sigmoid(x)), which never underflows.
 *
 * @example
 * ```ts
 * logSigmoid(tensor([0, -100])).toArray() // ≈ [-0.6931, -100]
 * ```
 */
export const logSigmoid: Unary = activationFunctions.logSigmoid;

/**
 * x held between -1 and 1.
 *
 * @example
 * ```ts
 * hardTanh(tensor([-2, 0.5, 2])).toArray() // [-1, 0.5, 1]
 * ```
 */
export const hardTanh: Unary = activationFunctions.hardTanh;

/**
 * relu6(x + 3) / 6: a sigmoid of straight lines.
 *
 * @example
 * ```ts
 * hardSigmoid(tensor([-4, 0, 4])).toArray() // [0, 0.5, 1]
 * ```
 */
export const hardSigmoid: Unary = activationFunctions.hardSigmoid;

/**
 * x · hardSigmoid(x) (A. Howard et al., "Searching for MobileNetV3", 2019).
 *
 * @example
 * ```ts
 * hardSwish(tensor([-4, 3])).toArray() // [0, 3]
 * ```
 */
export const hardSwish: Unary = activationFunctions.hardSwish;

/**
 * The first half along `axis` (default the last) times the sigmoid of the second half.
 *
 * Throws when the size along the axis is odd.
 *
 * @example
 * ```ts
 * glu(tensor([3, 0])).toArray() // [1.5]
 * ```
 */
export const glu: Op<ActivationArgs["glu"]> & Unary = op(0, activationFunctions.glu);

/**
 * (x + √(x² + b)) / 2: a softplus of algebra alone; `b` is 4 by default.
 *
 * @example
 * ```ts
 * squareplus(tensor([0])).toArray() // [1]
 * ```
 */
export const squareplus: Op<ActivationArgs["squareplus"]> & Unary = op(0, activationFunctions.squareplus);

/**
 * x - tanh(x).
 *
 * @example
 * ```ts
 * tanhShrink(tensor([1])).toArray() // ≈ [0.2384]
 * ```
 */
export const tanhShrink: Unary = activationFunctions.tanhShrink;

/**
 * x moved towards 0 by `lambda` (default 0.5), and 0 within it.
 *
 * @example
 * ```ts
 * softShrink(tensor([-2, 0.25, 2])).toArray() // [-1.5, 0, 1.5]
 * ```
 */
export const softShrink: Op<ActivationArgs["softShrink"]> & Unary = op(0, activationFunctions.softShrink);

/**
 * x where |x| > `lambda` (default 0.5), else 0.
 *
 * @example
 * ```ts
 * hardShrink(tensor([-2, 0.25, 2])).toArray() // [-2, 0, 2]
 * ```
 */
export const hardShrink: Op<ActivationArgs["hardShrink"]> & Unary = op(0, activationFunctions.hardShrink);
