/** Targets of assignments: names, and patterns that take tuples and records apart. */
import type * as acorn from "acorn";
import { memberOf, named } from "./environment.js";
import { assign, find, type Here, inWords, type Meaning, plain, refuse, stored } from "./meaning.js";

/** The variable that a name stands for. */
export const variable = (name: string, node: acorn.Node, here: Here): Meaning => {
  const found = find(here.scope, name);
  if (found === null) {
    named(name, node, here); // unknown names have their own error
    throw refuse(
      here,
      node,
      "a local variable",
      `an assignment to ${name}`,
      "the environment is constant: copy it to a let",
    );
  }
  if (found.fixed === null) return found.meaning;
  throw refuse(
    here,
    node,
    "a variable declared with let",
    `an assignment to ${name}, ${found.fixed}`,
    "declare it with let",
  );
};

/** The target of an assignment taken apart: variables with what they get. */
export const assignPattern = (pattern: acorn.Pattern, value: Meaning, here: Here): void => {
  switch (pattern.type) {
    case "Identifier":
      return assign(variable(pattern.name, pattern, here), value, pattern, here);
    case "ArrayPattern":
    case "ObjectPattern":
      // All values are kept first: [a, b] = [b, a].
      return destructure(pattern, stored(plain(value, pattern, here), here), here, (p, v) =>
        assignPattern(p, v, here),
      );
    case "MemberExpression":
      throw refuse(
        here,
        pattern,
        "an assignment to a variable",
        "one to a member of an object or array",
        "values do not change: make a new tuple or record, or keep the parts in variables",
      );
    default:
      throw refuse(
        here,
        pattern,
        "a variable",
        "a pattern with a default or rest",
        "take apart one level, without defaults",
      );
  }
};

/** The parts of a tuple or record with the patterns that take them. */
export const destructure = (
  pattern: acorn.ArrayPattern | acorn.ObjectPattern,
  value: Meaning,
  here: Here,
  take: (pattern: acorn.Pattern, value: Meaning) => void,
): void => {
  if (pattern.type === "ArrayPattern") {
    if (value._tag !== "Tuple")
      throw refuse(here, pattern, "an array to take apart", inWords(value), "write it for numbers");
    pattern.elements.forEach((p, i) => {
      if (p === null) return;
      const item = value.items[i];
      if (item === undefined)
        throw refuse(
          here,
          p,
          `at most ${value.items.length} elements`,
          `a name for element ${i}`,
          "the array is shorter",
        );
      take(p, item);
    });
    return;
  }
  for (const p of pattern.properties) {
    if (p.type === "RestElement" || p.computed || (p.key.type !== "Identifier" && p.key.type !== "Literal"))
      throw refuse(here, p, "plain names of fields", "a rest or computed one", "name every field");
    const key = p.key.type === "Identifier" ? p.key.name : String(p.key.value);
    take(p.value, memberOf(value, key, p, here));
  }
};
