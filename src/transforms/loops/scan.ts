/**
 * `scan`: a loop with a carry over the rows of arrays, as one node with a sub-program.
 *
 * Operands and body params are consts | carry | xs; results of the body are the next carry | a row of each ys; the
 * node's results are the last carry | the stacked ys. A trace costs one body, whatever the length.
 */
import { type Aval, aval, sameAval, showAval, sizeOf } from "../../ir/aval.js";
import { allocate } from "../../ir/dtype.js";
import { FluxionError } from "../../ir/errors.js";
import { applyAll, type Expr, param } from "../../ir/expr.js";
import { type NdArray, ndarray } from "../../ir/ndarray.js";
import type { BatchAxis, Linear, Primitive } from "../../ir/primitive.js";
import { addLinear } from "../../ir/primitives/elementwise.js";
import { front, moveAxis, zerosOf } from "../../ir/primitives/layout.js";
import { batchFold } from "../batch.js";
import { call } from "../evaluate.js";
import { jvpFold } from "../jvp.js";
import { pick, present, spread } from "../programs.js";
import { transposeFold } from "../transpose.js";
import { either, flags, partsOf, rowOf, same, type Scan, type ScanNode } from "./scan-attrs.js";
import { afterLoop, type Deferred, deferProducts } from "./scan-products.js";
import { splitScan } from "./scan-split.js";

export const scanNode: ScanNode = (consts, carry, xs, body, length, reverse) =>
  body.results.length === 0
    ? []
    : applyAll(scanPrimitive, [...consts, ...carry, ...xs], {
        body,
        consts: consts.length,
        carry: carry.length,
        length,
        reverse,
      });

const scanAvals = (avals: readonly Aval[], attrs: Scan): Aval[] => {
  const { body, carry, length } = attrs;
  const operands = partsOf(avals, attrs);
  const rows = operands.xs.map((x) => {
    if (x.shape[0] !== length)
      throw new FluxionError("scan", `expected xs of length ${length}, got ${showAval(x)}`);
    return rowOf(x);
  });
  [...operands.consts, ...operands.carry, ...rows].forEach((a, i) => {
    if (!sameAval(a, body.params[i]!.aval))
      throw new FluxionError(
        "scan",
        `expected operand ${i} to be ${showAval(body.params[i]!.aval)}, got ${showAval(a)}`,
      );
  });
  body.results.slice(0, carry).forEach((r, i) => {
    const want = operands.carry[i]!;
    if (!sameAval(r.aval, want))
      throw new FluxionError(
        "scan",
        `expected the body to return a carry of ${showAval(want)}, got ${showAval(r.aval)}`,
      );
  });
  const ys = body.results.slice(carry).map((r) => aval([length, ...r.shape], r.dtype));
  return [...operands.carry, ...ys];
};

/** Plain iteration, row by row. */
const evaluateScan = (args: readonly NdArray[], attrs: Scan): NdArray[] => {
  const { body, length, reverse } = attrs;
  const { consts, xs, carry: init } = partsOf(args, attrs);
  const ys = body.results
    .slice(attrs.carry)
    .map((r) => ({ aval: r.aval, data: allocate(r.dtype, length * r.size) }));
  let carry = init;
  for (let k = 0; k < length; k++) {
    const t = reverse ? length - 1 - k : k;
    const rows = xs.map((x) => {
      const row = rowOf(x);
      const n = sizeOf(row.shape);
      return ndarray(row.shape, row.dtype, x.data.slice(t * n, (t + 1) * n));
    });
    const outs = call(body, [...consts, ...carry, ...rows]);
    carry = outs.slice(0, attrs.carry);
    outs.slice(attrs.carry).forEach((y, j) => ys[j]!.data.set(y.data, t * y.data.length));
  }
  return [...carry, ...ys.map((y) => ndarray([length, ...y.aval.shape], y.aval.dtype, y.data))];
};

