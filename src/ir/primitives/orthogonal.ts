/** Random orthogonal matrices: a function of keys alone, computed as whole matrices. */
import { aval, type Shape, showAval, sizeOf } from "../aval.js";
import { allocate, type DType, type TypedArray } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import { type NdArray, ndarray } from "../ndarray.js";
import type { Primitive } from "../primitive.js";
import { orthonormalize } from "../scalar/random/orthogonal.js";
import { realOf } from "../scalar/random/real.js";
import { front } from "./layout.js";

export interface Orthogonal {
  /** How many matrices for each key. */
  readonly shape: Shape;
  /** The longer side and the shorter one, whose vectors are orthonormal. */
  readonly rows: number;
  readonly columns: number;
  readonly dtype: DType;
}

const resultShape = (keys: Shape, { shape, rows, columns }: Orthogonal): Shape => [
  ...keys.slice(0, -1),
  ...shape,
  rows,
  columns,
];

/** The normal numbers that `normal(key, [...shape, rows, columns])` draws, orthonormalised matrix by matrix. */
const fill = (keys: NdArray, out: TypedArray, { shape, rows, columns, dtype }: Orthogonal): void => {
  const { normal } = realOf(dtype);
  const each = rows * columns;
  const matrices = sizeOf(shape);
  const x = new Float64Array(each);
  for (let k = 0; k < keys.data.length / 2; k++)
    for (let m = 0; m < matrices; m++) {
      for (let i = 0; i < each; i++) x[i] = normal(keys.data[2 * k]!, keys.data[2 * k + 1]!, m * each + i);
      orthonormalize(x, rows, columns);
      out.set(x, (k * matrices + m) * each);
    }
};

export const orthogonalPrimitive: Primitive<Orthogonal> = {
  name: "orthogonalSample",
  shape: ([keys], attrs) => {
    if (keys!.dtype !== "uint32" || keys!.shape[keys!.shape.length - 1] !== 2 || attrs.columns > attrs.rows)
      throw expected("orthogonalSample", "keys and no more columns than rows", showAval(keys!));
    return [aval(resultShape(keys!.shape, attrs), attrs.dtype)];
  },
  evaluate: ([keys], attrs) => {
    const shape = resultShape(keys!.shape, attrs);
    const data = allocate(attrs.dtype, sizeOf(shape));
    fill(keys!, data, attrs);
    return [ndarray(shape, attrs.dtype, data)];
  },
  jvp: () => [null, [null]],
  transpose: null,
  batch: ([keys], [axis], attrs, n) => [[apply(orthogonalPrimitive, [front(keys!, axis!, n)], attrs), 0]],
  lower: { _tag: "Routine", run: ([keys], [out], attrs) => fill(keys!, out!, attrs) },
};

/** Matrices [...shape, rows, columns] with orthonormal columns for each of `keys` [..., 2]. */
export const orthogonalSample = (keys: Expr, attrs: Orthogonal): Expr =>
  apply(orthogonalPrimitive, [keys], attrs);
