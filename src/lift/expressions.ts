/** Expressions of the source. Effects inside become statements in the order in which JavaScript performs them. */
import type * as acorn from "acorn";
import { call, type Inline } from "./calls.js";
import { indexed, memberOf, named, namedObject } from "./environment.js";
import { isCounter, withoutName } from "./instrumented.js";
import {
  assign,
  constant,
  plain,
  type Here,
  mapScalars,
  type Meaning,
  newSlot,
  read,
  refuse,
  scalar,
  stored,
  toScalar,
} from "./meaning.js";
import { assignPattern, variable } from "./patterns.js";
import type { BinaryName, Scalar, Statement, UnaryName } from "./program.js";
import { refuseExpression } from "./refusals.js";

type Of<T extends acorn.Expression["type"]> = Extract<acorn.Expression, { type: T }>;

const scalarOnly = "write it for numbers";

/** The meaning of an expression; calls of functions are replaced by `inline`. */
export const expression = (given: acorn.Expression, here: Here): Meaning => {
  const node = withoutName(given);
  switch (node.type) {
    case "Literal":
      if (typeof node.value === "number" || typeof node.value === "boolean") return constant(node.value);
      return refuseExpression(node, here);
    case "Identifier":
      return named(node.name, node, here);
    case "ParenthesizedExpression":
      return expression(node.expression, here);
    case "UnaryExpression":
      return unary(node, here);
    case "BinaryExpression":
      return binary(node, here);
    case "LogicalExpression":
      return logical(node, here);
    case "ConditionalExpression":
      return conditional(node, here);
    case "AssignmentExpression":
      return assignment(node, here);
    case "UpdateExpression":
      return update(node, here, true);
    case "SequenceExpression":
      node.expressions.slice(0, -1).forEach((e) => effect(e, here));
      return expression(node.expressions[node.expressions.length - 1]!, here);
    case "ArrayExpression":
      return { _tag: "Tuple", items: inOrder(elements(node, here), here) };
    case "ObjectExpression":
      return record(node, here);
    case "MemberExpression":
      return member(node, here);
    case "CallExpression":
      return call(node, here, inline);
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return {
        _tag: "Callable",
        callable: { name: node.id?.name ?? "the function", node, scope: here.scope, unit: here.unit },
      };
    default:
      return refuseExpression(node, here);
  }
};

/** An expression for its effects only. */
export const effect = (node: acorn.Expression, here: Here): void => {
  if (isCounter(node)) return;
  if (node.type === "UpdateExpression") update(node, here, false);
  else if (node.type === "SequenceExpression") node.expressions.forEach((e) => effect(e, here));
  else expression(node, here);
};

export const number = (node: acorn.Expression, here: Here, instead: string = scalarOnly): Scalar =>
  toScalar(expression(node, here), node, here, instead);

/** Meanings of expressions evaluated one after the other: effects of later ones do not reach earlier ones. */
export const inOrder = (nodes: readonly acorn.Expression[], here: Here): readonly Meaning[] => {
  let done: readonly Meaning[] = [];
  for (const node of nodes) {
    const block: Statement[] = [];
    const meaning = expression(node, { ...here, block });
    if (block.length > 0)
      done = done.map((m) =>
        mapScalars(m, (s) => (s._tag === "Constant" ? s : toScalar(stored(scalar(s), here), node, here, ""))),
      );
    here.block.push(...block);
    done = [...done, meaning];
  }
  return done;
};

const inline: Inline = { inOrder, expression };

const numbersInOrder = (nodes: readonly acorn.Expression[], here: Here): readonly Scalar[] =>
  inOrder(nodes, here).map((m, i) => toScalar(m, nodes[i]!, here, scalarOnly));

const unaryNames: readonly string[] = ["-", "+", "!", "~"];
const isUnary = (op: string): op is UnaryName => unaryNames.includes(op);

const unary = (node: Of<"UnaryExpression">, here: Here): Meaning => {
  if (node.operator === "void") return constant(NaN);
  if (!isUnary(node.operator)) return refuseExpression(node, here);
  const x = number(node.argument, here);
  return scalar({ _tag: "Unary", op: node.operator, x });
};

const binaryNames: readonly string[] = "+ - * / % ** & | ^ << >> >>> < <= > >= == != === !==".split(" ");
const isBinary = (op: string): op is BinaryName => binaryNames.includes(op);

const operation = (op: BinaryName, x: Scalar, y: Scalar, node: acorn.Node, here: Here): Scalar => ({
  _tag: "Binary",
  op,
  x,
  y,
  origin: { source: here.unit.source, place: node },
});

const binary = (node: Of<"BinaryExpression">, here: Here): Meaning => {
  if (!isBinary(node.operator) || node.left.type === "PrivateIdentifier") return refuseExpression(node, here);
  const [x, y] = numbersInOrder([node.left, node.right], here);
  return scalar(operation(node.operator, x!, y!, node, here));
};

/** A number in a slot that later assignments leave alone. */
const kept = (s: Scalar, here: Here): Scalar => {
  if (s._tag === "Constant") return s;
  const slot = newSlot(here);
  here.block.push({ _tag: "Assign", slot, value: s });
  return read(slot);
};

