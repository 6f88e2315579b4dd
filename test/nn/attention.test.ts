import { describe, expect, it } from "vitest";
import { grad, random, sum, tensor, ones, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";

const values = (n: number, shape: readonly number[]): Tensor =>
  random.normal(random.key(n), shape, { dtype: "float64" });

const params = { query: values(1, [3, 4]), memory: values(2, [2, 4]), score: values(3, [4]) };
const [query, memory] = [values(4, [2, 3]), values(5, [2, 5, 2])];
const mask = tensor([
  [true, true, true, false, false],
  [true, true, true, true, true],
]);

/** Shares by the formula, in plain loops. */
const plain = (b: number, time: number): number[] => {
  const [q, m, s] = [params.query.toArray(), params.memory.toArray(), params.score.toArray()] as [
    number[][],
    number[][],
    number[],
  ];
  const [x, ys] = [(query.toArray() as number[][])[b]!, (memory.toArray() as number[][][])[b]!];
  const scores = ys
    .slice(0, time)
    .map((y) =>
      s.reduce(
        (t, v, h) =>
          t +
          v *
            Math.tanh(
              x.reduce((a, c, i) => a + c * q[i]![h]!, 0) + y.reduce((a, c, i) => a + c * m[i]![h]!, 0),
            ),
        0,
      ),
    );
  const total = scores.reduce((t, v) => t + Math.exp(v), 0);
  return scores.map((v) => Math.exp(v) / total);
};

describe("attention", () => {
  it("additive: the formula, masked steps having no share and no gradient", () => {
    const { shares, context } = nn.additiveAttention(params, query, memory, mask);
    const got = shares.toArray() as number[][];
    plain(0, 3).forEach((w, i) => expect(got[0]![i]).toBeCloseTo(w, 12));
    plain(1, 5).forEach((w, i) => expect(got[1]![i]).toBeCloseTo(w, 12));
    expect(got[0]!.slice(3)).toEqual([0, 0]);
    expect(context.shape).toEqual([2, 2]);
    const g = grad((m: Tensor) => sum(nn.additiveAttention(params, query, m, mask).context))(
      memory,
    ).toArray() as number[][][];
    expect(g[0]!.slice(3).flat()).toEqual([0, 0, 0, 0]);
  });

  it("dot: a steep scale picks the nearest step", () => {
    const steps = tensor([
      [
        [1, 0],
        [0, 1],
        [-1, 0],
      ],
    ]);
    const { context } = nn.dotAttention(tensor([[0.1, 2]]), steps, { scale: 100 });
    expect(context.toArray()).toEqual([[0, 1]]);
  });

  it("names shapes that do not fit", () => {
    expect(() => nn.dotAttention(ones([2]), ones([2, 3, 4]))).toThrow(
      "dotAttention: expected a query [batch, features] and a memory [batch, time, features], got float32[2] and float32[2,3,4]",
    );
  });
});
