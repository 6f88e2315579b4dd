/** Products that are contractions in disguise, and chains of them. */
import { range, showAval, showAvals } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { cast, eq, mul, sub } from "../ir/primitives/arithmetic.js";
import { moveAxis } from "../ir/primitives/layout.js";
import { concat, iota, reshape, sliceAxis } from "../ir/primitives/views.js";
import { contract, type Label, labelled } from "./contract.js";
import { type ContractOptions, matmul, operandPair } from "./matmul.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { broadcastShapes, stretch } from "./promotion.js";
import {
  asTensor,
  checkAxis,
  describe,
  isTensorLike,
  type Tensor,
  type TensorLike,
  toExpr,
} from "./tensor.js";
import { withOptions } from "./options.js";

/** Options of `tensordot`. */
export interface TensordotOptions extends ContractOptions {
  /**
   * So many axes, the last of x and the first of y, are summed; or the axes themselves, `[of x, of y]`. Default 2.
   */
  readonly axes?: number | readonly [number | readonly number[], number | readonly number[]];
}

/** Options of `cross`. */
export interface CrossOptions {
  /** The axis of the vectors. Default -1. */
  readonly axis?: number;
}

/** Options of `dotGeneral`: pairs of lists of axes, `[of x, of y]`. */
export interface DotGeneralOptions extends ContractOptions {
  /** Axes that are summed. Default none. */
  readonly contract?: readonly [readonly number[], readonly number[]];
  /** Axes that go together and stay, in front. Default none. */
  readonly batch?: readonly [readonly number[], readonly number[]];
}

export interface ProductArgs {
  /** Sum over some pairs of axes, others going together: `lax.dot_general`. */
  dotGeneral: [y: TensorLike, options?: DotGeneralOptions];
  /** Sum over pairs of axes. */
  tensordot: [y: TensorLike, options?: TensordotOptions];
  /** Kronecker's product: every element of x times the whole of y. */
  kron: [y: TensorLike];
  /** The cross product of vectors of three elements (of two: its third). */
  cross: [y: TensorLike, options?: CrossOptions];
  /** A square matrix multiplied with itself. */
  matrixPower: [n: number];
}

const names = (prefix: string, n: number): Label[] => range(n).map((i) => `${prefix}${i}`);

const axisPairs = (
  axes: Exclude<TensordotOptions["axes"], undefined>,
  x: Expr,
  y: Expr,
): [number[], number[]] => {
  if (typeof axes === "number") {
    if (!Number.isInteger(axes) || axes < 0 || axes > x.ndim || axes > y.ndim)
      throw expected(
        "tensordot",
        `a number of axes that both ${showAvals([x.aval, y.aval])} have`,
        String(axes),
      );
    return [range(axes).map((i) => x.ndim - axes + i), range(axes)];
  }
  const list = (a: number | readonly number[], e: Expr): number[] =>
    (typeof a === "number" ? [a] : a).map((i) => checkAxis("tensordot", i, e.ndim));
  return [list(axes[0], x), list(axes[1], y)];
};

const tensordotBody = (xs: TensorLike, ys: TensorLike, options: TensordotOptions = {}): Tensor => {
  const [x, y] = operandPair("tensordot", xs, ys, options);
  const [a, b] = axisPairs(options.axes ?? 2, x, y);
  const distinct = new Set(a).size === a.length && new Set(b).size === b.length;
  if (!distinct || a.length !== b.length || a.some((axis, i) => x.shape[axis] !== y.shape[b[i]!]))
    throw expected(
      "tensordot",
      `equal sizes along axes [${a}] of x and [${b}] of y`,
      showAvals([x.aval, y.aval]),
    );
  const left = names("x", x.ndim);
  const right = names("y", y.ndim).map((l, i) => (b.includes(i) ? left[a[b.indexOf(i)]!]! : l));
  const out = [...left.filter((_, i) => !a.includes(i)), ...right.filter((_, i) => !b.includes(i))];
  return asTensor(contract(labelled(x, left), labelled(y, right), out).x);
};

