/** Large intermediates in blocks: where, where not, and with the same bits as without. */
import { describe, expect, test } from "vitest";
import { expectClose, expectSame } from "../../property-tests/arrays.js";
import { valuesOf } from "../../property-tests/programs.js";
import { random } from "../../property-tests/random.js";
import * as fx from "../../src/index.js";
import type { Aval } from "../../src/ir/aval.js";
import { checkProgram } from "../../src/ir/check.js";
import type { DType } from "../../src/ir/dtype.js";
import { valueOf } from "../../src/ir/expr.js";
import { type NdArray, ndarray } from "../../src/ir/ndarray.js";
import { printProgram } from "../../src/ir/print.js";
import type { Program } from "../../src/ir/program.js";
import { inMemory } from "../../src/ir/stored.js";
import { translatorOf } from "../../src/jit/backend.js";
import { presentTeam, setCrew } from "../../src/jit/backends/wasm/threads/crew.js";
import { type Blocking, blocking } from "../../src/jit/blocks/index.js";
import { compileProgram, constantsOf } from "../../src/jit/compile.js";
import { rules, simplify } from "../../src/jit/simplify/index.js";
import { crossEntropy } from "../../src/nn/index.js";
import { asTensor, type Tensor, toExpr } from "../../src/ops/tensor.js";
import { call, float, programOf } from "./run.js";
import { useThreads } from "./wasm/threads.js";

/** Small enough that the reference takes no time: 16 kB are large, of which 4 kB or 8 rows are to exist at a time. */
const small: Blocking = { large: 1 << 14, block: 1 << 12, rows: 8, gain: 2 };

const of = (dtype: DType, ...shape: number[]): Aval => ({ shape, dtype });

const program = (avals: readonly Aval[], f: (...xs: Tensor[]) => Tensor | readonly Tensor[]): Program =>
  programOf(avals, (...xs) => {
    const out = f(...xs.map(asTensor));
    return Array.isArray(out)
      ? (out as readonly Tensor[]).map((x) => toExpr("test", x))
      : toExpr("test", out as Tensor);
  });

const run = (
  backend: "js" | "wasm",
  p: Program,
  args: readonly NdArray[],
  sizes: Blocking | null,
): NdArray[] => {
  const runner = compileProgram(p, constantsOf(p), rules, translatorOf(backend), sizes);
  const constants = constantsOf(p).map((c) => valueOf(c, "test"));
  return runner
    .run([...args.map((x) => x.data), ...constants])
    .map((data, i) => ndarray(p.results[i]!.shape, p.results[i]!.dtype, inMemory(data, "test")));
};

/** Lengths of the loops in a listing. */
const loops = (p: Program): number[] =>
  [...printProgram(p).matchAll(/length=(\d+)/g)].map(([, n]) => Number(n));

const { matmul, matrixTranspose: transposed, softmax } = fx;
const attention = (q: Tensor, k: Tensor, v: Tensor): Tensor =>
  matmul(softmax(fx.mul(matmul(q, transposed(k)), 0.25)), v);
const qkv = (...shape: number[]): Aval[] => [float(...shape), float(...shape), float(...shape)];

interface Case {
  readonly of: readonly Aval[];
  readonly f: (...xs: Tensor[]) => Tensor | readonly Tensor[];
  /** Lengths of the loops, inner ones first. */
  readonly loops: readonly number[];
  readonly tolerance?: number;
}

