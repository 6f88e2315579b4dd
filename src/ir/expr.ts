/**
 * Expressions: immutable nodes of a graph. A tensor *is* an expression.
 *
 *     Expr = Param(aval) | Const(value) | Apply(primitive, args, attrs) | Project(apply, i)
 *
 * Node ids grow, so a node older than the mark taken when a trace starts cannot depend on its params;
 * folds prune by that. The one mutation is `collapse`: a closed node whose value was computed becomes a Const
 * in place, so that a long eager loop does not keep its history alive.
 */
import { type Aval, aval, type Shape, showAval, sizeOf } from "./aval.js";
import { coerce, type DType, type TypedArray } from "./dtype.js";
import { expected, FluxionError } from "./errors.js";
import type { Attrs, Primitive } from "./primitive.js";
import { inMemory, type Stored } from "./stored.js";

export type ExprTag = "Param" | "Const" | "Apply" | "Project";

let nextId = 1;

/** The id that the next node will get: nodes made from now on have ids at or above it. */
export const watermark = (): number => nextId;

const none: readonly Expr[] = [];

export class Expr {
  readonly id: number = nextId++;
  /** Some Param is reachable: such a node is never collapsed. */
  readonly open: boolean;
  /** Longest path to a leaf; bounds how much unread history an eager loop builds up. */
  depth: number;
  /** The number of a literal: a scalar Const that programs keep inline. */
  readonly literal: number | null;

  constructor(
    public tag: ExprTag,
    readonly avals: readonly Aval[],
    public primitive: Primitive | null,
    public args: readonly Expr[],
    public attrs: Attrs,
    public value: Stored | null,
    readonly index: number = 0,
    /** The caller's value of a Param inside `grad` and its kin; null when the Param is abstract. */
    readonly witness: Expr | null = null,
    literal: number | null = null,
  ) {
    let open = tag === "Param";
    let depth = 0;
    for (const a of args) {
      open ||= a.open;
      if (a.depth >= depth) depth = a.depth + 1;
    }
    this.open = open;
    this.depth = depth;
    this.literal = literal;
  }

  get aval(): Aval {
    return this.avals[0]!;
  }
  get shape(): Shape {
    return this.avals[0]!.shape;
  }
  get dtype(): DType {
    return this.avals[0]!.dtype;
  }
  /** Number of axes. */
  get ndim(): number {
    return this.avals[0]!.shape.length;
  }
  /** Number of elements. */
  get size(): number {
    return sizeOf(this.avals[0]!.shape);
  }
}

const noAttrs: Attrs = Object.freeze({});

/** A fresh parameter. With a witness, reading it inside `grad` gives the caller's value. */
export const param = (a: Aval, witness: Expr | null = null): Expr =>
  new Expr("Param", [aval(a.shape, a.dtype)], null, none, noAttrs, null, 0, witness);

/** A leaf with a value; `value` belongs to the expression from now on. */
export const constant = (a: Aval, value: Stored): Expr =>
  new Expr("Const", [aval(a.shape, a.dtype)], null, none, noAttrs, value);

/** A scalar that is part of the program's text: the same number compiles once. */
export const literal = (dtype: DType, value: number): Expr => {
  const v = coerce(dtype, value);
  return new Expr("Const", [aval([], dtype)], null, none, noAttrs, null, 0, null, v);
};

/** All results of `primitive` on `args`. */
export const applyAll = <A extends object>(
  primitive: Primitive<A>,
  args: readonly Expr[],
  attrs: A,
): readonly Expr[] => {
  const avals = primitive.shape(
    args.map((a) => a.aval),
    attrs,
  );
  const node = new Expr("Apply", avals, primitive, args, attrs as Attrs, null);
  if (avals.length === 1) return [node];
  return avals.map((a, i) => new Expr("Project", [a], null, [node], noAttrs, null, i));
};

/** The only result of `primitive` on `args`. */
export const apply = <A extends object>(primitive: Primitive<A>, args: readonly Expr[], attrs: A): Expr =>
  applyAll(primitive, args, attrs)[0]!;

/** The attrs of a node of `primitive`, typed as the primitive declares them. Throws on nodes of other primitives. */
export const attrsOf = <A extends object>(primitive: Primitive<A>, node: Expr): A => {
  if (node.primitive !== primitive)
    throw new FluxionError(primitive.name, `expected a node of it, got ${node.primitive?.name ?? node.tag}`);
  return node.attrs as A; // `apply` made the node with them
};

/** A closed node takes its value and forgets its operands. Open nodes keep both: gradients need the operands. */
export const collapse = (node: Expr, value: Stored): void => {
  node.value = value;
  if (node.open) return;
  node.tag = "Const";
  node.primitive = null;
  node.args = none;
  node.attrs = noAttrs;
  node.depth = 0;
};

const donated: TypedArray = new Float32Array(0);

/** Gives up an expression's value; asking for it again is an error. */
export const donate = (node: Expr): void => {
  if (node.tag === "Const" && node.literal === null) node.value = donated;
};

/** The value of a computed node, where it is. Throws when it was donated to a compiled function. */
export const storedOf = (node: Expr, operation: string): Stored => {
  if (node.value === donated)
    throw expected(
      operation,
      "a tensor that still has its value",
      `${showAval(node.aval)} that was donated to a jitted call`,
    );
  return node.value!;
};

/** The same in JavaScript's memory. Throws where it is on a device that cannot be waited for. */
export const valueOf = (node: Expr, operation: string): TypedArray =>
  inMemory(storedOf(node, operation), operation);
