/** Loops with a known number of steps: differentiable in both modes, traced once whatever their length. */
import { aval, showAval } from "../../ir/aval.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { type Expr, param, watermark } from "../../ir/expr.js";
import { add } from "../../ir/primitives/arithmetic.js";
import { fullLike } from "../../ir/primitives/layout.js";
import { concat, reshape, sliceAxis } from "../../ir/primitives/views.js";
import { lift } from "../../ir/program.js";
import { expectStructure } from "../../ir/tree.js";
import { scanNode } from "../../transforms/loops/scan.js";
import { asTensor, type Tensor, toExpr } from "../tensor.js";
import { checkOptions } from "../options.js";
import { argumentsOf, exprsOf, type FlatExprs, requireFunction, treeOf } from "../transformations/bind.js";
import { literal } from "../../ir/expr.js";
import { inSegments, mapped, segmentSteps } from "./segments.js";

/** Options of `scan`. */
export interface ScanOptions {
  /** Visit the rows last to first; ys are stacked where their x was. */
  readonly reverse?: boolean;
  /** Number of steps; needed when there are no xs. */
  readonly length?: number;
  /** Write the whole loop out (`true`), or so many steps at a time (a divisor of the length). Default 1. */
  readonly unroll?: number | boolean;
  /**
   * In reverse mode, keep the carry after every so many steps only and compute those between again: `true` for about
   * √length steps. Memory then grows with √length instead of length, and each step runs twice.
   */
  readonly checkpoint?: number | boolean;
}

export type Step<C, X, Y> = (carry: C, x: X) => readonly [carry: C, y: Y];

const lengthOf = (xs: FlatExprs, given: number | undefined): number => {
  let n = given ?? null;
  for (const x of xs.exprs) {
    if (x.ndim === 0) throw expected("scan", "xs with a leading axis", showAval(x.aval));
    if (n !== null && n !== x.shape[0]) throw expected("scan", `xs of length ${n}`, showAval(x.aval));
    n = x.shape[0]!;
  }
  if (n === null) throw new FluxionError("scan", "expected xs, or the option length, got neither");
  if (!Number.isInteger(n) || n < 0)
    throw expected("scan", "a length that is a non-negative integer", String(n));
  return n;
};

/** A carry must keep its structure, shapes and dtypes from step to step. */
const checkCarry = (operation: string, before: FlatExprs, after: FlatExprs): void => {
  expectStructure(operation, before.structure, after.structure, "carry");
  after.exprs.forEach((e, i) => {
    const want = before.exprs[i]!;
    if (showAval(e.aval) !== showAval(want.aval))
      throw expected(
        operation,
        `a step that keeps the carry's type ${showAval(want.aval)}`,
        `${showAval(e.aval)} (cast or reshape it)`,
      );
  });
};

const pairOf = (result: unknown): readonly [unknown, unknown] => {
  if (Array.isArray(result) && result.length === 2) return result as unknown as readonly [unknown, unknown];
  throw new FluxionError("scan", "expected the body to return [carry, y] (y may be null)");
};

/**
 * Runs `body` over the rows of `xs`, threading a carry: `[carry, y] = body(carry, x)` for each row. Returns the last
 * carry and the stacked ys. Carry, xs and y are trees; y may be null. What the body uses from outside is differentiated
 * too. One trace and one kernel, whatever the length.
 *
 * Throws when the carry changes its structure or types, when lengths differ, or when `unroll` does not divide them.
 *
 * @example
 * ```ts
 * const [total, running] = scan((c, x) => [add(c, x), add(c, x)], tensor(0), tensor([1, 2, 3]));
 * total.item() // 6
 * running.toArray() // [1, 3, 6]
 * ```
 */
export function scan<C, X, Y>(
  body: Step<C, X, Y>,
  init: C,
  xs: X | null,
  options: ScanOptions = {},
): [carry: C, ys: Y] {
  requireFunction("scan", body, "a step (carry, x) => [carry, y]");
  checkOptions("scan", options, ["length", "reverse", "unroll", "checkpoint"]);
  const carry = argumentsOf("scan", init, "carry");
  const rows = argumentsOf("scan", xs, "xs");
  const length = lengthOf(rows, options.length);
  const reverse = options.reverse === true;
  const segment = segmentSteps(length, options.checkpoint);
  if (length > 0 && segment !== null) {
    const plain = (c: C, x: X, n: number): [C, Y] =>
      scan(body, c, x, { ...options, checkpoint: false, length: n });
    return inSegments(plain, scanGroups, { carry, rows, length, reverse }, segment);
  }
  const steps = options.unroll === true ? length : options.unroll === false ? 1 : (options.unroll ?? 1);
  if (length === 0 || steps === 1) return runScan(body, carry, rows, length, reverse);
  if (!Number.isInteger(steps) || steps < 1 || length % steps !== 0)
    throw expected("scan", `unroll to divide the length ${length}`, String(options.unroll));
  return steps === length
    ? unrolled(body, carry, rows, length, reverse)
    : runUnrolled(body, carry, rows, length, steps, reverse);
}

