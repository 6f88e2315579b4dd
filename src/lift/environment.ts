/** What was given to `lift` beside the function, and the other names that every function may use. */
import { aval } from "../ir/aval.js";
import { arrayConstructor, type DType } from "../ir/dtype.js";
import { constant as storage, Expr } from "../ir/expr.js";
import { constantOf, isFunctionOf } from "./functions.js";
import {
  type Callable,
  constant,
  find,
  type Here,
  inWords,
  type Meaning,
  refuse,
  type Unit,
} from "./meaning.js";
import type { Scalar } from "./program.js";
import { type Place, sourceOf } from "./source.js";

/** The callables behind lifted functions. */
export const lifted: WeakMap<object, Callable> = new WeakMap();

/** The callable behind a function: that of a lifted one, or its source, with free names from the environment. */
export const callableOf = (operation: string, f: unknown, environment: Unit["environment"]): Callable => {
  const known = typeof f === "function" ? lifted.get(f) : undefined;
  if (known !== undefined) return known;
  const source = sourceOf(operation, f);
  return {
    name: (f as { readonly name: string }).name, // sourceOf: a function
    node: source.node,
    scope: { parent: null, names: new Map(), ofFunction: true, home: 0 },
    unit: { source, environment },
  };
};

const isRecord = (x: object): boolean => {
  const proto: unknown = Object.getPrototypeOf(x);
  return (
    proto === Object.prototype || proto === null || Object.prototype.toString.call(x) === "[object Module]"
  );
};

/** A value of the environment. */
const meaningOf = (value: unknown, name: string, node: Place, here: Here): Meaning => {
  if (typeof value === "number" || typeof value === "boolean") return constant(value);
  const origin = { source: here.unit.source, place: node };
  if (value instanceof Expr) {
    here.shared.tensors.add(value);
    return { _tag: "Tensor", tensor: value, indices: [], origin };
  }
  if (typeof value === "function") {
    const callable =
      lifted.get(value) ?? callableOf(here.unit.source.operation, value, here.unit.environment);
    return { _tag: "Callable", callable };
  }
  if (Array.isArray(value))
    return { _tag: "Tuple", items: value.map((x, i) => meaningOf(x, `${name}[${i}]`, node, here)) };
  if (typeof value === "object" && value !== null && isRecord(value)) {
    const fields = Object.entries(value).map(
      ([k, x]) => [k, meaningOf(x, `${name}.${k}`, node, here)] as const,
    );
    return { _tag: "Record", fields: new Map(fields) };
  }
  throw refuse(
    here,
    node,
    `numbers, booleans, tensors and functions, or arrays and objects of them, in the environment`,
    `${name}, ${value === null ? "null" : ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : `a ${typeof value}`}`,
    ArrayBuffer.isView(value)
      ? `wrap it: { ${name}: tensor(${name}) }`
      : "give what the function needs of it",
  );
};

/** Whole numbers with more bits than a float32 holds stay integers, as in a table of check sums. */
const tableType = (numbers: readonly number[]): DType =>
  numbers.every((x) => x >>> 0 === x) ? "uint32" : numbers.every((x) => (x | 0) === x) ? "int32" : "float64";

/** An array of constants as a tensor, for an index that is computed. */
const asTable = (m: Extract<Meaning, { _tag: "Tuple" }>): Expr | null => {
  const numbers = m.items.map((x) =>
    x._tag === "Scalar" && x.scalar._tag === "Constant" && typeof x.scalar.value === "number"
      ? x.scalar.value
      : null,
  );
  if (numbers.length === 0 || numbers.some((x) => x === null)) return null;
  const dtype = numbers.every((x) => Math.fround(x!) === x) ? "float64" : tableType(numbers.map(Number));
  return storage(aval([numbers.length], dtype), new (arrayConstructor(dtype))(numbers.map(Number)));
};

/** Names by which bundlers and test runners refer to the modules that a module imports. */
const importNames = /^(__vi_import_\w+|__vite_ssr_import_\w+|import_\w+|_\w+|\w+_\d+|\w*__WEBPACK_\w+)$/;

const globals: Readonly<Record<string, Meaning>> = {
  Math: { _tag: "Namespace", name: "Math" },
  Number: { _tag: "Namespace", name: "Number" },
  NaN: constant(NaN),
  Infinity: constant(Infinity),
  undefined: constant(NaN), // in arithmetic
  isNaN: { _tag: "Builtin", name: "isNaN" },
  isFinite: { _tag: "Builtin", name: "isFinite" },
  Boolean: { _tag: "Builtin", name: "Boolean" },
};

