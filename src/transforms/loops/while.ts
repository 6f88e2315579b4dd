/**
 * `whileLoop`: a carry that is updated while a test holds. Operands are test consts | body consts | carry. The number of
 * steps is not known, so there is no reverse mode: nothing says how much to keep.
 */
import { type Aval, aval, sameAval, showAval } from "../../ir/aval.js";
import { FluxionError } from "../../ir/errors.js";
import { applyAll, type Expr, param } from "../../ir/expr.js";
import type { NdArray } from "../../ir/ndarray.js";
import type { BatchAxis, Linear, Primitive } from "../../ir/primitive.js";
import { select } from "../../ir/primitives/arithmetic.js";
import { broadcast, front, full, zerosOf } from "../../ir/primitives/layout.js";
import { reduceMax } from "../../ir/primitives/reductions.js";
import { inline, type Program } from "../../ir/program.js";
import { call } from "../evaluate.js";
import { jvpFold } from "../jvp.js";
import { batchProgram, pick, present, spread } from "../programs.js";
import { either, flags, same } from "./scan-attrs.js";

export interface While {
  /** test consts ++ carry → bool scalar */
  readonly test: Program;
  /** body consts ++ carry → carry */
  readonly body: Program;
  readonly testConsts: number;
  readonly bodyConsts: number;
}

const split3 = <T>(xs: readonly T[], { testConsts: t, bodyConsts: b }: While): [T[], T[], T[]] => [
  xs.slice(0, t),
  xs.slice(t, t + b),
  xs.slice(t + b),
];

const whileAvals = (avals: readonly Aval[], attrs: While): Aval[] => {
  const [testConsts, bodyConsts, carry] = split3(avals, attrs);
  const check = (p: Program, operands: readonly Aval[], what: string): void =>
    operands.forEach((a, i) => {
      if (!sameAval(a, p.params[i]!.aval))
        throw new FluxionError(
          "whileLoop",
          `expected the ${what} to take ${showAval(a)}, got ${showAval(p.params[i]!.aval)}`,
        );
    });
  check(attrs.test, [...testConsts, ...carry], "test");
  check(attrs.body, [...bodyConsts, ...carry], "body");
  const test = attrs.test.results[0]!.aval;
  if (!sameAval(test, aval([], "bool")))
    throw new FluxionError("whileLoop", `expected the test to return a bool scalar, got ${showAval(test)}`);
  attrs.body.results.forEach((r, i) => {
    if (!sameAval(r.aval, carry[i]!))
      throw new FluxionError(
        "whileLoop",
        `expected the body to return a carry of ${showAval(carry[i]!)}, got ${showAval(r.aval)}`,
      );
  });
  return carry;
};

const evaluateWhile = (args: readonly NdArray[], attrs: While): NdArray[] => {
  const [testConsts, bodyConsts, init] = split3(args, attrs);
  let carry = init;
  while (call(attrs.test, [...testConsts, ...carry])[0]!.data[0] !== 0)
    carry = call(attrs.body, [...bodyConsts, ...carry]);
  return carry;
};

/** The carry holds tangents too; the test sees only primals. */
const jvpWhile = (
  args: readonly Expr[],
  ts: readonly Linear[],
  attrs: While,
): readonly [Expr[], Linear[]] => {
  const [testConsts, bodyConsts, init] = split3(args, attrs);
  const [, constTs, carryTs] = split3(ts, attrs);
  let moving = flags(carryTs);
  for (;;) {
    const has = [...flags(constTs), ...moving];
    const params = attrs.body.params.map((p, i) => (has[i] ? param(p.aval) : null));
    const seeds = new Map(
      attrs.body.params.flatMap((p, i) => (params[i] === null ? [] : [[p, params[i]!] as const])),
    );
    const dual = jvpFold(attrs.body.results, seeds);
    const next = either(moving, flags(dual.tangents));
    if (!same(moving, next)) {
      moving = next;
      continue;
    }
    const nB = attrs.bodyConsts;
    const carryTangents = pick(
      carryTs.map((t, i) => t ?? zerosOf(init[i]!.aval)),
      moving,
    );
    const unseen = carryTangents.map((t) => param(t.aval));
    const outs = applyAll(
      whilePrimitive,
      [...testConsts, ...bodyConsts, ...present(constTs), ...init, ...carryTangents],
      {
        test: { params: [...attrs.test.params, ...unseen], results: attrs.test.results },
        body: {
          params: [
            ...[...attrs.body.params.slice(0, nB), ...present(params.slice(0, nB))],
            ...[...attrs.body.params.slice(nB), ...present(params.slice(nB))],
          ],
          results: [
            ...dual.primals,
            ...pick(
              dual.tangents.map((t, i) => t ?? zerosOf(init[i]!.aval)),
              moving,
            ),
          ],
        },
        testConsts: attrs.testConsts,
        bodyConsts: nB + present(constTs).length,
      },
    );
    return [outs.slice(0, init.length), spread(moving, outs.slice(init.length))];
  }
};