const cases: Record<string, Case> = {
  attention: { of: qkv(96, 8), f: attention, loops: [12] },
  "attention in float64": {
    of: [of("float64", 96, 8), of("float64", 96, 8), of("float64", 96, 8)],
    f: attention,
    loops: [12],
  },
  "attention in float16": {
    of: [of("float16", 128, 8), of("float16", 128, 8), of("float16", 128, 8)],
    f: attention,
    loops: [16],
    tolerance: 2e-2,
  },
  "heads, each of which is large": { of: qkv(3, 96, 8), f: attention, loops: [12, 3] },
  "heads, some at a time": { of: qkv(24, 24, 2), f: attention, loops: [24] },
  "causal, time before heads": {
    of: qkv(1, 64, 3, 8),
    f: (q, k, v) => fx.dotProductAttention(q, k, v, { causal: true }),
    loops: [4, 3],
  },
  "grouped queries, heads before time": {
    of: [float(2, 6, 64, 8), float(2, 2, 64, 8), float(2, 2, 64, 8)],
    f: (q, k, v) => fx.dotProductAttention(q, k, v, { layout: "BNTH" }),
    loops: [8, 2],
  },
  "a mask, and a bias for each key": {
    of: [...qkv(1, 96, 1, 8), of("bool", 96, 96), float(96)],
    f: (q, k, v, mask, bias) => fx.dotProductAttention(q, k, v, { mask, bias }),
    loops: [12],
  },
  "softmax by hand": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const s = matmul(q, transposed(k));
      const e = fx.exp(fx.sub(s, fx.max(s, { axis: -1, keepdims: true })));
      return matmul(fx.div(e, fx.sum(e, { axis: -1, keepdims: true })), v);
    },
    loops: [12],
  },
  "softmax by hand, without a maximum": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const e = fx.exp(matmul(q, transposed(k)));
      return fx.div(matmul(e, v), fx.sum(e, { axis: -1, keepdims: true }));
    },
    loops: [12],
  },
  "a number of rows without a divisor": { of: qkv(97, 8), f: attention, loops: [9] },
  "inside vmap": {
    of: qkv(3, 96, 8),
    f: (q, k, v) => fx.vmap(attention)(q, k, v),
    loops: [12, 3],
  },
  "inside scan": {
    of: [float(96, 8), float(4, 96, 8)],
    f: (x, ks) => fx.scan((c: Tensor, k: Tensor) => [attention(c, k, k), fx.sum(c)] as const, x, ks)[0],
    loops: [12, 4],
  },
  "two kinds of scores": {
    of: [...qkv(96, 8), float(96, 8), float(96, 8)],
    f: (q, k, v, p, r) => matmul(softmax(fx.add(matmul(q, transposed(k)), matmul(p, transposed(r)))), v),
    loops: [12],
  },
  "scores of positions along the keys": {
    of: [...qkv(96, 8), float(96)],
    f: (q, k, v, slopes) =>
      matmul(softmax(fx.add(matmul(q, transposed(k)), fx.mul(fx.expandDims(slopes, 1), fx.arange(96)))), v),
    loops: [12],
  },
  "losses over a large vocabulary": {
    of: [float(64, 8), float(8, 300), of("int32", 64)],
    f: (x, w, labels) => crossEntropy(matmul(x, w), fx.abs(labels)),
    loops: [8],
  },
  "nearest centres": {
    of: [float(300, 3), float(40, 3)],
    f: (x, c) =>
      fx.argmin(fx.sub(fx.sum(fx.mul(c, c), { axis: 1 }), fx.mul(2, matmul(x, transposed(c)))), { axis: 1 }),
    loops: [12],
  },
  "least distances": {
    of: [float(200, 3), float(40, 3)],
    f: (x, c) => fx.min(fx.sum(fx.square(fx.sub(fx.expandDims(x, 1), c)), { axis: -1 }), { axis: 1 }),
    loops: [8],
  },
  "a kernel matrix times a vector": {
    of: [float(96, 4), float(96, 4), float(96)],
    f: (x, y, v) =>
      matmul(fx.exp(fx.neg(fx.sum(fx.square(fx.sub(fx.expandDims(x, 1), y)), { axis: -1 }))), v),
    loops: [12],
  },
  "the largest few of each row": {
    of: [float(96, 8), float(8, 90)],
    f: (x, y) => fx.topK(matmul(x, y), 2)[0],
    loops: [12],
  },
  "a wide hidden layer": {
    of: [float(64, 8), float(8, 100), float(100, 8)],
    f: (x, w, u) => matmul(fx.relu(matmul(x, w)), u),
    loops: [8],
  },
  "the gradient by queries": {
    of: qkv(96, 8),
    f: (q, k, v) => fx.grad((x: Tensor) => fx.sum(fx.sin(attention(x, k, v))))(q),
    loops: [12],
  },
  "two layers of attention": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const x = attention(q, k, v);
      return attention(x, x, v);
    },
    loops: [12, 12],
  },
};

const agree = (p: Program, args: readonly NdArray[], sizes: Blocking, tolerance = 1e-5): void => {
  const want = call(p, args);
  const simple = simplify(p, rules, sizes);
  checkProgram(simple);
  for (const backend of ["js", "wasm"] as const) {
    const got = run(backend, p, args, sizes);
    expectSame(`${backend}, in blocks and not`, got, run(backend, p, args, null));
    expectClose(`${backend}, the reference`, got, want, tolerance);
  }
};

