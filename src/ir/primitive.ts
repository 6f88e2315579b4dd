/**
 * What a primitive declares: one record in one place. Every transformation and backend reads these records,
 * so nothing else in the project switches on a primitive's name.
 */
import type { Aval } from "./aval.js";
import type { Expr } from "./expr.js";
import type { Lowering } from "./lowering.js";
import type { NdArray } from "./ndarray.js";

/** A tangent or cotangent; `null` is the symbolic zero. */
export type Linear = Expr | null;

/** Where the mapped axis of a batched value is; `null` when it is not mapped. */
export type BatchAxis = number | null;

export type Batched = readonly [Expr, BatchAxis];

export type Attrs = Readonly<Record<string, unknown>>;

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- attrs are typed where a primitive is declared; tables of primitives are heterogeneous */
export interface Primitive<A = any> {
  readonly name: string;
  /** Avals of the results; throws on operands that do not fit. */
  readonly shape: (avals: readonly Aval[], attrs: A) => readonly Aval[];
  /** The reference: plain loops. The oracle of every law and backend. */
  readonly evaluate: (args: readonly NdArray[], attrs: A) => readonly NdArray[];
  /**
   * Forward derivative: `[primals, tangents]`, one tangent for each result.
   * `primals: null` keeps the original results; `outs()` gives them to rules that need them.
   */
  readonly jvp: (
    args: readonly Expr[],
    tangents: readonly Linear[],
    attrs: A,
    outs: () => readonly Expr[],
  ) => readonly [readonly Expr[] | null, readonly Linear[]];
  /** Only primitives with sub-programs: separate what is known from what is linear, before `transpose`. */
  readonly split?: (
    args: readonly Expr[],
    linear: readonly boolean[],
    attrs: A,
  ) => readonly [readonly Expr[], readonly boolean[]];
  /** Cotangents of the operands marked linear; `null` when the primitive is linear in none. */
  readonly transpose:
    | null
    | ((
        cts: readonly Linear[],
        args: readonly Expr[],
        linear: readonly boolean[],
        attrs: A,
      ) => readonly Linear[]);
  /**
   * Where the operands' cotangents may differ from 0, given where the result's may: bools of their shapes, null where
   * that is not known. Without it, zeros are numbers like any other.
   */
  readonly support?: (mask: Expr, args: readonly Expr[], attrs: A) => readonly Linear[];
  /** The primitive on operands with an extra axis of size `n` at `axes[i]`. At least one axis is not null. */
  readonly batch: (
    args: readonly Expr[],
    axes: readonly BatchAxis[],
    attrs: A,
    n: number,
  ) => readonly Batched[];
  /** How the JIT makes kernels of it: data, not code. */
  readonly lower: Lowering<A>;
}
