/** Steps of training give the same parameters, bit for bit, on any number of threads. */
import { afterAll, expect, test } from "vitest";
import { jit, random, realizeAll, type Tensor, tree } from "fluxion";
import * as nn from "fluxion/nn";
import { presentTeam, setCrew } from "../../../src/jit/backends/wasm/threads/crew.js";
import { useBackend } from "../../backend.js";
import { normal } from "../../arguments.js";
import { bitsOf, useThreads } from "./threads.js";

useBackend("wasm");
afterAll(() => setCrew(1));

const key = random.key(0);

/** The parameters after three steps of Adam, as a function without arguments. */
const training = <P>(
  model: nn.Layer<P>,
  loss: (y: Tensor, t: Tensor) => Tensor,
  inputs: Tensor,
  labels: Tensor,
): (() => string) => {
  const optimizer = nn.adam(1e-3);
  const step = jit(nn.trainStep({ model, optimizer, loss, metrics: {} }));
  const { params, state } = model.init(key, { shape: inputs.shape, dtype: "float32" });
  return () => {
    let now = { params, optimizer: optimizer.init(params) };
    for (let i = 0; i < 3; i++)
      now = step(now.params, state, now.optimizer, random.key(i), { inputs, labels });
    const all = tree.leaves(now.params) as Tensor[];
    realizeAll(all);
    return bitsOf(all.map((t) => t.dataSync()));
  };
};

const sameOnAllThreads = async (bits: () => string): Promise<void> => {
  await useThreads(1);
  const expected = bits();
  for (const n of [2, 3, 4]) {
    await useThreads(n);
    const { helped } = presentTeam()!;
    const until = performance.now() + 10_000;
    do expect(bits() === expected).toBe(true);
    while (presentTeam()!.helped === helped && performance.now() < until);
    expect(presentTeam()!.helped).toBeGreaterThan(helped);
  }
};

test("LeNet", { timeout: 90_000 }, () =>
  sameOnAllThreads(
    training(nn.leNet(), nn.crossEntropy, normal(1, 16, 1, 28, 28), random.randint(key, [16], 0, 10)),
  ),
);

test("two LSTMs", { timeout: 90_000 }, () => {
  const model = nn.sequential(nn.lstm(24, { returnSequences: true }), nn.lstm(24), nn.dense(1));
  return sameOnAllThreads(training(model, (y, t) => nn.mse(y, t), normal(1, 32, 12, 40), normal(2, 32, 1)));
});

test("a wide LSTM, whose steps are divided", { timeout: 90_000 }, async () => {
  const model = nn.sequential(nn.lstm(96), nn.dense(1));
  const x = normal(1, 48, 10, 40);
  const { params, state } = model.init(key, { shape: x.shape, dtype: "float32" });
  const f = jit((p: typeof params) => model.apply(p, state, x)[0]);
  const scan = f.lower(params).kernels.find((k) => k.name === "scan")!;
  expect(scan.source).toContain("parts for threads");
  await sameOnAllThreads(training(model, (y, t) => nn.mse(y, t), normal(1, 48, 10, 40), normal(2, 48, 1)));
});

test("a perceptron", { timeout: 90_000 }, () => {
  const model = nn.sequential(nn.dense(128), nn.relu, nn.dense(10));
  return sameOnAllThreads(
    training(model, nn.crossEntropy, normal(1, 64, 300), random.randint(key, [64], 0, 10)),
  );
});
