/** Products of vectors, matrices and stacks of them: NumPy's rules, each one `dot`. */
import { range, showAvals } from "../ir/aval.js";
import { type DType, promote } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { mul } from "../ir/primitives/arithmetic.js";
import { moveAxis } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { contract, type Label, type Labelled, labelled } from "./contract.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asDType, broadcastShapes, commonDType, stretch } from "./promotion.js";
import { asTensor, checkAxis, checkDType, type Tensor, type TensorLike } from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of products. */
export interface ContractOptions {
  /** Dtype of the products, their sums and the result. Default: the operands' common one. */
  readonly dtype?: DType;
  /** A tensor has a dtype too, and is no options object. */
  readonly ndim?: never;
}

export interface MatmulArgs {
  /** Matrix product; stacks of matrices broadcast. */
  matmul: [y: TensorLike, options?: ContractOptions];
  /** NumPy's dot: sum over the last axis of x and the last but one of y. */
  dot: [y: TensorLike, options?: ContractOptions];
  /** Sum of the products of all elements. */
  vdot: [y: TensorLike, options?: ContractOptions];
  /** Products summed along one axis, the rest broadcasting. */
  vecdot: [y: TensorLike, options?: ContractOptions & { readonly axis?: number }];
  /** Sum over the last axes of both. */
  inner: [y: TensorLike, options?: ContractOptions];
  /** Every element of x times every element of y. */
  outer: [y: TensorLike, options?: ContractOptions];
}

/** Both operands in one dtype. */
export const operandPair = (
  operation: string,
  x: TensorLike,
  y: TensorLike,
  options: ContractOptions = {},
): [Expr, Expr] => {
  const common = commonDType(operation, [x, y]);
  const dtype = options.dtype === undefined ? common : checkDType(operation, options.dtype);
  if (options.dtype !== undefined && promote(common, dtype) !== dtype)
    throw expected(operation, `a dtype that holds ${common}`, dtype);
  return [asDType(operation, x, dtype), asDType(operation, y, dtype)];
};

const mismatch = (operation: string, want: string, x: Expr, y: Expr): Error =>
  expected(operation, want, showAvals([x.aval, y.aval]));

/** Stacking axes named from the end, where sizes of 1 are left out because they only stretch. */
const stacked = (x: Expr, batch: readonly number[], core: readonly Label[]): Labelled => {
  const lead = x.ndim - core.length;
  const kept = range(lead).filter((i) => x.shape[i] !== 1 || batch[batch.length - lead + i] === 1);
  const sizes = [...kept.map((i) => x.shape[i]!), ...x.shape.slice(lead)];
  return labelled(reshape(x, sizes), [...kept.map((i) => `batch${lead - i}`), ...core]);
};

/** x and y with stacking axes in front of the axes that `cx` and `cy` name; the result has `out` behind them. */
const stackedProduct = (
  operation: string,
  [x, cx]: readonly [Expr, readonly Label[]],
  [y, cy]: readonly [Expr, readonly Label[]],
  out: readonly Label[],
): Expr => {
  const batch = broadcastShapes(operation, [
    x.shape.slice(0, x.ndim - cx.length),
    y.shape.slice(0, y.ndim - cy.length),
  ]);
  const names = batch.map((_, i) => `batch${batch.length - i}`);
  return contract(stacked(x, batch, cx), stacked(y, batch, cy), [...names, ...out]).x;
};

const matmulBody = (xs: TensorLike, ys: TensorLike, options?: ContractOptions): Tensor => {
  const [x, y] = operandPair("matmul", xs, ys, options);
  if (x.ndim === 0 || y.ndim === 0)
    throw mismatch("matmul", "operands of at least one axis (use mul for scalars)", x, y);
  const k = x.shape[x.ndim - 1]!;
  if (y.shape[Math.max(0, y.ndim - 2)] !== k)
    throw mismatch("matmul", "the last axis of x to equal the last but one of y", x, y);
  const rows = x.ndim > 1 ? ["m"] : [];
  const columns = y.ndim > 1 ? ["n"] : [];
  return asTensor(
    stackedProduct("matmul", [x, [...rows, "k"]], [y, ["k", ...columns]], [...rows, ...columns]),
  );
};

const names = (prefix: string, n: number): Label[] => range(n).map((i) => `${prefix}${i}`);

/** Sum over axis `i` of x and axis `j` of y; the result has x's other axes, then y's. */
const overAxes = (operation: string, x: Expr, i: number, y: Expr, j: number): Expr => {
  if (x.shape[i] !== y.shape[j]) throw mismatch(operation, `axis ${i} of x to equal axis ${j} of y`, x, y);
  const left = names("x", x.ndim).map((l, a) => (a === i ? "k" : l));
  const right = names("y", y.ndim).map((l, a) => (a === j ? "k" : l));
  const out = [...left, ...right].filter((l) => l !== "k");
  return contract(labelled(x, left), labelled(y, right), out).x;
};

const scaled = (x: Expr, y: Expr): Expr =>
  x.ndim === 0 ? mul(stretch(x, y.shape), y) : mul(x, stretch(y, x.shape));

