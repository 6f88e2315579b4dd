/**
 * Dead results of loops and branches: ys that nobody reads, carries that reach nothing that is read, operands that the
 * sub-programs do not use. Demand walks from the results back; what a loop needs is a fixpoint over its carries.
 */
import { applyAll, attrsOf, type Expr } from "../../ir/expr.js";
import { type Program, topological } from "../../ir/program.js";
import { type Cond, condPrimitive } from "../../transforms/loops/cond.js";
import { scanNode, scanPrimitive } from "../../transforms/loops/scan.js";
import { partsOf, type Scan } from "../../transforms/loops/scan-attrs.js";
import { type While, whilePrimitive } from "../../transforms/loops/while.js";

/** What is left of a loop: the operands it needs, and how to build it from them. */
interface Plan {
  readonly operands: readonly Expr[];
  /** Results by their places in the original; only those that are wanted. */
  readonly build: (now: (e: Expr) => Expr) => ReadonlyMap<number, Expr>;
}

/** `want` holds the places of the results that are read. */
type Planner<A> = (args: readonly Expr[], attrs: A, want: ReadonlySet<number>) => Plan;

const filled = (n: number, keep: (i: number) => boolean): number[] =>
  Array.from({ length: n }, (_, i) => i).filter(keep);

const pickAt = <T>(xs: readonly T[], places: readonly number[]): T[] => places.map((i) => xs[i]!);

/** The sub-program with only some results, and which of its params it still uses. */
const narrow = (
  p: Program,
  results: readonly number[],
): { readonly program: Program; readonly used: ReadonlySet<Expr> } => {
  const program = prune({ params: p.params, results: pickAt(p.results, results) });
  return { program, used: new Set(topological(program.results)) };
};

/** Grows `places` until `reached(places)` adds none. */
const fixpoint = (
  start: readonly number[],
  reached: (places: readonly number[]) => readonly number[],
): number[] => {
  for (let places = [...start]; ;) {
    const next = [...new Set([...places, ...reached(places)])].sort((a, b) => a - b);
    if (next.length === places.length) return next;
    places = next;
  }
};

const planScan: Planner<Scan> = (args, attrs, want) => {
  const operands = partsOf(args, attrs);
  const params = partsOf(attrs.body.params, attrs);
  const ys = [...want].filter((i) => i >= attrs.carry).sort((a, b) => a - b);
  const carry = fixpoint(
    filled(attrs.carry, (i) => want.has(i)),
    (places) => {
      const { used } = narrow(attrs.body, [...places, ...ys]);
      return filled(attrs.carry, (i) => used.has(params.carry[i]!));
    },
  );
  const { program, used } = narrow(attrs.body, [...carry, ...ys]);
  const live = (ps: readonly Expr[]): number[] => filled(ps.length, (i) => used.has(ps[i]!));
  const [consts, xs] = [live(params.consts), live(params.xs)];
  const kept = {
    consts: pickAt(operands.consts, consts),
    carry: pickAt(operands.carry, carry),
    xs: pickAt(operands.xs, xs),
  };
  return {
    operands: [...kept.consts, ...kept.carry, ...kept.xs],
    build: (now) => {
      const outs = scanNode(
        kept.consts.map(now),
        kept.carry.map(now),
        kept.xs.map(now),
        {
          params: [
            ...pickAt(params.consts, consts),
            ...pickAt(params.carry, carry),
            ...pickAt(params.xs, xs),
          ],
          results: program.results,
        },
        attrs.length,
        attrs.reverse,
      );
      return new Map([...carry, ...ys].map((place, i) => [place, outs[i]!]));
    },
  };
};

