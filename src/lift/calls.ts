/** Calls: functions of Math and Number are nodes, all others are replaced by their bodies. */
import type * as acorn from "acorn";
import { functions } from "./functions.js";
import { type Here, inWords, type Meaning, refuse, scalar, toScalar } from "./meaning.js";
import type { Scalar } from "./program.js";

export interface Inline {
  readonly inOrder: (nodes: readonly acorn.Expression[], here: Here) => readonly Meaning[];
  readonly expression: (node: acorn.Expression, here: Here) => Meaning;
}

type Call = acorn.CallExpression;

export const call = (node: Call, here: Here, { inOrder, expression }: Inline): Meaning => {
  if (node.callee.type === "Super")
    throw refuse(here, node, "a function of numbers", "super", "a kernel has no classes");
  const callee = expression(node.callee, here);
  const args = inOrder(
    node.arguments.map((a) => {
      if (a.type !== "SpreadElement") return a;
      throw refuse(here, a, "arguments one by one", "a spread", "write every argument");
    }),
    here,
  );
  if (callee._tag === "Callable") return here.shared.inline(callee.callable, args, node, here);
  const numbers = (): readonly Scalar[] =>
    args.map((m, i) => toScalar(m, node.arguments[i]!, here, "functions of Math take numbers"));
  if (callee._tag === "Builtin") return builtin(callee.name, numbers(), node, here);
  if (callee._tag === "Namespace" && callee.name === "Number")
    return builtin("Number", numbers(), node, here);
  throw refuse(here, node, "a function", inWords(callee), "only functions can be called");
};

const builtin = (
  name: Extract<Meaning, { _tag: "Builtin" }>["name"],
  args: readonly Scalar[],
  node: Call,
  here: Here,
): Meaning => {
  const arity = name === "Number" || name === "Boolean" ? 1 : functions[name].arity;
  if (arity !== null && args.length !== arity)
    throw refuse(
      here,
      node,
      `${arity} argument${arity === 1 ? "" : "s"} for ${name}`,
      String(args.length),
      "JavaScript would take undefined for what is missing",
    );
  const [x, y] = args;
  if (name === "Number") return scalar({ _tag: "Unary", op: "+", x: x! });
  if (name === "Boolean") return scalar({ _tag: "Unary", op: "!", x: { _tag: "Unary", op: "!", x: x! } });
  if (name === "pow") {
    const origin = { source: here.unit.source, place: node };
    return scalar({ _tag: "Binary", op: "**", x: x!, y: y!, origin });
  }
  if (args.length === 0) return scalar({ _tag: "Constant", value: Number(functions[name].scalar()) });
  return scalar({ _tag: "Call", name, args });
};
