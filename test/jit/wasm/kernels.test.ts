/** What the kernels of usual programs are on WebAssembly: vectors, and nothing left to JavaScript. */
import { describe, expect, test } from "vitest";
import {
  add,
  cast,
  conv,
  cumsum,
  div,
  dotProductAttention,
  grad,
  jit,
  logSoftmax,
  matmul,
  mean,
  mul,
  ones,
  random,
  relu,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  take,
  tensor,
  type Tensor,
  tree,
  valueAndGrad,
  zeros,
} from "../../../src/index.js";
import * as nn from "../../../src/nn/index.js";
import type { Lowered } from "../../../src/jit/explain.js";
import { on } from "../../backend.js";

type Kernel = Lowered["kernels"][number];

/** The kernels of a function on WebAssembly. */
const kernels = (f: (...xs: never[]) => unknown, ...args: unknown[]): readonly Kernel[] =>
  on("wasm", () => jit(f).lower(...(args as never[])).kernels);

const show = (k: Kernel): string => `${k.name}: ${k.lanes} lanes${k.calls.map((c) => `, ${c}`).join("")}`;

/** Kernels without vectors, or with calls. */
const slow = (all: readonly Kernel[]): string[] =>
  all.filter((k) => k.lanes === 1 || k.calls.length > 0).map(show);

const x = (...shape: number[]): Tensor => ones(shape);

describe("in vectors, all of it", () => {
  test.each<[string, () => readonly Kernel[]]>([
    ["a chain", () => kernels((a: Tensor) => div(add(mul(a, 2), tanh(a)), 3), x(1000))],
    ["softmax", () => kernels((a: Tensor) => softmax(a), x(64, 100))],
    [
      "layer norm",
      () =>
        kernels(
          (a: Tensor) => {
            const centred = sub(a, mean(a, { axis: -1, keepdims: true }));
            return div(centred, sqrt(add(mean(square(centred), { axis: -1, keepdims: true }), 1e-5)));
          },
          x(32, 128),
        ),
    ],
    [
      "matmul, its bias and relu",
      () =>
        kernels((a: Tensor, w: Tensor, b: Tensor) => relu(add(matmul(a, w), b)), x(50, 70), x(70, 30), x(30)),
    ],
    [
      "convolution",
      () =>
        kernels((a: Tensor, w: Tensor) => conv(a, w, { padding: "SAME" }), x(2, 3, 16, 16), x(8, 3, 3, 3)),
    ],
    [
      "its gradients",
      () =>
        kernels(
          grad((a: Tensor, w: Tensor) => sum(square(conv(a, w))), { argnums: [0, 1] }),
          x(2, 3, 16, 16),
          x(8, 3, 3, 3),
        ),
    ],
    [
      "attention",
      () =>
        kernels(
          (q: Tensor, k: Tensor, v: Tensor) => dotProductAttention(q, k, v),
          x(2, 4, 16, 32),
          x(2, 4, 16, 32),
          x(2, 4, 16, 32),
        ),
    ],
    ["uniform random numbers", () => kernels(() => random.uniform(random.key(1), [1000]))],
    ["random bits", () => kernels(() => random.bits(random.key(1), [1000]))],
  ])("%s", (_, run) => {
    const all = run();
    expect(all.length).toBeGreaterThan(0);
    expect(all.every((k) => k.backend === "wasm")).toBe(true);
    expect(slow(all)).toEqual([]);
  });

  test("float64 has vectors of two", () => {
    const all = kernels((a: Tensor) => add(mul(a, 2), 1), zeros([100], { dtype: "float64" }));
    expect(all.map((k) => k.lanes)).toEqual([2]);
  });
});

/** A step of training with SGD. */
const step = (model: nn.Layer, input: Tensor, classes: number): readonly Kernel[] => {
  const { params, state } = model.init(random.key(0), input);
  const labels = zeros([input.shape[0]!], { dtype: "int32" });
  const loss = (p: typeof params): Tensor => {
    const logits = model.apply(p, state, input, { training: true, key: random.key(1) })[0];
    expect(logits.shape.at(-1)).toBe(classes);
    return nn.crossEntropy(logits, labels);
  };
  return kernels((p: typeof params) => {
    const [value, g] = valueAndGrad(loss)(p);
    return [value, tree.map((a: Tensor, d: Tensor) => sub(a, mul(d, 0.1)), p, g)];
  }, params);
};

describe("usual models leave nothing to JavaScript", () => {
  test("a multi-layer perceptron", () => {
    const model = nn.sequential(nn.dense(64), nn.relu, nn.dense(10));
    expect(step(model, x(32, 100), 10).flatMap((k) => k.calls)).toEqual([]);
  });

  test("LeNet: all in vectors but the mean of eight losses", () => {
    const all = step(nn.leNet(10), x(8, 1, 28, 28), 10);
    expect(slow(all)).toEqual(["sum_mul: 1 lanes"]);
  });

  test("an LSTM over time", () => {
    const model = nn.sequential(nn.lstm(16), nn.dense(3));
    const all = step(model, x(4, 12, 5), 3);
    expect(all.flatMap((k) => k.calls)).toEqual([]);
  });
});

describe("what is left to JavaScript is said", () => {
  test("of sorting, not of what computes its indices", () => {
    const all = kernels((a: Tensor) => take(a, cast(cumsum(a), "int32")), x(10));
    expect(all.flatMap((k) => k.calls)).toEqual([]);
    expect(kernels((a: Tensor) => logSoftmax(a), x(3)).flatMap((k) => k.calls)).toEqual([]);
    const sorted = kernels((a: Tensor) => a.sort(), tensor([3, 1, 2]));
    expect(sorted.flatMap((k) => k.calls).length).toBeGreaterThan(0);
    expect(sorted.find((k) => k.calls.length > 0)!.source).toContain("calls JavaScript for");
  });
});

test("elements of a long loop, several vectors at a time, are those of short ones", () => {
  const [long, short] = [20_011, 977] as const;
  const f = jit((a: Tensor) => {
    let y = a;
    for (let i = 0; i < 9; i++) y = sub(tanh(mul(add(y, 0.1 * i), a)), div(a, 3 + i));
    return y;
  });
  const data = Float32Array.from({ length: long }, (_, i) => 3 * Math.sin(i));
  on("wasm", () => {
    const whole = f(tensor(data)).dataSync();
    for (let from = 0; from < long; from += short)
      expect(f(tensor(data.slice(from, from + short))).dataSync()).toEqual(whole.slice(from, from + short));
  });
});
