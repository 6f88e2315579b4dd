/** From a function's source to its scalar program. */
import type * as acorn from "acorn";
import type { Expr } from "../ir/expr.js";
import { expression } from "./expressions.js";
import {
  assign,
  type Callable,
  type Here,
  inWords,
  type Meaning,
  newSlot,
  plain,
  read,
  refuse,
  scalar,
  type Shared,
} from "./meaning.js";
import { withLasting } from "./lasting.js";
import { bodyOf, inlineCall } from "./statements.js";
import {
  leavesOf,
  type Parameter,
  type Scalar,
  type ScalarProgram,
  type Shaped,
  type Slot,
  type Statement,
} from "./program.js";

export interface Built {
  readonly program: ScalarProgram;
  /** Tensors of the environment that it reads. */
  readonly tensors: readonly Expr[];
}

/** The scalar program of a function. Throws, with the place, on what has no meaning for numbers. */
export const build = (callable: Callable): Built => {
  const { node, unit, scope } = callable;
  const shared: Shared = {
    slots: 0,
    homes: new Map(),
    tensors: new Set(),
    calls: [node],
    inline: inlineCall,
  };
  const block: Statement[] = [];
  const here: Here = {
    unit,
    shared,
    scope: { parent: scope, names: new Map(), ofFunction: true, home: 0 },
    block,
    activation: null,
  };
  const parameters = node.params.map((p) => parameter(p, here));
  const result = shaped(plain(bodyOf(node.body, here), node.body, here), node, here);
  return {
    program: { source: unit.source, parameters, body: withLasting(block, leavesOf(result)), result },
    tensors: [...shared.tensors],
  };
};

const parameter = (pattern: acorn.Pattern, here: Here): Parameter => {
  const [target, byDefault] =
    pattern.type === "AssignmentPattern" ? [pattern.left, pattern.right] : [pattern, null];
  const name = target.type === "Identifier" ? target.name : "the pattern";
  const [slots, meaning] = variables(target, here);
  if (byDefault === null) return { name, slots, fallback: null };
  const block: Statement[] = [];
  const inside = { ...here, block };
  assign(meaning, expression(byDefault, inside), byDefault, inside);
  return { name, slots, fallback: block };
};

/** A slot for every name in a pattern. */
const variables = (pattern: acorn.Pattern, here: Here): readonly [Shaped<Slot>, Meaning] => {
  switch (pattern.type) {
    case "Identifier": {
      const slot = newSlot(here);
      const meaning = scalar(read(slot));
      here.scope.names.set(pattern.name, { meaning, fixed: null });
      return [{ _tag: "One", value: slot }, meaning];
    }
    case "ArrayPattern": {
      const parts = pattern.elements.map((p) => {
        if (p !== null) return variables(p, here);
        throw refuse(here, pattern, "a name for every element", "a hole", "name it, and leave it unused");
      });
      return [
        { _tag: "Tuple", items: parts.map(([s]) => s) },
        { _tag: "Tuple", items: parts.map(([, m]) => m) },
      ];
    }
    case "ObjectPattern": {
      const parts = pattern.properties.map((p) => {
        if (p.type === "RestElement" || p.computed || p.key.type !== "Identifier")
          throw refuse(here, p, "plain names of fields", "a rest or computed one", "name every field");
        return [p.key.name, ...variables(p.value, here)] as const;
      });
      return [
        { _tag: "Record", fields: parts.map(([k, s]) => [k, s] as const) },
        { _tag: "Record", fields: new Map(parts.map(([k, , m]) => [k, m])) },
      ];
    }
    case "RestElement":
      throw refuse(
        here,
        pattern,
        "parameters one by one",
        "a rest parameter",
        "name every parameter, or take a tuple: ([x, y]) => …",
      );
    default:
      throw refuse(
        here,
        pattern,
        "names, tuples and records as parameters",
        "a default inside a pattern",
        "give defaults to whole parameters",
      );
  }
};

const shaped = (m: Meaning, node: acorn.Node, here: Here): Shaped<Scalar> => {
  switch (m._tag) {
    case "Scalar":
      return { _tag: "One", value: m.scalar };
    case "Tuple":
      return { _tag: "Tuple", items: m.items.map((x) => shaped(x, node, here)) };
    case "Record":
      return { _tag: "Record", fields: [...m.fields].map(([k, x]) => [k, shaped(x, node, here)] as const) };
    default:
      throw refuse(here, node, "a number, or a tuple or record of numbers", inWords(m), "call the function");
  }
};
