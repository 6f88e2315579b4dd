/**
 * `cond`: one of several sub-programs, chosen by an int32 index (clamped to the branches). Operands are index | values;
 * every branch takes the values and returns results of the same types.
 */
import { aval, type Aval, sameAval, showAval } from "../../ir/aval.js";
import { FluxionError } from "../../ir/errors.js";
import { applyAll, type Expr, param } from "../../ir/expr.js";
import type { Linear, Primitive } from "../../ir/primitive.js";
import { eq, max, min, select } from "../../ir/primitives/arithmetic.js";
import { front, full, fullLike, zerosOf } from "../../ir/primitives/layout.js";
import { broadcast } from "../../ir/primitives/layout.js";
import { dependents, inline, type Program, substitute } from "../../ir/program.js";
import { call } from "../evaluate.js";
import { jvpFold } from "../jvp.js";
import { batchProgram, pick, present, spread, transposeProgram } from "../programs.js";
import { splitFold } from "../split.js";
import { either, flags } from "./scan-attrs.js";

export interface Cond {
  readonly branches: readonly Program[];
}

const condNode = (index: Expr, operands: readonly Expr[], branches: readonly Program[]): readonly Expr[] =>
  branches[0]!.results.length === 0 ? [] : applyAll(condPrimitive, [index, ...operands], { branches });

const condAvals = ([index, ...operands]: readonly Aval[], { branches }: Cond): Aval[] => {
  if (!sameAval(index!, aval([], "int32")))
    throw new FluxionError("cond", `expected an int32 scalar index, got ${showAval(index!)}`);
  const first = branches[0]!.results;
  branches.forEach((b, k) => {
    const fits =
      b.params.length === operands.length && b.params.every((p, i) => sameAval(p.aval, operands[i]!));
    if (!fits)
      throw new FluxionError("cond", `expected branch ${k} to take ${operands.map(showAval).join(", ")}`);
    const same =
      b.results.length === first.length && b.results.every((r, i) => sameAval(r.aval, first[i]!.aval));
    if (!same)
      throw new FluxionError(
        "cond",
        `expected branches of equal result types, got ${first.map((r) => showAval(r.aval)).join(", ")} and ${b.results.map((r) => showAval(r.aval)).join(", ")}`,
      );
  });
  return first.map((r) => r.aval);
};

const clamp = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);

const jvpCond = (
  args: readonly Expr[],
  ts: readonly Linear[],
  { branches }: Cond,
): readonly [Expr[], Linear[]] => {
  const tangents = ts.slice(1);
  const duals = branches.map((b) => {
    const params = b.params.map((p, i) => (tangents[i] === null ? null : param(p.aval)));
    const seeds = new Map(b.params.flatMap((p, i) => (params[i] === null ? [] : [[p, params[i]!] as const])));
    return { branch: b, params, dual: jvpFold(b.results, seeds) };
  });
  const flowing = duals.map(({ dual }) => flags(dual.tangents)).reduce(either);
  const outs = condNode(
    args[0]!,
    [...args.slice(1), ...present(tangents)],
    duals.map(({ branch, params, dual }) => ({
      params: [...branch.params, ...present(params)],
      results: [
        ...dual.primals,
        ...pick(
          dual.tangents.map((t, i) => t ?? zerosOf(branch.results[i]!.aval)),
          flowing,
        ),
      ],
    })),
  );
  const k = branches[0]!.results.length;
  return [outs.slice(0, k), spread(flowing, outs.slice(k))];
};

