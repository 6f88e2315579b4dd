import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchCount, batches, indexBatches, split, takeExamples } from "../../src/data/loader.js";
import type { NdArray } from "../../src/ir/ndarray.js";

fc.configureGlobal({ seed: 20240607 });

const inputs: NdArray = {
  shape: [5, 2],
  dtype: "float32",
  data: Float32Array.from({ length: 10 }, (_, i) => i),
};
const labels: NdArray = { shape: [5], dtype: "uint8", data: new Uint8Array([10, 11, 12, 13, 14]) };

const permutation = fc.array(fc.nat(), { maxLength: 40 }).map((keys) =>
  keys
    .map((key, i) => [key, i] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, i]) => i),
);

describe("batches", () => {
  it("gathers inputs and labels alike, in order", () => {
    const all = [...batches({ inputs, labels }, { batchSize: 2, order: [4, 3, 2, 1, 0] })];
    expect(all).toEqual([
      {
        inputs: { shape: [2, 2], dtype: "float32", data: new Float32Array([8, 9, 6, 7]) },
        labels: { shape: [2], dtype: "uint8", data: new Uint8Array([14, 13]) },
      },
      {
        inputs: { shape: [2, 2], dtype: "float32", data: new Float32Array([4, 5, 2, 3]) },
        labels: { shape: [2], dtype: "uint8", data: new Uint8Array([12, 11]) },
      },
      {
        inputs: { shape: [1, 2], dtype: "float32", data: new Float32Array([0, 1]) },
        labels: { shape: [1], dtype: "uint8", data: new Uint8Array([10]) },
      },
    ]);
  });

  it("copies", () => {
    const [batch] = batches({ labels }, { batchSize: 5 });
    expect(batch?.labels.data.buffer).not.toBe(labels.data.buffer);
    expect(batch?.labels).toEqual(labels);
  });

  it("visits every example once, but for a dropped remainder", () => {
    fc.assert(
      fc.property(
        permutation,
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (order, batchSize, dropRemainder) => {
          const all = [...indexBatches(order.length, { batchSize, order, dropRemainder })];
          expect(all.length).toBe(batchCount(order.length, { batchSize, dropRemainder }));
          const kept = dropRemainder ? order.length - (order.length % batchSize) : order.length;
          expect(all.flatMap((batch) => Array.from(batch))).toEqual(order.slice(0, kept));
          for (const batch of all.slice(0, -1)) expect(batch.length).toBe(batchSize);
          if (dropRemainder) for (const batch of all) expect(batch.length).toBe(batchSize);
        },
      ),
    );
  });

  it("says what is wrong", () => {
    const six: NdArray = { shape: [6], dtype: "uint8", data: new Uint8Array(6) };
    const scalar: NdArray = { shape: [], dtype: "uint8", data: new Uint8Array(1) };
    expect(() => [...batches({ inputs, labels: six }, { batchSize: 2 })]).toThrow(
      "batches: expected 5 examples in labels as in inputs, got 6",
    );
    expect(() => [...batches({ inputs, scalar }, { batchSize: 2 })]).toThrow(
      "batches: expected scalar to have an axis of examples, got a scalar",
    );
    expect(() => [...batches({ labels }, { batchSize: 0 })]).toThrow(
      "batches: expected a batchSize of at least 1, got 0",
    );
    expect(() => [...batches({ labels }, { batchSize: 2, order: [5] })]).toThrow(
      "takeExamples: expected indices from 0 to 4, got 5",
    );
    expect(() => takeExamples(labels, [0.5])).toThrow("takeExamples: expected indices from 0 to 4, got 0.5");
  });

  it("keeps no examples of no arrays", () => {
    expect([...batches({}, { batchSize: 2 })]).toEqual([]);
  });
});

describe("split", () => {
  it("divides without loss", () => {
    const [train, test] = split({ inputs, labels }, 0.6);
    expect(Array.from(train.labels.data)).toEqual([10, 11, 12]);
    expect(Array.from(test.labels.data)).toEqual([13, 14]);
    expect(test.inputs).toEqual({ shape: [2, 2], dtype: "float32", data: new Float32Array([6, 7, 8, 9]) });
    const [all, none] = split({ labels }, 1);
    expect(all.labels).toEqual(labels);
    expect(none.labels.shape).toEqual([0]);
  });

  it("takes an order", () => {
    const [train] = split({ labels }, 0.4, Int32Array.of(4, 0, 1, 2, 3));
    expect(Array.from(train.labels.data)).toEqual([14, 10]);
  });

  it("rejects other fractions", () => {
    expect(() => split({ labels }, 80)).toThrow("split: expected a fraction from 0 to 1, got 80");
    expect(() => split({ labels }, NaN)).toThrow("split: expected a fraction from 0 to 1, got NaN");
  });
});