describe("in blocks", () => {
  test.each(Object.entries(cases))("%s", (_what, { of: avals, f, loops: expected, tolerance }) => {
    const p = program(avals, f);
    const args = valuesOf(random(3), avals);
    expect(loops(simplify(p, rules, small))).toEqual(expected);
    agree(p, args, small, tolerance);
  });
});

const others: Record<string, Omit<Case, "loops">> = {
  "what is small": { of: qkv(48, 8), f: attention },
  "what is a result, too": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const shares = softmax(matmul(q, transposed(k)));
      return [matmul(shares, v), shares];
    },
  },
  "what is not much larger than the result": {
    of: [float(96, 8), float(8, 96), float(96, 60)],
    f: (x, w, u) => matmul(fx.relu(matmul(x, w)), u),
  },
  "rows that depend on all others": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const s = matmul(q, transposed(k));
      return matmul(fx.exp(fx.sub(s, fx.max(s))), v);
    },
  },
  "rows that depend on all others through something small": {
    of: qkv(96, 8),
    f: (q, k, v) => {
      const s = matmul(q, transposed(k));
      return matmul(fx.exp(fx.sub(s, fx.cumsum(fx.max(s, { axis: 1, keepdims: true }), { axis: 0 }))), v);
    },
  },
  "a sum of everything": {
    of: [float(96, 8), float(96, 8)],
    f: (x, y) => fx.sum(fx.exp(matmul(x, transposed(y)))),
  },
  "gradients by keys and values, which sum over rows": {
    of: qkv(96, 8),
    f: (q, k, v) =>
      fx.grad((k: Tensor, v: Tensor) => fx.sum(fx.sin(attention(q, k, v))), { argnums: [0, 1] })(k, v),
  },
};

describe("as a whole", () => {
  test.each(Object.entries(others))("%s", (_what, { of: avals, f }) => {
    const p = program(avals, f);
    const whole = simplify(p, rules, null);
    expect(printProgram(simplify(p, rules, small))).toBe(printProgram(whole));
  });
});

test("what is not near a loop is as it was: the same program comes back", () => {
  const whole = simplify(program(qkv(96, 8), attention), rules, null);
  expect(simplify(whole, [], blocking).results[0]).toBe(whole.results[0]);
});

describe("by default", () => {
  const [heads, tokens, width] = [2, 1536, 16];
  const p = program(qkv(heads, tokens, width), attention);
  const scores = 4 * heads * tokens ** 2;

  test.each(["js", "wasm"] as const)("%s has no room for all scores, and gives the same bits", (backend) => {
    const compiled = (sizes?: Blocking | null) =>
      compileProgram(p, [], rules, translatorOf(backend), sizes).code.arenaBytes;
    expect(compiled(null)).toBeGreaterThan(scores);
    expect(compiled()).toBeLessThan(scores / 2);
    const args = valuesOf(random(5), qkv(heads, tokens, width));
    expectSame(backend, run(backend, p, args, blocking), run(backend, p, args, null));
  });

  test("threads share what a turn does, and no bit depends on them", async () => {
    const { code } = compileProgram(p, [], rules, translatorOf("wasm"));
    expect(code.steps.find((s) => s.name === "scan")!.source).toContain("parts for threads");
    const args = valuesOf(random(5), qkv(heads, tokens, width));
    const alone = run("wasm", p, args, blocking).map((x) => ndarray(x.shape, x.dtype, x.data.slice()));
    try {
      await useThreads(2);
      const helped = presentTeam()!.helped;
      for (let i = 0; i < 50 && presentTeam()!.helped === helped; i++)
        expectSame("on two threads", run("wasm", p, args, blocking), alone);
      expect(presentTeam()!.helped).toBeGreaterThan(helped);
    } finally {
      setCrew(1);
    }
  });

  test("a jitted function says so", () => {
    const [q, k, v] = valuesOf(random(5), qkv(heads, tokens, width)).map((x) => fx.zeros(x.shape));
    const lowered = fx.jit(attention).lower(q!, k!, v!);
    expect(lowered.program).toContain("scan{");
    expect(lowered.memory.arena).toBeLessThan(scores / 2);
    expect(lowered.kernels.map((x) => x.name)).toContain("scan");
  });
});