/** Residuals of all branches share slots by type; a branch leaves zeros in the slots that it does not use. */
const splitCond = (
  args: readonly Expr[],
  linear: readonly boolean[],
  { branches }: Cond,
): readonly [readonly Expr[], readonly boolean[]] => {
  const isLinear = linear.slice(1);
  const operands = args.slice(1);
  const splits = branches.map((b) => splitFold(b.results, new Set(pick(b.params, isLinear))));
  const flowing = splits.map((s) => s.linear).reduce(either);
  const slots: Aval[] = [];
  const parts = branches.map((b, k) => {
    const linearParams = pick(b.params, isLinear);
    const knownParams = pick(b.params, isLinear, false);
    const roots = pick(splits[k]!.roots, flowing);
    const { order, depends } = dependents(roots, new Set(linearParams));
    const frontier = new Set<Expr>();
    for (const e of order) if (depends.has(e)) for (const a of e.args) if (!depends.has(a)) frontier.add(a);
    for (const r of roots) if (!depends.has(r)) frontier.add(r);
    const varying = dependents([...frontier], new Set(knownParams)).depends;
    const used = new Set<number>();
    const residuals = new Map<number, Expr>();
    for (const e of frontier) {
      if (!varying.has(e) || knownParams.includes(e)) continue;
      let slot = slots.findIndex((a, i) => !used.has(i) && sameAval(a, e.aval));
      if (slot < 0) slot = slots.push(e.aval) - 1;
      used.add(slot);
      residuals.set(slot, e);
    }
    return { linearParams, knownParams, roots, residuals, known: pick(splits[k]!.roots, flowing, false) };
  });
  const primal = condNode(
    args[0]!,
    pick(operands, isLinear, false),
    parts.map((p) => ({
      params: p.knownParams,
      results: [...p.known, ...slots.map((a, i) => p.residuals.get(i) ?? zerosOf(a))],
    })),
  );
  const nK = parts[0]!.known.length;
  const derived = condNode(
    args[0]!,
    [...pick(operands, isLinear, false), ...primal.slice(nK), ...pick(operands, isLinear)],
    parts.map((p) => {
      const residualParams = slots.map((a) => param(a));
      return {
        params: [...p.knownParams, ...residualParams, ...p.linearParams],
        results: substitute(p.roots, new Map([...p.residuals].map(([i, e]) => [e, residualParams[i]!]))),
      };
    }),
  );
  let [i, j] = [0, 0];
  return [flowing.map((f) => (f ? derived[i++]! : primal[j++]!)), flowing];
};

/** A batched index computes every branch and selects. */
const batchCond: Primitive<Cond>["batch"] = (args, axes, { branches }, n) => {
  const mapped = axes.slice(1).map((a) => a !== null);
  const operands = args.slice(1).map((x, i) => (mapped[i] ? front(x, axes[i + 1]!, n) : x));
  const batched = branches.map((b) => batchProgram(b, mapped, n));
  if (axes[0] == null) {
    const any = batched.map((b) => b.batched).reduce(either);
    const programs = batched.map(({ program, batched: has }) => ({
      params: program.params,
      results: program.results.map((r, i) => (any[i] && !has[i] ? front(r, null, n) : r)),
    }));
    return condNode(args[0]!, operands, programs).map((o, i) => [o, any[i] ? 0 : null] as const);
  }
  const index = front(args[0]!, axes[0], n);
  const last = fullLike(index, branches.length - 1);
  const chosen = max(min(index, last), fullLike(index, 0));
  const results = batched.map(({ program, batched: has }) =>
    inline(program, operands).map((r, i) => (has[i] ? r : front(r, null, n))),
  );
  return results[0]!.map((r, i) => {
    let out = r;
    for (let k = 1; k < branches.length; k++) {
      const here = eq(chosen, full([n], "int32", k));
      out = select(broadcast(here, r.shape, [0]), results[k]![i]!, out);
    }
    return [out, 0] as const;
  });
};

export const condPrimitive: Primitive<Cond> = {
  name: "cond",
  shape: condAvals,
  evaluate: ([index, ...operands], { branches }) =>
    call(branches[clamp(index!.data[0]!, branches.length)]!, operands),
  jvp: jvpCond,
  split: splitCond,
  transpose: (cts, args, linear, { branches }) => {
    const isLinear = linear.slice(1);
    const operands = args.slice(1);
    const outs = condNode(
      args[0]!,
      [...pick(operands, isLinear, false), ...present(cts)],
      branches.map((b) => transposeProgram(b, isLinear, cts)),
    );
    return [null, ...spread(isLinear, outs)];
  },
  batch: batchCond,
  lower: { _tag: "Loop", kind: "Cond" },
};
