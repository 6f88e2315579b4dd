/** Loops of unknown length: what never changes becomes a constant, invariant work moves out of test and body. */
import { applyAll, type Expr } from "../../ir/expr.js";
import { type Program, substitute } from "../../ir/program.js";
import { type While, whilePrimitive } from "../../transforms/loops/while.js";
import { hoist } from "./invariant.js";
import { knownOperands } from "./operands.js";
import type { Context } from "./scan.js";

/** A sub-program with the operands of its leading params. */
interface Part {
  readonly constants: readonly Expr[];
  readonly params: readonly Expr[];
  readonly carry: readonly Expr[];
  readonly results: readonly Expr[];
}

const partOf = (p: Program, constants: readonly Expr[]): Part => ({
  constants,
  params: p.params.slice(0, constants.length),
  carry: p.params.slice(constants.length),
  results: p.results,
});

const programOf = (p: Part): Program => ({ params: [...p.params, ...p.carry], results: p.results });

/** The carries at `still` are constants from now on. */
const settle = (p: Part, init: readonly Expr[], still: readonly boolean[], context: Context): Part => {
  const gone = <T>(xs: readonly T[]): T[] => xs.filter((_, i) => still[i]);
  const kept = <T>(xs: readonly T[]): T[] => xs.filter((_, i) => !still[i]);
  const k = knownOperands({
    operands: [...p.constants, ...gone(init)],
    params: [[...p.params, ...gone(p.carry)]],
  });
  const next = {
    constants: k.operands,
    params: k.params[0]!,
    carry: kept(p.carry),
    results: substitute(p.results, k.replaced),
  };
  return { ...next, results: context.program(programOf(next)).results };
};

const lifted = (p: Part, context: Context): Part => {
  const h = hoist(programOf(p), p.carry, new Map(p.params.map((q, i) => [q, p.constants[i]!])));
  return {
    ...p,
    constants: [...p.constants, ...h.operands.map(context.outer)],
    params: [...p.params, ...h.params],
    results: h.program.results,
  };
};

/** The loop's results, simplified. */
export const simplifyWhile = (args: readonly Expr[], attrs: While, context: Context): readonly Expr[] => {
  const [nT, nB] = [attrs.testConsts, attrs.bodyConsts];
  const all = args.slice(nT + nB);
  let init = all;
  let places = init.map((_, i) => i);
  let test = partOf(context.program(attrs.test), args.slice(0, nT));
  let body = partOf(context.program(attrs.body), args.slice(nT, nT + nB));
  for (let first = true; ; first = false) {
    const still = body.results.map((r, i) => r === body.carry[i]);
    if (!first && !still.includes(true)) break;
    test = settle(test, init, still, context);
    body = settle({ ...body, results: body.results.filter((_, i) => !still[i]) }, init, still, context);
    init = init.filter((_, i) => !still[i]);
    places = places.filter((_, i) => !still[i]);
  }
  if (init.length === 0) return all;
  test = lifted(test, context);
  body = lifted(body, context);
  const outs = applyAll(whilePrimitive, [...test.constants, ...body.constants, ...init], {
    test: programOf(test),
    body: programOf(body),
    testConsts: test.constants.length,
    bodyConsts: body.constants.length,
  });
  return all.map((x, i) => (places.includes(i) ? outs[places.indexOf(i)]! : x));
};
