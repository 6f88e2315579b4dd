/** Loops and branches around random sub-programs. */
import { aval } from "../../src/ir/aval.js";
import { applyAll, type Expr, param, watermark } from "../../src/ir/expr.js";
import { add, lt, mul, rem } from "../../src/ir/primitives/arithmetic.js";
import { fullLike } from "../../src/ir/primitives/layout.js";
import { tanh } from "../../src/ir/primitives/transcendental.js";
import { lift, type Program } from "../../src/ir/program.js";
import { condPrimitive } from "../../src/transforms/loops/cond.js";
import { scanNode } from "../../src/transforms/loops/scan.js";
import { whilePrimitive } from "../../src/transforms/loops/while.js";
import { chance, type Random } from "../random.js";
import { fit, fitTo, withAxes } from "./pool.js";
import type { Body } from "./wrappers.js";

const counter = aval([], "int32");

/** A scan over the rows of `x` whose carry starts as `init`; the last carry and what the body's results stack to. */
export const scanned = (r: Random, f: Body, init: Expr, x: Expr): readonly Expr[] => {
  const rows = withAxes(x);
  const mark = watermark();
  const [c, row] = [param(init.aval), param(aval(rows.shape.slice(1), rows.dtype))];
  const results = f([c, row]);
  const next = tanh(add(fitTo(results[0]!, c), mul(c, fullLike(c, 0.5))));
  const { program, captured } = lift({ params: [c, row], results: [next, ...results] }, mark);
  return scanNode(captured, [init], [rows], program, rows.shape[0]!, chance(r, 0.5));
};

/** One of two bodies; the results of both have the types of `like`. */
export const branched = (
  index: Expr,
  bodies: readonly Body[],
  args: readonly Expr[],
  like: Expr,
): readonly Expr[] => {
  const mark = watermark();
  const lifted = bodies.map((f) => {
    const params = args.map((x) => param(x.aval));
    return lift({ params, results: [fitTo(f(params)[0]!, like)] }, mark);
  });
  const captured = [...new Set(lifted.flatMap((l) => l.captured))];
  const branches = lifted.map(({ program, captured: own }): Program => {
    const front = captured.map((c) => (own.includes(c) ? program.params[own.indexOf(c)]! : param(c.aval)));
    return { params: [...front, ...program.params.slice(own.length)], results: program.results };
  });
  return applyAll(condPrimitive, [fit(index, [], "int32"), ...captured, ...args], { branches });
};

/** Steps on an integer until a count reaches a limit that is computed: 0 to 3 of them. No derivative passes. */
export const repeated = (limit: Expr, x: Expr): readonly Expr[] => {
  const [bound, n, c, testN, testC] = [
    param(counter),
    param(counter),
    param(x.aval),
    param(counter),
    param(x.aval),
  ];
  const start = fit(limit, [], "int32");
  return applyAll(whilePrimitive, [rem(start, fullLike(start, 4)), fullLike(start, 0), x], {
    test: { params: [bound, testN, testC], results: [lt(testN, bound)] },
    body: { params: [n, c], results: [add(n, fullLike(n, 1)), add(mul(c, fullLike(c, 3)), fitTo(n, c))] },
    testConsts: 1,
    bodyConsts: 0,
  });
};
