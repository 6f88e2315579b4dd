/** Random programs over every family of primitives: transformations against each other, and backends against the interpreter. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import { checkProgram } from "../src/ir/check.js";
import { constant, type Expr } from "../src/ir/expr.js";
import { programHash, programKey } from "../src/ir/key.js";
import type { NdArray } from "../src/ir/ndarray.js";
import { isProgram, printProgram } from "../src/ir/print.js";
import type { BatchAxis } from "../src/ir/primitive.js";
import { add, mul } from "../src/ir/primitives/arithmetic.js";
import { fullLike, sum, zerosOf } from "../src/ir/primitives/layout.js";
import { range } from "../src/ir/aval.js";
import { inline, type Program, topological, traceProgram } from "../src/ir/program.js";
import { checkpointed } from "../src/transforms/checkpoint.js";
import { type Rule, rules, simplify } from "../src/jit/simplify/index.js";
import { call, evaluate } from "../src/transforms/evaluate.js";
import { primitives } from "../src/transforms/table.js";
import {
  arrayOf,
  expectClose,
  expectSame,
  expectWithin,
  inner,
  magnitude,
  stack,
  withAxis,
} from "./arrays.js";
import { type Backend, backends, reading, variants } from "./backends.js";
import { batched, centralDifference, checked, forward, looped, reverse, stacked } from "./folds.js";
import { at, expectAdjointToDifference, expectInner, total } from "./laws/derivative.js";
import { directions } from "./laws/node.js";
import { readListing } from "./listing.js";
import {
  everything,
  forwardable,
  halves,
  type Mode,
  precise,
  programOf,
  programs,
  type RandomProgram,
  type Recipe,
  recipes,
  smooth,
} from "./programs.js";
import { oneOf, random } from "./random.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);

const hold = <T>(arbitrary: Arbitrary<T>, numRuns: number, law: (x: T) => void): void => {
  fc.assert(
    fc.property(arbitrary, (x) => {
      law(x);
    }),
    { seed: 20250608, numRuns: numRuns * effort },
  );
};

const each = (mode: Mode, numRuns: number, law: (p: RandomProgram) => void): void => {
  hold(programs(mode), numRuns, law);
};

/** Only the float results; derivatives speak of no others. */
const floating = (p: RandomProgram): Program => ({
  params: p.program.params,
  results: p.floatResults.map((i) => p.program.results[i]!),
});

/** One number from all float results, each element with a weight of its own. */
const lossOf = (p: RandomProgram): Program => {
  const parts = floating(p).results.map((r, i) =>
    sum(mul(r, add(fullLike(r, 0.3 + i / 7), mul(r, r))), range(r.ndim)),
  );
  return checked({ params: p.program.params, results: [parts.reduce((a, b) => add(a, b))] });
};

const one: NdArray = { shape: [], dtype: "float64", data: Float64Array.of(1) };

/** Rounding of float64 through a program of this size, squashed as it is. */
const exact = 1e-8;

describe("random programs", () => {
  test("are well typed, large, and use every primitive", () => {
    const used = new Set<string>();
    const visit = (program: Program): void => {
      for (const e of topological(program.results)) {
        if (e.primitive === null) continue;
        used.add(e.primitive.name);
        for (const v of Object.values(e.attrs).flat()) if (isProgram(v)) visit(v);
      }
    };
    const sizes: number[] = [];
    hold(programs(everything), 200, (p) => {
      checkProgram(p.program);
      visit(p.program);
      sizes.push(topological(p.program.results).length);
      for (const x of call(p.program, p.args)) for (const v of x.data) expect(Number.isFinite(v)).toBe(true);
    });
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(30);
    const unused = Object.keys(primitives).filter((n) => !used.has(n));
    // A tangent appears only when a customVjp is differentiated; samplers with a loop inside have their laws elsewhere.
    expect(unused.sort()).toEqual([
      "binomialRounds",
      "binomialSample",
      "customVjpTangent",
      "fma",
      "gammaSample",
      "gammaSlope",
      "nextAfter",
      "orthogonalSample",
      "poissonRounds",
      "poissonSample",
    ]);
  });
});

