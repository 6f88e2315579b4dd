/** The attributes of a scan and how its operands, params and results are laid out. */
import { type Aval, aval } from "../../ir/aval.js";
import type { Expr } from "../../ir/expr.js";
import type { Program } from "../../ir/program.js";

export interface Scan {
  readonly body: Program;
  readonly consts: number;
  readonly carry: number;
  readonly length: number;
  /** Rows are visited last to first; ys are stacked where their x was. */
  readonly reverse: boolean;
}

/** Builds a scan from its operands and its body. */
export type ScanNode = (
  consts: readonly Expr[],
  carry: readonly Expr[],
  xs: readonly Expr[],
  body: Program,
  length: number,
  reverse: boolean,
) => readonly Expr[];

export interface Parts<T> {
  readonly consts: readonly T[];
  readonly carry: readonly T[];
  readonly xs: readonly T[];
}

export const partsOf = <T>(list: readonly T[], { consts, carry }: Scan): Parts<T> => ({
  consts: list.slice(0, consts),
  carry: list.slice(consts, consts + carry),
  xs: list.slice(consts + carry),
});

/** One row of a stacked aval. */
export const rowOf = (a: Aval): Aval => aval(a.shape.slice(1), a.dtype);

export const either = (a: readonly boolean[], b: readonly boolean[]): boolean[] =>
  a.map((x, i) => x || b[i]!);
export const same = (a: readonly boolean[], b: readonly boolean[]): boolean => a.every((x, i) => x === b[i]);
export const flags = (xs: readonly unknown[]): boolean[] => xs.map((x) => x !== null);
