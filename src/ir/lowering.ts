/**
 * How a primitive reaches a kernel, as data that the JIT interprets.
 * A new primitive of a known family needs no change in the JIT.
 */
import type { Aval, Shape } from "./aval.js";
import type { DType } from "./dtype.js";
import type { Formula } from "./machine.js";
import type { NdArray } from "./ndarray.js";
import type { TypedArray } from "./dtype.js";
import type { Program } from "./program.js";

/**
 * Arithmetic on index expressions, written once for numbers (the reference) and once for symbols (the JIT).
 * All divisions are by positive constants and round down.
 */
export interface IndexAlgebra<I> {
  readonly constant: (n: number) => I;
  readonly add: (a: I, b: I) => I;
  readonly scale: (a: I, by: number) => I;
  readonly div: (a: I, by: number) => I;
  readonly mod: (a: I, by: number) => I;
}

/** `lo <= value < hi`, and `value` divisible by `multiple` where that is given. */
export interface Condition<I> {
  readonly value: I;
  readonly lo: number;
  readonly hi: number;
  readonly multiple?: number;
}

/** Which operand element a view's result element is: `operand[at]`, or `fill` where a condition fails. */
export interface ViewIndex<I> {
  readonly at: readonly I[];
  readonly within?: readonly Condition<I>[];
  readonly fill?: number;
}

export type ReduceOp = "sum" | "prod" | "max" | "min" | "argmax" | "argmin";
export type ScatterMode = "set" | "add" | "mul" | "min" | "max";
export type OutOfBounds = "clip" | "drop";

/** Lines of `length` elements, each `inner` apart from the next, of which the places of the first `count` are wanted. */
export interface Sorting {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  readonly count: number;
  readonly descending: boolean;
}

/** A function of JavaScript numbers that a generated kernel receives as an argument. */
export type ScalarFunction = (...args: number[]) => number;

export type Lowering<A> =
  | {
      readonly _tag: "Elementwise";
      /** JavaScript text of one element; operands are identifiers or literals. Rounding to the dtype is added. */
      readonly js: (args: readonly string[], dtype: DType, attrs: A) => string;
      /** The same for machines that compute with instructions instead of text. */
      readonly formula?: Formula<A>;
      /** Whether that is long, or loops: machines with functions make it one. */
      readonly apart?: boolean;
      /** A bool: where the formula does not hold (sines of huge arguments), and the reference is asked instead. */
      readonly beyond?: Formula<A>;
      /** What it is there, at a higher cost; where there is none (or null), only the reference knows. */
      readonly otherwise?: Formula<A>;
      /** The reference for one element: for machines that have neither. */
      readonly scalar: (dtype: DType, attrs: A) => ScalarFunction;
      /** Functions that the text names, passed to the kernel as arguments. */
      readonly functions: Readonly<Record<string, ScalarFunction>>;
      /** Rough cost in additions: decides what may be computed twice. */
      readonly cost: number;
    }
  | { readonly _tag: "Iota" }
  | {
      readonly _tag: "View";
      readonly index: <I>(
        algebra: IndexAlgebra<I>,
        out: readonly I[],
        operand: Shape,
        attrs: A,
      ) => ViewIndex<I>;
    }
  | { readonly _tag: "Concat"; readonly axis: (attrs: A) => number }
  | { readonly _tag: "Reduce"; readonly op: ReduceOp; readonly axes: (attrs: A) => readonly number[] }
  | {
      readonly _tag: "Cumulative";
      readonly op: ReduceOp;
      readonly axis: (attrs: A) => number;
      readonly reverse: (attrs: A) => boolean;
    }
  | { readonly _tag: "Contract" }
  /** Adds every operand element into the result element that `index` names; the rest is zero. */
  | {
      readonly _tag: "Accumulate";
      readonly index: <I>(algebra: IndexAlgebra<I>, operand: readonly I[], attrs: A) => readonly I[];
    }
  | { readonly _tag: "Gather" }
  | { readonly _tag: "Scatter" }
  | { readonly _tag: "DynamicSlice" }
  | { readonly _tag: "DynamicUpdateSlice" }
  /** A library routine called with whole arrays. */
  | {
      readonly _tag: "Routine";
      readonly run: (
        args: readonly NdArray[],
        outs: readonly TypedArray[],
        attrs: A,
        avals: readonly Aval[],
      ) => void;
      /** That it is an argsort, for devices that cannot call it. */
      readonly sort?: (operand: Shape, attrs: A) => Sorting;
    }
  /** A sub-program spliced in place. Behind a `barrier` nothing is shared with the outside: it is computed again. */
  | { readonly _tag: "Inline"; readonly program: (attrs: A) => Program; readonly barrier?: boolean }
  /** A loop or branch around sub-programs; its kernel holds theirs. */
  | { readonly _tag: "Loop"; readonly kind: "Scan" | "While" | "Cond" }
  | { readonly _tag: "Unsupported"; readonly reason: string };