describe("substitution", () => {
  test("a program inlined on constants evaluates as the program does", () => {
    each(everything, 100, ({ program, args }) => {
      const closed = inline(
        program,
        args.map((x) => constant(x, x.data)),
      );
      expectSame("inlined", evaluate(closed), call(program, args));
    });
  });

  test("composing programs composes their values", () => {
    each(everything, 50, (p) => {
      const f = p.floatParams[0]!;
      const param = p.program.params[f]!;
      const composed = checked(
        traceProgram(
          p.program.params.map((x) => x.aval),
          (params) => {
            const once = inline(p.program, params);
            const again = params.map((x, i) => (i === f ? combine(param, once) : x));
            return inline(p.program, again);
          },
        ),
      );
      const combined = evaluate(
        [combine(param, p.program.results)],
        new Map(p.program.params.map((x, i) => [x, p.args[i]!])),
      );
      const second = p.args.map((x, i) => (i === f ? combined[0]! : x));
      expectSame("composed", call(composed, p.args), call(p.program, second));
    });
  });

  /** Something of the param's type made from the results. */
  const combine = (like: Expr, results: readonly Expr[]): Expr => {
    const fitting = results.filter(
      (r) => r.dtype === like.dtype && r.ndim === like.ndim && r.shape.every((n, i) => n === like.shape[i]),
    );
    return fitting.reduce((a, b) => add(a, b), zerosOf(like.aval));
  };
});

describe("vmap", () => {
  const axesOf = (p: RandomProgram, seed: number): BatchAxis[] => {
    const r = random(seed);
    const axes = p.args.map((x): BatchAxis => oneOf(r, [null, ...range(x.shape.length + 1)]));
    return axes.every((a) => a === null) ? axes.map((_, i) => (i === 0 ? 0 : null)) : axes;
  };

  test("equals a loop", () => {
    hold(fc.tuple(programs(everything), fc.nat()), 100, ([p, seed]) => {
      const members = [p.args, ...p.others];
      const axes = axesOf(p, seed);
      const got = call(batched(p.program, axes, members.length), stacked(axes, members));
      expectSame(`vmap over [${axes.map(String).join()}]`, got, looped(p.program, axes, members));
    });
  });

  test("over nothing gives results without elements, in every backend", () => {
    hold(fc.tuple(programs(everything), fc.nat()), 60, ([p, seed]) => {
      const axes = axesOf(p, seed);
      const none = batched(p.program, axes, 0);
      const args = p.args.map((x, i) =>
        axes[i] == null ? x : arrayOf({ shape: withAxis(x.shape, axes[i], 0), dtype: x.dtype }, []),
      );
      const want = call(none, args);
      for (const x of want) expect(x.shape[0]).toBe(0);
      for (const backend of backends) expectSame(backend.name, backend.run(none, args), want);
    });
  });

  test("equals a loop in float16", () => {
    hold(fc.tuple(programs(halves), fc.nat()), 50, ([p, seed]) => {
      const members = [p.args, ...p.others];
      const axes = axesOf(p, seed);
      const got = call(batched(p.program, axes, members.length), stacked(axes, members));
      expectSame(`vmap over [${axes.map(String).join()}]`, got, looped(p.program, axes, members));
    });
  });

  test("of vmap equals a loop in a loop", () => {
    hold(fc.tuple(programs(everything), fc.nat()), 40, ([p, seed]) => {
      const members = [p.args, ...p.others];
      const inside = axesOf(p, seed);
      const once = batched(p.program, inside, 3);
      const outside: BatchAxis[] = p.args.map((_, i) => (i % 2 === 0 ? 0 : null));
      const twice = batched(once, outside, 3);
      // The operands of the outer loop: the inner stacks of the members in three orders.
      const rotated = [0, 1, 2].map((k) => stacked(inside, [...members.slice(k), ...members.slice(0, k)]));
      expectSame("vmap of vmap", call(twice, stacked(outside, rotated)), looped(once, outside, rotated));
    });
  });
});