/** The carry holds primal and tangent; which carries have a tangent is found by iteration. */
const jvpScan = (
  args: readonly Expr[],
  ts: readonly Linear[],
  attrs: Scan,
): readonly [readonly Expr[], readonly Linear[]] => {
  const { body, length, reverse } = attrs;
  const tangents = partsOf(ts, attrs);
  let moving = flags(tangents.carry);
  for (;;) {
    const has = [...flags(tangents.consts), ...moving, ...flags(tangents.xs)];
    const params = body.params.map((p, i) => (has[i] ? param(p.aval) : null));
    const seeds = new Map(
      body.params.flatMap((p, i) => (params[i] === null ? [] : [[p, params[i]!] as const])),
    );
    const dual = jvpFold(body.results, seeds);
    const next = either(moving, flags(dual.tangents.slice(0, attrs.carry)));
    if (!same(moving, next)) {
      moving = next;
      continue;
    }
    const primal = partsOf(body.params, attrs);
    const tangent = partsOf(params, attrs);
    const carried = pick(
      dual.tangents.slice(0, attrs.carry).map((t, i) => t ?? zerosOf(primal.carry[i]!.aval)),
      moving,
    );
    const rows = dual.tangents.slice(attrs.carry);
    const operands = partsOf(args, attrs);
    const initial = pick(
      tangents.carry.map((t, i) => t ?? zerosOf(operands.carry[i]!.aval)),
      moving,
    );
    const outs = scanNode(
      [...operands.consts, ...present(tangents.consts)],
      [...operands.carry, ...initial],
      [...operands.xs, ...present(tangents.xs)],
      {
        params: [
          ...[...primal.consts, ...present(tangent.consts)],
          ...[...primal.carry, ...present(tangent.carry)],
          ...[...primal.xs, ...present(tangent.xs)],
        ],
        results: [
          ...[...dual.primals.slice(0, attrs.carry), ...carried],
          ...[...dual.primals.slice(attrs.carry), ...present(rows)],
        ],
      },
      length,
      reverse,
    );
    const nC = attrs.carry;
    const nY = rows.length;
    const at = nC + carried.length;
    return [
      [...outs.slice(0, nC), ...outs.slice(at, at + nY)],
      [...spread(moving, outs.slice(nC, at)), ...spread(flags(rows), outs.slice(at + nY))],
    ];
  }
};

/** A linear scan backwards: cotangents of the carry run from the end, those of consts add up. */
const transposeScan = (
  cts: readonly Linear[],
  args: readonly Expr[],
  linear: readonly boolean[],
  attrs: Scan,
): readonly Linear[] => {
  const { body, length, reverse } = attrs;
  const isLinear = partsOf(linear, attrs);
  const params = partsOf(body.params, attrs);
  const operands = partsOf(args, attrs);
  const [ctCarry, ctYs] = [cts.slice(0, attrs.carry), cts.slice(attrs.carry)];

  const linearConsts = pick(params.consts, isLinear.consts);
  const linearXs = pick(params.xs, isLinear.xs);
  const carryParams = params.carry.map((p) => param(p.aval));
  const rowParams = ctYs.map((ct) => (ct === null ? null : param(rowOf(ct.aval))));
  const sums = linearConsts.map((p) => param(p.aval));
  const pulled = transposeFold(
    body.results,
    [...linearConsts, ...params.carry, ...linearXs],
    [...carryParams, ...rowParams],
  );
  const toCarry = pulled.slice(linearConsts.length, linearConsts.length + attrs.carry);
  const toXs = pulled.slice(linearConsts.length + attrs.carry);
  const knownXs = pick(params.xs, isLinear.xs, false);
  const deferred = pulled.slice(0, linearConsts.length).map((ct) => deferProducts(ct));
  const factors = [...new Set(deferred.flatMap((d) => d.products.flatMap((p) => [p.left, p.right])))];
  const stacked = factors.filter((f) => !knownXs.includes(f));
  const summed = deferred.map((d) => d.rest !== null);

  const outs = scanNode(
    pick(operands.consts, isLinear.consts, false),
    [
      ...pick(sums, summed).map((p) => zerosOf(p.aval)),
      ...ctCarry.map((ct, i) => ct ?? zerosOf(params.carry[i]!.aval)),
    ],
    [...present(ctYs), ...pick(operands.xs, isLinear.xs, false)],
    {
      params: [
        ...pick(params.consts, isLinear.consts, false),
        ...[...pick(sums, summed), ...carryParams],
        ...[...present(rowParams), ...knownXs],
      ],
      results: [
        ...pick(
          sums.map((s, i) => addLinear(s, deferred[i]!.rest)!),
          summed,
        ),
        ...toCarry.map((ct, i) => ct ?? zerosOf(params.carry[i]!.aval)),
        ...toXs.map((ct, i) => ct ?? zerosOf(linearXs[i]!.aval)),
        ...stacked,
      ],
    },
    length,
    !reverse,
  );
  const nS = pick(sums, summed).length;
  const afterCarry = nS + attrs.carry;
  const afterXs = afterCarry + toXs.length;
  const rowsOf = new Map<Expr, Expr>([
    ...knownXs.map((p, i) => [p, pick(operands.xs, isLinear.xs, false)[i]!] as const),
    ...stacked.map((f, i) => [f, outs[afterXs + i]!] as const),
  ]);
  const totals = spread(summed, outs.slice(0, nS));
  const constCts = deferred.map((d: Deferred, i) =>
    d.products.reduce((ct: Linear, p) => addLinear(ct, afterLoop(p, rowsOf)), totals[i]!),
  );
  return [
    ...place(isLinear.consts, constCts),
    ...outs.slice(nS, afterCarry).map((ct, i) => (isLinear.carry[i] ? ct : null)),
    ...spread(isLinear.xs, outs.slice(afterCarry, afterXs)),
  ];
};

