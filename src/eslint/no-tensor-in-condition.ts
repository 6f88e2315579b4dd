/**
 * The rule `no-tensor-in-condition`: an expression whose type is, or contains, a Tensor in a place where
 * JavaScript asks for truth. Every object is true, so `if (greater(x, 0))` always takes its branch.
 */
import type { Rule } from "eslint";
import type ts from "typescript";
import { mentionsTensor } from "./tensor-type.js";

type Node = Rule.Node;
type Visitor = Rule.RuleListener;

interface Services {
  readonly program: ts.Program;
  readonly esTreeNodeToTSNodeMap: { readonly get: (node: unknown) => ts.Node };
}

/** What the rule says of a value whose type is Tensor. */
export const tensorMessage = (place: string): string =>
  `${place}: expected a JavaScript boolean, got a Tensor, which is always true; ` +
  "use where, cond, or read it with .item()";

/** What the rule says of a value that may be a Tensor. */
export const unionMessage = (place: string, type: string): string =>
  `${place}: expected a JavaScript boolean, got ${type}, of which a Tensor is always true; ` +
  "compare with undefined or null, or use where, cond, or .item()";

/** What the rule says when the parser gives it no types. */
export const untypedMessage = (): string =>
  "fluxion/no-tensor-in-condition: expected type information, got none; " +
  "use typescript-eslint's parser with parserOptions.projectService";

const servicesOf = (context: Rule.RuleContext): Services => {
  const services = context.sourceCode.parserServices as Partial<Services> | undefined;
  if (services?.program == null || services.esTreeNodeToTSNodeMap == null) throw new Error(untypedMessage());
  return services as Services;
};

/** Checks `node`, or for `a && b` in a condition its right side: the left is every `&&`'s own to check. */
const tested = (node: Node): Node =>
  node.type === "LogicalExpression" && node.operator !== "??" ? tested(node.right as Node) : node;

const create = (context: Rule.RuleContext): Visitor => {
  const services = servicesOf(context);
  const checker = services.program.getTypeChecker();

  const check = (place: string, test: unknown): void => {
    if (test == null) return;
    const node = tested(test as Node);
    const type = checker.getTypeAtLocation(services.esTreeNodeToTSNodeMap.get(node));
    if (!mentionsTensor(checker, type)) return;
    const message = type.isUnion() ? unionMessage(place, checker.typeToString(type)) : tensorMessage(place);
    context.report({ node, message });
  };

  return {
    IfStatement: (node) => check("if", node.test),
    WhileStatement: (node) => check("while", node.test),
    DoWhileStatement: (node) => check("do", node.test),
    ForStatement: (node) => check("for", node.test),
    ConditionalExpression: (node) => check("?", node.test),
    UnaryExpression: (node) => {
      if (node.operator === "!") check("!", node.argument);
    },
    LogicalExpression: (node) => {
      if (node.operator !== "??") check(node.operator, node.left);
    },
    CallExpression: (node) => {
      if (node.callee.type === "Identifier" && node.callee.name === "Boolean")
        check("Boolean", node.arguments[0]);
    },
  };
};

/**
 * Flags a tensor in the test of an `if`, `while`, `do`, `for` or `?:`, under `!`, on the left of `&&` and `||`,
 * and in `Boolean(x)`.
 *
 * @example
 * ```ts
 * import { noTensorInCondition } from "fluxion/eslint";
 *
 * noTensorInCondition.meta?.type // => "problem"
 * ```
 */
export const noTensorInCondition: Rule.RuleModule = {
  meta: {
    type: "problem",
    docs: { description: "disallow a tensor where JavaScript asks for truth: every tensor is true" },
    schema: [],
  },
  create,
};