describe("derivatives", () => {
  const place = (p: RandomProgram) => ({ program: floating(p), args: p.args, on: p.floatParams });
  const along = (p: RandomProgram, salt: number): NdArray[] =>
    directions(
      p.floatParams.map((i) => p.args[i]!),
      salt,
    );

  test("jvp is the central difference, and so is the jvp of jvp", () => {
    each(smooth, 60, (p) => {
      const k = p.floatResults.length;
      const [ts, us] = [along(p, 1), along(p, 2)];
      const first = forward(floating(p), p.floatParams);
      const got = call(first, [...p.args, ...ts]).slice(k);
      const slope = centralDifference((h) => call(floating(p), at(place(p), ts, h)));
      expectClose("jvp", got, slope.derivative, 1e-6, slope.doubt);
      const tangents = { params: first.params, results: first.results.slice(k) };
      const second = call(forward(tangents, p.floatParams), [...p.args, ...ts, ...us]).slice(k);
      const want = centralDifference((h) => call(tangents, [...at(place(p), us, h), ...ts]));
      expectClose("jvp of jvp", second, want.derivative, 1e-5, want.doubt);
    });
  });

  test("vjp is adjoint to jvp", () => {
    each(forwardable, 80, (p) => {
      const program = floating(p);
      const k = program.results.length;
      const ts = along(p, 1);
      const cts = directions(call(program, p.args), 3);
      const jt = call(forward(program, p.floatParams), [...p.args, ...ts]).slice(k);
      const pulled = call(reverse(program, p.floatParams), [...p.args, ...cts]).slice(k);
      expectInner(
        "⟨Jt, c⟩ = ⟨t, Jᵀc⟩",
        total(jt, cts, inner),
        total(pulled, ts, inner),
        total(jt, cts, magnitude),
        exact,
      );
    });
  });

  test("vjp with custom rules is adjoint to the central difference", () => {
    each({ ...smooth, forward: false }, 60, (p) => {
      const program = floating(p);
      const ts = along(p, 1);
      const cts = directions(call(program, p.args), 3);
      const pulled = call(reverse(program, p.floatParams), [...p.args, ...cts]).slice(program.results.length);
      expectAdjointToDifference(
        "⟨Jt, c⟩ = ⟨t, Jᵀc⟩",
        (h) => call(program, at(place(p), ts, h)),
        cts,
        pulled,
        ts,
      );
    });
  });

  test("the primals of jvp and vjp are the program's own results", () => {
    each(everything, 60, (p) => {
      const program = floating(p);
      const want = call(program, p.args);
      const cts = directions(want, 3);
      const { params, results } = reverse(program, p.floatParams);
      expectSame("vjp", call({ params, results: results.slice(0, want.length) }, [...p.args, ...cts]), want);
    });
    each({ ...forwardable, floats: everything.floats }, 60, (p) => {
      const want = call(floating(p), p.args);
      const ts = along(p, 1);
      const dual = forward(floating(p), p.floatParams);
      expectSame(
        "jvp",
        call({ params: dual.params, results: dual.results.slice(0, want.length) }, [...p.args, ...ts]),
        want,
      );
    });
  });

  /** The gradient of the loss, and its derivative in two directions by a way of differentiating it. */
  const hessian = (p: RandomProgram, differentiate: (grad: Program, on: readonly number[]) => Program) => {
    const backward = reverse(lossOf(p), p.floatParams);
    const grad = { params: backward.params, results: backward.results.slice(1) };
    const product = differentiate(grad, p.floatParams);
    const [us, vs] = [along(p, 4), along(p, 5)];
    const [hu, hv] = [us, vs].map((ds) => call(product, [...p.args, one, ...ds]).slice(grad.results.length));
    const size = total(hu!, vs, magnitude) + total(hv!, us, magnitude);
    return { uHv: total(hv!, us, inner), vHu: total(hu!, vs, inner), size };
  };

  test("the Hessian is symmetric, forward over reverse and reverse over reverse", () => {
    each(forwardable, 40, (p) => {
      const { uHv, vHu, size } = hessian(p, forward);
      expectInner("forward over reverse", uHv, vHu, size, exact);
      expectInner("reverse over reverse", hessian(p, reverse).uHv, uHv, size, exact);
    });
  });

  test("the Hessian is symmetric with customVjp inside, reverse over reverse", () => {
    each(precise, 40, (p) => {
      const { uHv, vHu, size } = hessian(p, reverse);
      expectInner("reverse over reverse", uHv, vHu, size, exact);
    });
  });

  test("vmap of grad equals grad of vmap", () => {
    each(precise, 50, (p) => {
      const members = [p.args, ...p.others];
      const axes = p.args.map(() => 0);
      const backward = reverse(lossOf(p), p.floatParams);
      const grad = { params: backward.params, results: backward.results.slice(1) };
      const operands = stacked(axes, members);
      const vmapGrad = call(batched(grad, [...axes, null], 3), [...operands, one]);
      const many = reverse(batched(lossOf(p), axes, 3), p.floatParams);
      const gradVmap = call(many, [...operands, stack([one, one, one], 0)]).slice(1);
      expectClose("vmap ∘ grad = grad ∘ vmap", vmapGrad, gradVmap, exact);
    });
  });

  test("checkpoint changes neither values nor derivatives", () => {
    each(precise, 40, (p) => {
      const program = floating(p);
      const wrapped = checked(
        traceProgram(
          program.params.map((x) => x.aval),
          (params) => checkpointed((inner) => inline(program, inner), params),
        ),
      );
      const values = call(program, p.args);
      expectSame("values", call(wrapped, p.args), values);
      const cts = directions(values, 3);
      const [plain, kept] = [program, wrapped].map((f) => reverse(f, p.floatParams));
      const us = along(p, 2);
      expectClose("gradient", call(kept!, [...p.args, ...cts]), call(plain!, [...p.args, ...cts]), exact);
      const second = [plain!, kept!].map((f) => {
        const grad = { params: f.params, results: f.results.slice(values.length) };
        return call(reverse(grad, p.floatParams), [...p.args, ...cts, ...us]).slice(p.floatParams.length);
      });
      expectClose("its derivative", second[1]!, second[0]!, exact);
    });
  });
});

