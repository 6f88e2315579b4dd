/** Expressions in WGSL, with what is known of them. */
import type { DType } from "../../../ir/dtype.js";
import { splat } from "./types.js";

/** An expression in WGSL: of an element, or of four neighbours, a vector. */
export interface Text {
  readonly dtype: DType;
  readonly text: string;
  readonly wide?: boolean;
  /** The number that it is, where that is known. */
  readonly known?: number;
  /** A sum of floats, whose rounding a formula may rely on. */
  readonly sum?: boolean;
}

/** One element as four of them. */
export const broadcast = (x: Text): Text =>
  x.wide === true ? x : { dtype: x.dtype, text: splat(x.dtype, x.text), wide: true };

/** Operands of one operation: all of one element, or all of four. */
export const alike = (
  ...xs: readonly Text[]
): { readonly texts: readonly string[]; readonly wide: boolean } => {
  const wide = xs.some((x) => x.wide === true);
  return { texts: (wide ? xs.map(broadcast) : xs).map((x) => x.text), wide };
};
