/** Samples of loops and branches: their sub-programs are random smooth programs, or linear ones. */
import { inMemory } from "../../src/ir/stored.js";
import fc, { type Arbitrary } from "fast-check";
import { type Aval, aval, range } from "../../src/ir/aval.js";
import { type Expr, param, watermark } from "../../src/ir/expr.js";
import { type NdArray, ndarray } from "../../src/ir/ndarray.js";
import { add, lt, mul, sub } from "../../src/ir/primitives/arithmetic.js";
import { fullLike } from "../../src/ir/primitives/layout.js";
import { sin, tanh } from "../../src/ir/primitives/transcendental.js";
import { lift, type Program, traceProgram } from "../../src/ir/program.js";
import { arrayOf, stack } from "../arrays.js";
import { fit, fitTo } from "../programs/pool.js";
import { type Mode, programOf, smooth, valuesOf } from "../programs.js";
import { chance, integer, type Random, random } from "../random.js";
import { type Sample, sampleOfSets, seeds, sets } from "./sample.js";

const shallow: Mode = { ...smooth, nesting: 1 };
const genes = fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 1, maxLength: 5, size: "max" });

/** A random program on three floats, an int32, another integer and a bool; its results, made to fit some types. */
const bodyOf = (seed: number, list: readonly number[]) => {
  const { program } = programOf(shallow, { seed, genes: list });
  const floats = program.results.filter((e) => e.dtype === "float64");
  return { params: program.params, floats };
};

const valueOf = (e: Expr): NdArray => ndarray(e.shape, e.dtype, inMemory(e.value!, "test"));

/** Closes a program over its constants; their values come first among the operands. */
const closed = (
  program: Program,
  mark: number,
): { readonly program: Program; readonly values: readonly NdArray[] } => {
  const { program: lifted, captured } = lift(program, mark);
  return { program: lifted, values: captured.map(valueOf) };
};

const everySet = (draw: (k: number) => readonly NdArray[]): (readonly NdArray[])[] =>
  Array.from({ length: sets }, (_, k) => draw(k));

// ---- scan

const rows = (r: Random, a: Aval, length: number): NdArray =>
  length === 0
    ? arrayOf(aval([0, ...a.shape], a.dtype), [])
    : stack(
        range(length).map(() => valuesOf(r, [a])[0]!),
        0,
      );

/** Consts f; carry g, i; rows h, u, b. The carry's floats depend on everything, its integer counts. */
const randomScan: Arbitrary<Sample> = fc.record({ seed: seeds, genes }).map(({ seed, genes: list }) => {
  const r = random(seed);
  const mark = watermark();
  const { params, floats } = bodyOf(seed, list);
  const [f, g, h, i, u, b] = params as [Expr, Expr, Expr, Expr, Expr, Expr];
  const next = tanh(add(fitTo(floats[0]!, g), add(mul(g, fullLike(g, 0.5)), mul(fitTo(h, g), fitTo(f, g)))));
  const count = add(i, fitTo(u, i));
  const { program, values } = closed(
    { params: [f, g, i, h, u, b], results: [next, count, ...floats.slice(0, 2), i] },
    mark,
  );
  const length = integer(r, 0, 3);
  const consts = values.length + 1;
  return sampleOfSets(
    everySet(() => [
      ...values,
      ...valuesOf(r, [f.aval, g.aval, i.aval]),
      ...[h, u, b].map((p) => rows(r, p.aval, length)),
    ]),
    {
      attrs: { body: program, consts, carry: 2, length, reverse: chance(r, 0.5) },
      differentiable: [consts - 1, consts, consts + 2],
    },
  );
});

const real = aval([2], "float64");

/** carry ← sin k · carry + w + x, y = sin k · (carry + w): linear in w, the carry and x. */
const linearScan: Arbitrary<Sample> = fc
  .record({ seed: seeds, length: fc.nat({ max: 3 }) })
  .map(({ seed, length }) => {
    const r = random(seed);
    const body = traceProgram([real, real, real, real], ([k, w, c, x]) => [
      add(mul(sin(k!), c!), add(w!, x!)),
      mul(sin(k!), add(c!, w!)),
    ]);
    return sampleOfSets(
      everySet(() => [...valuesOf(r, [real, real, real]), rows(r, real, length)]),
      {
        attrs: { body, consts: 2, carry: 1, length, reverse: chance(r, 0.5) },
        differentiable: [0, 1, 2, 3],
        linear: [[1], [2], [3], [1, 2, 3]],
      },
    );
  });

