/** NumPy broadcasting and JAX-like promotion, as explicit nodes: the primitives below never do either. */
import { sameShape, type Shape } from "../ir/aval.js";
import { type DType, highest, isFloat, isInteger, lowest, promote, promoteWeak } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { type Expr, literal } from "../ir/expr.js";
import { cast } from "../ir/primitives/arithmetic.js";
import { broadcast } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { describe, isTensorLike, type TensorLike, toExpr } from "./tensor.js";
import { expected } from "../ir/errors.js";

/** The shape in which all meet: sizes equal, or 1 stretched. */
export const broadcastShapes = (operation: string, shapes: readonly Shape[]): Shape => {
  const ndim = Math.max(0, ...shapes.map((s) => s.length));
  const out = new Array<number>(ndim).fill(1);
  for (const s of shapes)
    s.forEach((n, i) => {
      const at = ndim - s.length + i;
      if (n === 1 || n === out[at]) return;
      if (out[at] !== 1)
        throw new FluxionError(
          operation,
          `expected shapes that broadcast together, got ${shapes.map((x) => `[${x.join(",")}]`).join(" and ")}`,
        );
      out[at] = n;
    });
  return out;
};

/** `x` stretched to `shape`, NumPy's way. */
export const stretch = (x: Expr, shape: Shape): Expr => {
  if (sameShape(x.shape, shape)) return x;
  const offset = shape.length - x.ndim;
  const kept = x.shape.flatMap((n, i) => (n === shape[offset + i] ? [i] : []));
  const squeezed = reshape(
    x,
    kept.map((i) => x.shape[i]!),
  );
  return broadcast(
    squeezed,
    shape,
    kept.map((i) => offset + i),
  );
};

/** The common dtype; numbers and booleans are weak. All-number calls are float32. */
export const commonDType = (operation: string, xs: readonly unknown[]): DType => {
  let dtype: DType | null = null;
  for (const x of xs) {
    if (!isTensorLike(x)) throw expected(operation, "a tensor, number or boolean", describe(x));
    if (typeof x === "object") dtype = dtype === null ? x.dtype : promote(dtype, x.dtype);
  }
  if (dtype === null) return xs.every((x) => typeof x === "boolean") ? "bool" : "float32";
  for (const x of xs)
    if (typeof x === "number" || typeof x === "boolean") {
      const weak = promoteWeak(dtype, x);
      if (isFloat(weak) || dtype === "bool") dtype = weak;
    }
  return dtype;
};

/** A number that wrapped around without a word would be a wrong answer: NumPy and JAX refuse it too. */
const checkFits = (operation: string, x: number, dtype: DType): void => {
  if (isInteger(dtype) && (x < lowest(dtype) || x > highest(dtype)))
    throw expected(
      operation,
      `a number that ${dtype} holds (${lowest(dtype)} to ${highest(dtype)})`,
      `${x}: cast the tensor to a wider dtype first`,
    );
};

/** An operand as `dtype`; a number becomes part of the program's text. */
export const asDType = (operation: string, x: TensorLike, dtype: DType): Expr => {
  if (typeof x === "number") checkFits(operation, x, dtype);
  return typeof x === "number" || typeof x === "boolean"
    ? literal(dtype, Number(x))
    : cast(toExpr(operation, x), dtype);
};

/** The operands with one dtype and one shape. */
export const unify = (
  operation: string,
  xs: readonly TensorLike[],
  atLeast?: (dtype: DType) => DType,
): Expr[] => {
  const common = commonDType(operation, xs);
  const dtype = atLeast?.(common) ?? common;
  const exprs = xs.map((x) => asDType(operation, x, dtype));
  const shape = broadcastShapes(
    operation,
    exprs.map((e) => e.shape),
  );
  return exprs.map((e) => stretch(e, shape));
};

/** float32 for integers and bool; floats stay. */
export const floating = (dtype: DType): DType => (isFloat(dtype) ? dtype : "float32");

/** What is computed of a float16 in float32, since sums and counts on the way may be too large for it. */
export const inFloat32 = (x: Expr, f: (x: Expr) => Expr): Expr =>
  x.dtype === "float16" ? cast(f(cast(x, "float32")), "float16") : f(x);

/** A single operand as a float tensor. */
export const toFloat = (operation: string, x: TensorLike): Expr => {
  const e = toExpr(operation, x);
  return cast(e, floating(e.dtype));
};
