/** Branches against selection, loops of unknown length against JavaScript's own. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { aval, range } from "../../src/ir/aval.js";
import type { Expr } from "../../src/ir/expr.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import { type Program, traceProgram } from "../../src/ir/program.js";
import { asTensor, type Tensor, toExpr } from "../../src/ops/tensor.js";
import { call } from "../../src/transforms/evaluate.js";
import { arrayOf, expectClose } from "../arrays.js";
import { backends } from "../backends.js";
import { fit } from "../programs/pool.js";
import { forwardable, grow, valuesOf } from "../programs.js";
import { random } from "../random.js";
import { type Case, chains as someChains, type Name, through } from "./cases.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);
const exact = 1e-8;

const real = (...shape: number[]) => aval(shape, "float64");

const expectSameThrough = (names: readonly Name[], got: Case, want: Case): void => {
  const [g, w] = [through(names, got), through(names, want)];
  const values = call(w.program, w.args);
  expectClose(`interpreted ${names.join()}`, call(g.program, g.args), values, exact);
  for (const { name, run } of backends)
    expectClose(`${name} ${names.join()}`, run(g.program, g.args), values, exact);
};

const chains: readonly (readonly Name[])[] = [...someChains, ["vmap", "vmap"]];

describe("cond", () => {
  const params = [aval([], "int32"), real(2, 3), real(3), aval([3], "int32")];

  /** Branches of random nodes, with one result or two. */
  const branchesOf = (
    seeds: readonly number[],
    genes: readonly number[],
    k: number,
  ): ((xs: readonly Expr[]) => Expr[])[] =>
    seeds.map((seed, i) => (xs) => {
      const grown = grow(
        { ...forwardable, nesting: 1 },
        xs,
        genes.map((g) => (g + i * seed) % 0x7fffffff),
      );
      const made = grown.length === 0 ? xs : grown;
      return range(k).map((j) =>
        fit(made[j % made.length]!, j === 0 ? [2] : [], j === 0 ? "float64" : "int32"),
      );
    });

  test.each(chains.map((names) => ({ names, title: names.join(", then ") })))(
    "through [$title] equals a choice between the results of all branches",
    ({ names }) => {
      const recipe = fc.record({
        index: fc.integer({ min: -1, max: 3 }),
        seeds: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
        genes: fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 1, maxLength: 6 }),
        results: fc.integer({ min: 1, max: 2 }),
      });
      fc.assert(
        fc.property(recipe, ({ index, seeds, genes, results }) => {
          const branches = branchesOf(seeds, genes, results);
          const chosen: Program = traceProgram(params, ([i, ...xs]) => {
            const tensors = xs.map(asTensor);
            // The last operand is captured, not passed.
            const out = fx.switchCase(
              asTensor(i!),
              branches.map(
                (f) => (a: Tensor, b: Tensor) =>
                  f([a, b, tensors[2]!].map((x) => toExpr("test", x))).map(asTensor),
              ),
              tensors[0]!,
              tensors[1]!,
            );
            return out.map((x) => toExpr("test", x));
          });
          const all = traceProgram(params, ([i, ...xs]) => {
            const outs = branches.map((f) => f(xs).map(asTensor));
            return range(results).map((k) =>
              toExpr(
                "test",
                outs
                  .slice(1)
                  .reduce(
                    (x, o, j) => fx.where(fx.greaterEqual(asTensor(i!), j + 1), o[k]!, x),
                    outs[0]![k]!,
                  ),
              ),
            );
          });
          const args = [arrayOf(params[0]!, [index]), ...valuesOf(random(index + 9), params.slice(1))];
          expectSameThrough(names, { program: chosen, args, on: [1, 2] }, { program: all, args, on: [1, 2] });
        }),
        { seed: 20250610, numRuns: 25 * effort },
      );
    },
  );

  test("only the derivative of the branch taken counts: no NaN comes from the other", () => {
    const f = (x: Tensor): Tensor =>
      fx.cond(
        fx.greater(x, 0),
        (v: Tensor) => fx.sqrt(v),
        (v: Tensor) => fx.neg(v),
        x,
      );
    expect(fx.grad(f)(fx.tensor(-4)).item()).toBe(-1);
    expect(fx.grad(f)(fx.tensor(4)).item()).toBe(0.25);
    expect(fx.grad(fx.grad(f))(fx.tensor(-4)).item()).toBe(0);
    expect(
      fx
        .vmap(fx.grad(f))(fx.tensor([-4, 4]))
        .toArray(),
    ).toEqual([-1, 0.25]);
  });
});

