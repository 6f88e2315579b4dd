/**
 * What a scan need not do at every step: carries that never change and rows that are all the same become constants,
 * invariant work moves out of the loop, ys that are known without it are no results of it. A loop of one step is none.
 */
import { attrsOf, type Expr } from "../../ir/expr.js";
import { broadcast, broadcastPrimitive, full, splatOf } from "../../ir/primitives/layout.js";
import { reshape } from "../../ir/primitives/views.js";
import { inline, type Program, substitute } from "../../ir/program.js";
import { scanNode } from "../../transforms/loops/scan.js";
import { partsOf, rowOf, type Scan } from "../../transforms/loops/scan-attrs.js";
import { hoist } from "./invariant.js";
import { knownOperands } from "./operands.js";

/** How sub-programs, and expressions outside of them, are simplified. */
export interface Context {
  readonly program: (p: Program) => Program;
  readonly outer: (e: Expr) => Expr;
}

/** An operand and the body's param for it. */
interface Bound {
  readonly operand: Expr;
  readonly param: Expr;
}

interface Carry extends Bound {
  readonly next: Expr;
  /** Its place among the node's results. */
  readonly at: number;
}

interface State {
  readonly consts: readonly Bound[];
  readonly carry: readonly Carry[];
  readonly xs: readonly Bound[];
  readonly ys: readonly Expr[];
}

const bound = (operands: readonly Expr[], params: readonly Expr[]): Bound[] =>
  operands.map((operand, i) => ({ operand, param: params[i]! }));

const sameNumber = (a: Expr, b: Expr): boolean => {
  const n = splatOf(a);
  return n !== null && Object.is(n, splatOf(b));
};

const isConstant = (c: Carry): boolean => c.next === c.param || sameNumber(c.operand, c.next);

/** The one row of an operand whose rows are all the same. */
const onlyRow = (x: Expr): Expr | null => {
  if (x.tag !== "Apply" || x.primitive!.name !== "broadcast") return null;
  const { shape, axes } = attrsOf(broadcastPrimitive, x);
  return axes.includes(0)
    ? null
    : broadcast(
        x.args[0]!,
        shape.slice(1),
        axes.map((a) => a - 1),
      );
};

const programOf = (s: State): Program => ({
  params: [...s.consts, ...s.carry, ...s.xs].map((b) => b.param),
  results: [...s.carry.map((c) => c.next), ...s.ys],
});

const withResults = (s: State, results: readonly Expr[]): State => ({
  ...s,
  carry: s.carry.map((c, i) => ({ ...c, next: results[i]! })),
  ys: results.slice(s.carry.length),
});

/** One round; null when there was nothing to do. `known` takes the last carry where it is known. */
const round = (s: State, known: Map<number, Expr>): State | null => {
  const replaced = new Map<Expr, Expr>();
  const still = s.carry.filter(isConstant);
  for (const c of still) known.set(c.at, c.operand);
  const xs: Bound[] = [];
  const consts: Bound[] = [...s.consts, ...still];
  for (const x of s.xs) {
    const twin = xs.find((o) => o.operand === x.operand);
    const row = onlyRow(x.operand);
    if (row !== null) consts.push({ operand: row, param: x.param });
    else if (twin !== undefined) replaced.set(x.param, twin.param);
    else xs.push(x);
  }
  const k = knownOperands({ operands: consts.map((c) => c.operand), params: [consts.map((c) => c.param)] });
  for (const [from, to] of k.replaced) replaced.set(from, to);
  if (still.length === 0 && xs.length === s.xs.length && replaced.size === 0) return null;
  const next = {
    ...s,
    consts: bound(k.operands, k.params[0]!),
    carry: s.carry.filter((c) => !still.includes(c)),
    xs,
  };
  return withResults(next, substitute(programOf(next).results, replaced));
};

/** All steps of a loop of none or one. */
const short = (s: State, length: number): Expr[] => {
  const row = (x: Expr): Expr => reshape(x, rowOf(x.aval).shape);
  const stacked = (y: Expr): Expr => reshape(y, [1, ...y.shape]);
  if (length === 0)
    return [...s.carry.map((c) => c.operand), ...s.ys.map((y) => full([0, ...y.shape], y.dtype, 0))];
  const operands = [
    ...s.consts.map((c) => c.operand),
    ...s.carry.map((c) => c.operand),
    ...s.xs.map((x) => row(x.operand)),
  ];
  const outs = inline(programOf(s), operands);
  return [...outs.slice(0, s.carry.length), ...outs.slice(s.carry.length).map(stacked)];
};

/** A y that is known without the loop: rows of an operand, or the same thing at every step. */
const stackOf = (y: Expr, s: State, length: number): Expr | null => {
  const x = s.xs.find((b) => b.param === y);
  if (x !== undefined) return x.operand;
  const shape = [length, ...y.shape];
  const n = splatOf(y);
  if (n !== null) return full(shape, y.dtype, n);
  const constant = s.consts.find((b) => b.param === y);
  return constant === undefined
    ? null
    : broadcast(
        constant.operand,
        shape,
        y.shape.map((_, i) => i + 1),
      );
};

/** The scan's results, simplified; null when it is as simple as it gets. */
export const simplifyScan = (
  args: readonly Expr[],
  attrs: Scan,
  context: Context,
): readonly Expr[] | null => {
  const { length, reverse } = attrs;
  const body = context.program(attrs.body);
  const [operands, params] = [partsOf(args, attrs), partsOf(body.params, attrs)];
  const before: State = {
    consts: bound(operands.consts, params.consts),
    carry: bound(operands.carry, params.carry).map((b, at) => ({ ...b, next: body.results[at]!, at })),
    xs: bound(operands.xs, params.xs),
    ys: body.results.slice(attrs.carry),
  };
  if (length < 2) return short(before, length).map(context.outer);

  const known = new Map<number, Expr>();
  let s = before;
  for (let next = round(s, known); next !== null; next = round(s, known))
    s = withResults(next, context.program(programOf(next)).results);
  const constants = new Map(s.consts.map((c) => [c.param, c.operand]));
  const lifted = hoist(
    programOf(s),
    [...s.carry, ...s.xs].map((b) => b.param),
    constants,
  );
  s = withResults(
    { ...s, consts: [...s.consts, ...bound(lifted.operands.map(context.outer), lifted.params)] },
    lifted.program.results,
  );

  const stacks = s.ys.map((y) => stackOf(y, s, length));
  const rows = [...new Set(s.ys.filter((_, i) => stacks[i] === null))];
  const changed =
    s.carry.length < before.carry.length ||
    s.consts.length !== before.consts.length ||
    s.xs.length < before.xs.length ||
    rows.length < before.ys.length ||
    programOf(s).results.some((r, i) => r !== attrs.body.results[i]) ||
    s.consts.some((c, i) => c.operand !== before.consts[i]!.operand);
  if (!changed) return null;

  const outs = scanNode(
    s.consts.map((c) => c.operand),
    s.carry.map((c) => c.operand),
    s.xs.map((x) => x.operand),
    { params: programOf(s).params, results: [...s.carry.map((c) => c.next), ...rows] },
    length,
    reverse,
  );
  s.carry.forEach((c, i) => known.set(c.at, outs[i]!));
  return [
    ...before.carry.map((c) => known.get(c.at)!),
    ...s.ys.map((y, i) =>
      stacks[i] === null ? outs[s.carry.length + rows.indexOf(y)]! : context.outer(stacks[i]!),
    ),
  ];
};
