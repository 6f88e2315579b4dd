/** What names and expressions of the source mean while a scalar program is built from it, and where names are found. */
import type * as acorn from "acorn";
import type { Expr } from "../ir/expr.js";
import type { FunctionName } from "./functions.js";
import type { Origin, Scalar, Slot, Statement } from "./program.js";
import { fault, type Place, type Source } from "./source.js";

/** The meaning of an expression: numbers, structures of numbers, and things that exist only while building. */
export type Meaning =
  | { readonly _tag: "Scalar"; readonly scalar: Scalar }
  | { readonly _tag: "Tuple"; readonly items: readonly Meaning[] }
  | { readonly _tag: "Record"; readonly fields: ReadonlyMap<string, Meaning> }
  | {
      readonly _tag: "Tensor";
      readonly tensor: Expr;
      readonly indices: readonly Scalar[];
      readonly origin: Origin;
    }
  | { readonly _tag: "Callable"; readonly callable: Callable }
  | { readonly _tag: "Builtin"; readonly name: FunctionName | "Number" | "Boolean" }
  | { readonly _tag: "Namespace"; readonly name: "Math" | "Number" }
  /** The object through which a bundler refers to imports. */
  | { readonly _tag: "Imports" };

/** A function that calls are replaced by: a local one, one of the environment, or another lifted function. */
export interface Callable {
  readonly name: string;
  readonly node: acorn.ArrowFunctionExpression | acorn.FunctionExpression | acorn.FunctionDeclaration;
  readonly scope: Scope;
  readonly unit: Unit;
}

/** One source text with the names that were given for it. */
export interface Unit {
  readonly source: Source;
  readonly environment: Readonly<Record<string, unknown>>;
}

/** Names of a block. `home` is the number of slots when the function's body began: where `var` lives. */
export interface Scope {
  readonly parent: Scope | null;
  readonly names: Map<string, Binding>;
  /** Set for the outermost scope of a function. */
  readonly ofFunction: boolean;
  readonly home: Slot;
}

export interface Binding {
  readonly meaning: Meaning;
  /** Why it cannot be assigned; null for variables. */
  readonly fixed: string | null;
}

/** What the building of one program shares. */
export interface Shared {
  /** The next slot. */
  slots: Slot;
  /** Slots that belong to a place before the one where they were made: results, `var`. */
  readonly homes: Map<Slot, Slot>;
  /** Tensors of the environments that the program uses. */
  readonly tensors: Set<Expr>;
  /** Functions that are being inlined, innermost last. */
  readonly calls: Callable["node"][];
  /** The value of a call of a function that has a body. */
  readonly inline: (callable: Callable, args: readonly Meaning[], place: Place, here: Here) => Meaning;
}

/** The function whose body is being built. */
export interface Activation {
  /** Set by the first return. */
  results: Meaning | null;
  readonly home: Slot;
  /** It returns nothing, and may say so early. */
  readonly empty: boolean;
}

/** Where the builder is. Statements go to the end of `block`. */
export interface Here {
  readonly unit: Unit;
  readonly shared: Shared;
  readonly scope: Scope;
  readonly block: Statement[];
  /** null inside a function of one expression. */
  readonly activation: Activation | null;
}

export const scalar = (s: Scalar): Meaning => ({ _tag: "Scalar", scalar: s });
export const constant = (value: number | boolean): Meaning => scalar({ _tag: "Constant", value });
export const read = (slot: Slot): Scalar => ({ _tag: "Read", slot });

export const newSlot = (here: Here, home?: Slot): Slot => {
  const slot = here.shared.slots++;
  if (home !== undefined) here.shared.homes.set(slot, home);
  return slot;
};

/** An error at a node of the source that is being read. */
export const refuse = (
  here: Here,
  place: Place,
  want: string,
  got: string,
  instead: string,
): ReturnType<typeof fault> => fault(here.unit.source, place, want, got, instead);

