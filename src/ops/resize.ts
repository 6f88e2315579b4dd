/**
 * Images (or any tensor) at another resolution. Every axis is a contraction with a small matrix of weights, known
 * when the graph is built; nearest neighbours are views and gathers.
 */
import { range, type Shape, showAval } from "../ir/aval.js";
import { type DType, elementsOf } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { constant, type Expr } from "../ir/expr.js";
import { cast } from "../ir/primitives/arithmetic.js";
import { broadcast } from "../ir/primitives/layout.js";
import { reshape, sliceAxis } from "../ir/primitives/views.js";
import { contract, labelled } from "./contract.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { floating } from "./promotion.js";
import { gatherAxis, int32Constant } from "./take.js";
import { asTensor, checkShape, describe, type Tensor, type TensorLike, toExpr } from "./tensor.js";
import { withOptions } from "./options.js";

/** How `resize` weighs the elements around a new one. */
export type ResizeMethod = "nearest" | "linear" | "bilinear" | "cubic" | "bicubic" | "lanczos3" | "lanczos5";

/** Options of `resize`. */
export interface ResizeOptions {
  /** Default "linear". */
  readonly method?: ResizeMethod;
  /** Whether kernels widen when shrinking, so that no element is skipped. Default true, as in JAX. */
  readonly antialias?: boolean;
}

export interface ResizeArgs {
  /** At another resolution: sampled at the centres of the new elements. */
  resize: [shape: Shape, options?: ResizeOptions];
}

type Kernel = (x: number) => number;

const linear: Kernel = (x) => Math.max(0, 1 - x);

/** R. Keys, "Cubic convolution interpolation for digital image processing", 1981, with a = -1/2. */
const cubic: Kernel = (x) => {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
};

const lanczos =
  (radius: number): Kernel =>
  (x) => {
    if (x > radius) return 0;
    const y = radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius);
    return x > 1e-3 ? y / (Math.PI * Math.PI * x * x) : 1;
  };

const kernels: Record<Exclude<ResizeMethod, "nearest">, Kernel> = {
  linear,
  bilinear: linear,
  cubic,
  bicubic: cubic,
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
};

/** `[from, to]`: how much each old element counts for each new one. Columns sum to 1. */
const weights = (from: number, to: number, kernel: Kernel, antialias: boolean, dtype: DType): Expr => {
  const step = from / to;
  const width = antialias ? Math.max(step, 1) : 1;
  const data = new Float64Array(from * to);
  for (let o = 0; o < to; o++) {
    const at = (o + 0.5) * step - 0.5;
    const column = range(from).map((i) => kernel(Math.abs(at - i) / width));
    const total = column.reduce((a, b) => a + b, 0);
    column.forEach((w, i) => (data[i * to + o] = w / total));
  }
  return constant({ shape: [from, to], dtype }, elementsOf(dtype, data));
};

/** x with axis `axis` mapped through a matrix `[from, to]`. */
export const mapAxis = (x: Expr, axis: number, matrix: Expr): Expr => {
  const labels = range(x.ndim).map((i) => `x${i}`);
  const out = labels.map((l, i) => (i === axis ? "to" : l));
  return contract(labelled(x, labels), labelled(matrix, [labels[axis]!, "to"]), out).x;
};

const nearestAxis = (x: Expr, axis: number, to: number): Expr => {
  const from = x.shape[axis]!;
  if (to % from === 0) {
    const shape = [...x.shape.slice(0, axis + 1), to / from, ...x.shape.slice(axis + 1)];
    const repeated = broadcast(
      x,
      shape,
      range(shape.length).filter((i) => i !== axis + 1),
    );
    return reshape(
      repeated,
      x.shape.map((n, i) => (i === axis ? to : n)),
    );
  }
  if (from % to === 0) return sliceAxis(x, axis, Math.floor(from / to / 2), to, from / to);
  return gatherAxis(x, int32Constant(range(to).map((o) => Math.floor(((o + 0.5) * from) / to))), axis);
};

const resizeBody = (input: TensorLike, shape: Shape, options: ResizeOptions = {}): Tensor => {
  const x = toExpr("resize", input);
  const to = checkShape("resize", shape);
  const method = options.method ?? "linear";
  if (to.length !== x.ndim)
    throw expected("resize", `a shape of ${x.ndim} axes for ${showAval(x.aval)}`, `[${to}]`);
  if (method !== "nearest" && !(method in kernels))
    throw expected("resize", `a method among nearest, ${Object.keys(kernels).join(", ")}`, describe(method));
  const axes = range(x.ndim).filter((a) => to[a] !== x.shape[a]);
  if (axes.some((a) => x.shape[a] === 0))
    throw expected("resize", "at least one element along axes that grow", showAval(x.aval));
  if (method === "nearest") return asTensor(axes.reduce((e, a) => nearestAxis(e, a, to[a]!), x));
  const dtype = floating(x.dtype);
  const antialias = options.antialias ?? true;
  return asTensor(
    axes.reduce(
      (e, a) => mapAxis(e, a, weights(x.shape[a]!, to[a]!, kernels[method], antialias, dtype)),
      cast(x, dtype),
    ),
  );
};

export const resizeFunctions: BodiesOf<ResizeArgs> = {
  resize: withOptions("resize", 2, ["method", "antialias"], resizeBody),
};

/**
 * `x` at another resolution: any axes may change, elements are sampled at the centres of the new ones, as
 * `jax.image.resize` does (and PyTorch's interpolate with `align_corners=False`, which has no antialiasing by default).
 *
 * Methods: "nearest" (any dtype), "linear", "cubic", "lanczos3", "lanczos5" (integers become float32).
 *
 * @example
 * ```ts
 * resize(tensor([[1, 2], [3, 4]]), [2, 4], { method: "nearest" }).toArray() // [[1, 1, 2, 2], [3, 3, 4, 4]]
 * resize(tensor([0, 4]), [4]).toArray() // [0, 1, 3, 4]
 * resize(tensor([1, 3, 5, 7]), [2]).toArray() // ≈ [2.4286, 5.5714]
 * resize(tensor([1, 3, 5, 7]), [2], { antialias: false }).toArray() // [2, 6]
 * ```
 */
export const resize: Op<ResizeArgs["resize"]> = op(1, resizeFunctions.resize);
