/** The contraction. Matrix products, convolutions (over `windows`) and einsum are this one primitive. */
import { type Aval, aval, range, type Shape, showAvals, sizeOf, stridesOf } from "../aval.js";
import { allocate, isFloat } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import { build, type NdArray, ndarray } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { add } from "./elementwise.js";
import { broadcast, constantAlong, front, permute, shiftAxes, zerosOf } from "./layout.js";

export interface Dot {
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
}

/** The axes that are neither batched nor contracted, in order. */
export const freeAxes = (ndim: number, batch: readonly number[], contract: readonly number[]): number[] =>
  range(ndim).filter((i) => !batch.includes(i) && !contract.includes(i));

const pick = (shape: Shape, axes: readonly number[]): number[] => axes.map((a) => shape[a]!);

const dotAval = (x: Aval, y: Aval, d: Dot): Aval => {
  const pairs = (a: readonly number[], b: readonly number[]): boolean =>
    a.length === b.length && a.every((l, i) => x.shape[l] !== undefined && x.shape[l] === y.shape[b[i]!]);
  if (!pairs(d.lhsBatch, d.rhsBatch) || !pairs(d.lhsContract, d.rhsContract))
    throw expected(
      "dot",
      `equal sizes along batch axes [${d.lhsBatch}] and [${d.rhsBatch}], contracted axes [${d.lhsContract}] and [${d.rhsContract}]`,
      showAvals([x, y]),
    );
  if (x.dtype !== y.dtype || x.dtype === "bool")
    throw expected("dot", "operands of one numeric dtype", showAvals([x, y]));
  const left = freeAxes(x.shape.length, d.lhsBatch, d.lhsContract);
  const right = freeAxes(y.shape.length, d.rhsBatch, d.rhsContract);
  return aval([...pick(x.shape, d.lhsBatch), ...pick(x.shape, left), ...pick(y.shape, right)], x.dtype);
};

/** Offsets of every multi-index over some axes. */
const offsets = (shape: Shape, axes: readonly number[]): number[] => {
  const strides = stridesOf(shape);
  const out: number[] = [];
  build(pick(shape, axes), "float64", (index) => {
    out.push(index.reduce((o, i, k) => o + i * strides[axes[k]!]!, 0));
    return 0;
  });
  return out;
};

/** Products summed in float64, or exactly modulo 2^32. */
const evaluateDot = (x: NdArray, y: NdArray, d: Dot): NdArray => {
  const out = dotAval(x, y, d);
  const [xb, yb] = [offsets(x.shape, d.lhsBatch), offsets(y.shape, d.rhsBatch)];
  const [xk, yk] = [offsets(x.shape, d.lhsContract), offsets(y.shape, d.rhsContract)];
  const xf = offsets(x.shape, freeAxes(x.shape.length, d.lhsBatch, d.lhsContract));
  const yf = offsets(y.shape, freeAxes(y.shape.length, d.rhsBatch, d.rhsContract));
  const data = allocate(out.dtype, sizeOf(out.shape));
  const times = isFloat(out.dtype) ? (a: number, b: number) => a * b : Math.imul;
  let o = 0;
  for (let b = 0; b < xb.length; b++)
    for (const i of xf)
      for (const j of yf) {
        let s = 0;
        for (let k = 0; k < xk.length; k++)
          s += times(x.data[xb[b]! + i + xk[k]!]!, y.data[yb[b]! + j + yk[k]!]!);
        data[o++] = s;
      }
  return ndarray(out.shape, out.dtype, data);
};

interface Side {
  readonly otherBatch: readonly number[];
  readonly otherFree: readonly number[];
  /** The other side's free axes in the result. */
  readonly otherInCt: readonly number[];
  /** The side's axes in the order of that product, and the permutation that puts them back. */
  readonly order: readonly number[];
  readonly permutation: readonly number[];
}

