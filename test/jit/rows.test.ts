/** Kernels over the same rows become one on WebAssembly, which computes the same bits as they do. */
import { describe, expect, test } from "vitest";
import {
  add,
  div,
  exp,
  grad,
  logSoftmax,
  max,
  mean,
  mul,
  sin,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  type Tensor,
  transpose,
  variance,
} from "../../src/index.js";
import { inMemory } from "../../src/ir/stored.js";
import { traceProgram } from "../../src/ir/program.js";
import { translatorOf } from "../../src/jit/backend.js";
import { compileProgram, constantsOf } from "../../src/jit/compile.js";
import { rules } from "../../src/jit/simplify/index.js";
import { asTensor, toExpr } from "../../src/ops/tensor.js";
import type { Translator } from "../../src/jit/translator.js";
import { bitsOf } from "./wasm/threads.js";

type Maker = (x: Tensor) => Tensor | readonly Tensor[];

/** The kernels of a function of one tensor, and the bits of what they give. */
const run = (f: Maker, shape: readonly number[], joinsRows: boolean): { kernels: string[]; bits: string } => {
  const program = traceProgram([{ shape, dtype: "float32" }], ([x]) => {
    const y = f(asTensor(x!));
    return (Array.isArray(y) ? (y as readonly Tensor[]) : [y]).map((t) => toExpr("rows", t));
  });
  const constants = constantsOf(program);
  const made = translatorOf("wasm");
  const translator: Translator = {
    backend: made.backend,
    elementBytes: made.elementBytes,
    joinsRows,
    kernel: (k) => made.kernel(k),
    runner: (c) => made.runner(c),
  };
  const runner = compileProgram(program, constants, rules, translator);
  const size = shape.reduce((n, d) => n * d, 1);
  const data = Float32Array.from({ length: size }, (_, i) => 5 * Math.sin(1.7 * i));
  const values = runner.run([data, ...constants.map((c) => c.value!)]);
  return {
    kernels: runner.code.steps.map((s) => s.name),
    bits: bitsOf(values.map((v) => inMemory(v, "test"))),
  };
};

const last = { axis: -1, keepdims: true } as const;
const centred = (x: Tensor): Tensor => sub(x, mean(x, last));
const norm = (x: Tensor): Tensor => div(centred(x), sqrt(add(variance(x, last), 1e-5)));

const together: Readonly<Record<string, Maker>> = {
  softmax,
  logSoftmax,
  "softmax of each of many matrices": softmax,
  "its gradient": grad((x: Tensor) => sum(mul(softmax(x), sin(x)))),
  "a layer norm": norm,
  "what is kept of a row is a result, too": (x) => {
    const e = exp(sub(x, max(x, last)));
    return [div(e, sum(e, last)), e];
  },
};

describe("are one", () => {
  const shapes = [
    [64, 130],
    [100, 77],
    [24, 5000],
    [2, 3, 40, 65],
  ];
  for (const [name, f] of Object.entries(together))
    test.each(shapes)(`${name}, %i×%i`, (...shape) => {
      const [one, several] = [run(f, shape, true), run(f, shape, false)];
      expect(one.bits).toBe(several.bits);
      expect(several.kernels.length).toBeGreaterThan(1);
      expect(one.kernels).toHaveLength(1);
    });
});

/** Where fewer are joined, or none, and why. */
const apart: readonly (readonly [why: string, f: Maker, shape: readonly number[], kernels: number])[] = [
  ["few rows", softmax, [8, 1000], 4],
  ["short rows", softmax, [1000, 8], 4],
  ["rows that fill the cache", softmax, [24, 20_000], 4],
  ["columns", (x) => softmax(x, { axis: 0 }), [100, 100], 4],
  [
    "rows of which others read",
    (x) => {
      const e = exp(sub(x, max(x, last)));
      return add(div(e, sum(e, last)), transpose(e));
    },
    [100, 100],
    2,
  ],
  ["rows, then all of it", (x) => sum(square(softmax(x))), [100, 100], 2],
];

test.each(apart)("%s are apart", (_, f, shape, kernels) => {
  const [joined, several] = [run(f, shape, true), run(f, shape, false)];
  expect(joined.bits).toBe(several.bits);
  expect(joined.kernels).toHaveLength(kernels);
});

test("a result is computed in place: no memory for what is between", () => {
  const program = traceProgram([{ shape: [64, 256], dtype: "float32" }], ([x]) => [
    toExpr("rows", softmax(asTensor(x!))),
  ]);
  const { code } = compileProgram(program, [], rules, translatorOf("wasm"));
  const rowsOnly = 2 * 64 * 4; // the greatest and the sum of each row
  expect(code.arenaBytes).toBe(rowsOnly);
  expect(softmax(tensor([[0, 0]])).toArray()).toEqual([[0.5, 0.5]]);
});