const dotBody = (xs: TensorLike, ys: TensorLike, options?: ContractOptions): Tensor => {
  const [x, y] = operandPair("dot", xs, ys, options);
  if (x.ndim === 0 || y.ndim === 0) return asTensor(scaled(x, y));
  return asTensor(overAxes("dot", x, x.ndim - 1, y, Math.max(0, y.ndim - 2)));
};

const innerBody = (xs: TensorLike, ys: TensorLike, options?: ContractOptions): Tensor => {
  const [x, y] = operandPair("inner", xs, ys, options);
  if (x.ndim === 0 || y.ndim === 0) return asTensor(scaled(x, y));
  return asTensor(overAxes("inner", x, x.ndim - 1, y, y.ndim - 1));
};

const flat = (x: Expr): Expr => reshape(x, [x.size]);

const vdotBody = (xs: TensorLike, ys: TensorLike, options?: ContractOptions): Tensor => {
  const [x, y] = operandPair("vdot", xs, ys, options);
  if (x.size !== y.size) throw mismatch("vdot", "operands of equal size", x, y);
  return asTensor(overAxes("vdot", flat(x), 0, flat(y), 0));
};

const outerBody = (xs: TensorLike, ys: TensorLike, options?: ContractOptions): Tensor => {
  const [x, y] = operandPair("outer", xs, ys, options);
  return asTensor(contract(labelled(flat(x), ["i"]), labelled(flat(y), ["j"]), ["i", "j"]).x);
};

const axisLast = (x: Expr, axis: number): Expr =>
  x.ndim === 0 ? x : moveAxis(x, checkAxis("vecdot", axis, x.ndim), x.ndim - 1);

const vecdotBody: BodiesOf<MatmulArgs>["vecdot"] = (xs, ys, options = {}) => {
  const [x, y] = operandPair("vecdot", xs, ys, options).map((e) => axisLast(e, options.axis ?? -1)) as [
    Expr,
    Expr,
  ];
  if (x.ndim === 0 || y.ndim === 0 || x.shape[x.ndim - 1] !== y.shape[y.ndim - 1])
    throw mismatch("vecdot", `equal sizes along axis ${options.axis ?? -1}`, x, y);
  return asTensor(stackedProduct("vecdot", [x, ["k"]], [y, ["k"]], []));
};

export const matmulFunctions: BodiesOf<MatmulArgs> = {
  matmul: withOptions("matmul", 2, ["dtype"], matmulBody),
  dot: withOptions("dot", 2, ["dtype"], dotBody),
  vdot: withOptions("vdot", 2, ["dtype"], vdotBody),
  vecdot: withOptions("vecdot", 2, ["dtype", "axis"], vecdotBody),
  inner: withOptions("inner", 2, ["dtype"], innerBody),
  outer: withOptions("outer", 2, ["dtype"], outerBody),
};

/**
 * Matrix product `[…, m, k] · […, k, n]`: the leading axes broadcast, a vector loses its added axis again.
 *
 * bool gives "is there any pair of trues"; integers wrap. Throws for scalars and for sizes that do not meet.
 *
 * @example
 * ```ts
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[5], [6]])).toArray() // [[17], [39]]
 * matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])).toArray() // [3, 7]
 * ```
 */
export const matmul: Op<MatmulArgs["matmul"]> = op(1, matmulFunctions.matmul);

/**
 * NumPy's dot: inner product of vectors, product of matrices, and in general the sum over the last axis of `x` and
 * the last but one of `y`, whose other axes all stay. A scalar multiplies.
 *
 * @example
 * ```ts
 * dot(tensor([1, 2, 3]), tensor([4, 5, 6])).item() // 32
 * dot(tensor([[1, 2]]), tensor([[3], [4]])).toArray() // [[11]]
 * ```
 */
export const dot: Op<MatmulArgs["dot"]> = op(1, matmulFunctions.dot);

/**
 * Sum of the products of all elements, in row-major order. Throws when the sizes differ.
 *
 * @example
 * ```ts
 * vdot(tensor([[1, 2], [3, 4]]), tensor([1, 1, 1, 1])).item() // 10
 * ```
 */
export const vdot: Op<MatmulArgs["vdot"]> = op(1, matmulFunctions.vdot);

/**
 * Products summed along `axis` (default the last), the other axes broadcasting.
 *
 * @example
 * ```ts
 * vecdot(tensor([[1, 2], [3, 4]]), tensor([1, 10])).toArray() // [21, 43]
 * ```
 */
export const vecdot: Op<MatmulArgs["vecdot"]> = op(1, matmulFunctions.vecdot);

/**
 * Sum over the last axes of both; the result has the other axes of `x`, then those of `y`.
 *
 * @example
 * ```ts
 * inner(tensor([[1, 2], [3, 4]]), tensor([1, 1])).toArray() // [3, 7]
 * ```
 */
export const inner: Op<MatmulArgs["inner"]> = op(1, matmulFunctions.inner);

/**
 * Every element of `x` times every element of `y`: shape `[x.size, y.size]`.
 *
 * @example
 * ```ts
 * outer(tensor([1, 2]), tensor([3, 4])).toArray() // [[3, 4], [6, 8]]
 * ```
 */
export const outer: Op<MatmulArgs["outer"]> = op(1, matmulFunctions.outer);
