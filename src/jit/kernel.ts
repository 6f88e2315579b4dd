/**
 * The loop IR: what fusion produces and what every backend renders.
 *
 * A kernel is a list of statements over named buffers. Values are scalar SSA; loops are nests of axes with affine
 * index maps; reductions are accumulators. Renderers place each value at the outermost loop that it depends on.
 */
import type { DType, TypedArray } from "../ir/dtype.js";
import type { Condition, Lowering, ReduceOp, ScatterMode, Sorting } from "../ir/lowering.js";
import type { Axis, Index } from "./index-expression.js";

export type ElementwiseLowering = Extract<Lowering<never>, { readonly _tag: "Elementwise" }>;

export type Definition =
  | { readonly _tag: "Constant"; readonly value: number }
  /** An index as a number (iota). */
  | { readonly _tag: "FromIndex"; readonly index: Index }
  | { readonly _tag: "Load"; readonly buffer: number; readonly index: Index }
  | {
      readonly _tag: "Compute";
      readonly name: string;
      readonly lower: ElementwiseLowering;
      readonly attrs: object;
      /** Dtype of the last operand: what the text depends on. */
      readonly operand: DType;
      readonly args: readonly Value[];
      /** May keep more precision than its dtype: its only user is arithmetic (see `materialize.ts`). */
      readonly loose: boolean;
    }
  | { readonly _tag: "Accumulated"; readonly accumulator: Accumulator }
  /** Defined by the Guard statement that carries it. */
  | { readonly _tag: "Guarded" };

export interface Value {
  readonly id: number;
  readonly dtype: DType;
  readonly definition: Definition;
}

export interface Accumulator {
  readonly id: number;
  readonly op: ReduceOp;
  /** Dtype of what is reduced. */
  readonly dtype: DType;
  /** Few numbers, many times: a backend to which more precision is dear may add them up in their own dtype. */
  readonly brief: boolean;
}

export type Statement =
  | { readonly _tag: "Let"; readonly value: Value }
  | {
      readonly _tag: "Nest";
      readonly axes: readonly Axis[];
      readonly body: readonly Statement[];
      /** Iterations follow each other: what one writes the next may read. */
      readonly sequential: boolean;
    }
  | { readonly _tag: "Accumulate"; readonly accumulator: Accumulator }
  | {
      readonly _tag: "Update";
      readonly accumulator: Accumulator;
      readonly value: Value;
      /** Position along the reduced axis: argmax and argmin keep it. */
      readonly position: Index | null;
    }
  | {
      readonly _tag: "Store";
      readonly buffer: number;
      readonly index: Index;
      readonly value: Value;
      readonly mode: ScatterMode;
      readonly conditions: readonly Condition<Index>[];
    }
  /** A register-tiled contraction; see `Contraction`. */
  | { readonly _tag: "Contract"; readonly contraction: Contraction }
  /** Runs the test's statements, then, while its value holds, the body's, over and over. */
  | {
      readonly _tag: "While";
      readonly test: readonly Statement[];
      readonly value: Value;
      readonly body: readonly Statement[];
    }
  /** Runs the branch that an int32 in range names. */
  | { readonly _tag: "Branch"; readonly index: Value; readonly branches: readonly (readonly Statement[])[] }
  /** Calls a library routine on parts of buffers. */
  | {
      readonly _tag: "Call";
      readonly name: string;
      readonly run: Routine;
      readonly args: readonly BufferPart[];
      /** What it does, where that is an argsort of the first argument to the second. */
      readonly sort: Sorting | null;
    }
  | {
      readonly _tag: "Guard";
      readonly result: Value;
      readonly conditions: readonly Condition<Index>[];
      readonly body: readonly Statement[];
      readonly value: Value;
      readonly fill: number;
    };

/** `length` elements of a buffer from `from` on. */
export interface BufferPart {
  readonly buffer: number;
  readonly from: Index;
  readonly length: number;
}

export type Routine = (...arrays: TypedArray[]) => void;

/**
 * One operand of a contraction, as a scalar computed from loads: every load's address is
 * base + line[i] + depth[p], two tables indexed by the flattened row (or column) and contraction index.
 */
export interface Panel {
  readonly body: readonly Statement[];
  readonly value: Value;
}

/** C[b, i, j] = Σ_p A[b, i, p] · B[b, j, p], then an epilogue on every element. Loops outside may run around it. */
export interface Contraction {
  readonly dtype: DType;
  readonly batch: readonly Axis[];
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
  readonly depth: readonly Axis[];
  readonly a: Panel;
  readonly b: Panel;
  /** The contracted sum as the epilogue names it. */
  readonly sum: Value;
  readonly epilogue: readonly Statement[];
}

/** A buffer as a kernel sees it. */
export interface BufferUse {
  readonly dtype: DType;
  readonly length: number;
  readonly written: boolean;
  /** Of a float32 buffer: every number in it is a float16, or will be. */
  readonly halves?: true;
}

export interface Kernel {
  readonly name: string;
  readonly buffers: readonly BufferUse[];
  readonly body: readonly Statement[];
}

/** Calls `visit` on every index in the statements. */
export const forEachIndex = (body: readonly Statement[], visit: (x: Index) => void): void => {
  const conditions = (cs: readonly Condition<Index>[]): void => {
    for (const c of cs) visit(c.value);
  };
  for (const s of body)
    switch (s._tag) {
      case "Let":
        if (s.value.definition._tag === "Load" || s.value.definition._tag === "FromIndex")
          visit(s.value.definition.index);
        break;
      case "Nest":
        forEachIndex(s.body, visit);
        break;
      case "Update":
        if (s.position !== null) visit(s.position);
        break;
      case "Store":
        visit(s.index);
        conditions(s.conditions);
        break;
      case "Guard":
        conditions(s.conditions);
        forEachIndex(s.body, visit);
        break;
      case "While":
        forEachIndex(s.test, visit);
        forEachIndex(s.body, visit);
        break;
      case "Branch":
        for (const b of s.branches) forEachIndex(b, visit);
        break;
      case "Call":
        for (const a of s.args) visit(a.from);
        break;
      case "Contract":
        for (const b of [s.contraction.a.body, s.contraction.b.body, s.contraction.epilogue])
          forEachIndex(b, visit);
        break;
      case "Accumulate":
        break;
    }
};
