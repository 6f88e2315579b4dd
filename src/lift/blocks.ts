/**
 * Loops of unknown length over many elements, a block at a time: a block's variables stay in the nearest cache, and a
 * block whose elements are done does not go on because of others. The blocks are the rows of a `scan`; the last one
 * overlaps the one before where the size is no multiple (its elements are computed twice, to the same end).
 */
import { aval, type Shape, sizeOf } from "../ir/aval.js";
import { type Expr, param, watermark } from "../ir/expr.js";
import { concat, reshape, sliceAxis } from "../ir/primitives/views.js";
import { lift, topological } from "../ir/program.js";
import { stretch } from "../ops/promotion.js";
import { scanNode } from "../transforms/loops/scan.js";
import { whilePrimitive } from "../transforms/loops/while.js";

/** Elements of a block: four vectors of floats, which go on for as long as the slowest of them. Measured. */
const blockSize = 16;

/** With fewer elements a loop over all of them is as good. */
const fewest = 256;

/** Whether there is a loop of unknown length among the nodes made since `mark`, over enough elements. */
export const worthBlocks = (results: readonly Expr[], mark: number): boolean =>
  topological(results, mark).some(
    (e) => e.primitive === whilePrimitive && e.avals.some((a) => sizeOf(a.shape) >= fewest),
  );

const rowsOf = (x: Expr, n: number): Expr => {
  const flat = reshape(x, [n]);
  const whole = Math.floor(n / blockSize);
  if (whole * blockSize === n) return reshape(flat, [whole, blockSize]);
  const ends = concat(
    [sliceAxis(flat, 0, 0, whole * blockSize), sliceAxis(flat, 0, n - blockSize, blockSize)],
    0,
  );
  return reshape(ends, [whole + 1, blockSize]);
};

const joined = (rows: Expr, n: number): Expr => {
  const flat = reshape(rows, [rows.size]);
  const rest = n % blockSize;
  if (rest === 0) return flat;
  return concat([sliceAxis(flat, 0, 0, n - rest), sliceAxis(flat, 0, rows.size - rest, rest)], 0);
};

/** `f` of operands that all have `shape`, computed block by block. Results of `f` have the shape of its operands. */
export const inBlocks = (
  operands: readonly Expr[],
  shape: Shape,
  f: (operands: readonly Expr[]) => readonly Expr[],
): readonly Expr[] => {
  const n = sizeOf(shape);
  const rows = operands.map((x) => rowsOf(x, n));
  const mark = watermark();
  const params = operands.map((x) => param(aval([blockSize], x.dtype)));
  const results = f(params).map((e) => stretch(e, [blockSize]));
  const { program, captured } = lift({ params, results }, mark);
  return scanNode(captured, [], rows, program, rows[0]!.shape[0]!, false).map((e) =>
    reshape(joined(e, n), shape),
  );
};
