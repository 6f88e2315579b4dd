/** Gram-Schmidt's process on a row-major matrix with no more columns than rows. */

/** Takes from column `j` its part along column `k`, which has length 1. */
const removePart = (x: Float64Array, rows: number, columns: number, k: number, j: number): void => {
  let inner = 0;
  for (let i = 0; i < rows; i++) inner += x[i * columns + k]! * x[i * columns + j]!;
  for (let i = 0; i < rows; i++) x[i * columns + j] = x[i * columns + j]! - inner * x[i * columns + k]!;
};

const normalize = (x: Float64Array, rows: number, columns: number, j: number): void => {
  let square = 0;
  for (let i = 0; i < rows; i++) square += x[i * columns + j]! ** 2;
  const scale = 1 / Math.sqrt(square);
  for (let i = 0; i < rows; i++) x[i * columns + j] = x[i * columns + j]! * scale;
};

/**
 * Makes the columns orthonormal, in place: the factor Q of QR with a positive diagonal of R. Every column is
 * orthogonalised twice, which is enough for float64's precision (L. Giraud et al., "Rounding error analysis of the
 * classical Gram-Schmidt orthogonalization process", 2005).
 */
export const orthonormalize = (x: Float64Array, rows: number, columns: number): void => {
  for (let j = 0; j < columns; j++) {
    for (let pass = 0; pass < 2; pass++) for (let k = 0; k < j; k++) removePart(x, rows, columns, k, j);
    normalize(x, rows, columns, j);
  }
};