/** A meaning in words. */
export const inWords = (m: Meaning): string => {
  switch (m._tag) {
    case "Scalar":
      return "a number";
    case "Tuple":
      return `an array of ${m.items.length}`;
    case "Record":
      return `an object with ${[...m.fields.keys()].join(", ")}`;
    case "Tensor":
      return `a tensor of shape [${m.tensor.shape.slice(m.indices.length).join(", ")}]`;
    case "Callable":
      return "a function";
    case "Builtin":
      return `the function ${m.name}`;
    case "Namespace":
      return m.name;
    case "Imports":
      return "a module";
  }
};

/** A meaning with its numbers replaced; what is no number stays. */
export const mapScalars = (m: Meaning, f: (s: Scalar) => Scalar): Meaning => {
  switch (m._tag) {
    case "Scalar":
      return scalar(f(m.scalar));
    case "Tuple":
      return { _tag: "Tuple", items: m.items.map((x) => mapScalars(x, f)) };
    case "Record":
      return { _tag: "Record", fields: new Map([...m.fields].map(([k, x]) => [k, mapScalars(x, f)])) };
    case "Tensor":
      return { ...m, indices: m.indices.map(f) };
    default:
      return m;
  }
};

/** A meaning kept in slots of its own from here on, so that later assignments do not change it. */
export const stored = (m: Meaning, here: Here, home?: Slot): Meaning =>
  mapScalars(m, (value) => {
    const slot = newSlot(here, home);
    here.block.push({ _tag: "Assign", slot, value });
    return read(slot);
  });

/** The number that a meaning is. Tensors of the environment are operands, or elements when indexed to the end. */
export const toScalar = (m: Meaning, node: Place, here: Here, instead: string): Scalar => {
  if (m._tag === "Scalar") return m.scalar;
  if (m._tag === "Tensor") {
    const { tensor, indices, origin } = m;
    if (indices.length === 0) return { _tag: "Outer", tensor };
    if (indices.length === tensor.ndim) return { _tag: "Element", tensor, indices, origin };
    throw refuse(
      here,
      node,
      `an index for each of the ${tensor.ndim} axes`,
      String(indices.length),
      "write table[i][j] for a tensor with two axes",
    );
  }
  throw refuse(here, node, "a number", inWords(m), instead);
};

/** A meaning that can be put into slots: a tensor counts as the number it holds for each element. */
export const plain = (m: Meaning, node: acorn.Node, here: Here): Meaning => {
  switch (m._tag) {
    case "Scalar":
      return m;
    case "Tensor":
      return scalar(toScalar(m, node, here, "write it for numbers"));
    case "Tuple":
      return { _tag: "Tuple", items: m.items.map((x) => plain(x, node, here)) };
    case "Record":
      return { _tag: "Record", fields: new Map([...m.fields].map(([k, x]) => [k, plain(x, node, here)])) };
    default:
      throw refuse(
        here,
        node,
        "a number, or a tuple or record of numbers",
        inWords(m),
        "call the function here",
      );
  }
};

/** Puts one meaning into the slots of another of the same structure. */
export const assign = (to: Meaning, from: Meaning, node: Place, here: Here): void => {
  if (to._tag === "Scalar" && to.scalar._tag === "Read") {
    const value = toScalar(from, node, here, "assign to a variable what it held before: a number");
    here.block.push({ _tag: "Assign", slot: to.scalar.slot, value });
    return;
  }
  if (to._tag === "Tuple" && from._tag === "Tuple" && to.items.length === from.items.length)
    return to.items.forEach((t, i) => assign(t, from.items[i]!, node, here));
  if (to._tag === "Record" && from._tag === "Record" && sameKeys(to.fields, from.fields))
    return to.fields.forEach((t, k) => assign(t, from.fields.get(k)!, node, here));
  throw refuse(
    here,
    node,
    inWords(to),
    inWords(from),
    "values of one variable, or results, have one structure",
  );
};

const sameKeys = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean =>
  a.size === b.size && [...a.keys()].every((k) => b.has(k));

/** The nearest binding of a name. */
export const find = (scope: Scope, name: string): Binding | null => {
  for (let s: Scope | null = scope; s !== null; s = s.parent) {
    const found = s.names.get(name);
    if (found !== undefined) return found;
  }
  return null;
};

export const nested = (here: Here, more: Partial<Here> = {}): Here => ({
  ...here,
  scope: { parent: here.scope, names: new Map(), ofFunction: false, home: here.scope.home },
  ...more,
});
