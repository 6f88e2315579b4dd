/** Declarations: names for numbers, which get slots of their own, and for what exists only while building. */
import type * as acorn from "acorn";
import { expression } from "./expressions.js";
import {
  assign,
  constant,
  type Here,
  mapScalars,
  type Meaning,
  newSlot,
  plain,
  read,
  refuse,
  type Scope,
  stored,
} from "./meaning.js";
import { assignPattern, destructure } from "./patterns.js";
import type { Place } from "./source.js";

const notAgain = (name: string, node: Place, here: Here): void => {
  if (here.scope.names.has(name))
    throw refuse(here, node, `one declaration of ${name}`, "a second", "assign to it, or use another name");
};

/** A function without a name takes that of the constant that holds it. */
const calledBy = (name: string, m: Meaning): Meaning =>
  m._tag === "Callable" && m.callable.node.id == null
    ? { _tag: "Callable", callable: { ...m.callable, name } }
    : m;

/** Declares what a pattern names; numbers get slots of their own. */
export const declare = (pattern: acorn.Pattern, value: Meaning, fixed: string | null, here: Here): void => {
  if (pattern.type === "Identifier") {
    notAgain(pattern.name, pattern, here);
    const meaning = fixed === null ? plain(value, pattern, here) : calledBy(pattern.name, value);
    here.scope.names.set(pattern.name, { meaning: stored(meaning, here), fixed });
  } else if (pattern.type === "ArrayPattern" || pattern.type === "ObjectPattern")
    destructure(pattern, value, here, (p, v) => declare(p, v, fixed, here));
  else
    throw refuse(
      here,
      pattern,
      "names to declare",
      "a default or rest",
      "take apart without defaults and rest",
    );
};

const functionScope = (scope: Scope): Scope => {
  let s = scope;
  while (!s.ofFunction && s.parent !== null) s = s.parent;
  return s;
};

/** `var`: one variable for the whole function, wherever it is written. */
const declareVar = (pattern: acorn.Pattern, value: Meaning | null, here: Here): void => {
  const names = pattern.type === "Identifier" ? pattern : null;
  const top = functionScope(here.scope);
  if (names === null) {
    if (value !== null) declare(pattern, value, null, { ...here, scope: top });
    return;
  }
  const known = top.names.get(names.name);
  if (known !== undefined) return value === null ? undefined : assignPattern(pattern, value, here);
  const like = plain(value ?? constant(NaN), pattern, here);
  const meaning = mapScalars(like, () => read(newSlot(here, top.home)));
  top.names.set(names.name, { meaning, fixed: null });
  assign(meaning, like, pattern, here);
};

export const declaration = (node: acorn.VariableDeclaration, here: Here): void => {
  for (const { id, init } of node.declarations) {
    const value = init == null ? null : expression(init, here);
    if (
      value !== null &&
      value._tag !== "Scalar" &&
      node.kind === "var" &&
      id.type === "Identifier" &&
      isThing(value)
    )
      functionScope(here.scope).names.set(id.name, { meaning: value, fixed: "a function" });
    else if (node.kind === "var") declareVar(id, value, here);
    else declare(id, value ?? constant(NaN), node.kind === "const" ? "a constant" : null, here);
  }
};

export const isThing = (m: Meaning): boolean =>
  m._tag === "Callable" || m._tag === "Namespace" || m._tag === "Builtin";
