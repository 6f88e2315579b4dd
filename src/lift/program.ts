/**
 * The scalar program between JavaScript and tensors: expressions and structured statements over numbered slots.
 * Names, tuples, records, destructuring and calls are gone; what is left is arithmetic, assignment and control flow
 * of one element. The sets of nodes are closed: `build*.ts` makes them, `lower*.ts` makes tensor expressions of them.
 */
import type { Expr } from "../ir/expr.js";
import type { FunctionName } from "./functions.js";
import type { Place, Source } from "./source.js";

export type Slot = number;

export type UnaryName = "-" | "+" | "!" | "~";
export type ArithmeticName = "+" | "-" | "*" | "/" | "%" | "**";
export type BitName = "&" | "|" | "^" | "<<" | ">>" | ">>>";
export type ComparisonName = "<" | "<=" | ">" | ">=" | "==" | "!=" | "===" | "!==";
export type BinaryName = ArithmeticName | BitName | ComparisonName;

/** Where a node was written, for errors that only the operands' types reveal. */
export interface Origin {
  readonly source: Source;
  readonly place: Place;
}

/** An expression: no effects, evaluated as often as it is written. */
export type Scalar =
  | { readonly _tag: "Constant"; readonly value: number | boolean }
  | { readonly _tag: "Read"; readonly slot: Slot }
  /** A tensor from the environment, broadcast like an argument. */
  | { readonly _tag: "Outer"; readonly tensor: Expr }
  /** An element of a tensor from the environment: one index for each of its axes. */
  | {
      readonly _tag: "Element";
      readonly tensor: Expr;
      readonly indices: readonly Scalar[];
      readonly origin: Origin;
    }
  | { readonly _tag: "Unary"; readonly op: UnaryName; readonly x: Scalar }
  | {
      readonly _tag: "Binary";
      readonly op: BinaryName;
      readonly x: Scalar;
      readonly y: Scalar;
      readonly origin: Origin;
    }
  | { readonly _tag: "Call"; readonly name: FunctionName; readonly args: readonly Scalar[] }
  /** `x && y` or `x || y`: y is evaluated where x does not decide. */
  | { readonly _tag: "Logic"; readonly op: "&&" | "||"; readonly x: Scalar; readonly y: Scalar }
  | { readonly _tag: "Choose"; readonly test: Scalar; readonly yes: Scalar; readonly no: Scalar };

export type Statement =
  | { readonly _tag: "Assign"; readonly slot: Slot; readonly value: Scalar }
  | {
      readonly _tag: "If";
      readonly test: Scalar;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  | Loop
  | { readonly _tag: "Break" }
  | { readonly _tag: "Continue" }
  /** Leaves the nearest region; the results are in slots already. */
  | { readonly _tag: "Return" }
  /** The body of a function that was called: what a return inside leaves. */
  | { readonly _tag: "Region"; readonly body: readonly Statement[] };

/** `before` runs ahead of every evaluation of `test`. */
export interface Loop {
  readonly _tag: "Loop";
  /** The first test comes after the first round: do … while. */
  readonly testsLast: boolean;
  readonly before: readonly Statement[];
  /** null: for (;;). */
  readonly test: Scalar | null;
  readonly body: readonly Statement[];
  /** Runs after the body, also after `continue`. */
  readonly update: readonly Statement[];
  /** Slots that outlive a round: those that the loop assigns and that were declared outside. */
  readonly carried: readonly Slot[];
  /** Those of them that anything outside of the loop reads. */
  readonly lasting: readonly Slot[];
}

/** A tree of the values that a function takes or returns. */
export type Shaped<T> =
  | { readonly _tag: "One"; readonly value: T }
  | { readonly _tag: "Tuple"; readonly items: readonly Shaped<T>[] }
  | { readonly _tag: "Record"; readonly fields: readonly (readonly [string, Shaped<T>])[] };

export interface Parameter {
  readonly name: string;
  readonly slots: Shaped<Slot>;
  /** Runs when the argument is left out; null when it must be given. */
  readonly fallback: readonly Statement[] | null;
}

export interface ScalarProgram {
  readonly source: Source;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  readonly result: Shaped<Scalar>;
}

const children = (e: Scalar): readonly Scalar[] => {
  switch (e._tag) {
    case "Constant":
    case "Read":
    case "Outer":
      return [];
    case "Element":
      return e.indices;
    case "Unary":
      return [e.x];
    case "Binary":
    case "Logic":
      return [e.x, e.y];
    case "Call":
      return e.args;
    case "Choose":
      return [e.test, e.yes, e.no];
  }
};

/** Every expression inside `e`, itself first. */
export const expressionsIn = (e: Scalar): readonly Scalar[] => [e, ...children(e).flatMap(expressionsIn)];

/** The parts of a statement. */
export const partsOf = (
  s: Statement,
): { readonly expressions: readonly Scalar[]; readonly blocks: readonly (readonly Statement[])[] } => {
  switch (s._tag) {
    case "Assign":
      return { expressions: [s.value], blocks: [] };
    case "If":
      return { expressions: [s.test], blocks: [s.yes, s.no] };
    case "Loop":
      return { expressions: s.test === null ? [] : [s.test], blocks: [s.before, s.body, s.update] };
    case "Region":
      return { expressions: [], blocks: [s.body] };
    case "Break":
    case "Continue":
    case "Return":
      return { expressions: [], blocks: [] };
  }
};

/** Every statement of a block and of the blocks in it. */
export const statementsIn = (block: readonly Statement[]): readonly Statement[] =>
  block.flatMap((s) => [s, ...partsOf(s).blocks.flatMap(statementsIn)]);

/** The slots that a block assigns, each once. */
export const assignedIn = (block: readonly Statement[]): readonly Slot[] => [
  ...new Set(statementsIn(block).flatMap((s) => (s._tag === "Assign" ? [s.slot] : []))),
];

/** The slots that an expression reads. */
export const readIn = (e: Scalar): readonly Slot[] =>
  expressionsIn(e).flatMap((x) => (x._tag === "Read" ? [x.slot] : []));

/** The leaves of a tree, in order. */
export const leavesOf = <T>(tree: Shaped<T>): readonly T[] => {
  switch (tree._tag) {
    case "One":
      return [tree.value];
    case "Tuple":
      return tree.items.flatMap(leavesOf);
    case "Record":
      return tree.fields.flatMap(([, x]) => leavesOf(x));
  }
};

/** The same tree with other leaves. */
export const mapShaped = <T, U>(tree: Shaped<T>, f: (leaf: T) => U): Shaped<U> => {
  switch (tree._tag) {
    case "One":
      return { _tag: "One", value: f(tree.value) };
    case "Tuple":
      return { _tag: "Tuple", items: tree.items.map((x) => mapShaped(x, f)) };
    case "Record":
      return { _tag: "Record", fields: tree.fields.map(([k, x]) => [k, mapShaped(x, f)] as const) };
  }
};
