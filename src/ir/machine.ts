/**
 * The operations that every machine has, on one element or on several at once. An elementwise primitive that says what
 * it is in terms of them (its formula) reaches every backend that has them: WebAssembly one element or one vector at a
 * time, WGSL as text.
 */
import type { DType } from "./dtype.js";

/** `nearest` rounds halves to even; `not` is logical on bool, bitwise on integers. */
export type MachineUnary = "neg" | "abs" | "sqrt" | "floor" | "ceil" | "trunc" | "nearest" | "not";

/**
 * Integers wrap. `min` and `max` are NaN where an operand is; `lesser(x, y)` is `y < x ? y : x` and `greater(x, y)` is
 * `x < y ? y : x`: cheaper, and x where an operand is NaN. Distances of shifts are in [0, bits); `shr` keeps the sign of
 * signed integers.
 */
export type MachineBinary =
  "add" | "sub" | "mul" | "div" | "min" | "max" | "lesser" | "greater" | "and" | "or" | "xor" | "shl" | "shr";

export type Shift = "shl" | "shr";

export type MachineComparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** float64 as words of 64 bits: bitwise logic, and shifts by one distance for all elements, zeros moving in. */
export interface Bits64<V> {
  readonly and: (x: V, y: V) => V;
  readonly or: (x: V, y: V) => V;
  readonly xor: (x: V, y: V) => V;
  readonly shl: (x: V, distance: number) => V;
  readonly shr: (x: V, distance: number) => V;
}

/** Values are typed; operands of one operation have one dtype. */
export interface Machine<V> {
  readonly dtypeOf: (x: V) => DType;
  readonly constant: (dtype: DType, x: number) => V;
  /** The number that a value is in every element, where that is known. */
  readonly known: (x: V) => number | null;
  /** The same value, computed once however often it is used. */
  readonly share: (x: V) => V;
  readonly unary: (op: MachineUnary, x: V) => V;
  readonly binary: (op: MachineBinary, x: V, y: V) => V;
  /** Integers shifted by a distance in [0, 32) that is the same for all elements. */
  readonly shift: (op: Shift, x: V, distance: number) => V;
  /** A bool. */
  readonly compare: (op: MachineComparison, x: V, y: V) => V;
  /** x · y + z, rounded once or twice: whatever is faster. */
  readonly fma: (x: V, y: V, z: V) => V;
  /**
   * c₀ + c₁x + c₂x² + … in float32 by Horner's scheme, each x · sum + c rounded once, where the machine can do that.
   * (By way of float64, in which the product is exact, as src/ir/scalar/fma.ts does it.)
   */
  readonly hornerOnce?: (x: V, coefficients: readonly V[]) => V;
  /** A float32 by a formula that float64 machines have, of float32 operands, rounded once: on machines that can do that. */
  readonly inFloat64?: (args: readonly V[], formula: (m: Machine<V>, args: readonly V[]) => V) => V;
  /**
   * On machines that can repeat: from `start` on, `body` makes the state again while `test`, a bool of it, holds. Each element
   * leaves by itself, and keeps the state that it left with. A thousand turns are no likely number of them: a machine may end a
   * loop after some thousands.
   */
  readonly loop?: (
    start: readonly V[],
    test: (state: readonly V[]) => V,
    body: (state: readonly V[]) => readonly V[],
  ) => readonly V[];
  readonly select: (condition: V, x: V, y: V) => V;
  /** As the primitive `cast`: floats saturate on their way to integers. */
  readonly cast: (x: V, to: DType) => V;
  /** The same bits as another dtype of 32 bits. */
  readonly bits: (x: V, to: DType) => V;
  /** On machines that compute in float64. */
  readonly bits64?: Bits64<V>;
}

/** One element of a primitive's result from those of its operands; null where machines need a library function. */
export type Formula<A> = <V>(m: Machine<V>, args: readonly V[], dtype: DType, attrs: A) => V | null;
