/** Which axes of a loop nest lead to places of their own in memory. */
import { type Axis, type Index, isAffine } from "../../index-expression.js";

/** The axes of an affine index with how far each moves it; those that do not move it are left out. */
const movesOf = (x: Index): { readonly axis: Axis; readonly by: number }[] =>
  x.terms.flatMap(({ atom, by }) =>
    atom._tag === "Axis" && atom.axis.size > 1 ? [{ axis: atom.axis, by: Math.abs(by) }] : [],
  );

const span = (moves: readonly { readonly axis: Axis; readonly by: number }[]): number =>
  moves.reduce((n, m) => n + m.by * (m.axis.size - 1), 0);

/**
 * Whether different positions along `axis` never lead to the same place, wherever the other axes are. Those that move
 * less must together stay within one step of it, those that move more must step over all that moves less.
 */
export const separates = (x: Index, axis: Axis): boolean => {
  if (!isAffine(x)) return false;
  const moves = movesOf(x);
  const own = moves.find((m) => m.axis.id === axis.id);
  if (own === undefined) return false;
  const less = moves.filter((m) => m !== own && m.by <= own.by);
  if (span(less) >= own.by) return false;
  return stepOver(
    span([...less, own]),
    moves.filter((m) => m !== own && m.by > own.by),
  );
};

const stepOver = (reach: number, moves: readonly { readonly axis: Axis; readonly by: number }[]): boolean => {
  let end = reach;
  return [...moves]
    .sort((a, b) => a.by - b.by)
    .every((m) => {
      const over = m.by > end;
      end += m.by * (m.axis.size - 1);
      return over;
    });
};

/** Whether different positions along any of the axes never lead to the same place. */
export const injective = (x: Index, axes: readonly Axis[]): boolean => {
  if (!isAffine(x)) return false;
  const moves = movesOf(x);
  const moving = new Set(moves.map((m) => m.axis.id));
  return axes.every((a) => a.size === 1 || moving.has(a.id)) && stepOver(0, moves);
};