describe("whileLoop", () => {
  const collatz = (n: number): number => {
    let steps = 0;
    for (let x = n; x !== 1; x = x % 2 === 0 ? x / 2 : 3 * x + 1) steps++;
    return steps;
  };
  const collatzSteps = (n: Tensor): Tensor =>
    fx.whileLoop(
      ([x]: readonly [Tensor, Tensor]) => fx.notEqual(x, 1),
      ([x, k]) =>
        [
          fx.where(fx.equal(fx.mod(x, 2), 0), fx.floorDivide(x, 2), fx.add(fx.mul(x, 3), 1)),
          fx.add(k, 1),
        ] as const,
      [n, fx.tensor(0, { dtype: "int32" })] as const,
    )[1];

  test("counts as JavaScript does, each element its own number of times under vmap", () => {
    const ns = range(40).map((i) => i + 1);
    const want = ns.map(collatz);
    expect(ns.map((n) => collatzSteps(fx.tensor(n, { dtype: "int32" })).item())).toEqual(want);
    const all = fx.tensor(ns, { dtype: "int32" });
    expect(fx.vmap(collatzSteps)(all).toArray()).toEqual(want);
    expect(fx.jit(fx.vmap(collatzSteps))(all).toArray()).toEqual(want);
    expect(
      fx
        .vmap(fx.vmap(collatzSteps))(fx.reshape(all, [5, 8]))
        .toArray(),
    ).toEqual(range(5).map((i) => want.slice(8 * i, 8 * i + 8)));
  });

  /** x ← sin(x w) + y while |x| is below a bound or a count below another: both the test and the body capture. */
  const steps = (n: number, x: number, w: number, y: number, bound: number): [number, number] => {
    let [k, z] = [0, x];
    for (; k < n && Math.abs(z) < bound; k++) z = Math.sin(z * w) * 1.5 + y;
    return [k, z];
  };
  const params = [aval([], "int32"), real(), real(), real(), real()];
  const program = traceProgram(params, ([n, x, w, y, bound]) => {
    const [wT, yT, nT, bT] = [w, y, n, bound].map((e) => asTensor(e!)) as [Tensor, Tensor, Tensor, Tensor];
    const out = fx.whileLoop(
      ([k, z]: readonly [Tensor, Tensor]) => fx.logicalAnd(fx.less(k, nT), fx.less(fx.abs(z), bT)),
      ([k, z]) => [fx.add(k, 1), fx.add(fx.mul(fx.sin(fx.mul(z, wT)), 1.5), yT)] as const,
      [fx.tensor(0, { dtype: "int32" }), asTensor(x!)] as const,
    );
    return out.map((e) => toExpr("test", e));
  });
  /** The same number of steps, written out. */
  const written = (k: number): Program =>
    traceProgram(params, ([, x, w, y]) => {
      let z = asTensor(x!);
      for (let i = 0; i < k; i++) z = fx.add(fx.mul(fx.sin(fx.mul(z, asTensor(w!))), 1.5), asTensor(y!));
      return [toExpr("test", fx.tensor(k, { dtype: "int32" })), toExpr("test", z)];
    });

  const drawn = fc.tuple(
    fc.integer({ min: -1, max: 6 }),
    ...range(3).map(() => fc.double({ min: -1.5, max: 1.5, noNaN: true })),
    fc.double({ min: 0.2, max: 2, noNaN: true }),
  ) as unknown as fc.Arbitrary<[number, number, number, number, number]>;
  const operands = (xs: readonly number[]): NdArray[] => params.map((a, i) => arrayOf(a, [xs[i]!]));

  test("equals JavaScript's loop, on every backend", () => {
    fc.assert(
      fc.property(drawn, (xs) => {
        const [k, z] = steps(...xs);
        const want = [arrayOf(params[0]!, [k]), arrayOf(real(), [z])];
        expectClose("interpreted", call(program, operands(xs)), want, 1e-12);
        for (const { name, run } of backends) expectClose(name, run(program, operands(xs)), want, 1e-12);
      }),
      { seed: 20250611, numRuns: 100 * effort },
    );
  });

  test("forward mode, once and twice, is that of the steps that were taken", () => {
    fc.assert(
      fc.property(drawn, (xs) => {
        const [k] = steps(...xs);
        const args = operands(xs);
        for (const names of [["jvp"], ["jvp", "jvp"]] as const)
          expectSameThrough(
            names,
            { program, args, on: [1, 2, 3] },
            { program: written(k), args, on: [1, 2, 3] },
          );
      }),
      { seed: 20250612, numRuns: 40 * effort },
    );
  });

  test("under vmap every lane is as if it were alone, whichever operands are mapped", () => {
    const flat = (xs: Tensor[]): Tensor => {
      const [n, x, w, y, bound] = xs as [Tensor, Tensor, Tensor, Tensor, Tensor];
      return fx.whileLoop(
        ([k, z]: readonly [Tensor, Tensor]) => fx.logicalAnd(fx.less(k, n), fx.less(fx.abs(z), bound)),
        ([k, z]) => [fx.add(k, 1), fx.add(fx.mul(fx.sin(fx.mul(z, w)), 1.5), y)] as const,
        [fx.tensor(0, { dtype: "int32" }), x] as const,
      )[1];
    };
    const lanes = [
      [3, 0.2, 1.1, 0.3, 5],
      [0, 0.7, 0.4, -0.2, 5],
      [6, -0.3, 1.4, 0.1, 1.2],
      [5, 0.9, -0.6, 0.5, 0.8],
    ];
    const tensorOf = (i: number, xs: readonly number[] | number): Tensor =>
      fx.tensor(xs as number[], { dtype: i === 0 ? "int32" : "float64" });
    for (let mask = 1; mask < 32; mask++) {
      const mapped = (i: number): boolean => (mask & (1 << i)) !== 0;
      const args = range(5).map((i) => tensorOf(i, mapped(i) ? lanes.map((l) => l[i]!) : lanes[0]![i]!));
      const f = (...xs: Tensor[]): Tensor => flat(xs);
      const got = fx
        .vmap(f, { in: range(5).map((i) => (mapped(i) ? 0 : null)) })(...args)
        .toArray() as number[];
      const want = lanes.map(
        (l) =>
          steps(
            ...(range(5).map((i) => (mapped(i) ? l[i]! : lanes[0]![i]!)) as [
              number,
              number,
              number,
              number,
              number,
            ]),
          )[1],
      );
      got.forEach((g, i) => {
        expect(g).toBeCloseTo(want[i]!, 12);
      });
    }
  });

  test("Newton's iteration has the derivative of what it finds", () => {
    const root = (a: Tensor): Tensor =>
      fx.whileLoop(
        (x: Tensor) => fx.greater(fx.abs(fx.sub(fx.mul(x, x), a)), 1e-12),
        (x: Tensor) => fx.mul(fx.add(x, fx.div(a, x)), 0.5),
        fx.mul(a, 1),
      );
    const a = fx.tensor(7, { dtype: "float64" });
    const [value, slope] = fx.jvp(root, [a], [fx.tensor(1, { dtype: "float64" })]);
    expect(value.item()).toBeCloseTo(Math.sqrt(7), 12);
    expect(slope.item()).toBeCloseTo(0.5 / Math.sqrt(7), 10);
  });
});

