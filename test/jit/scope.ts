/**
 * What a generated kernel may say: it is one function that names its parameters, its locals and `Math`, declares
 * before it uses, and changes nothing but its own variables and elements of its parameters.
 */
import { type AnyNode, type Function as FunctionNode, type Pattern, parse } from "acorn";
import { base, type RecursiveVisitors, recursive } from "acorn-walk";

interface Binding {
  readonly kind: "parameter" | "const" | "let";
  /** Where its declaration ends: uses come after it. */
  readonly end: number;
}

interface Scope {
  readonly names: Map<string, Binding>;
  readonly outer: Scope | null;
}

const inside = (outer: Scope | null): Scope => ({ names: new Map(), outer });

const find = (scope: Scope | null, name: string): Binding | undefined =>
  scope === null ? undefined : (scope.names.get(name) ?? find(scope.outer, name));

const identifierOf = (p: Pattern): string | null => (p.type === "Identifier" ? p.name : null);

/** Everything that is wrong with the text of a function; empty when it is a proper kernel. */
export const faultsOf = (source: string): string[] => {
  const faults: string[] = [];
  const wrong = (node: { readonly start: number }, what: string): void => {
    const line = source.slice(0, node.start).split("\n").length;
    faults.push(`line ${String(line)}: ${what}: ${source.split("\n")[line - 1]!.trim()}`);
  };
  const refuse = (node: AnyNode): void => {
    wrong(node, `a ${node.type}`);
  };

  const assigned = (target: AnyNode, scope: Scope, visit: (n: AnyNode, s: Scope) => void): void => {
    if (target.type === "Identifier") {
      if (find(scope, target.name)?.kind !== "let") wrong(target, `${target.name} is assigned and is no let`);
    } else if (target.type === "MemberExpression" && target.computed && target.object.type === "Identifier") {
      if (find(scope, target.object.name)?.kind !== "parameter")
        wrong(target, `${target.object.name} is no parameter`);
      visit(target.property as AnyNode, scope);
    } else refuse(target);
  };

  const isView = (callee: AnyNode, scope: Scope): boolean =>
    callee.type === "MemberExpression" &&
    !callee.computed &&
    callee.object.type === "Identifier" &&
    find(scope, callee.object.name)?.kind === "parameter" &&
    callee.property.type === "Identifier" &&
    callee.property.name === "subarray";

  const visitors: RecursiveVisitors<Scope> = {
    Identifier: (node, scope) => {
      const binding = find(scope, node.name);
      if (binding === undefined && node.name !== "Math") wrong(node, `${node.name} is unknown`);
      else if (binding !== undefined && node.start < binding.end)
        wrong(node, `${node.name} is used before it is declared`);
    },
    MemberExpression: (node, scope, visit) => {
      const { object, property, computed } = node;
      if (object.type !== "Identifier") return refuse(node);
      if (computed) {
        if (find(scope, object.name)?.kind !== "parameter") wrong(node, `${object.name} is no parameter`);
        visit(property as AnyNode as never, scope);
      } else if (object.name !== "Math" || property.type !== "Identifier" || !(property.name in Math))
        wrong(node, "a property of something other than Math");
    },
    CallExpression: (node, scope, visit) => {
      const { callee } = node;
      // A routine is handed parts of the arena: views of parameters.
      if (isView(callee, scope)) {
        for (const a of node.arguments) visit(a, scope);
        return;
      }
      const isMath =
        callee.type === "MemberExpression" &&
        callee.object.type === "Identifier" &&
        callee.object.name === "Math";
      const isParameter = callee.type === "Identifier" && find(scope, callee.name)?.kind === "parameter";
      if (!isMath && !isParameter) wrong(node, "a call of something other than Math or a parameter");
      visit(callee, scope);
      for (const a of node.arguments) visit(a, scope);
    },
    AssignmentExpression: (node, scope, visit) => {
      assigned(node.left, scope, visit as never);
      visit(node.right, scope);
    },
    UpdateExpression: (node, scope, visit) => assigned(node.argument, scope, visit as never),
    VariableDeclaration: (node, scope, visit) => {
      if (node.kind === "var") wrong(node, "a var");
      for (const d of node.declarations) {
        if (d.init != null) visit(d.init, scope);
        const name = identifierOf(d.id);
        if (name === null) refuse(d.id);
        else {
          if (find(scope, name) !== undefined) wrong(d, `${name} hides another variable`);
          scope.names.set(name, { kind: node.kind === "let" ? "let" : "const", end: d.end });
        }
      }
    },
    BlockStatement: (node, scope, visit) => {
      const own = inside(scope);
      for (const s of node.body) visit(s, own);
    },
    ForStatement: (node, scope, visit) => {
      const own = inside(scope);
      for (const part of [node.init, node.test, node.update, node.body]) if (part != null) visit(part, own);
    },
    Literal: (node) => {
      if (typeof node.value !== "number" && typeof node.value !== "boolean")
        wrong(node, "a literal that is no number");
    },
  };
  const refused = [
    "Function",
    "ThisExpression",
    "NewExpression",
    "TemplateLiteral",
    "ObjectExpression",
    "ArrayExpression",
    "SequenceExpression",
    "LabeledStatement",
    "TryStatement",
    "AwaitExpression",
    "ImportExpression",
    "TaggedTemplateExpression",
  ];
  for (const type of refused) Object.assign(visitors, { [type]: refuse });

  let program;
  try {
    program = parse(source, { ecmaVersion: 2022, sourceType: "script" });
  } catch (error) {
    return [`does not parse: ${String(error)}`];
  }
  const [only, ...others] = program.body as readonly AnyNode[];
  if (only?.type !== "FunctionDeclaration" || others.length > 0) return ["is not one function"];
  const top = inside(null);
  for (const p of (only as FunctionNode).params) {
    const name = identifierOf(p);
    if (name === null) refuse(p);
    else top.names.set(name, { kind: "parameter", end: p.end });
  }
  recursive(only.body, top, visitors, base);
  return faults;
};
