/**
 * Trees: nested arrays, tuples and records whose leaves are tensors, numbers or booleans.
 * Strings, null and undefined are part of the structure. A mismatch throws and names the path.
 */
import { FluxionError } from "./errors.js";
import { Expr } from "./expr.js";

export type Leaf = Expr | number | boolean;

/** What is left of a tree without its leaves; `*` stands for one. */
export type Structure =
  | { readonly _tag: "Leaf" }
  | { readonly _tag: "Static"; readonly value: unknown }
  | { readonly _tag: "Array"; readonly items: readonly Structure[] }
  | { readonly _tag: "Record"; readonly keys: readonly string[]; readonly items: readonly Structure[] };

export interface Flat {
  readonly leaves: readonly Leaf[];
  readonly structure: Structure;
}

const leaf: Structure = { _tag: "Leaf" };

export const isLeaf = (x: unknown): x is Leaf =>
  x instanceof Expr || typeof x === "number" || typeof x === "boolean";

/** Where a leaf is, as one would write it: `params.layers[0].w`. */
const step = (path: string, key: string | number): string =>
  typeof key === "number" ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;

const isRecord = (x: unknown): x is Record<string, unknown> => {
  if (typeof x !== "object" || x === null) return false;
  const proto: unknown = Object.getPrototypeOf(x);
  return proto === Object.prototype || proto === null;
};

/** The leaves of a tree, in order, and its structure. */
export const flatten = (operation: string, tree: unknown, name = ""): Flat => {
  const leaves: Leaf[] = [];
  const visit = (x: unknown, path: string): Structure => {
    if (isLeaf(x)) {
      leaves.push(x);
      return leaf;
    }
    if (x === null || x === undefined || typeof x === "string" || typeof x === "function")
      return { _tag: "Static", value: x };
    if (Array.isArray(x)) return { _tag: "Array", items: x.map((v, i) => visit(v, step(path, i))) };
    if (isRecord(x)) {
      const keys = Object.keys(x).sort();
      return { _tag: "Record", keys, items: keys.map((k) => visit(x[k], step(path, k))) };
    }
    throw new FluxionError(
      operation,
      `expected a tree of tensors, arrays and plain objects, got ${nameOf(x)}${at(path)}`,
    );
  };
  return { structure: visit(tree, name), leaves };
};

const nameOf = (x: unknown): string =>
  typeof x === "object" && x !== null ? `a ${x.constructor.name}` : `a ${typeof x}`;

const at = (path: string): string => (path === "" ? "" : ` at ${path}`);

/** A tree of the given structure, its leaves taken in order. */
export const unflatten = <T>(structure: Structure, leaves: readonly T[]): unknown => {
  let next = 0;
  const visit = (s: Structure): unknown => {
    switch (s._tag) {
      case "Leaf":
        return leaves[next++];
      case "Static":
        return s.value;
      case "Array":
        return s.items.map(visit);
      case "Record":
        return Object.fromEntries(s.keys.map((k, i) => [k, visit(s.items[i]!)]));
    }
  };
  return visit(structure);
};

/** Where each leaf of a structure is, in the order of the leaves. */
export const pathsOf = (structure: Structure, name = ""): string[] => {
  if (structure._tag === "Leaf") return [name];
  if (structure._tag === "Static") return [];
  return structure.items.flatMap((s, i) =>
    pathsOf(s, step(name, structure._tag === "Record" ? structure.keys[i]! : i)),
  );
};

export const showStructure = (s: Structure): string => {
  switch (s._tag) {
    case "Leaf":
      return "*";
    case "Static":
      return String(s.value);
    case "Array":
      return `[${s.items.map(showStructure).join(", ")}]`;
    case "Record":
      return `{${s.keys.map((k, i) => `${k}: ${showStructure(s.items[i]!)}`).join(", ")}}`;
  }
};

/** The path of the first difference between two structures, with what is there in each; null when they agree. */
export const difference = (
  a: Structure,
  b: Structure,
  path = "",
): { readonly path: string; readonly a: string; readonly b: string } | null => {
  const differ = { path: path === "" ? "the root" : path, a: showStructure(a), b: showStructure(b) };
  if (a._tag === "Leaf" || b._tag === "Leaf") return a._tag === b._tag ? null : differ;
  if (a._tag === "Static" || b._tag === "Static")
    return a._tag === "Static" && b._tag === "Static" && Object.is(a.value, b.value) ? null : differ;
  if (a._tag !== b._tag || a.items.length !== b.items.length) return differ;
  if (a._tag === "Record" && b._tag === "Record" && a.keys.some((k, i) => k !== b.keys[i])) return differ;
  for (let i = 0; i < a.items.length; i++) {
    const key = a._tag === "Record" ? a.keys[i]! : i;
    const d = difference(a.items[i]!, b.items[i]!, step(path, key));
    if (d !== null) return d;
  }
  return null;
};

/** Throws unless `got` has the structure of `want`. */
export const expectStructure = (operation: string, want: Structure, got: Structure, name = ""): void => {
  const d = difference(want, got, name);
  if (d !== null) throw new FluxionError(operation, `expected ${d.a} at ${d.path}, got ${d.b}`);
};

// ---- keys for caches

const identities = new WeakMap<object, number>();
const symbols = new Map<symbol, number>();
let nextIdentity = 0;

const identityOf = (x: object | symbol): number => {
  const known: { get(x: unknown): number | undefined; set(x: unknown, id: number): unknown } =
    typeof x === "symbol" ? symbols : identities;
  const have = known.get(x);
  if (have === undefined) known.set(x, nextIdentity);
  return have ?? nextIdentity++;
};

/** A key for any value: equal for equal primitives and for the same object or function, different otherwise. */
export const valueKey = (x: unknown): string => {
  switch (typeof x) {
    case "string":
      return JSON.stringify(x);
    case "number":
      return Object.is(x, -0) ? "-0" : String(x);
    case "bigint":
      return `${x}n`;
    case "object":
    case "function":
    case "symbol":
      return x === null ? "null" : `@${identityOf(x)}`;
    default:
      return String(x);
  }
};

/** A key for a structure: equal for structures without a difference. */
export const structureKey = (s: Structure): string => {
  switch (s._tag) {
    case "Leaf":
      return "*";
    case "Static":
      return valueKey(s.value);
    case "Array":
      return `[${s.items.map(structureKey).join()}]`;
    case "Record":
      return `{${s.keys.map((k, i) => `${JSON.stringify(k)}:${structureKey(s.items[i]!)}`).join()}}`;
  }
};
