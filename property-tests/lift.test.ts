/**
 * Random programs in JavaScript source, run as they are for each element, against the same programs lifted: in the
 * interpreter, in every backend, under vmap; and their gradients against central differences.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lift, liftReduce, liftScan, vmap } from "../src/index.js";
import { aval } from "../src/ir/aval.js";
import type { NdArray } from "../src/ir/ndarray.js";
import { type Program, traceProgram } from "../src/ir/program.js";
import { asTensor, type Tensor, toExpr } from "../src/ops/tensor.js";
import { call } from "../src/transforms/evaluate.js";
import { arrayOf } from "./arrays.js";
import { backends } from "./backends.js";
import { forward, reverse } from "./folds.js";
import { randomSource, type Style } from "./lift/random-source.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);

type Plain = (a: number, b: number) => number;

const compiled = (source: string): Plain => new Function(`return ${source};`)() as Plain;

const elements = 6;

/** Two columns of inputs that no threshold of the programs is likely to hit. */
const inputs = (seed: number): readonly [NdArray, NdArray] => {
  const at = (k: number): number => {
    const t = Math.sin((seed % 1000) * 12.9898 + k * 78.233) * 43758.5453;
    return (t - Math.floor(t)) * 4 - 2;
  };
  const of = (start: number): NdArray =>
    arrayOf(
      aval([elements], "float64"),
      Array.from({ length: elements }, (_, k) => at(start + k)),
    );
  return [of(1), of(101)];
};

const programOf = (
  f: Plain,
  wrap: (g: (...xs: Tensor[]) => Tensor) => (...xs: Tensor[]) => Tensor,
): Program =>
  traceProgram([aval([elements], "float64"), aval([elements], "float64")], (params) => [
    toExpr("test", wrap(lift(f) as (...xs: Tensor[]) => Tensor)(...params.map(asTensor))),
  ]);

/** Equal up to rounding: a hundred units in the last place, of 1 or of the value. */
const near = (got: number, want: number): boolean =>
  (Number.isNaN(got) && Number.isNaN(want)) ||
  got === want ||
  Math.abs(got - want) <= 100 * 2 ** -52 * Math.max(1, Math.abs(want));

const hold = (numRuns: number, style: Style, law: (source: string, seed: number) => void): void => {
  fc.assert(
    fc.property(fc.nat(), (seed) => law(randomSource(seed, style), seed)),
    { seed: 20251121, numRuns: numRuns * effort },
  );
};

const expectNear = (name: string, source: string, got: NdArray, want: readonly number[]): void =>
  want.forEach((w, i) => {
    if (!near(got.data[i]!, w))
      expect.fail(`${name}: element ${i} is ${got.data[i]!}, JavaScript has ${w}\n${source}`);
  });

const small: Style = { differentiable: false, size: 3 };
const large: Style = { differentiable: false, size: 7 };
const differentiable: Style = { differentiable: true, size: 4 };

