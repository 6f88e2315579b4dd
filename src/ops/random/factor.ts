/**
 * Cholesky factors by halving: of [[A, Bᵀ], [B, C]] the factor is [[L, 0], [B L⁻ᵀ, chol(C - B A⁻¹ Bᵀ)]]. Ordinary
 * contractions, so derivatives and vmap follow; the graph grows with the number of rows, which is meant to be in
 * the tens. Matrices are the last two axes.
 */
import { range } from "../../ir/aval.js";
import type { Expr } from "../../ir/expr.js";
import { div, neg, sub } from "../../ir/primitives/arithmetic.js";
import { dot } from "../../ir/primitives/dot.js";
import { full, fullLike, permute } from "../../ir/primitives/layout.js";
import { sqrt } from "../../ir/primitives/transcendental.js";
import { concat, slice } from "../../ir/primitives/views.js";

/** Batched matrix product. */
export const product = (x: Expr, y: Expr): Expr => {
  const batch = range(x.ndim - 2);
  const [row, column] = [x.ndim - 2, x.ndim - 1];
  return dot(x, y, { lhsBatch: batch, rhsBatch: batch, lhsContract: [column], rhsContract: [row] });
};

export const transposed = (x: Expr): Expr => permute(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2]);

/** Rows [r0, r1) and columns [c0, c1). */
const block = (x: Expr, r0: number, r1: number, c0: number, c1: number): Expr => {
  const batch = x.shape.slice(0, -2);
  return slice(x, [...batch.map(() => 0), r0, c0], [...batch, r1 - r0, c1 - c0]);
};

/** [[a, 0], [b, c]] */
const lowerBlocks = (a: Expr, b: Expr, c: Expr): Expr => {
  const [rows, column] = [a.ndim - 2, a.ndim - 1];
  const zeros = full([...a.shape.slice(0, -1), c.shape[column]!], a.dtype, 0);
  return concat([concat([a, zeros], column), concat([b, c], column)], rows);
};

/** The lower factor of a symmetric positive definite matrix, and its inverse. Reads the lower half. */
export const choleskyWithInverse = (x: Expr): readonly [factor: Expr, inverse: Expr] => {
  const n = x.shape[x.ndim - 1]!;
  if (n === 0) return [x, x];
  if (n === 1) {
    const root = sqrt(x);
    return [root, div(fullLike(root, 1), root)];
  }
  const m = n >> 1;
  const [l, lInverse] = choleskyWithInverse(block(x, 0, m, 0, m));
  const below = product(block(x, m, n, 0, m), transposed(lInverse));
  const rest = sub(block(x, m, n, m, n), product(below, transposed(below)));
  const [r, rInverse] = choleskyWithInverse(rest);
  const corner = neg(product(product(rInverse, below), lInverse));
  return [lowerBlocks(l, below, r), lowerBlocks(lInverse, corner, rInverse)];
};
