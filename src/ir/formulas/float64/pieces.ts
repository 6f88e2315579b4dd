/** Rational functions with coefficients of their own for parts of a range. */
import type { Doubles } from "./doubles.js";

/** Coefficients of a numerator and of a denominator, from the lowest power up: each as many as those of other pieces. */
export interface Piece {
  readonly over: readonly number[];
  readonly under: readonly number[];
}

/** The quotient, at x, of the first piece whose condition holds, or of the last one; a condition less than pieces. */
export const pieceAt = <V>(
  { f, select, div, polynomialOf }: Doubles<V>,
  x: V,
  conditions: readonly V[],
  pieces: readonly Piece[],
): V => {
  const chosen = (rows: readonly (readonly number[])[]): readonly V[] =>
    rows[0]!.map((_, k) => {
      const last = f(rows[rows.length - 1]![k]!);
      return conditions.reduceRight((rest, c, row) => select(c, f(rows[row]![k]!), rest), last);
    });
  return div(
    polynomialOf(x, chosen(pieces.map((p) => p.over))),
    polynomialOf(x, chosen(pieces.map((p) => p.under))),
  );
};
