/**
 * A scan that mixes primal and tangent, split in two: the primal scan stacks the residuals that the linear part needs,
 * the linear scan consumes them.
 *
 * The residual frontier is kept small: views are looked through, cheap arithmetic on values that are stored anyway is
 * repeated instead of stored, loop invariants become consts, and rows of the scan's own xs are passed again.
 */
import { type Expr, param } from "../../ir/expr.js";
import { dependents, substitute } from "../../ir/program.js";
import { pick } from "../programs.js";
import { splitFold } from "../split.js";
import { either, partsOf, same, type Scan, type ScanNode } from "./scan-attrs.js";

const isView = (e: Expr): boolean => e.tag === "Apply" && e.primitive!.lower._tag === "View";

/** Elementwise arithmetic that costs less than reading a stored value. */
const isCheap = (e: Expr): boolean =>
  e.tag === "Apply" && e.primitive!.lower._tag === "Elementwise" && e.primitive!.lower.cost <= 4;

const throughViews = (e: Expr): Expr => {
  let x = e;
  while (isView(x)) x = x.args[0]!;
  return x;
};

/** Replaces members of the frontier by fewer or cheaper ones from which they can be computed again. */
const shrink = (frontier: Set<Expr>, params: ReadonlySet<Expr>, stored: ReadonlySet<Expr>): void => {
  for (const e of [...frontier]) {
    const x = throughViews(e);
    if (x === e) continue;
    frontier.delete(e);
    frontier.add(x);
  }
  // `seen` holds what was found to be available: arithmetic shares operands, and is walked once.
  const available = (e: Expr, except: Expr, leaves: Set<Expr>, seen: Set<Expr>): boolean => {
    const x = throughViews(e);
    if (x.literal !== null || seen.has(x)) return true;
    if ((frontier.has(x) && x !== except) || params.has(x) || stored.has(x)) {
      leaves.add(x);
      return true;
    }
    if (!isCheap(x) || !x.args.every((a) => available(a, except, leaves, seen))) return false;
    seen.add(x);
    return true;
  };
  for (let again = true; again;) {
    again = false;
    for (const e of [...frontier].sort((a, b) => b.id - a.id)) {
      const [leaves, seen] = [new Set<Expr>(), new Set<Expr>()];
      if (!isCheap(e) || params.has(e) || !e.args.every((a) => available(a, e, leaves, seen))) continue;
      frontier.delete(e);
      for (const l of leaves) frontier.add(l);
      again = true;
    }
  }
};

/** What the linear nodes read that is not linear. */
const frontierOf = (roots: readonly Expr[], linearParams: readonly Expr[]): Set<Expr> => {
  const { order, depends } = dependents(roots, new Set(linearParams));
  const frontier = new Set<Expr>();
  for (const e of order) if (depends.has(e)) for (const a of e.args) if (!depends.has(a)) frontier.add(a);
  for (const r of roots) if (!depends.has(r)) frontier.add(r);
  return frontier;
};

/** Known results and linear results in their places. */
const merge = (linear: readonly boolean[], ls: readonly Expr[], ks: readonly Expr[]): Expr[] => {
  let [i, j] = [0, 0];
  return linear.map((l) => (l ? ls[i++]! : ks[j++]!));
};

export const splitScan = (
  args: readonly Expr[],
  linear: readonly boolean[],
  attrs: Scan,
  scanNode: ScanNode,
): readonly [readonly Expr[], readonly boolean[]] => {
  const { body, length, reverse } = attrs;
  const isLinear = partsOf(linear, attrs);
  const params = partsOf(body.params, attrs);
  const operands = partsOf(args, attrs);

  const linearWith = (carried: readonly boolean[]): Expr[] => [
    ...pick(params.consts, isLinear.consts),
    ...pick(params.carry, carried),
    ...pick(params.xs, isLinear.xs),
  ];
  // Which carries become linear is found by iteration.
  let carried: readonly boolean[] = isLinear.carry;
  let split = splitFold(body.results, new Set(linearWith(carried)));
  for (;;) {
    const next = either(carried, split.linear.slice(0, attrs.carry));
    if (same(carried, next)) break;
    carried = next;
    split = splitFold(body.results, new Set(linearWith(carried)));
  }
  const rows = split.linear.slice(attrs.carry);
  const carryRoots = split.roots.slice(0, attrs.carry);
  const rowRoots = split.roots.slice(attrs.carry);
  const linearRoots = [...pick(carryRoots, carried), ...pick(rowRoots, rows)];
  const linearParams = linearWith(carried);

  const knownCarry = pick(carryRoots, carried, false);
  const knownRows = pick(rowRoots, rows, false);
  const frontier = frontierOf(linearRoots, linearParams);
  shrink(frontier, new Set(body.params), new Set(knownRows));

  const knownConsts = pick(params.consts, isLinear.consts, false);
  const varying = [...pick(params.carry, carried, false), ...pick(params.xs, isLinear.xs, false)];
  const members = [...frontier];
  const varies = dependents(members, new Set(varying)).depends;
  const onConsts = dependents(members, new Set(knownConsts)).depends;
  const toOperands = new Map(params.consts.map((p, i) => [p, operands.consts[i]!]));

  const replaced = new Map<Expr, Expr>();
  const invariant: { operand: Expr; param: Expr }[] = [];
  const passed: { operand: Expr; param: Expr }[] = [];
  const residuals: { value: Expr; param: Expr }[] = [];
  for (const e of members) {
    if (!varies.has(e) && !onConsts.has(e)) continue; // a literal or an outer value: it stays where it is
    const p = param(e.aval);
    replaced.set(e, p);
    if (!varies.has(e)) invariant.push({ operand: substitute([e], toOperands)[0]!, param: p });
    else if (params.xs.includes(e)) passed.push({ operand: operands.xs[params.xs.indexOf(e)]!, param: p });
    else residuals.push({ value: e, param: p });
  }

  const place = residuals.map((r) => knownRows.indexOf(r.value));
  const extra = residuals.filter((_, i) => place[i]! < 0).map((r) => r.value);
  const primal = scanNode(
    pick(operands.consts, isLinear.consts, false),
    pick(operands.carry, carried, false),
    pick(operands.xs, isLinear.xs, false),
    { params: [...knownConsts, ...varying], results: [...knownCarry, ...knownRows, ...extra] },
    length,
    reverse,
  );
  const primalRows = primal.slice(knownCarry.length, knownCarry.length + knownRows.length);
  let next = knownCarry.length + knownRows.length;
  const stacked = place.map((at) => (at >= 0 ? primalRows[at]! : primal[next++]!));

  const derived = scanNode(
    [...invariant.map((i) => i.operand), ...pick(operands.consts, isLinear.consts)],
    pick(operands.carry, carried),
    [...pick(operands.xs, isLinear.xs), ...passed.map((p) => p.operand), ...stacked],
    {
      params: [
        ...invariant.map((i) => i.param),
        ...linearParams,
        ...passed.map((p) => p.param),
        ...residuals.map((r) => r.param),
      ],
      results: substitute(linearRoots, replaced),
    },
    length,
    reverse,
  );
  const nL = pick(carried, carried).length;
  const outs = [
    ...merge(carried, derived.slice(0, nL), primal.slice(0, knownCarry.length)),
    ...merge(rows, derived.slice(nL), primalRows),
  ];
  return [outs, [...carried, ...rows]];
};