const planWhile: Planner<While> = (args, attrs, want) => {
  const { testConsts: nT, bodyConsts: nB, test, body } = attrs;
  const [testParams, bodyParams] = [test.params.slice(nT), body.params.slice(nB)];
  const tested = narrow(test, [0]);
  const carry = fixpoint(
    filled(bodyParams.length, (i) => want.has(i) || tested.used.has(testParams[i]!)),
    (places) => {
      const { used } = narrow(body, places);
      return filled(bodyParams.length, (i) => used.has(bodyParams[i]!));
    },
  );
  const { program, used } = narrow(body, carry);
  const testConsts = filled(nT, (i) => tested.used.has(test.params[i]!));
  const bodyConsts = filled(nB, (i) => used.has(body.params[i]!));
  const operands = [
    ...pickAt(args, testConsts),
    ...pickAt(args.slice(nT), bodyConsts),
    ...pickAt(args.slice(nT + nB), carry),
  ];
  return {
    operands,
    build: (now) => {
      const outs = applyAll(whilePrimitive, operands.map(now), {
        test: {
          params: [...pickAt(test.params, testConsts), ...pickAt(testParams, carry)],
          results: tested.program.results,
        },
        body: {
          params: [...pickAt(body.params, bodyConsts), ...pickAt(bodyParams, carry)],
          results: program.results,
        },
        testConsts: testConsts.length,
        bodyConsts: bodyConsts.length,
      });
      return new Map(carry.map((place, i) => [place, outs[i]!]));
    },
  };
};

const planCond: Planner<Cond> = ([index, ...args], { branches }, want) => {
  const places = [...want].sort((a, b) => a - b);
  const narrowed = branches.map((b) => narrow(b, places));
  const live = filled(args.length, (i) => narrowed.some(({ used }, k) => used.has(branches[k]!.params[i]!)));
  const operands = [index!, ...pickAt(args, live)];
  return {
    operands,
    build: (now) => {
      const outs = applyAll(condPrimitive, operands.map(now), {
        branches: narrowed.map(({ program }) => ({
          params: pickAt(program.params, live),
          results: program.results,
        })),
      });
      return new Map(places.map((place, i) => [place, outs[i]!]));
    },
  };
};

const planOf = (e: Expr, want: ReadonlySet<number>): Plan | null => {
  const lower = e.primitive?.lower;
  if (lower?._tag !== "Loop") return null;
  switch (lower.kind) {
    case "Scan":
      return planScan(e.args, attrsOf(scanPrimitive, e), want);
    case "While":
      return planWhile(e.args, attrsOf(whilePrimitive, e), want);
    case "Cond":
      return planCond(e.args, attrsOf(condPrimitive, e), want);
  }
};

/** The program with only those results and operands of loops that reach its own results. */
export const prune = (program: Program): Program => {
  const order = topological(program.results);
  if (!order.some((e) => e.primitive?.lower._tag === "Loop")) return program;

  const wanted = new Map<Expr, Set<number>>();
  const want = (e: Expr, i = 0): void => {
    const have = wanted.get(e);
    if (have === undefined) wanted.set(e, new Set([i]));
    else have.add(i);
  };
  const plans = new Map<Expr, Plan>();
  for (const r of program.results) want(r);
  for (const e of [...order].reverse()) {
    const places = wanted.get(e);
    if (places === undefined) continue;
    if (e.tag === "Project") {
      want(e.args[0]!, e.index);
      continue;
    }
    const plan = planOf(e, places);
    if (plan !== null) plans.set(e, plan);
    for (const a of plan?.operands ?? e.args) want(a);
  }

  const outs = new Map<Expr, ReadonlyMap<number, Expr>>();
  const now = (e: Expr): Expr => outs.get(e)?.get(0) ?? e;
  for (const e of order) {
    if (!wanted.has(e)) continue;
    const plan = plans.get(e);
    if (plan !== undefined) outs.set(e, plan.build(now));
    else if (e.tag === "Project") {
      const whole = outs.get(e.args[0]!);
      if (whole !== undefined) outs.set(e, new Map([[0, whole.get(e.index)!]]));
    } else if (e.tag === "Apply" && e.args.some((a) => outs.has(a))) {
      const rebuilt = applyAll(e.primitive!, e.args.map(now), e.attrs);
      outs.set(e, new Map(rebuilt.map((o, i) => [i, o])));
    }
  }
  return { params: program.params, results: program.results.map(now) };
};
