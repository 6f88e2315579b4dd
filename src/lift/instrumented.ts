/** What coverage tools and compilers put into functions, and what is left when it is taken away. */
import type * as acorn from "acorn";

const rootOf = (node: acorn.Expression | acorn.Super | acorn.PrivateIdentifier): string | null => {
  switch (node.type) {
    case "MemberExpression":
      return rootOf(node.object);
    case "CallExpression":
      return node.arguments.length === 0 ? rootOf(node.callee) : null;
    case "Identifier":
      return node.name;
    default:
      return null;
  }
};

const isCounterName = (name: string | null): boolean =>
  name !== null && /^(cov_|__cov_|__coverage__)/.test(name);

/** `cov_1a2b().s[3]++`, Istanbul's way of counting. */
export const isCounter = (node: acorn.Expression): boolean =>
  node.type === "UpdateExpression"
    ? node.argument.type === "MemberExpression" && isCounterName(rootOf(node.argument))
    : node.type === "CallExpression" && isCounterName(rootOf(node));

/** `__name(f, "f")`, esbuild's way of keeping names: the function in it. */
export const withoutName = (node: acorn.Expression): acorn.Expression => {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier" || node.callee.name !== "__name")
    return node;
  const f = node.arguments[0];
  return f !== undefined && f.type !== "SpreadElement" ? f : node;
};
