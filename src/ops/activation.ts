/**
 * Smooth activations: elementwise functions between the layers of a network. Integers become float32.
 * Formulas are chosen so that neither values nor derivatives overflow. Those with kinks are in `rectifier.ts`.
 */
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { abs, add, div, gt, mul, neg, select, sub } from "../ir/primitives/arithmetic.js";
import { erfc } from "../ir/primitives/special.js";
import { exp, log1p, logistic, sqrt, tanh } from "../ir/primitives/transcendental.js";
import { sliceAxis } from "../ir/primitives/views.js";
import { float, plus, scale, zero } from "./formula.js";
import { type BodiesOf, op, type Op, type Unary } from "./op.js";
import { toFloat } from "./promotion.js";
import { asTensor, checkAxis } from "./tensor.js";
import { withOptions } from "./options.js";

export interface ActivationArgs {
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
  /** The first half along an axis times the sigmoid of the second. */
  glu: [options?: { readonly axis?: number }];
  /** (x + √(x² + b)) / 2. */
  squareplus: [options?: { readonly b?: number }];
  /** x - tanh(x). */
  tanhShrink: [];
}

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

const gluOf = (x: Expr, axis: number): Expr => {
  const at = checkAxis("glu", axis, x.ndim);
  const n = x.shape[at]!;
  if (n % 2 !== 0) throw expected("glu", `an even size along axis ${at}`, String(n));
  return mul(sliceAxis(x, at, 0, n / 2), logistic(sliceAxis(x, at, n / 2, n / 2)));
};

export const activationFunctions: BodiesOf<ActivationArgs> = {
  gelu: withOptions("gelu", 1, ["approximate"], (x, { approximate = true } = {}) =>
    asTensor(geluOf(toFloat("gelu", x), approximate)),
  ),
  silu: float("silu", (x) => mul(x, logistic(x))),
  swish: float("swish", (x) => mul(x, logistic(x))),
  mish: float("mish", (x) => mul(x, tanh(softplusOf(x)))),
  softplus: float("softplus", softplusOf),
  softSign: float("softSign", (x) => div(x, plus(abs(x), 1))),
  logSigmoid: float("logSigmoid", (x) => neg(softplusOf(neg(x)))),
  glu: withOptions("glu", 1, ["axis"], (x, { axis = -1 } = {}) => asTensor(gluOf(toFloat("glu", x), axis))),
  squareplus: withOptions("squareplus", 1, ["b"], (input, { b = 4 } = {}) => {
    const x = toFloat("squareplus", input);
    return asTensor(scale(add(x, sqrt(plus(mul(x, x), b))), 0.5));
  }),
  tanhShrink: float("tanhShrink", (x) => sub(x, tanh(x))),
};

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