describe("values equal plain JavaScript's", () => {
  const check = (source: string, seed: number): void => {
    const f = compiled(source);
    const args = inputs(seed);
    const want = Array.from({ length: elements }, (_, i) => f(args[0].data[i]!, args[1].data[i]!));
    const program = programOf(f, (g) => g);
    expectNear("interpreter", source, call(program, args)[0]!, want);
    for (const backend of backends) expectNear(backend.name, source, backend.run(program, args)[0]!, want);
    expectNear(
      "vmap",
      source,
      call(
        programOf(f, (g) => vmap(g)),
        args,
      )[0]!,
      want,
    );
  };

  test("in small programs", () => hold(80, small, check));
  test("in large programs", () => hold(40, large, check));

  test("as the step of a recurrence along an axis", () => {
    hold(30, small, (source, seed) => {
      const f = compiled(source);
      const [x] = inputs(seed);
      const rows = 2;
      const shape = aval([rows, elements / rows], "float64");
      const want = Array.from({ length: rows }, (_, r) => {
        let acc = 0.25;
        return Array.from(
          { length: elements / rows },
          (_, k) => (acc = f(acc, x.data[(r * elements) / rows + k]!)),
        );
      });
      const step = f as (acc: number, ...xs: [number]) => number;
      const program = traceProgram([shape], ([p]) => [
        toExpr("test", liftScan(step, 0.25)(asTensor(p!), { axis: 1 })),
        toExpr("test", liftReduce(step, 0.25)(asTensor(p!), { axis: 1 })),
      ]);
      const args = [arrayOf(shape, x.data)];
      const check = (name: string, [all, last]: readonly NdArray[]): void => {
        expectNear(`${name}, scan`, source, all!, want.flat());
        expectNear(
          `${name}, reduce`,
          source,
          last!,
          want.map((row) => row[row.length - 1]!),
        );
      };
      check("interpreter", call(program, args));
      for (const backend of backends) check(backend.name, backend.run(program, args));
    });
  });

  test("the programs use every construct", () => {
    const all = Array.from({ length: 200 }, (_, k) => randomSource(k, large)).join("\n");
    for (const part of [
      "while (",
      "do {",
      "for (;;)",
      "break",
      "continue",
      "return",
      "?",
      "&&",
      "||",
      ">>>",
      "pick(",
      "let [",
      "++",
    ])
      expect(all).toContain(part);
  });
});

describe("gradients", () => {
  /** The slope by central differences; null where two steps disagree, as at a jump or kink nearby. */
  const slope = (f: (h: number) => number): number | null => {
    if (Math.abs(f(0)) > 1e3) return null; // too coarse
    const at = (h: number): number => (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
    const [wide, narrow] = [at(2e-4), at(1e-4)];
    return Math.abs(wide - narrow) <= 1e-6 * Math.max(1, Math.abs(narrow)) ? narrow : null;
  };

  test("equal central differences in both modes, and are numbers wherever those are", () => {
    let [compared, skipped] = [0, 0];
    hold(60, differentiable, (source, seed) => {
      const f = compiled(source);
      const args = inputs(seed);
      const program = programOf(f, (g) => g);
      const ones = arrayOf(aval([elements], "float64"), new Float64Array(elements).fill(1));
      const [, da, db] = call(reverse(program, [0, 1]), [...args, ones]);
      const [, along] = call(forward(program, [0, 1]), [...args, ones, ones]);
      for (let i = 0; i < elements; i++) {
        const [a, b] = [args[0].data[i]!, args[1].data[i]!];
        const want = [slope((h) => f(a + h, b)), slope((h) => f(a, b + h)), slope((h) => f(a + h, b + h))];
        [da!, db!, along!].forEach((got, k) => {
          const w = want[k]!;
          if (w === null || !Number.isFinite(w)) return void skipped++;
          compared++;
          if (!(Math.abs(got.data[i]! - w) <= 1e-5 * Math.max(1, Math.abs(w))))
            expect.fail(
              `derivative ${k} of element ${i} is ${got.data[i]!}, differences say ${w} at (${a}, ${b})\n${source}`,
            );
        });
      }
    });
    expect(compared).toBeGreaterThan(5 * skipped);
  });

  test("in every backend as in the interpreter", () => {
    hold(15, differentiable, (source, seed) => {
      const args = inputs(seed);
      const program = reverse(
        programOf(compiled(source), (g) => g),
        [0, 1],
      );
      const ones = arrayOf(aval([elements], "float64"), new Float64Array(elements).fill(1));
      const want = call(program, [...args, ones]);
      for (const backend of backends)
        backend.run(program, [...args, ones]).forEach((got, k) => {
          got.data.forEach((g, i) => {
            const w = want[k]!.data[i]!;
            const close = Math.abs(g - w) <= 1e-9 * Math.max(1, Math.abs(w));
            if (!close && !Object.is(g, w)) expect.fail(`${backend.name}: ${g}, interpreter ${w}\n${source}`);
          });
        });
    });
  });
});
