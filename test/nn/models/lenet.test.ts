import { describe, expect, it } from "vitest";
import { grad, ones, random, type Tensor, tree } from "fluxion";
import * as nn from "fluxion/nn";

const input = { shape: [1, 1, 28, 28], dtype: "float32" } as const;
const key = random.key(0);
const count = (params: unknown): number => tree.reduce((n, p) => n + p.size, 0, params);

describe("leNet", () => {
  it("has the layers of the paper; padding gives it the original's 32 × 32 images", () => {
    const valid = nn.leNet().init(key, input);
    expect(count(valid.params)).toBe(156 + 2416 + 256 * 120 + 120 + 120 * 84 + 84 + 84 * 10 + 10);
    const padded = nn.leNet(10, { padding: 2 }).init(key, input);
    expect(count(padded.params)).toBe(61_706);
    expect(padded.out.shape).toEqual([1, 10]);
    expect(nn.leNet(3).init(key, { shape: [1, 3, 16, 20], dtype: "float32" }).out.shape).toEqual([1, 3]);
  });

  it("drops features in training only", () => {
    const model = nn.leNet(10, { dropout: 0.5 });
    const { params, state } = model.init(key, input);
    const x = ones([2, 1, 28, 28]);
    const train = { training: true, key: random.key(1) };
    expect(model.apply(params, state, x)[0].toArray()).toEqual(model.apply(params, state, x)[0].toArray());
    expect(model.apply(params, state, x, train)[0].toArray()).not.toEqual(
      model.apply(params, state, x)[0].toArray(),
    );
    expect(() => model.apply(params, state, x, { training: true })).toThrow(
      "leNet.dropout.dropout: expected a key in training",
    );
  });

  it("every parameter has a gradient", () => {
    const model = nn.leNet();
    const { params, state } = model.init(key, input);
    const x = random.normal(random.key(2), [4, 1, 28, 28]);
    const g = grad((p: nn.LeNetParams): Tensor =>
      nn.crossEntropy(model.apply(p, state, x)[0], random.randint(random.key(3), [4], 0, 10)),
    )(params);
    for (const [path, leaf] of tree.entries(g)) expect(leaf.abs().sum().item(), path).toBeGreaterThan(0);
  });

  it("refuses images that are too small, and options that it does not have", () => {
    expect(() => nn.leNet().init(key, { shape: [1, 1, 12, 12], dtype: "float32" })).toThrow("leNet.conv2");
    expect(() => nn.leNet(10, { drop: 1 } as never)).toThrow(
      "leNet: expected options { padding, dropout }, got drop",
    );
  });
});