const logical = (node: Of<"LogicalExpression">, here: Here): Meaning => {
  if (node.operator === "??") return refuseExpression(node, here);
  const x = number(node.left, here);
  const block: Statement[] = [];
  const y = number(node.right, { ...here, block });
  if (block.length === 0) return scalar({ _tag: "Logic", op: node.operator, x, y });
  const first = kept(x, here);
  const slot = newSlot(here);
  here.block.push({ _tag: "Assign", slot, value: first });
  const more: Statement[] = [...block, { _tag: "Assign", slot, value: y }];
  here.block.push({
    _tag: "If",
    test: first,
    yes: node.operator === "&&" ? more : [],
    no: node.operator === "&&" ? [] : more,
  });
  return scalar(read(slot));
};

const conditional = (node: Of<"ConditionalExpression">, here: Here): Meaning => {
  const test = number(node.test, here);
  const [yesBlock, noBlock]: [Statement[], Statement[]] = [[], []];
  const yes = expression(node.consequent, { ...here, block: yesBlock });
  const no = expression(node.alternate, { ...here, block: noBlock });
  if (isNumber(yes) && isNumber(no) && yesBlock.length === 0 && noBlock.length === 0) {
    const [a, b] = [
      toScalar(yes, node.consequent, here, scalarOnly),
      toScalar(no, node.alternate, here, scalarOnly),
    ];
    return scalar({ _tag: "Choose", test, yes: a, no: b });
  }
  const result = mapScalars(plain(yes, node.consequent, here), () => read(newSlot(here)));
  assign(result, yes, node.consequent, { ...here, block: yesBlock });
  assign(result, no, node.alternate, { ...here, block: noBlock });
  here.block.push({ _tag: "If", test, yes: yesBlock, no: noBlock });
  return result;
};

const isNumber = (m: Meaning): boolean => m._tag === "Scalar" || m._tag === "Tensor";

// ---- assignment

const assignment = (node: Of<"AssignmentExpression">, here: Here): Meaning => {
  const { left, operator: op } = node;
  if (op === "=") {
    const value = expression(node.right, here);
    assignPattern(left, value, here);
    return left.type === "Identifier" ? variable(left.name, left, here) : value;
  }
  if (left.type !== "Identifier") {
    assignPattern(left, constant(0), here); // its own error
    throw refuse(here, node, "a variable", "something else", scalarOnly);
  }
  const target = variable(left.name, left, here);
  if (op === "&&=" || op === "||=") {
    const block: Statement[] = [];
    assign(target, expression(node.right, { ...here, block }), node.right, { ...here, block });
    const test = toScalar(target, left, here, scalarOnly);
    here.block.push({ _tag: "If", test, yes: op === "&&=" ? block : [], no: op === "&&=" ? [] : block });
    return target;
  }
  const name = op.slice(0, -1);
  if (!isBinary(name)) return refuseExpression(node, here);
  const [x, y] = numbersInOrder([left, node.right], here);
  assign(target, scalar(operation(name, x!, y!, node, here)), node, here);
  return target;
};

const update = (node: Of<"UpdateExpression">, here: Here, used: boolean): Meaning => {
  if (node.argument.type !== "Identifier") {
    if (node.argument.type === "MemberExpression") assignPattern(node.argument, constant(0), here);
    throw refuse(here, node, "a variable", "something else", scalarOnly);
  }
  const target = variable(node.argument.name, node.argument, here);
  const now = toScalar(target, node.argument, here, scalarOnly);
  const before = used && !node.prefix ? kept(now, here) : now;
  const one: Scalar = { _tag: "Constant", value: 1 };
  const value = operation(node.operator === "++" ? "+" : "-", now, one, node, here);
  assign(target, scalar(value), node, here);
  return node.prefix ? target : scalar(before);
};

// ---- structures

const elements = (node: Of<"ArrayExpression">, here: Here): readonly acorn.Expression[] =>
  node.elements.map((e) => {
    if (e !== null && e.type !== "SpreadElement") return e;
    throw refuse(
      here,
      e ?? node,
      "elements one by one",
      e === null ? "a hole" : "a spread",
      "write every element",
    );
  });

const record = (node: Of<"ObjectExpression">, here: Here): Meaning => {
  const parts = node.properties.map((p) => {
    const simple = p.type === "Property" && p.kind === "init" && !p.computed && !p.method;
    if (simple && (p.key.type === "Identifier" || p.key.type === "Literal"))
      return [p.key.type === "Identifier" ? p.key.name : String(p.key.value), p.value] as const;
    throw refuse(
      here,
      p,
      "fields with values",
      "a spread, method or computed field",
      "write { name: value } for every field",
    );
  });
  const values = inOrder(
    parts.map(([, v]) => v),
    here,
  );
  return { _tag: "Record", fields: new Map(parts.map(([k], i) => [k, values[i]!])) };
};

const member = (node: Of<"MemberExpression">, here: Here): Meaning => {
  if (node.object.type === "Super" || node.property.type === "PrivateIdentifier")
    return refuseExpression(node, here);
  const object =
    node.object.type === "Identifier"
      ? namedObject(node.object.name, node.object, here)
      : expression(node.object, here);
  const { property } = node;
  if (!node.computed && property.type === "Identifier")
    return memberOf(object, property.name, node.property, here);
  if (property.type === "Literal" && typeof property.value === "string")
    return memberOf(object, property.value, node.property, here);
  return indexed(object, number(property, here, "an index is a number"), property, node, here);
};
