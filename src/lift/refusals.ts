/** Expressions and statements that have no place in a kernel, and what to write instead. */
import type * as acorn from "acorn";
import { type Here, refuse } from "./meaning.js";

type Reason = readonly [got: string, instead: string];

const noObjects = "keep numbers in variables, tuples and records";

const literalReason = (node: acorn.Literal): Reason => {
  if (typeof node.value === "string")
    return ["a string", "a kernel computes with numbers: choose by a number or boolean"];
  if (node.regex != null) return ["a regular expression", "a kernel computes with numbers"];
  if (node.bigint != null) return ["a bigint", "use numbers; bit operations have 32 bits"];
  return ["null", "use NaN, or a boolean of its own, for what is missing"];
};

const operatorReason = (operator: string): Reason => {
  switch (operator) {
    case "typeof":
      return ["typeof", "everything is a number or a boolean here"];
    case "delete":
      return ["delete", noObjects];
    case "??":
    case "??=":
      return [operator, "nothing is null here; test with Number.isNaN for what is missing"];
    default:
      return [`the operator ${operator}`, noObjects];
  }
};

const reasons: Readonly<Record<string, Reason>> = {
  ThisExpression: ["this", "pass what it holds as an argument, or give it: lift(f, { name: value })"],
  Super: ["super", "a kernel has no classes"],
  AwaitExpression: ["await", "there is nothing to wait for in a kernel: await before, and pass the value"],
  YieldExpression: ["yield", "return a tuple of all values, or use liftScan"],
  NewExpression: ["new", noObjects],
  ClassExpression: ["a class", noObjects],
  ClassDeclaration: ["a class", noObjects],
  TemplateLiteral: ["a string", "a kernel computes with numbers: choose by a number or boolean"],
  TaggedTemplateExpression: ["a string", "a kernel computes with numbers"],
  ChainExpression: ["?.", "nothing is undefined here: write . and [ ]"],
  ImportExpression: ["import", "import before, and give what is needed: lift(f, { name })"],
  MetaProperty: ["a property of the call or module", "pass what it holds as an argument"],
  ThrowStatement: ["throw", "lanes cannot fail alone: return NaN, or a flag beside the result"],
  TryStatement: ["try", "nothing throws in a kernel: test for NaN"],
  SwitchStatement: ["switch", "write if and else, or look the value up in a table"],
  ForInStatement: ["for … in", "count with for (let i = 0; i < n; i++)"],
  ForOfStatement: ["for … of", "count with for (let i = 0; i < table.length; i++) and use table[i]"],
  LabeledStatement: ["a label", "leave the inner loop with a boolean that the outer loop tests"],
  WithStatement: ["with", "name what is meant"],
  DebuggerStatement: ["debugger", "call the function itself, without lift, to look inside"],
};

const reasonFor = (node: acorn.Node): Reason => {
  const operator = (node as { readonly operator?: unknown }).operator; // some nodes have one
  if (typeof operator === "string") return operatorReason(operator);
  if (node.type === "Literal") return literalReason(node as acorn.Literal); // the tag says so
  return reasons[node.type] ?? [node.type, "write it with arithmetic, conditions and loops"];
};

/** Throws the error that belongs to an expression. */
export const refuseExpression = (node: acorn.Expression, here: Here): never => {
  const [got, instead] = reasonFor(node);
  throw refuse(here, node, "an expression of numbers", got, instead);
};

/** Throws the error that belongs to a statement. */
export const refuseStatement = (node: acorn.Statement | acorn.ModuleDeclaration, here: Here): never => {
  const [got, instead] = reasonFor(node);
  throw refuse(here, node, "assignments, conditions, loops and return", got, instead);
};