const dotGeneralBody = (xs: TensorLike, ys: TensorLike, options: DotGeneralOptions = {}): Tensor => {
  const [x, y] = operandPair("dotGeneral", xs, ys, options);
  const axes = (list: readonly number[], e: Expr): number[] =>
    list.map((a) => checkAxis("dotGeneral", a, e.ndim));
  const [summedX, summedY] = [axes(options.contract?.[0] ?? [], x), axes(options.contract?.[1] ?? [], y)];
  const [batchX, batchY] = [axes(options.batch?.[0] ?? [], x), axes(options.batch?.[1] ?? [], y)];
  const [ofX, ofY] = [
    [...batchX, ...summedX],
    [...batchY, ...summedY],
  ];
  const distinct = new Set(ofX).size === ofX.length && new Set(ofY).size === ofY.length;
  const paired = batchX.length === batchY.length && summedX.length === summedY.length;
  if (!distinct || !paired || ofX.some((a, i) => x.shape[a] !== y.shape[ofY[i]!]))
    throw expected(
      "dotGeneral",
      `equal sizes along axes [${ofX}] of x and [${ofY}] of y, each once`,
      showAvals([x.aval, y.aval]),
    );
  const left = names("x", x.ndim);
  const right = names("y", y.ndim).map((l, i) => (ofY.includes(i) ? left[ofX[ofY.indexOf(i)]!]! : l));
  const free = [...left.filter((_, i) => !ofX.includes(i)), ...right.filter((_, i) => !ofY.includes(i))];
  return asTensor(
    contract(labelled(x, left), labelled(y, right), [...batchX.map((a) => left[a]!), ...free]).x,
  );
};

const kronBody = (xs: TensorLike, ys: TensorLike): Tensor => {
  const [x, y] = operandPair("kron", xs, ys);
  const n = Math.max(x.ndim, y.ndim);
  const lift = (e: Expr): Expr => reshape(e, [...new Array<number>(n - e.ndim).fill(1), ...e.shape]);
  const [a, b] = [lift(x), lift(y)];
  const [left, right] = [names("x", n), names("y", n)];
  const out = left.flatMap((l, i) => [l, right[i]!]);
  const product = contract(labelled(a, left), labelled(b, right), out).x;
  return asTensor(
    reshape(
      product,
      a.shape.map((d, i) => d * b.shape[i]!),
    ),
  );
};

const crossBody = (xs: TensorLike, ys: TensorLike, { axis = -1 }: CrossOptions = {}): Tensor => {
  const pair = operandPair("cross", xs, ys);
  const last = pair.map((e) => moveAxis(e, checkAxis("cross", axis, e.ndim), e.ndim - 1));
  const shape = broadcastShapes(
    "cross",
    last.map((e) => e.shape),
  );
  const n = shape[shape.length - 1]!;
  if ((n !== 3 && n !== 2) || last.some((e) => e.shape[e.ndim - 1] !== n))
    throw expected(
      "cross",
      `vectors of three (or two) elements along axis ${axis}`,
      showAvals(pair.map((e) => e.aval)),
    );
  const [a, b] = last.map((e) => stretch(e, shape)) as [Expr, Expr];
  const at = shape.length - 1;
  const part = (e: Expr, i: number): Expr => sliceAxis(e, at, i, 1);
  const component = (i: number, k: number): Expr =>
    sub(mul(part(a, i), part(b, k)), mul(part(a, k), part(b, i)));
  if (n === 2) return asTensor(reshape(component(0, 1), shape.slice(0, -1)));
  const product = concat([component(1, 2), component(2, 0), component(0, 1)], at);
  return asTensor(moveAxis(product, at, checkAxis("cross", axis, shape.length)));
};

const identityLike = (x: Expr): Expr =>
  cast(eq(iota(x.shape, "int32", x.ndim - 2), iota(x.shape, "int32", x.ndim - 1)), x.dtype);

const matrixPowerBody = (input: TensorLike, n: number): Tensor => {
  const x = toExpr("matrixPower", input);
  if (x.ndim < 2 || x.shape[x.ndim - 1] !== x.shape[x.ndim - 2])
    throw expected("matrixPower", "square matrices", showAval(x.aval));
  if (!Number.isInteger(n) || n < 0)
    throw expected("matrixPower", "a power that is a natural number", String(n));
  let result: Tensor | null = null;
  let square = asTensor(x);
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null ? square : matmul(result, square);
    if (rest > 1) square = matmul(square, square);
  }
  return result ?? asTensor(identityLike(x));
};

export const productFunctions: BodiesOf<ProductArgs> = {
  dotGeneral: withOptions("dotGeneral", 2, ["contract", "batch", "dtype"], dotGeneralBody),
  tensordot: withOptions("tensordot", 2, ["axes", "dtype"], tensordotBody),
  kron: kronBody,
  cross: withOptions("cross", 2, ["axis"], crossBody),
  matrixPower: matrixPowerBody,
};

