import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { jit, tensor } from "fluxion";
import * as nn from "fluxion/nn";

const logits = tensor([
  [3, 1, 2],
  [1, 2, 3],
  [2, 3, 1],
  [9, 8, 7],
]);
const labels = tensor([0, 1, 1, 2], { dtype: "int32" });
const oneHot = tensor([
  [1, 0, 0],
  [0, 1, 0],
  [0, 1, 0],
  [0, 0, 1],
]);

describe("scores", () => {
  it("accuracy and correct, of classes and of one-hot labels, along any axis", () => {
    expect(nn.accuracy(logits, labels).item()).toBe(0.5);
    expect(nn.accuracy(logits, oneHot).item()).toBe(0.5);
    expect(nn.correct(logits, labels).dtype).toBe("int32");
    expect(nn.correct(logits.transpose(), labels, { axis: 0 }).item()).toBe(2);
    expect(nn.accuracy(logits, labels.cast("uint8")).item()).toBe(0.5);
  });

  it("top k grows with k, up to all", () => {
    expect([1, 2, 3].map((k) => nn.topKCorrect(logits, labels, k).item())).toEqual([2, 3, 4]);
    expect(nn.topKAccuracy(logits, oneHot, 2).item()).toBe(0.75);
    expect(nn.topKCorrect(logits.transpose(), labels, 2, { axis: 0 }).item()).toBe(3);
  });

  it("works inside jit", () => {
    const f = jit((x, y) => nn.correct(x, y));
    expect(f(logits, labels).item()).toBe(2);
  });

  it("says what fits", () => {
    expect(() => nn.accuracy(logits, tensor([1, 2]))).toThrow(
      "accuracy: expected classes [4] or one-hot labels [4,3] for float32[4,3], got float32[2]",
    );
    expect(() => nn.topKCorrect(logits, labels, 4)).toThrow(
      "topKCorrect: expected k from 1 to the 3 classes, got 4",
    );
  });
});

describe("tallies", () => {
  const tally = fc.record({
    total: fc.integer({ min: 0, max: 1e6 }),
    count: fc.integer({ min: 0, max: 1e6 }),
  });
  const { concat, empty } = nn.tallies;

  test.prop([tally, tally, tally], { seed: 1 })("are a commutative monoid", (a, b, c) => {
    expect(concat(concat(a, b), c)).toEqual(concat(a, concat(b, c)));
    expect(concat(a, b)).toEqual(concat(b, a));
    expect(concat(a, empty)).toEqual(a);
    expect(concat(empty, a)).toEqual(a);
  });

  test.prop([fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), fc.integer({ min: 1, max: 9 })], {
    seed: 2,
  })("however examples are divided, the score is that of all", (hits, size) => {
    let merged = empty;
    for (let i = 0; i < hits.length; i += size) {
      const part = hits.slice(i, i + size);
      merged = concat(merged, { total: part.filter(Boolean).length, count: part.length });
    }
    expect(nn.average(merged)).toBe(hits.filter(Boolean).length / hits.length);
  });
});