/** How one side's cotangent comes of the product of the result's with the other side. */
const sideOf = (other: Expr, side: Expr, d: Dot, left: boolean): Side => {
  const [sideBatch, otherBatch] = left ? [d.lhsBatch, d.rhsBatch] : [d.rhsBatch, d.lhsBatch];
  const [sideContract, otherContract] = left
    ? [d.lhsContract, d.rhsContract]
    : [d.rhsContract, d.lhsContract];
  const sideFree = freeAxes(side.ndim, sideBatch, sideContract);
  const otherFree = freeAxes(other.ndim, otherBatch, otherContract);
  const nb = sideBatch.length;
  const firstOther = left ? nb + sideFree.length : nb;
  const otherInCt = otherFree.map((_, i) => firstOther + i);
  // Axes of the product: batch, the side's free axes, then the contracted axes in the other side's order.
  const contractInOrder = range(other.ndim).filter((a) => otherContract.includes(a));
  const order = [
    ...sideBatch,
    ...sideFree,
    ...contractInOrder.map((a) => sideContract[otherContract.indexOf(a)]!),
  ];
  return {
    otherBatch,
    otherFree,
    otherInCt,
    order,
    permutation: range(side.ndim).map((a) => order.indexOf(a)),
  };
};

/** Cotangent of one side: contract `ct` with the other side, then put the axes back in order. */
const transposeSide = (ct: Expr, other: Expr, side: Expr, d: Dot, left: boolean): Expr => {
  const { otherBatch, otherFree, otherInCt, permutation } = sideOf(other, side, d, left);
  const product = dot(ct, other, {
    lhsBatch: range(d.lhsBatch.length),
    rhsBatch: otherBatch,
    lhsContract: otherInCt,
    rhsContract: otherFree,
  });
  return permute(product, permutation);
};

/** Rows of zeros give rows of zeros: what is masked along all that is contracted with the other side. */
const supportSide = (mask: Expr, other: Expr, side: Expr, d: Dot, left: boolean): Expr | null => {
  const { otherInCt, order, permutation } = sideOf(other, side, d, left);
  const rows = constantAlong(mask, otherInCt);
  if (rows === null) return null;
  const shape = order.map((a) => side.shape[a]!);
  return permute(broadcast(rows, shape, range(rows.ndim)), permutation);
};

export const dotPrimitive: Primitive<Dot> = {
  name: "dot",
  shape: ([x, y], attrs) => [dotAval(x!, y!, attrs)],
  evaluate: ([x, y], attrs) => [evaluateDot(x!, y!, attrs)],
  jvp: ([x, y], [tx, ty], attrs) => {
    const dx = tx == null ? null : dot(tx, y!, attrs);
    const dy = ty == null ? null : dot(x!, ty, attrs);
    return [null, [dx === null ? dy : dy === null ? dx : add(dx, dy)]];
  },
  transpose: ([ct], [x, y], [lx], attrs) =>
    lx ? [transposeSide(ct!, y!, x!, attrs, true), null] : [null, transposeSide(ct!, x!, y!, attrs, false)],
  support: (mask, [x, y], attrs) => [
    supportSide(mask, y!, x!, attrs, true),
    supportSide(mask, x!, y!, attrs, false),
  ],
  batch: ([x, y], [ax, ay], d, n) => {
    const xf = ax == null ? x! : front(x!, ax, n);
    const yf = ay == null ? y! : front(y!, ay, n);
    const left =
      ax == null ? d : { ...d, lhsBatch: shiftAxes(d.lhsBatch), lhsContract: shiftAxes(d.lhsContract) };
    const both =
      ay == null ? left : { ...left, rhsBatch: shiftAxes(d.rhsBatch), rhsContract: shiftAxes(d.rhsContract) };
    if (ax != null && ay != null)
      return [
        [dot(xf, yf, { ...both, lhsBatch: [0, ...both.lhsBatch], rhsBatch: [0, ...both.rhsBatch] }), 0],
      ];
    const nb = d.lhsBatch.length;
    const axis = ax != null ? nb : nb + freeAxes(x!.ndim, d.lhsBatch, d.lhsContract).length;
    return [[dot(xf, yf, both), axis]];
  },
  lower: { _tag: "Contract" },
};

/** Σ over the contracted axes; the result has the batch axes, then x's free axes, then y's. */
export const dot = (x: Expr, y: Expr, attrs: Dot): Expr => {
  const out = dotAval(x.aval, y.aval, attrs);
  return x.size === 0 || y.size === 0 ? zerosOf(out) : apply(dotPrimitive, [x, y], attrs);
};
