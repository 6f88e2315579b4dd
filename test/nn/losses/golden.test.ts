/** Losses against JAX, with their gradients, in float32 and float64. */
import { describe, expect, it } from "vitest";
import { mul, tensor, type Tensor, vjp } from "fluxion";
import * as nn from "fluxion/nn";
import { type GoldenArray, type GoldenCase, loadGolden } from "../../golden/load.js";

type Two = (x: Tensor, y: Tensor) => Tensor;

const none = { reduction: "none" } as const;
const losses: Readonly<Record<string, (o: any) => Two>> = {
  softmaxCrossEntropyWithIntegerLabels: () => (x, y) => nn.crossEntropy(x, y, none),
  softmaxCrossEntropy: () => (x, y) => nn.crossEntropy(x, y, none),
  sigmoidBinaryCrossEntropy: () => (x, y) => nn.binaryCrossEntropy(x, y, none),
  huberLoss: (o) => (x, y) => nn.huber(x, y, { ...o, ...none }),
  squaredError: () => (x, y) => nn.mse(x, y, none),
  l2Loss: () => (x, y) => mul(nn.mse(x, y, none), 0.5),
  absoluteError: () => (x, y) => nn.mae(x, y, none),
  hingeLoss: () => (x, y) => nn.hinge(x, y, none),
  klDivergence: () => (x, y) => nn.klDivergence(x, y, none),
  logCosh: () => (x, y) => nn.logCosh(x, y, none),
  cosineSimilarity: (o) => (x, y) => nn.cosineSimilarity(x, y, { eps: o.epsilon }),
};

const cases = loadGolden("losses").cases;
const toTensor = (a: unknown): Tensor => {
  const { data, shape, dtype } = a as GoldenArray;
  return tensor(data, { shape, dtype });
};

const expectClose = (got: Tensor, want: GoldenArray): void => {
  expect(got.dtype).toBe(want.dtype);
  expect(got.shape).toEqual(want.shape);
  const data = got.dataSync();
  const tolerance = want.dtype === "float64" ? 1e-12 : 2e-6;
  want.data.forEach((w, i) => {
    if (!Number.isFinite(w)) expect(data[i]).toBe(w);
    else expect(Math.abs(data[i]! - w)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(w)));
  });
};

describe("losses are JAX's", () => {
  it.each(
    cases.map((c, i) => [`${c.fn} #${i} ${JSON.stringify(c.options ?? {})}`, c] as [string, GoldenCase]),
  )("%s", (_name, c) => {
    const [x, y] = c.args.map(toTensor) as [Tensor, Tensor];
    const loss = losses[c.fn]!(c.options ?? {});
    const [value, pull] = vjp(loss, x, y);
    expectClose(value, c.out as GoldenArray);
    const cts = pull(toTensor(c.grads!.cotangent));
    c.grads!.argnums.forEach((n, i) => expectClose(cts[n]!, c.grads!.values[i]!));
  });
});
