/** Convolution and correlation of two vectors, as NumPy's. `conv` is the one for images. */
import { showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { dot } from "../ir/primitives/dot.js";
import { flip, pad } from "../ir/primitives/views.js";
import { windows } from "../ir/primitives/windows.js";
import { operandPair } from "./matmul.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { withOptions } from "./options.js";
import { asTensor, describe, type Tensor, type TensorLike } from "./tensor.js";

/** Options of `convolve` and `correlate`. */
export interface ConvolveOptions {
  /** "full": wherever they overlap; "same": as many elements as the longer has; "valid": where they overlap wholly. */
  readonly mode?: "full" | "same" | "valid";
}

export interface SignalArgs {
  /** Discrete convolution of two vectors. */
  convolve: [y: TensorLike, options?: ConvolveOptions];
  /** Cross-correlation of two vectors. */
  correlate: [y: TensorLike, options?: ConvolveOptions];
}

/** Σₖ x[i + k] · w[k], w the shorter one; `behind` says on which side "same" is longer. */
const slide = (operation: string, x: Expr, w: Expr, mode: unknown, before: number): Expr => {
  const m = w.size;
  const pads: Record<string, [number, number]> = {
    full: [m - 1, m - 1],
    same: [before, m - 1 - before],
    valid: [0, 0],
  };
  const sides = typeof mode === "string" && Object.hasOwn(pads, mode) ? pads[mode]! : null;
  if (sides === null) throw expected(operation, 'mode "full", "same" or "valid"', describe(mode));
  const parts = windows(pad(x, { low: [sides[0]], high: [sides[1]] }), {
    axes: [0],
    sizes: [m],
    strides: [1],
    dilations: [1],
  });
  return dot(parts, w, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] });
};

const vectors = (operation: string, xs: TensorLike, ys: TensorLike): [Expr, Expr] => {
  const [x, y] = operandPair(operation, xs, ys);
  if (x.ndim !== 1 || y.ndim !== 1 || x.size === 0 || y.size === 0)
    throw expected(operation, "two vectors that are not empty", showAvals([x.aval, y.aval]));
  return [x, y];
};

const convolveBody = (xs: TensorLike, ys: TensorLike, { mode = "full" }: ConvolveOptions = {}): Tensor => {
  const [x, y] = vectors("convolve", xs, ys);
  const [long, short] = x.size >= y.size ? [x, y] : [y, x];
  return asTensor(slide("convolve", long, flip(short, [0]), mode, Math.floor(short.size / 2)));
};

/** Where y is the longer one, the result is that of the exchanged operands, read backwards. */
const correlateBody = (xs: TensorLike, ys: TensorLike, { mode = "valid" }: ConvolveOptions = {}): Tensor => {
  const [x, y] = vectors("correlate", xs, ys);
  if (x.size >= y.size) return asTensor(slide("correlate", x, y, mode, Math.floor(y.size / 2)));
  return asTensor(flip(slide("correlate", y, x, mode, Math.floor(x.size / 2)), [0]));
};

export const signalFunctions: BodiesOf<SignalArgs> = {
  convolve: withOptions("convolve", 2, ["mode"], convolveBody),
  correlate: withOptions("correlate", 2, ["mode"], correlateBody),
};

/**
 * Discrete convolution of two vectors: coefficients of the product of two polynomials. `mode` is "full" by default.
 *
 * Throws unless both are vectors that are not empty.
 *
 * @example
 * ```ts
 * convolve(tensor([1, 2, 3]), tensor([0, 1, 0.5])).toArray() // [0, 1, 2.5, 4, 1.5]
 * convolve(tensor([1, 2, 3]), tensor([0, 1, 0.5]), { mode: "same" }).toArray() // [1, 2.5, 4]
 * ```
 */
export const convolve: Op<SignalArgs["convolve"]> = op(1, signalFunctions.convolve);

/**
 * Cross-correlation of two vectors, Σₖ x[k + i] · y[k]. `mode` is "valid" by default.
 *
 * Throws unless both are vectors that are not empty.
 *
 * @example
 * ```ts
 * correlate(tensor([1, 2, 3]), tensor([0, 1, 0.5])).toArray() // [3.5]
 * correlate(tensor([1, 2, 3]), tensor([0, 1, 0.5]), { mode: "full" }).toArray() // [0.5, 2, 3.5, 3, 0]
 * ```
 */
export const correlate: Op<SignalArgs["correlate"]> = op(1, signalFunctions.correlate);
