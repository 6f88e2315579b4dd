/** How statements of the source end. */
import type * as acorn from "acorn";

export type Node = acorn.Statement | acorn.ModuleDeclaration;

/** Whether a statement never ends normally. */
export const leaves = (node: Node): boolean => {
  switch (node.type) {
    case "ReturnStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return true;
    case "BlockStatement":
      return node.body.some(leaves);
    case "IfStatement":
      return node.alternate != null && leaves(node.consequent) && leaves(node.alternate);
    case "ForStatement":
      return (node.test == null || isTrue(node.test)) && !breaks(node.body);
    case "WhileStatement":
      return isTrue(node.test) && !breaks(node.body);
    case "DoWhileStatement":
      return (isTrue(node.test) || leaves(node.body)) && !breaks(node.body);
    default:
      return false;
  }
};

const isTrue = (e: acorn.Expression): boolean =>
  (e.type === "Literal" && Boolean(e.value)) ||
  (e.type === "UnaryExpression" && e.operator === "!" && e.argument.type === "Literal" && !e.argument.value);

const breaks = (node: Node): boolean => {
  switch (node.type) {
    case "BreakStatement":
      return true;
    case "BlockStatement":
      return node.body.some(breaks);
    case "IfStatement":
      return breaks(node.consequent) || (node.alternate != null && breaks(node.alternate));
    default:
      return false;
  }
};

/** Whether a return sits anywhere but at the end. */
export const returnsEarly = (nodes: readonly Node[]): boolean =>
  nodes.some((n, i) => (n.type === "ReturnStatement" ? i < nodes.length - 1 : hasReturn(n)));

const hasReturn = (node: Node): boolean => someReturn(node, () => true);

const someReturn = (node: Node, holds: (r: acorn.ReturnStatement) => boolean): boolean => {
  const inside = (n: Node): boolean => someReturn(n, holds);
  switch (node.type) {
    case "ReturnStatement":
      return holds(node);
    case "BlockStatement":
      return node.body.some(inside);
    case "IfStatement":
      return inside(node.consequent) || (node.alternate != null && inside(node.alternate));
    case "ForStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return inside(node.body);
    default:
      return false;
  }
};

/** Whether a body returns values at all; others are there for what they assign. */
export const returnsValues = (body: acorn.BlockStatement): boolean =>
  someReturn(body, (r) => r.argument != null);
