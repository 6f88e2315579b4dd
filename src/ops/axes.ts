/** The axes of a tensor in another order: views, which cost nothing by themselves. */
import { range, showAval } from "../ir/aval.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { permute } from "../ir/primitives/layout.js";
import { type BodiesOf, op, type Op, startsWithTensor, type Unary } from "./op.js";
import { asTensor, checkAxis, type Tensor, type TensorLike, toExpr } from "./tensor.js";

export interface AxesArgs {
  /** The axes in another order; reversed unless a permutation is given. */
  transpose: [permutation?: readonly number[]];
  /** The last two axes exchanged. */
  matrixTranspose: [];
  /** Two axes exchanged. */
  swapAxes: [axis1: number, axis2: number];
  /** Axes moved to other places; the rest keep their order. */
  moveAxis: [source: number | readonly number[], destination: number | readonly number[]];
}

const transposeBody = (input: TensorLike, permutation?: readonly number[]): Tensor => {
  const x = toExpr("transpose", input);
  if (permutation === undefined) return asTensor(permute(x, range(x.ndim).reverse()));
  const wrong = (): FluxionError =>
    expected(
      "transpose",
      `a permutation of ${x.ndim} axes`,
      `[${String(permutation)}] for ${showAval(x.aval)}`,
    );
  if (!Array.isArray(permutation) || permutation.length !== x.ndim) throw wrong();
  const order = permutation.map((a) => checkAxis("transpose", a, x.ndim));
  if (new Set(order).size !== x.ndim) throw wrong();
  return asTensor(permute(x, order));
};

/** The last two axes exchanged. */
const swapLast = (operation: string, x: Expr): Expr => {
  if (x.ndim < 2) throw expected(operation, "a matrix or a stack of them", showAval(x.aval));
  return permute(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2]);
};

const swapAxesBody = (input: TensorLike, axis1: number, axis2: number): Tensor => {
  const x = toExpr("swapAxes", input);
  const a = checkAxis("swapAxes", axis1, x.ndim);
  const b = checkAxis("swapAxes", axis2, x.ndim);
  return asTensor(
    permute(
      x,
      range(x.ndim).map((i) => (i === a ? b : i === b ? a : i)),
    ),
  );
};

/** Axes in the given order, all different. */
export const distinctAxes = (operation: string, axes: number | readonly number[], ndim: number): number[] => {
  const list = (typeof axes === "number" ? [axes] : axes).map((a) => checkAxis(operation, a, ndim));
  if (new Set(list).size !== list.length) throw expected(operation, "different axes", `[${list}]`);
  return list;
};

const moveAxisBody = (
  input: TensorLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor => {
  const x = toExpr("moveAxis", input);
  const from = distinctAxes("moveAxis", source, x.ndim);
  const to = distinctAxes("moveAxis", destination, x.ndim);
  if (from.length !== to.length)
    throw expected("moveAxis", `${from.length} destinations, one for each source`, `[${to}]`);
  const order = range(x.ndim).filter((i) => !from.includes(i));
  for (const [place, axis] of to.map((d, i) => [d, from[i]!] as const).sort((a, b) => a[0] - b[0]))
    order.splice(place, 0, axis);
  return asTensor(permute(x, order));
};

export const axesFunctions: BodiesOf<AxesArgs> = {
  transpose: transposeBody,
  matrixTranspose: (x) => asTensor(swapLast("matrixTranspose", toExpr("matrixTranspose", x))),
  swapAxes: swapAxesBody,
  moveAxis: moveAxisBody,
};

/**
 * The axes in another order: axis `i` of the result is axis `permutation[i]` of `x`. Without one, all are reversed.
 *
 * @example
 * ```ts
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])).toArray() // [[1, 4], [2, 5], [3, 6]]
 * transpose(tensor([[[1, 2, 3]]]), [2, 0, 1]).shape // [3, 1, 1]
 * ```
 */
export const transpose: Op<AxesArgs["transpose"]> & Unary = op(startsWithTensor, transposeBody);

/**
 * The last two axes exchanged: the transposes of a stack of matrices `[…, m, n]`.
 *
 * Throws for a tensor of fewer than two axes.
 *
 * @example
 * ```ts
 * matrixTranspose(tensor([[[1, 2], [3, 4]]])).toArray() // [[[1, 3], [2, 4]]]
 * ```
 */
export const matrixTranspose: Unary = axesFunctions.matrixTranspose;

/**
 * Two axes exchanged; they may be negative.
 *
 * @example
 * ```ts
 * swapAxes(tensor([[[1, 2, 3]]]), 0, -1).shape // [3, 1, 1]
 * ```
 */
export const swapAxes: Op<AxesArgs["swapAxes"]> = op(2, swapAxesBody);

/**
 * Axes moved from `source` to `destination`; the rest keep their order.
 *
 * @example
 * ```ts
 * moveAxis(reshape(tensor([1, 2, 3, 4, 5, 6]), [1, 2, 3]), 0, -1).shape // [2, 3, 1]
 * moveAxis(reshape(tensor([1, 2, 3, 4, 5, 6]), [1, 2, 3]), [0, 1], [2, 0]).shape // [2, 3, 1]
 * ```
 */
export const moveAxis: Op<AxesArgs["moveAxis"]> = op(2, moveAxisBody);