/** The meaning of a name. */
export const named = (name: string, node: Place, here: Here): Meaning => {
  const found = find(here.scope, name);
  if (found !== null) return found.meaning;
  const { environment } = here.unit;
  if (Object.hasOwn(environment, name)) return meaningOf(environment[name], name, node, here);
  if (Object.hasOwn(globals, name)) return globals[name]!;
  throw unknownName(name, node, here);
};

/** The object of a member expression: as `named`, but an unknown name may be a bundler's name of a module. */
export const namedObject = (name: string, node: Place, here: Here): Meaning => {
  const isKnown =
    find(here.scope, name) !== null ||
    Object.hasOwn(here.unit.environment, name) ||
    Object.hasOwn(globals, name);
  return !isKnown && importNames.test(name) ? { _tag: "Imports" } : named(name, node, here);
};

const unknownName = (name: string, node: Place, here: Here): Error => {
  const own = here.unit.source.node.id?.name;
  if (name === own)
    return refuse(
      here,
      node,
      "a function that ends",
      `a call of ${name} by itself`,
      "there is no recursion in a kernel: use a loop",
    );
  return refuse(
    here,
    node,
    "parameters, local variables, Math, Number and names that were given",
    name,
    `give it to the function: ${here.unit.source.operation}(f, { ${name} }), if it is a number, a tensor or a function of numbers`,
  );
};

/** `object.key` of what is no number. */
export const memberOf = (object: Meaning, key: string, node: Place, here: Here): Meaning => {
  switch (object._tag) {
    case "Record": {
      const field = object.fields.get(key);
      if (field !== undefined) return field;
      throw refuse(
        here,
        node,
        `one of ${[...object.fields.keys()].join(", ")}`,
        key,
        "the object has no such field",
      );
    }
    case "Tuple":
      if (key === "length") return constant(object.items.length);
      break;
    case "Tensor":
      if (key === "length" && object.tensor.ndim > object.indices.length)
        return constant(object.tensor.shape[object.indices.length]!);
      break;
    case "Imports":
      if (Object.hasOwn(here.unit.environment, key))
        return meaningOf(here.unit.environment[key], key, node, here);
      throw unknownName(key, node, here);
    case "Namespace": {
      const value = constantOf(object.name, key);
      if (value !== null) return constant(value);
      if (isFunctionOf(object.name, key)) return { _tag: "Builtin", name: key };
      throw refuse(
        here,
        node,
        `a member of ${object.name} that depends on numbers only`,
        `${object.name}.${key}`,
        insteadOf(key),
      );
    }
    case "Scalar":
    case "Callable":
    case "Builtin":
      break;
  }
  throw refuse(
    here,
    node,
    "numbers, tuples and records of numbers",
    `the member ${key} of ${object._tag === "Scalar" ? "a number" : "this"}`,
    object._tag === "Scalar"
      ? "a parameter that is a tuple or record is taken apart where it is declared: ({ x, y }) => …; a table is given as lift(f, { table })"
      : "arrays and tensors have length and elements, objects have the fields that they were made with",
  );
};

const insteadOf = (key: string): string =>
  key === "random"
    ? "a kernel computes the same every time: pass random numbers as an argument, from fluxion's random"
    : "write it with the functions that Math has for numbers";

/** `object[i]`. */
export const indexed = (o: Meaning, i: Scalar, property: Place, node: Place, here: Here): Meaning => {
  const origin = { source: here.unit.source, place: node };
  if (o._tag === "Tensor") {
    if (o.indices.length < o.tensor.ndim) return { ...o, indices: [...o.indices, i], origin };
    throw refuse(here, node, `at most ${o.tensor.ndim} indices`, "one more", "the tensor has no more axes");
  }
  if (o._tag !== "Tuple")
    throw refuse(
      here,
      node,
      "an array or a tensor that was given",
      inWords(o),
      "give tables to the function: lift(f, { table })",
    );
  if (i._tag !== "Constant") {
    const table = asTable(o);
    if (table !== null) return { _tag: "Tensor", tensor: table, indices: [i], origin };
    throw refuse(
      here,
      property,
      "a constant index",
      "one that is computed",
      "only tensors and arrays of constants have elements that are looked up",
    );
  }
  const item = o.items[Number(i.value)];
  if (item !== undefined) return item;
  throw refuse(here, property, `an index below ${o.items.length}`, String(i.value), "the array is shorter");
};