/**
 * Sum over pairs of axes: `axes` of them (default 2), the last of `x` with the first of `y`, or those given as
 * `[of x, of y]`. The result has the other axes of `x`, then those of `y`.
 *
 * @example
 * ```ts
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [1, 1]])).item() // 10
 * tensordot(tensor([[1, 2], [3, 4]]), tensor([1, 10]), { axes: [0, 0] }).toArray() // [31, 42]
 * ```
 */
export const tensordot: Op<ProductArgs["tensordot"]> = op(1, productFunctions.tensordot);

/**
 * Sum over the `contract` pairs of axes, the `batch` pairs going together: `lax.dot_general`. The result has the
 * batch axes, then the other axes of `x`, then those of `y`.
 *
 * @example
 * ```ts
 * const [x, y] = [tensor([[1, 2], [3, 4]]), tensor([[5, 6], [7, 8]])];
 * dotGeneral(x, y, { contract: [[1], [0]] }).toArray() // [[19, 22], [43, 50]]
 * dotGeneral(x, y, { contract: [[1], [1]], batch: [[0], [0]] }).toArray() // [17, 53]
 * ```
 */
export const dotGeneral: Op<ProductArgs["dotGeneral"]> = op(1, productFunctions.dotGeneral);

/**
 * Kronecker's product: every element of `x` times the whole of `y`, side by side.
 *
 * @example
 * ```ts
 * kron(tensor([1, 10]), tensor([1, 2])).toArray() // [1, 2, 10, 20]
 * ```
 */
export const kron: Op<ProductArgs["kron"]> = op(1, kronBody);

/**
 * The cross product of vectors along `axis` (default the last); the other axes broadcast. Vectors of two elements
 * give the third one of the product.
 *
 * @example
 * ```ts
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray() // [0, 0, 1]
 * ```
 */
export const cross: Op<ProductArgs["cross"]> = op(1, productFunctions.cross);

/**
 * Square matrices multiplied with themselves `n` times, by repeated squaring; 0 gives identities.
 *
 * @example
 * ```ts
 * matrixPower(tensor([[1, 1], [0, 1]]), 5).toArray() // [[1, 5], [0, 1]]
 * ```
 */
export const matrixPower: Op<ProductArgs["matrixPower"]> = op(1, matrixPowerBody);

/** Costs of the best split of every part of a chain (T. Cormen et al., "Introduction to algorithms", 15.2). */
const chainSplits = (sizes: readonly number[]): number[][] => {
  const n = sizes.length - 1;
  const cost = range(n).map(() => new Array<number>(n).fill(0));
  const at = range(n).map(() => new Array<number>(n).fill(0));
  for (let length = 2; length <= n; length++)
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      cost[i]![j] = Infinity;
      for (let k = i; k < j; k++) {
        const c = cost[i]![k]! + cost[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!;
        if (c < cost[i]![j]!) [cost[i]![j], at[i]![j]] = [c, k];
      }
    }
  return at;
};

/**
 * The product of a chain of matrices, multiplied in the order that costs least. The first and the last may be vectors.
 *
 * @example
 * ```ts
 * multiDot([tensor([[1, 2]]), tensor([[3], [4]]), tensor([[5, 6]])]).toArray() // [[55, 66]]
 * ```
 */
export const multiDot = (xs: readonly TensorLike[]): Tensor => {
  if (!Array.isArray(xs) || xs.length < 2 || !xs.every(isTensorLike))
    throw expected("multiDot", "a list of at least two matrices", describe(xs));
  const exprs = xs.map((x) => toExpr("multiDot", x));
  exprs.forEach((e, i) => {
    const end = i === 0 || i === exprs.length - 1;
    if (e.ndim !== 2 && !(end && e.ndim === 1))
      throw expected("multiDot", `a matrix${end ? " or vector" : ""} as operand ${i}`, showAval(e.aval));
  });
  const rows = exprs.map((e, i) => (i === 0 && e.ndim === 1 ? 1 : e.shape[0]!));
  const last = exprs[exprs.length - 1]!;
  const splits = chainSplits([...rows, last.ndim === 1 ? 1 : last.shape[1]!]);
  const product = (i: number, j: number): Tensor => {
    if (i === j) return asTensor(exprs[i]!);
    const k = splits[i]![j]!;
    return matmul(product(i, k), product(k + 1, j));
  };
  return product(0, exprs.length - 1);
};
