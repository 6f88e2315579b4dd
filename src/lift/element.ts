/** Tensors of the environment: as operands, and element by element. */
import { isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { gather } from "../ir/primitives/indexed.js";
import { reshape, slice } from "../ir/primitives/views.js";
import { concat } from "../ir/primitives/views.js";
import type { Frame } from "./frame.js";
import type { Origin } from "./program.js";
import { fault } from "./source.js";
import { asExpr, type Float, isKnown, meet, type Value } from "./value.js";

/** An operand in one of the dtypes that values have. */
export const normal = (x: Expr, float: Float): Expr => {
  if (isFloat(x.dtype)) return prim.cast(x, float);
  return x.dtype === "int8" || x.dtype === "uint8" ? prim.cast(x, "int32") : x;
};

/** `tensor[i][j]…`, an index for each axis. Known indices must be inside; others are truncated and clamped. */
export const elementOf = (tensor: Expr, indices: readonly Value[], origin: Origin, frame: Frame): Value => {
  indices.forEach((i, axis) => checkIndex(tensor, i, axis, origin));
  const x = normal(tensor, frame.float);
  if (indices.every((i) => isKnown(i))) {
    const starts = indices.map(Number);
    return frame.outer(
      reshape(
        slice(
          x,
          starts,
          starts.map(() => 1),
        ),
        [],
      ),
    );
  }
  const columns = meet(
    "lift",
    indices.map((i) => asExpr(i, "int32")),
  ).map((e) => reshape(e, [...e.shape, 1]));
  const at = columns.length === 1 ? columns[0]! : concat(columns, columns[0]!.ndim - 1);
  // The gate comes after the element: a table is read by every lane, whichever branch it takes.
  return frame.outer(gather(x, at, { axes: indices.map((_, k) => k), batch: 0, outOfBounds: "clip" }));
};

const checkIndex = (tensor: Expr, i: Value, axis: number, { source, place }: Origin): void => {
  const n = tensor.shape[axis]!;
  if (!isKnown(i) || (Number.isInteger(Number(i)) && Number(i) >= 0 && Number(i) < n)) return;
  throw fault(
    source,
    place,
    `an index from 0 to ${n - 1}`,
    String(i),
    `the tensor has the shape [${tensor.shape.join(", ")}]`,
  );
};
