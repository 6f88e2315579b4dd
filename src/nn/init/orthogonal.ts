/** Initial values that keep lengths: orthogonal matrices and the identity, also as convolutions. */
import { type Shape, sizeOf } from "../../ir/aval.js";
import type { DType } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import type { Expr } from "../../ir/expr.js";
import { cast, eq, mul } from "../../ir/primitives/arithmetic.js";
import { full, fullLike, moveAxis } from "../../ir/primitives/layout.js";
import { iota, pad, reshape } from "../../ir/primitives/views.js";
import { checkOptions } from "../../ops/options.js";
import * as random from "../../ops/random/index.js";
import { asTensor, checkAxis, checkShape, type Tensor, toExpr } from "../../ops/tensor.js";
import { checkNumber, type Initializer, scaled } from "./initializer.js";

/** Along which axis a weight has its columns. */
export interface ColumnOptions {
  /** The axis of the columns that are orthogonal. Default: -1. */
  readonly columnAxis?: number;
}

const orthogonalIn = (
  operation: string,
  key: Tensor,
  shape: Shape,
  dtype: DType,
  scale: number,
  columnAxis: number,
): Tensor => {
  const dims = checkShape(operation, shape);
  if (dims.length < 2) throw expected(operation, "a shape with at least two axes", `[${dims.join(",")}]`);
  if (sizeOf(dims) === 0) return asTensor(full(dims, dtype, 0));
  const axis = checkAxis(operation, columnAxis, dims.length);
  const columns = dims[axis]!;
  const q = toExpr(operation, random.orthogonal(key, sizeOf(dims) / columns, { m: columns, dtype }));
  const split = reshape(q, [...dims.filter((_, i) => i !== axis), columns]);
  return scaled(asTensor(moveAxis(split, dims.length - 1, axis)), scale);
};

/**
 * Orthonormal columns (or rows, whichever are fewer) times a scale, uniformly distributed: A. Saxe, J. McClelland,
 * S. Ganguli (2013). All axes but the column axis together are the rows.
 *
 * Throws unless the shape has at least two axes.
 *
 * @example
 * ```ts
 * init.orthogonal()(random.key(0), [2, 2]).toArray() // ≈ [[0.9661, 0.2582], [-0.2582, 0.9661]]
 * ```
 */
export const orthogonal = (scale: number = 1, options?: ColumnOptions): Initializer => {
  const op = "init.orthogonal";
  const s = checkNumber(op, "a scale", scale);
  checkOptions(op, options, ["columnAxis"]);
  return (key, shape, dtype = "float32") => orthogonalIn(op, key, shape, dtype, s, options?.columnAxis ?? -1);
};

/** A matrix [out, in] at the middle of a convolution's window, zeros around it. */
const centred = (x: Expr, window: Shape): Expr => {
  const middle = window.map((n) => (n - 1) >> 1);
  const spread = reshape(x, [...x.shape, ...window.map(() => 1)]);
  return pad(spread, { low: [0, 0, ...middle], high: [0, 0, ...window.map((n, i) => n - 1 - middle[i]!)] });
};

const kernelShape = (
  operation: string,
  shape: Shape,
): readonly [out: number, ins: number, ...window: number[]] => {
  const dims = checkShape(operation, shape);
  if (dims.length < 2 || dims.slice(2).some((n) => n === 0))
    throw expected(operation, "a kernel's shape [out, in, ...window]", `[${dims.join(",")}]`);
  return dims as unknown as readonly [number, number, ...number[]];
};

/**
 * A convolution [out, in, ...window] that applies an orthogonal matrix at every place and looks at no neighbour:
 * L. Xiao et al., "Dynamical isometry and a mean field theory of CNNs" (2018). The key's matrix is JAX's [in, out].
 *
 * Throws unless out ≥ in.
 *
 * @example
 * ```ts
 * init.deltaOrthogonal()(random.key(0), [2, 2, 1]).toArray() // ≈ [[[0.9661], [-0.2582]], [[0.2582], [0.9661]]]
 * ```
 */
export const deltaOrthogonal = (scale: number = 1, options?: ColumnOptions): Initializer => {
  const op = "init.deltaOrthogonal";
  const s = checkNumber(op, "a scale", scale);
  checkOptions(op, options, ["columnAxis"]);
  return (key, shape, dtype = "float32") => {
    const [out, ins, ...window] = kernelShape(op, shape);
    if (out < ins) throw expected(op, "at least as many outputs as inputs", `[${shape.join(",")}]`);
    const q = toExpr(op, orthogonalIn(op, key, [ins, out], dtype, s, options?.columnAxis ?? -1));
    return asTensor(centred(moveAxis(q, 1, 0), window));
  };
};

/**
 * The identity times a scale: a matrix with ones on its diagonal, or a convolution [out, in, ...window] that copies
 * its first channels. The key is not used.
 *
 * Throws unless the shape has at least two axes.
 *
 * @example
 * ```ts
 * init.identity()(random.key(0), [2, 3]).toArray() // [[1, 0, 0], [0, 1, 0]]
 * init.identity()(random.key(0), [1, 1, 3]).toArray() // [[[0, 1, 0]]]
 * ```
 */
export const identity = (scale: number = 1): Initializer => {
  const op = "init.identity";
  const s = checkNumber(op, "a scale", scale);
  return (_key, shape, dtype = "float32") => {
    const [out, ins, ...window] = kernelShape(op, shape);
    const eye = cast(eq(iota([out, ins], "int32", 0), iota([out, ins], "int32", 1)), dtype);
    return asTensor(centred(mul(eye, fullLike(eye, s)), window));
  };
};