// ---- cond

const index = (r: Random): NdArray => arrayOf(aval([], "int32"), [integer(r, -1, 3)]);

/** Branches are random programs of one signature; the index may lie outside and is clamped. */
const randomCond: Arbitrary<Sample> = fc
  .record({ seed: seeds, branches: fc.array(genes, { minLength: 1, maxLength: 3 }) })
  .map(({ seed, branches: lists }) => {
    const r = random(seed);
    const mark = watermark();
    const made = lists.map((list) => bodyOf(seed, list));
    const avals = made[0]!.params.map((p) => p.aval);
    const lifted = made.map(({ params, floats }) =>
      closed(
        {
          params,
          results: [
            fit(floats[0]!, [2, 3], "float64"),
            fit(floats[floats.length - 1]!, [], "float64"),
            params[3]!,
          ],
        },
        mark,
      ),
    );
    // Every branch takes the captures of all.
    const values = lifted.flatMap((l) => l.values);
    let before = 0;
    const branches = lifted.map(({ program, values: own }): Program => {
      const unused = values.map((v, i) =>
        i >= before && i < before + own.length ? program.params[i - before]! : param(v),
      );
      before += own.length;
      return { params: [...unused, ...program.params.slice(own.length)], results: program.results };
    });
    const first = 1 + values.length;
    return sampleOfSets(
      everySet(() => [index(r), ...values, ...valuesOf(r, avals)]),
      { attrs: { branches }, differentiable: [first, first + 1, first + 2] },
    );
  });

const linearCond: Arbitrary<Sample> = seeds.map((seed) => {
  const r = random(seed);
  const branches = [
    traceProgram([real, real, real], ([k, x, y]) => [add(mul(sin(k!), x!), y!), y!]),
    traceProgram([real, real, real], ([, x, y]) => [sub(y!, x!), fullLike(x!, 0)]),
  ];
  return sampleOfSets(
    everySet(() => [index(r), ...valuesOf(r, [real, real, real])]),
    { attrs: { branches }, differentiable: [1, 2, 3], linear: [[2], [3], [2, 3]] },
  );
});

// ---- while

/** Test consts: a limit. Body consts: f. Carry: a count, g. So many steps as the limit says; 0 when it is negative. */
const whileSampler: Arbitrary<Sample> = fc.record({ seed: seeds, genes }).map(({ seed, genes: list }) => {
  const r = random(seed);
  const counter = aval([], "int32");
  const test = traceProgram([counter, counter, { shape: [], dtype: "float64" }], ([limit, n]) => [
    lt(n!, limit!),
  ]);
  const mark = watermark();
  const { params, floats } = bodyOf(seed, list);
  const [f, g, h, ...others] = params as [Expr, Expr, Expr, Expr];
  const n = param(counter);
  const next = tanh(add(fitTo(floats[0]!, g), add(mul(g, fullLike(g, 0.5)), mul(fitTo(h, g), fitTo(f, g)))));
  const { program, values } = closed(
    { params: [f, h, ...others, n, g], results: [add(n, fullLike(n, 1)), next] },
    mark,
  );
  const bodyConsts = values.length + 2 + others.length;
  return sampleOfSets(
    everySet(() => [
      arrayOf(counter, [integer(r, -1, 3)]),
      ...values,
      ...valuesOf(r, [f.aval, h.aval, ...others.map((p) => p.aval)]),
      arrayOf(counter, [0]),
      ...valuesOf(r, [g.aval]),
    ]),
    {
      attrs: {
        test: { params: [...test.params.slice(0, 2), param(g.aval)], results: test.results },
        body: program,
        testConsts: 1,
        bodyConsts,
      },
      differentiable: [1 + values.length, 2 + values.length, 2 + bodyConsts],
    },
  );
});

export const loopSamplers: Record<"scan" | "cond" | "while", Arbitrary<Sample>> = {
  scan: fc.oneof(randomScan, linearScan),
  cond: fc.oneof(randomCond, linearCond),
  while: whileSampler,
};
