/** Statements of the source, and the bodies of functions that calls are replaced by. */
import type * as acorn from "acorn";
import { effect, expression, number } from "./expressions.js";
import { leaves, type Node, returnsEarly, returnsValues } from "./completion.js";
import { declaration, declare, isThing } from "./declarations.js";
import { isCounter } from "./instrumented.js";
import {
  type Activation,
  assign,
  type Binding,
  type Callable,
  constant,
  type Here,
  mapScalars,
  type Meaning,
  nested,
  plain,
  newSlot,
  read,
  refuse,
} from "./meaning.js";
import { assignedIn, type Loop, type Slot, type Statement } from "./program.js";
import { refuseStatement } from "./refusals.js";
import type { Place } from "./source.js";

const blockOf = (node: Node, here: Here): readonly Statement[] => {
  const block: Statement[] = [];
  statement(node, nested(here, { block }));
  return block;
};

export const statements = (nodes: readonly Node[], here: Here): void => {
  for (const node of nodes) if (node.type === "FunctionDeclaration") localFunction(node, here);
  for (const node of nodes) statement(node, here);
};

const localFunction = (
  node: acorn.FunctionDeclaration | acorn.AnonymousFunctionDeclaration,
  here: Here,
): void => {
  if (node.id === null) return;
  const callable: Callable = {
    name: node.id.name,
    node: node, // it has a name
    scope: here.scope,
    unit: here.unit,
  };
  const binding: Binding = { meaning: { _tag: "Callable", callable }, fixed: "a function" };
  here.scope.names.set(node.id.name, binding);
};

const statement = (node: Node, here: Here): void => {
  switch (node.type) {
    case "ExpressionStatement":
      if (!isDirective(node)) effect(node.expression, here);
      return;
    case "VariableDeclaration":
      return declaration(node, here);
    case "FunctionDeclaration":
    case "EmptyStatement":
      return;
    case "BlockStatement":
      return statements(node.body, nested(here));
    case "IfStatement": {
      const test = number(node.test, here);
      const yes = blockOf(node.consequent, here);
      const no = node.alternate == null ? [] : blockOf(node.alternate, here);
      if (yes.length + no.length > 0) here.block.push({ _tag: "If", test, yes, no });
      return;
    }
    case "ForStatement":
      return forLoop(node, nested(here));
    case "WhileStatement":
      return loop(false, node.test, node.body, null, here);
    case "DoWhileStatement":
      return loop(true, node.test, node.body, null, here);
    case "BreakStatement":
    case "ContinueStatement":
      if (node.label != null)
        throw refuse(
          here,
          node,
          "break and continue of the innermost loop",
          `the label ${node.label.name}`,
          "leave the inner loop with a boolean that the outer loop tests",
        );
      here.block.push({ _tag: node.type === "BreakStatement" ? "Break" : "Continue" });
      return;
    case "ReturnStatement":
      return returns(node, here);
    default:
      return refuseStatement(node, here);
  }
};

const isDirective = (node: acorn.ExpressionStatement): boolean =>
  node.directive !== undefined ||
  (node.expression.type === "Literal" && typeof node.expression.value === "string");

const forLoop = (node: acorn.ForStatement, here: Here): void => {
  if (node.init?.type === "VariableDeclaration") declaration(node.init, here);
  else if (node.init != null) effect(node.init, here);
  loop(false, node.test ?? null, node.body, node.update ?? null, here);
};

const loop = (
  testsLast: boolean,
  condition: acorn.Expression | null,
  body: acorn.Statement,
  update: acorn.Expression | null,
  here: Here,
): void => {
  const start = here.shared.slots;
  const before: Statement[] = [];
  const test = condition === null ? null : number(condition, { ...here, block: before });
  const round = blockOf(body, here);
  const after: Statement[] = [];
  if (update !== null) effect(update, { ...here, block: after });
  const outlives = (slot: Slot): boolean => (here.shared.homes.get(slot) ?? slot) < start;
  const carried = assignedIn([...before, ...round, ...after]).filter(outlives);
  const built: Loop = {
    _tag: "Loop",
    testsLast,
    before,
    test,
    body: round,
    update: after,
    carried,
    lasting: carried,
  };
  here.block.push(built);
};

