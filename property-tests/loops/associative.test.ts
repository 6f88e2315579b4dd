/** associativeScan against combining one element after the other. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { aval, range } from "../../src/ir/aval.js";
import type { Expr } from "../../src/ir/expr.js";
import { traceProgram } from "../../src/ir/program.js";
import { concat, sliceAxis } from "../../src/ir/primitives/views.js";
import { asTensor, type Tensor, toExpr } from "../../src/ops/tensor.js";
import { call } from "../../src/transforms/evaluate.js";
import { expectClose } from "../arrays.js";
import { backends } from "../backends.js";
import { valuesOf } from "../programs.js";
import { random } from "../random.js";
import { type Case, type Name, through } from "./cases.js";

interface Combination {
  /** Shapes of the leaves, by the number of elements. */
  readonly shapes: (n: number) => readonly (readonly number[])[];
  readonly axis: number;
  readonly combine: (a: readonly Tensor[], b: readonly Tensor[]) => readonly Tensor[];
}

/** Matrices along the last axis are combined by multiplication. */
const products: Combination["combine"] = ([a], [b]) => [fx.matmul(a!, b!)];

const combinations: Readonly<Record<string, Combination>> = {
  sums: { shapes: (n) => [[n]], axis: 0, combine: ([a], [b]) => [fx.add(a!, b!)] },
  "maxima along the last axis": {
    shapes: (n) => [[2, n]],
    axis: -1,
    combine: ([a], [b]) => [fx.maximum(a!, b!)],
  },
  "products of matrices": { shapes: (n) => [[n, 2, 2]], axis: 0, combine: products },
  "products of matrices along a middle axis": { shapes: (n) => [[2, n, 2, 2]], axis: 1, combine: products },
  // x ↦ a x + b, first the left then the right map: neither commutative nor of one array.
  "affine maps": {
    shapes: (n) => [
      [n, 2],
      [n, 2],
    ],
    axis: 0,
    combine: ([a, b], [c, d]) => [fx.mul(c!, a!), fx.add(fx.mul(c!, b!), d!)],
  },
  // The left of two: each element is the first.
  "the first": { shapes: (n) => [[n, 2]], axis: 0, combine: ([a]) => [a!] },
};

const chains: readonly (readonly Name[])[] = [
  [],
  ["jvp"],
  ["vjp"],
  ["vmap"],
  ["vjp", "vjp"],
  ["vmap", "vjp"],
];

describe.each(Object.entries(combinations))("associativeScan of %s", (_, { shapes, axis, combine }) => {
  const oneByOne = (xs: readonly Tensor[], n: number, reverse: boolean): readonly Expr[] => {
    const flat = xs.map((x) => toExpr("test", x));
    const at = flat.map((x) => (axis < 0 ? axis + x.ndim : axis));
    const part = (t: number): Tensor[] => flat.map((x, i) => asTensor(sliceAxis(x, at[i]!, t, 1)));
    const order = reverse ? range(n).reverse() : range(n);
    const out: (readonly Tensor[])[] = [];
    order.forEach((t, k) => (out[t] = k === 0 ? part(t) : combine(out[order[k - 1]!]!, part(t))));
    return flat.map((x, i) =>
      n === 0
        ? x
        : concat(
            out.map((o) => toExpr("test", o[i]!)),
            at[i]!,
          ),
    );
  };

  test.each([0, 1, 2, 3, 4, 5, 7, 8, 13])("of %i elements", (n) => {
    for (const reverse of [false, true]) {
      const params = shapes(n).map((s) => aval(s, "float64"));
      const loop = traceProgram(params, (ps) =>
        fx
          .associativeScan((a: Tensor[], b: Tensor[]) => [...combine(a, b)], ps.map(asTensor), {
            axis,
            reverse,
          })
          .map((x) => toExpr("test", x)),
      );
      const plain = traceProgram(params, (ps) => oneByOne(ps.map(asTensor), n, reverse));
      const args = valuesOf(random(n), params);
      const on = params.map((_, i) => i);
      for (const names of n > 5 ? chains.slice(0, 3) : chains) {
        const [got, want] = [loop, plain].map((program) => through(names, { program, args, on })) as [
          Case,
          Case,
        ];
        const values = call(want.program, want.args);
        expectClose(`interpreted ${names.join()}`, call(got.program, got.args), values, 1e-9);
        for (const { name, run } of backends)
          expectClose(`${name} ${names.join()}`, run(got.program, got.args), values, 1e-9);
      }
    }
  });
});

test("trees of any structure, and a logarithmic number of calls", () => {
  let calls = 0;
  const n = 1000;
  const xs = {
    weight: fx.ones([n], { dtype: "float64" }),
    state: [fx.arange(n, { dtype: "float64" })] as const,
  };
  const out = fx.associativeScan((a, b) => {
    calls++;
    return { weight: fx.add(a.weight, b.weight), state: [fx.maximum(a.state[0], b.state[0])] as const };
  }, xs);
  expect(calls).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(n)));
  expect(out.weight.toArray()).toEqual(range(n).map((i) => i + 1));
  expect(out.state[0].toArray()).toEqual(range(n));
});

test("equals the running reductions", () => {
  const x = fx.tensor(
    range(24).map((i) => Math.sin(i * 7)),
    { dtype: "float64", shape: [4, 6] },
  );
  for (const axis of [0, 1]) {
    const pairs = [
      [fx.associativeScan((a, b) => fx.add(a, b), x, { axis }), fx.cumsum(x, { axis })],
      [fx.associativeScan((a, b) => fx.mul(a, b), x, { axis }), fx.cumprod(x, { axis })],
      [fx.associativeScan((a, b) => fx.minimum(a, b), x, { axis }), fx.cummin(x, { axis })],
      [fx.associativeScan((a, b) => fx.maximum(a, b), x, { axis }), fx.cummax(x, { axis })],
    ] as const;
    for (const [a, b] of pairs) expect(fx.max(fx.abs(fx.sub(a, b))).item()).toBeLessThan(1e-12);
  }
});