describe("printing and keys", () => {
  test("a listing can be read, and does not depend on when the program was made", () => {
    hold(recipes, 60, (recipe) => {
      const [a, b] = [programOf(everything, recipe).program, programOf(everything, recipe).program];
      const listing = readListing(printProgram(a));
      expect(listing.params).toHaveLength(a.params.length);
      expect(listing.results).toHaveLength(a.results.length);
      const nodes = topological(a.results).filter((e) => e.tag === "Apply");
      const applied = listing.lines.filter((l) => l.primitive !== "const");
      expect(applied.map((l) => l.primitive)).toEqual(nodes.map((e) => e.primitive!.name));
      expect(printProgram(b)).toBe(printProgram(a));
    });
  });

  test("keys are equal exactly for programs that print alike", () => {
    const variant = (recipe: Recipe, i: number): Recipe => ({
      seed: recipe.seed,
      genes: recipe.genes.map((g, k) => (k === i % recipe.genes.length ? g + 1 : g)),
    });
    let different = 0;
    hold(fc.tuple(recipes, fc.nat()), 100, ([recipe, i]) => {
      const a = programOf(everything, recipe).program;
      const same = programOf(everything, recipe).program;
      const other = programOf(everything, variant(recipe, i)).program;
      expect(programKey(same)).toBe(programKey(a));
      expect(programHash(same)).toBe(programHash(a));
      expect(programKey(a) === programKey(other)).toBe(printProgram(a) === printProgram(other));
      if (programKey(a) !== programKey(other)) different++;
    });
    expect(different).toBeGreaterThan(80);
  });
});

describe("simplify", () => {
  const values = (p: RandomProgram, chosen: readonly Rule[]): NdArray[] =>
    call(checked(simplify(p.program, chosen)), p.args);

  test("without rules shares equal nodes and splices sub-programs in, and changes no bit", () => {
    each(everything, 60, (p) => {
      expectSame("values", values(p, []), call(p.program, p.args));
    });
  });

  test.each(rules)("$name alone", (rule) => {
    each(everything, 40, (p) => {
      const want = call(p.program, p.args);
      if (rule.reassociates === true) expectClose("values", values(p, [rule]), want, 1e-4);
      else expectSame("values", values(p, [rule]), want);
    });
  });

  test.each(rules.filter((rule) => rule.reassociates !== true))("$name alone, in float16", (rule) => {
    each(halves, 40, (p) => {
      expectSame("values", values(p, [rule]), call(p.program, p.args));
    });
  });

  test("all rules together, on programs and their gradients", () => {
    each(precise, 40, (p) => {
      const grad = reverse(lossOf(p), p.floatParams);
      const operands = [...p.args, one];
      expectClose("gradient", call(checked(simplify(grad, rules)), operands), call(grad, operands), exact);
    });
  });
});

describe("backends", () => {
  /** Reductions may be ordered otherwise, and values inside a kernel may keep more digits than float32. */
  const expectAgreement = (run: Backend["run"], { program, args }: RandomProgram): void => {
    expectClose("values", run(program, args), call(program, args), 1e-4);
  };

  test.each(backends)("$name equals the interpreter", ({ run }) => {
    each(everything, 150, (p) => {
      expectAgreement(run, p);
    });
  });

  test.each(backends)("$name equals the interpreter closely in float64", ({ run }) => {
    each(precise, 100, ({ program, args }) => {
      expectWithin("values", run(program, args), call(program, args), 512);
    });
  });

  test.each(backends)(
    "$name equals the interpreter on gradients and batches",
    { timeout: 120_000 },
    ({ run }) => {
      each(precise, 40, (p) => {
        const grad = reverse(lossOf(p), p.floatParams);
        expectClose("gradient", run(grad, [...p.args, one]), call(grad, [...p.args, one]), exact);
        const members = [p.args, ...p.others];
        const axes = p.args.map(() => 0);
        const many = batched(grad, [...axes, null], 3);
        const operands = [...stacked(axes, members), one];
        expectClose("batched gradient", run(many, operands), call(many, operands), exact);
      });
    },
  );

  /** A float32 that another order of sums has moved a little may round to the next float16, and that goes on. */
  test.each(backends)("$name equals the interpreter in float16", ({ run }) => {
    each(halves, 150, ({ program, args }) => {
      expectClose("values", run(program, args), call(program, args), 2e-2);
    });
  });

  test("reading a tensor equals the interpreter", () => {
    each(everything, 50, (p) => {
      expectAgreement(reading.run, p);
    });
  });

  test.each(variants)("$name equals the interpreter", ({ run }) => {
    each(everything, 30, (p) => {
      expectAgreement(run, p);
    });
  });
});