const returns = (node: acorn.ReturnStatement, here: Here): void => {
  if (node.argument == null && here.activation?.empty === true) {
    here.block.push({ _tag: "Return" });
    return;
  }
  if (node.argument == null)
    throw refuse(here, node, "a value to return", "none", "return a number, or a tuple or record of numbers");
  const { activation } = here;
  if (activation === null) return;
  const value = plain(expression(node.argument, here), node.argument, here);
  activation.results ??= mapScalars(value, () => read(newSlot(here, activation.home)));
  assign(activation.results, value, node.argument, here);
  here.block.push({ _tag: "Return" });
};

// ---- bodies

/** The statements of a function that is called for what it assigns. */
const perform = (body: acorn.BlockStatement, here: Here): void => {
  const block: Statement[] = [];
  statements(body.body, {
    ...here,
    activation: { results: null, home: here.scope.home, empty: true },
    block,
  });
  here.block.push({ _tag: "Region", body: block });
};

/** What a function's body returns, its statements appended to the block. */
export const bodyOf = (body: acorn.BlockStatement | acorn.Expression, here: Here): Meaning => {
  if (body.type !== "BlockStatement") {
    if (isCounter(body)) throw refuse(here, body, "a value to return", "none", "return a number");
    return expression(body, { ...here, activation: null });
  }
  if (!body.body.some(leaves))
    throw refuse(
      here,
      { start: body.end - 1 },
      "a value on every path",
      "the end of the function without return",
      "return a number, or a tuple or record of numbers, at the end",
    );
  const last = body.body[body.body.length - 1]!;
  if (!returnsEarly(body.body) && last.type === "ReturnStatement" && last.argument != null) {
    statements(body.body.slice(0, -1), here);
    return expression(last.argument, here);
  }
  const activation: Activation = { results: null, home: here.scope.home, empty: false };
  const block: Statement[] = [];
  statements(body.body, { ...here, activation, block });
  here.block.push({ _tag: "Region", body: block });
  if (activation.results !== null) return activation.results;
  throw refuse(here, body, "a value to return", "none", "return a number, or a tuple or record of numbers");
};

/** The value of a call: parameters become variables, and the body runs in place. */
export const inlineCall = (
  { node, scope, unit, name }: Callable,
  args: readonly Meaning[],
  place: Place,
  here: Here,
): Meaning => {
  if (here.shared.calls.includes(node))
    throw refuse(
      here,
      place,
      "a function that ends",
      `a call of ${name} inside ${name}`,
      "there is no recursion in a kernel: use a loop",
    );
  if (args.length > node.params.length)
    throw refuse(
      here,
      place,
      `${node.params.length} argument${node.params.length === 1 ? "" : "s"} for ${name}`,
      String(args.length),
      "leave out the others",
    );
  if (node.async || node.generator === true)
    throw refuse(
      here,
      place,
      "an ordinary function",
      `${name}, which is ${node.async ? "async" : "a generator"}`,
      "write an ordinary function",
    );
  here.shared.calls.push(node);
  const home = here.shared.slots;
  const inside: Here = {
    ...here,
    unit,
    scope: { parent: scope, names: new Map(), ofFunction: true, home },
    activation: null,
  };
  node.params.forEach((p, i) => parameter(p, args[i], place, inside, here));
  const { body } = node;
  const isProcedure = body.type === "BlockStatement" && !returnsValues(body);
  if (isProcedure) perform(body, inside);
  const result = isProcedure ? constant(NaN) : bodyOf(body, inside); // undefined is NaN in arithmetic
  here.shared.calls.pop();
  return result;
};

const parameter = (
  pattern: acorn.Pattern,
  arg: Meaning | undefined,
  place: Place,
  inside: Here,
  caller: Here,
): void => {
  const [target, fallback] =
    pattern.type === "AssignmentPattern" ? [pattern.left, pattern.right] : [pattern, null];
  if (arg === undefined && fallback === null)
    throw refuse(
      caller,
      place,
      "an argument for every parameter",
      "too few",
      "JavaScript would take undefined for what is missing",
    );
  const value = arg ?? expression(fallback!, inside);
  const isFixed = isThing(value) || (value._tag === "Tensor" && target.type === "Identifier");
  declare(target, value, isFixed ? "a parameter that is no number" : null, inside);
};