const runScan = <C, X, Y>(
  body: Step<C, X, Y>,
  carry: FlatExprs,
  rows: FlatExprs,
  length: number,
  reverse: boolean,
): [C, Y] => {
  const mark = watermark();
  const carryParams = carry.exprs.map((e) => param(e.aval));
  const rowParams = rows.exprs.map((e) => param(aval(e.shape.slice(1), e.dtype)));
  const [next, y] = pairOf(body(treeOf(carry, carryParams) as C, treeOf(rows, rowParams) as X));
  const after = exprsOf("scan", next, "carry");
  const ys = exprsOf("scan", y, "y");
  checkCarry("scan", carry, after);
  const { program, captured } = lift(
    { params: [...carryParams, ...rowParams], results: [...after.exprs, ...ys.exprs] },
    mark,
  );
  const outs = scanNode(captured, carry.exprs, rows.exprs, program, length, reverse);
  const n = carry.exprs.length;
  return [treeOf(carry, outs.slice(0, n)) as C, treeOf(ys, outs.slice(n)) as Y];
};

const rowAt = (x: Expr, t: number): Expr => reshape(sliceAxis(x, 0, t, 1), x.shape.slice(1));

const stackRows = (rows: readonly Expr[]): Expr =>
  concat(
    rows.map((r) => reshape(r, [1, ...r.shape])),
    0,
  );

/** The loop written out: as many copies of the body as there are steps. */
const unrolled = <C, X, Y>(
  body: Step<C, X, Y>,
  carry: FlatExprs,
  rows: FlatExprs,
  length: number,
  reverse: boolean,
): [C, Y] => {
  let now = treeOf(carry) as C;
  const ys: FlatExprs[] = [];
  for (let k = 0; k < length; k++) {
    const t = reverse ? length - 1 - k : k;
    const x = treeOf(
      rows,
      rows.exprs.map((e) => rowAt(e, t)),
    ) as X;
    const [next, y] = pairOf(body(now, x));
    checkCarry("scan", carry, exprsOf("scan", next, "carry"));
    now = next as C;
    ys[t] = exprsOf("scan", y, "y");
  }
  const first = ys[0]!;
  return [
    now,
    treeOf(
      first,
      first.exprs.map((_, i) => stackRows(ys.map((y) => y.exprs[i]!))),
    ) as Y,
  ];
};

/** A scan over groups of as many rows as there are steps; `group` does all steps of one. The ys are one list again. */
const scanGroups = <C, X, Y>(
  group: Step<C, X, Y>,
  carry: FlatExprs,
  rows: FlatExprs,
  groups: number,
  steps: number,
  reverse: boolean,
): [C, FlatExprs] => {
  const grouped = mapped(rows, (e) => reshape(e, [groups, steps, ...e.shape.slice(1)]));
  const [last, ys] = runScan(group, carry, grouped, groups, reverse);
  return [last, mapped(exprsOf("scan", ys), (e) => reshape(e, [groups * steps, ...e.shape.slice(2)]))];
};

/** A scan over groups of rows, the steps of each written out. */
const runUnrolled = <C, X, Y>(
  body: Step<C, X, Y>,
  carry: FlatExprs,
  rows: FlatExprs,
  length: number,
  steps: number,
  reverse: boolean,
): [C, Y] => {
  const group: Step<C, X, Y> = (c, x) =>
    unrolled(body, exprsOf("scan", c, "carry"), exprsOf("scan", x), steps, reverse);
  const [last, ys] = scanGroups(group, carry, rows, length / steps, steps, reverse);
  return [last, treeOf(ys) as Y];
};

/**
 * `f` of every row of `xs`, one after another, stacked: a scan without a carry. Less memory than `vmap`, no batching.
 *
 * @example
 * ```ts
 * map((x) => mul(x, x), tensor([1, 2, 3])).toArray() // [1, 4, 9]
 * ```
 */
export function map<X, Y>(f: (x: X) => Y, xs: X): Y {
  requireFunction("map", f);
  return scan<readonly [], X, Y>((c, x) => [c, f(x)], [], xs)[1];
}

/** `foriLoop` with plain numbers as bounds. */
export const foriSteps = <C>(lower: number, upper: number, f: (i: Tensor, carry: C) => C, init: C): C => {
  const step: Step<readonly [Tensor, C], null, null> = ([i, c]) => [[next(i), f(i, c)], null];
  const from = asTensor(literal("int32", lower));
  return scan<readonly [Tensor, C], null, null>(step, [from, init], null, {
    length: Math.max(0, upper - lower),
  })[0][1];
};

const next = (i: Tensor): Tensor => {
  const e = toExpr("foriLoop", i);
  return asTensor(add(e, fullLike(e, 1)));
};