/** Runs until every element is done; those that are keep their carry. */
const batchWhile = (
  args: readonly Expr[],
  axes: readonly BatchAxis[],
  attrs: While,
  n: number,
): readonly (readonly [Expr, BatchAxis])[] => {
  const [testConsts, bodyConsts, init] = split3(args, attrs);
  const [testAxes, bodyAxes, carryAxes] = split3(axes, attrs);
  let mapped = flags(carryAxes);
  for (;;) {
    const test = batchProgram(attrs.test, [...flags(testAxes), ...mapped], n);
    const body = batchProgram(attrs.body, [...flags(bodyAxes), ...mapped], n);
    const lanes = test.batched[0]!;
    const next = lanes ? mapped.map(() => true) : either(mapped, body.batched);
    if (!same(mapped, next)) {
      mapped = next;
      continue;
    }
    const bring = (xs: readonly Expr[], at: readonly BatchAxis[]): Expr[] =>
      xs.map((x, i) => (at[i] == null ? x : front(x, at[i], n)));
    const results = body.program.results.map((r, i) =>
      mapped[i] && !body.batched[i] ? front(r, null, n) : r,
    );
    const carry = init.map((x, i) => (mapped[i] ? front(x, carryAxes[i]!, n) : x));
    const programs = lanes ? laneByLane(test.program, body.program, results, attrs) : null;
    const outs = applyAll(
      whilePrimitive,
      [
        ...bring(testConsts, testAxes),
        ...(lanes ? bring(testConsts, testAxes) : []),
        ...bring(bodyConsts, bodyAxes),
        ...carry,
      ],
      programs ?? { ...attrs, test: test.program, body: { params: body.program.params, results } },
    );
    return outs.map((o, i) => [o, mapped[i] ? 0 : null]);
  }
};

/** Whether any of the tests holds; none does where there is no lane. */
const anyLane = (tests: Expr): Expr => (tests.size === 0 ? full([], "bool", 0) : reduceMax(tests, [0]));

/** Each lane has its own test: the loop goes on while any holds, and the body updates only lanes whose test does. */
const laneByLane = (test: Program, body: Program, results: readonly Expr[], attrs: While): While => {
  const nT = attrs.testConsts;
  const carry = body.params.slice(attrs.bodyConsts);
  const testParams = test.params.slice(0, nT).map((p) => param(p.aval));
  const [alive] = inline(test, [...testParams, ...carry]);
  return {
    test: { params: test.params, results: [anyLane(test.results[0]!)] },
    body: {
      params: [...testParams, ...body.params],
      results: results.map((r, i) => select(broadcast(alive!, r.shape, [0]), r, carry[i]!)),
    },
    testConsts: nT,
    bodyConsts: nT + attrs.bodyConsts,
  };
};

export const whilePrimitive: Primitive<While> = {
  name: "while",
  shape: whileAvals,
  evaluate: evaluateWhile,
  jvp: jvpWhile,
  split: (args, _linear, attrs) => {
    throw new FluxionError(
      "whileLoop",
      `expected forward mode, got reverse mode (grad, vjp, jacrev) through a loop of unknown length with a carry of ${split3(
        args,
        attrs,
      )[2]
        .map((x) => showAval(x.aval))
        .join(", ")}: use scan, or foriLoop with bounds that are plain numbers`,
    );
  },
  transpose: null,
  batch: batchWhile,
  lower: { _tag: "Loop", kind: "While" },
};