describe("foriLoop", () => {
  const f = (i: Tensor, c: Tensor): Tensor => fx.add(fx.sin(fx.mul(c, 1.3)), fx.mul(i, 0.25));

  test("with tensors as bounds equals plain numbers as bounds, in value and forward derivative", () => {
    for (const [lo, hi] of [
      [0, 5],
      [3, 3],
      [5, 2],
      [-3, 2],
      [7, 8],
    ] as const) {
      const x = fx.tensor([0.3, -0.4], { dtype: "float64" });
      const fixed = (c: Tensor): Tensor => fx.foriLoop(lo, hi, f, c);
      const bound = (n: number): Tensor => fx.tensor(n, { dtype: "int32" });
      const dynamic = (c: Tensor): Tensor => fx.foriLoop(bound(lo), bound(hi), f, c);
      const mixed = (c: Tensor): Tensor => fx.foriLoop(lo, bound(hi), f, c);
      let want = [0.3, -0.4];
      for (let i = lo; i < hi; i++) want = want.map((c) => Math.sin(c * 1.3) + i * 0.25);
      for (const g of [fixed, dynamic, mixed])
        (g(x).toArray() as number[]).forEach((v, k) => {
          expect(v).toBeCloseTo(want[k]!, 12);
        });
      const t = fx.ones([2], { dtype: "float64" });
      const slopes = [fixed, dynamic, mixed].map((g) => fx.jvp(g, [x], [t])[1].toArray());
      expect(slopes[1]).toEqual(slopes[0]);
      expect(slopes[2]).toEqual(slopes[0]);
      const gradient = fx
        .grad((c: Tensor) => fx.sum(fixed(c)))(x)
        .toArray() as number[];
      gradient.forEach((g, k) => {
        expect(g).toBeCloseTo((slopes[0] as number[])[k]!, 12);
      });
    }
  });

  test("under vmap of a bound each element takes its own number of steps", () => {
    const upTo = (n: Tensor): Tensor =>
      fx.foriLoop(0, n, (i, c: Tensor) => fx.add(c, i), fx.tensor(0, { dtype: "int32" }));
    expect(
      fx
        .vmap(upTo)(fx.tensor([0, 1, 5, -2, 3], { dtype: "int32" }))
        .toArray(),
    ).toEqual([0, 0, 10, 0, 3]);
  });
});