const place = (wanted: readonly boolean[], cts: readonly Linear[]): Linear[] => {
  let next = 0;
  return wanted.map((w) => (w ? cts[next++]! : null));
};

/** Batch axes are at 0 in consts and carries and at 1 in xs and ys; which carries have one is found by iteration. */
const batchScan = (
  args: readonly Expr[],
  axes: readonly BatchAxis[],
  attrs: Scan,
  n: number,
): readonly (readonly [Expr, BatchAxis])[] => {
  const { body, length, reverse } = attrs;
  const at = partsOf(axes, attrs);
  const operands = partsOf(args, attrs);
  let mapped = flags(at.carry);
  for (;;) {
    const has = [...flags(at.consts), ...mapped, ...flags(at.xs)];
    const params = body.params.map((p, i) => (has[i] ? param(aval([n, ...p.shape], p.dtype)) : p));
    const seeds = new Map(
      body.params.flatMap((p, i) => (has[i] ? [[p, [params[i]!, 0] as const] as const] : [])),
    );
    const outs = batchFold(body.results, seeds, n);
    const next = either(mapped, flags(outs.slice(0, attrs.carry).map(([, axis]) => axis)));
    if (!same(mapped, next)) {
      mapped = next;
      continue;
    }
    const rowsMapped = flags(outs.slice(attrs.carry).map(([, axis]) => axis));
    const keep = [...mapped, ...rowsMapped];
    const results = scanNode(
      operands.consts.map((x, i) => (at.consts[i] == null ? x : front(x, at.consts[i], n))),
      operands.carry.map((x, i) => (mapped[i] ? front(x, at.carry[i]!, n) : x)),
      operands.xs.map((x, i) => (at.xs[i] == null ? x : moveAxis(x, at.xs[i], 1))),
      { params, results: outs.map(([e, axis], i) => (keep[i] ? front(e, axis, n) : e)) },
      length,
      reverse,
    );
    return results.map((r, i) => [r, keep[i] ? (i < attrs.carry ? 0 : 1) : null]);
  }
};

export const scanPrimitive: Primitive<Scan> = {
  name: "scan",
  shape: scanAvals,
  evaluate: evaluateScan,
  jvp: jvpScan,
  split: (args, linear, attrs) => splitScan(args, linear, attrs, scanNode),
  transpose: transposeScan,
  batch: batchScan,
  lower: { _tag: "Loop", kind: "Scan" },
};
